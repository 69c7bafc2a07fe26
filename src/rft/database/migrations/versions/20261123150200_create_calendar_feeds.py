"""Creates calendar_feeds (who reads the office's calendar by an address, without signing in), and the index that calendars walk."""

from alembic import op

revision = "20261123150200"
down_revision = "20261123150100"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE calendar_feeds (
    user_id INTEGER PRIMARY KEY REFERENCES users(id),
    token_hash BYTEA NOT NULL CONSTRAINT calendar_feeds_token_once UNIQUE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX schedule_occupancies_by_time ON schedule_occupancies USING gist (during);
"""

DOWN = """
DROP INDEX schedule_occupancies_by_time; DROP TABLE calendar_feeds;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
