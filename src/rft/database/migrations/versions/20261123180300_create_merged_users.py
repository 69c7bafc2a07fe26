"""Creates merged_users: accounts that turned out to be the same person, as other names of the one that is kept."""

from alembic import op

revision = "20261123180300"
down_revision = "20261123180200"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE merged_users (
    user_id INTEGER PRIMARY KEY REFERENCES users(id),
    into_user_id INTEGER NOT NULL REFERENCES users(id),
    merged_by INTEGER REFERENCES users(id),
    merged_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT merged_users_two_accounts CHECK (user_id <> into_user_id)
);
CREATE INDEX merged_users_by_kept ON merged_users (into_user_id);
"""

DOWN = """
DROP TABLE merged_users
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
