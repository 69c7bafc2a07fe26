"""Creates disputes (a bank has taken a payment back) and unsettled payments (money that no order of ours explains)."""

from alembic import op

revision = "20261123090400"
down_revision = "20261123090300"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE disputes (
    stripe_id TEXT PRIMARY KEY,
    stripe_payment_intent_id TEXT NOT NULL,
    amount DECIMAL(10,2) NOT NULL,
    reason TEXT NOT NULL,
    -- Stripe's own word: needs_response, under_review, won, lost, and its like.
    status TEXT NOT NULL,
    answer_by TIMESTAMP,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT disputes_amount_positive CHECK (amount > 0 AND amount < 100000000)
);
CREATE INDEX disputes_by_payment ON disputes (stripe_payment_intent_id);

CREATE TABLE unsettled_payments (
    stripe_payment_intent_id TEXT PRIMARY KEY,
    order_id BIGINT NOT NULL REFERENCES orders(id),
    amount DECIMAL(10,2) NOT NULL,
    currency TEXT NOT NULL,
    why TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- Once a person has said that it goes back, and once it has.
    returned_by INTEGER REFERENCES users(id),
    stripe_refund_id TEXT,
    returned_at TIMESTAMP,

    CONSTRAINT unsettled_payments_returned_dated CHECK ((stripe_refund_id IS NULL) = (returned_at IS NULL))
);
CREATE INDEX unsettled_payments_by_order ON unsettled_payments (order_id);
"""

DOWN = """
DROP TABLE unsettled_payments; DROP TABLE disputes;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
