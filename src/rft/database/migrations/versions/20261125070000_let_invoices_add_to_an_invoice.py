"""Lets an order have supplementary invoices beside its one invoice: each has a reason, and what caused it."""

from alembic import op

revision = "20261125070000"
down_revision = "20261125060100"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE invoices DROP CONSTRAINT invoices_credit_note_complete;
ALTER TABLE invoices ADD CONSTRAINT invoices_credit_note_complete CHECK (
    CASE kind WHEN 'credit_note' THEN num_nonnulls(credits_id, reason, source) = 3
              ELSE credits_id IS NULL AND num_nonnulls(reason, source) IN (0, 2) END
);
DROP INDEX invoices_one_per_order;
CREATE UNIQUE INDEX invoices_one_per_order ON invoices (order_id) WHERE kind = 'invoice' AND source IS NULL;
"""

DOWN = """
DROP INDEX invoices_one_per_order;
CREATE UNIQUE INDEX invoices_one_per_order ON invoices (order_id) WHERE kind = 'invoice';
ALTER TABLE invoices DROP CONSTRAINT invoices_credit_note_complete;
ALTER TABLE invoices ADD CONSTRAINT invoices_credit_note_complete CHECK (
    num_nonnulls(credits_id, reason, source) = CASE kind WHEN 'credit_note' THEN 3 ELSE 0 END
);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
