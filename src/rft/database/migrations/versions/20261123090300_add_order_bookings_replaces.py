"""Lets a seat of an order say which given-up seat it was booked in place of, when the money came late."""

from alembic import op

revision = "20261123090300"
down_revision = "20261123090200"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE order_bookings ADD COLUMN replaces INTEGER CONSTRAINT order_bookings_replaced_once UNIQUE REFERENCES bookings(id);
"""

DOWN = """
ALTER TABLE order_bookings DROP COLUMN replaces;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
