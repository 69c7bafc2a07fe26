"""Creates refunds: what is owed back for a booking, by which way, and how far it has come."""

from alembic import op

revision = "20261123090000"
down_revision = "20261122093100"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE refunds (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    amount DECIMAL(10,2) NOT NULL,
    method TEXT NOT NULL,
    -- The payment it is taken from, where that came through Stripe; it stays when the money is given back another way.
    stripe_payment_intent_id TEXT,
    reason TEXT NOT NULL,
    note TEXT,
    -- due: owed, nothing has moved; sent: Stripe has taken it on; returned: it arrived; failed: it came back, or Stripe said no.
    state TEXT NOT NULL DEFAULT 'due',
    idempotency_key TEXT NOT NULL UNIQUE,
    -- Of one refund that somebody made at Stripe for several seats, each seat has its part.
    stripe_refund_id TEXT,
    -- The failed refund in whose place this one is tried.
    retries BIGINT UNIQUE REFERENCES refunds(id),
    requested_by INTEGER REFERENCES users(id),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    settled_at TIMESTAMP,
    failure_reason TEXT,

    CONSTRAINT refunds_amount_positive CHECK (amount > 0 AND amount < 100000000),
    CONSTRAINT refunds_method_known CHECK (method IN ('card', 'bank_transfer', 'cash', 'cheque', 'card_terminal')),
    CONSTRAINT refunds_card_has_payment CHECK (method <> 'card' OR stripe_payment_intent_id IS NOT NULL),
    CONSTRAINT refunds_reason_known CHECK (reason IN ('cancelled_by_customer', 'cancelled_by_us', 'late_payment', 'paid_twice',
        'price_difference', 'goodwill', 'dispute')),
    CONSTRAINT refunds_state_known CHECK (state IN ('due', 'sent', 'returned', 'failed', 'withdrawn')),
    CONSTRAINT refunds_sent_to_stripe CHECK (state <> 'sent' OR (method = 'card' AND stripe_refund_id IS NOT NULL)),
    CONSTRAINT refunds_settled_dated CHECK (state IN ('due', 'sent') OR settled_at IS NOT NULL),
    CONSTRAINT refunds_failed_says_why CHECK (state NOT IN ('failed', 'withdrawn') OR failure_reason IS NOT NULL),
    CONSTRAINT refunds_stripe_refund_once UNIQUE (stripe_refund_id, booking_id)
);
CREATE INDEX refunds_by_booking ON refunds (booking_id);
CREATE INDEX refunds_by_payment ON refunds (stripe_payment_intent_id) WHERE stripe_payment_intent_id IS NOT NULL;
CREATE INDEX refunds_waiting ON refunds (created_at) WHERE state IN ('due', 'sent', 'failed');
"""

DOWN = """
DROP TABLE refunds
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
