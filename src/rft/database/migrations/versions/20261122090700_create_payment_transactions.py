"""Creates payment_transactions: the ledger, one row an attempt to move money."""

from alembic import op

revision = "20261122090700"
down_revision = "20261122090600"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE payment_transactions (
    id SERIAL PRIMARY KEY,
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    amount DECIMAL(10,2) NOT NULL,
    currency VARCHAR(3) DEFAULT 'GBP',
    payment_method VARCHAR(50) NOT NULL,
    stripe_payment_intent_id VARCHAR(255),
    stripe_charge_id VARCHAR(255),
    status VARCHAR(20) NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed', 'refunded')),
    failure_reason TEXT,
    metadata JSONB DEFAULT '{}',
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT payment_transactions_amount_positive CHECK (amount > 0 AND amount < 100000000),
    CONSTRAINT payment_transactions_in_pounds CHECK (currency = 'GBP'),
    CONSTRAINT payment_transactions_defaults_present
        CHECK (currency IS NOT NULL AND metadata IS NOT NULL AND created_at IS NOT NULL)
);

CREATE INDEX idx_payments_booking ON payment_transactions(booking_id);
CREATE INDEX idx_payments_stripe_intent ON payment_transactions(stripe_payment_intent_id);
CREATE INDEX idx_payments_status ON payment_transactions(status);

CREATE UNIQUE INDEX payment_transactions_intent_settled_once ON payment_transactions (booking_id, stripe_payment_intent_id)
WHERE status = 'succeeded' AND stripe_payment_intent_id IS NOT NULL;
CREATE UNIQUE INDEX payment_transactions_charge_settled_once ON payment_transactions (booking_id, stripe_charge_id)
WHERE status = 'succeeded' AND stripe_charge_id IS NOT NULL;
"""

DOWN = """
DROP TABLE payment_transactions
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
