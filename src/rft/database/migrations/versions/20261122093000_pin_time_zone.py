"""Pins the database's time zone to UTC: the columns have none, and their defaults follow the session's."""

from alembic import op

revision = "20261122093000"
down_revision = "20261122092900"
branch_labels = None
depends_on = None

UP = """
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone TO ''UTC''', current_database()); END $$;
"""

DOWN = """
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET timezone', current_database()); END $$;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
