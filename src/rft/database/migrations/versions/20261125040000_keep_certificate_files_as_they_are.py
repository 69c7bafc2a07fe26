"""Stops the database from squeezing certificates' files, which are compressed already: a millisecond each, for nothing."""

from alembic import op

revision = "20261125040000"
down_revision = "20261125030100"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE certificate_files ALTER COLUMN pdf SET STORAGE EXTERNAL;
"""

DOWN = """
ALTER TABLE certificate_files ALTER COLUMN pdf SET STORAGE EXTENDED;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
