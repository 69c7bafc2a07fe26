"""Creates the schema `jobs`: the tables and functions of procrastinate, which runs the background jobs."""

from alembic import op
from procrastinate.schema import SchemaManager

from rft.database.rules import run_script

revision = "20261122091800"
down_revision = "20261122091700"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA jobs")
    op.execute("SET LOCAL search_path TO jobs")
    run_script(SchemaManager.get_schema())
    op.execute("SET LOCAL search_path TO public")


def downgrade() -> None:
    op.execute("DROP SCHEMA jobs CASCADE")
