"""Keeps with a move whether the order's invoice was out, so that a document of its own asks for what the move made dearer."""

from alembic import op

revision = "20261125070200"
down_revision = "20261125070100"
branch_labels = None
depends_on = None

UP = """
-- Set under the order's lock, as the invoice is issued under it: one that is issued later asks what places cost by then.
ALTER TABLE booking_moves ADD COLUMN after_invoice BOOLEAN NOT NULL DEFAULT false;
"""

DOWN = """
ALTER TABLE booking_moves DROP COLUMN after_invoice;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
