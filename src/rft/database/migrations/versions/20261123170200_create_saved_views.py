"""Creates saved_views: a list's filters and columns under a name, for one person or for the whole office."""

from alembic import op

revision = "20261123170200"
down_revision = "20261123170100"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE saved_views (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    name TEXT NOT NULL CONSTRAINT saved_views_name_reasonable CHECK (length(name) BETWEEN 1 AND 60),
    -- What stands behind the question mark of the list's address.
    query TEXT NOT NULL CONSTRAINT saved_views_query_short CHECK (length(query) <= 1000),
    is_shared BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX saved_views_name_once ON saved_views (user_id, lower(name));
"""

DOWN = """
DROP TABLE saved_views
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
