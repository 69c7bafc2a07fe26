"""Creates what the ledger is held against: a copy of Stripe's balance and payouts, each comparison, and what differed."""

from alembic import op

revision = "20261123140000"
down_revision = "20261123130104"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE stripe_balance_transactions (
    stripe_id TEXT PRIMARY KEY,
    -- Stripe's reporting category: charge, refund, refund_failure, dispute, dispute_reversal, payout, fee and others.
    kind TEXT NOT NULL,
    amount DECIMAL(12,2) NOT NULL,
    fee DECIMAL(12,2) NOT NULL,
    net DECIMAL(12,2) NOT NULL,
    source_id TEXT,
    payment_intent_id TEXT,
    available_on TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    fetched_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT stripe_balance_transactions_add_up CHECK (net = amount - fee AND amount < 'infinity')
);
CREATE INDEX stripe_balance_transactions_by_time ON stripe_balance_transactions (created_at);
CREATE INDEX stripe_balance_transactions_by_payment ON stripe_balance_transactions (payment_intent_id)
    WHERE payment_intent_id IS NOT NULL;

CREATE TABLE stripe_payouts (
    stripe_id TEXT PRIMARY KEY,
    amount DECIMAL(12,2) NOT NULL,
    state TEXT NOT NULL,
    arrives_on DATE NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- The line of the bank's statement with which it arrived, once one was found.
    bank_reference TEXT,
    at_bank_on DATE,
    fetched_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT stripe_payouts_state_known CHECK (state IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')),
    CONSTRAINT stripe_payouts_bank_dated CHECK ((bank_reference IS NULL) = (at_bank_on IS NULL)),
    CONSTRAINT stripe_payouts_bank_line_once UNIQUE (bank_reference)
);
CREATE INDEX stripe_payouts_by_time ON stripe_payouts (created_at);

CREATE TABLE stripe_payout_parts (
    balance_transaction_id TEXT PRIMARY KEY REFERENCES stripe_balance_transactions(stripe_id),
    payout_id TEXT NOT NULL REFERENCES stripe_payouts(stripe_id)
);
CREATE INDEX stripe_payout_parts_by_payout ON stripe_payout_parts (payout_id);

CREATE TABLE reconciliation_runs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- London's day on which it ran, and the span in UTC that was compared.
    day DATE NOT NULL,
    since TIMESTAMP NOT NULL,
    until TIMESTAMP NOT NULL,
    ran_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL,
    -- How many payments, refunds, disputes and payouts were looked at on both sides.
    compared INTEGER NOT NULL,
    received_at_stripe DECIMAL(12,2) NOT NULL,
    received_in_ledger DECIMAL(12,2) NOT NULL,
    returned_at_stripe DECIMAL(12,2) NOT NULL,
    returned_in_ledger DECIMAL(12,2) NOT NULL,
    paid_out DECIMAL(12,2) NOT NULL,
    paid_out_parts DECIMAL(12,2) NOT NULL,
    differences INTEGER NOT NULL,
    differing DECIMAL(12,2) NOT NULL,

    CONSTRAINT reconciliation_runs_state_known CHECK (state IN ('agrees', 'differs')),
    CONSTRAINT reconciliation_runs_span_logical CHECK (since < until AND until <= ran_at),
    CONSTRAINT reconciliation_runs_counted CHECK ((state = 'agrees') = (differences = 0) AND compared >= 0 AND differences >= 0)
);

CREATE TABLE reconciliation_differences (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object TEXT NOT NULL,
    stripe_id TEXT NOT NULL,
    -- NULL on the side that does not have it.
    at_stripe DECIMAL(12,2),
    in_ledger DECIMAL(12,2),
    booking_id INTEGER REFERENCES bookings(id),
    first_seen_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    resolved_at TIMESTAMP,
    -- agrees: a later comparison found both sides equal; explained: somebody of the office said why it is so.
    resolution TEXT,
    note TEXT,
    resolved_by INTEGER REFERENCES users(id),

    CONSTRAINT reconciliation_differences_object_known CHECK (object IN ('charge', 'refund', 'dispute', 'payout')),
    CONSTRAINT reconciliation_differences_differ CHECK (at_stripe IS DISTINCT FROM in_ledger),
    CONSTRAINT reconciliation_differences_resolution_known CHECK (resolution IN ('agrees', 'explained')),
    CONSTRAINT reconciliation_differences_resolved_how CHECK ((resolved_at IS NULL) = (resolution IS NULL)
        AND (resolution IS DISTINCT FROM 'explained' OR (note IS NOT NULL AND resolved_by IS NOT NULL)))
);
CREATE UNIQUE INDEX reconciliation_differences_open_once ON reconciliation_differences (object, stripe_id) WHERE resolved_at IS NULL;
CREATE INDEX reconciliation_differences_by_object ON reconciliation_differences (stripe_id);

-- The same money as both sides tell it, a row a payment, refund or dispute. NULL where a side has nothing of it.
-- A refund that came back counts against itself on both sides. What a dispute takes is compared only once the ledger knows of it: while
-- the bank decides, the money is Stripe's to withhold and still the booking's.
CREATE VIEW money_on_both_sides AS
SELECT told.object, told.stripe_id, sum(told.at_stripe) AS at_stripe, sum(told.in_ledger) AS in_ledger,
       min(told.booking_id) AS booking_id, min(told.payment_intent_id) AS payment_intent_id,
       min(told.at) AS first_at, max(told.at) AS last_at
  FROM (SELECT CASE WHEN entry.payment_method = 'failed_refund' THEN 'refund'
                    WHEN entry.status = 'succeeded' THEN 'charge'
                    WHEN noted.reason = 'dispute' AND noted.refund_id IS NULL THEN 'dispute'
                    ELSE 'refund' END AS object,
               CASE WHEN entry.status = 'refunded' OR entry.payment_method = 'failed_refund'
                    THEN coalesce(noted.refund_id, entry.stripe_payment_intent_id)
                    ELSE entry.stripe_payment_intent_id END AS stripe_id,
               NULL::numeric AS at_stripe,
               CASE WHEN entry.payment_method = 'failed_refund' THEN -entry.amount ELSE entry.amount END AS in_ledger,
               entry.booking_id, entry.stripe_payment_intent_id AS payment_intent_id, entry.created_at AS at
          FROM payment_transactions AS entry
         CROSS JOIN LATERAL (SELECT entry.metadata ->> 'reason' AS reason,
                                    CASE WHEN left(entry.metadata ->> 'stripe_refund_id', 3) = 're_'
                                         THEN entry.metadata ->> 'stripe_refund_id' END AS refund_id) AS noted
         WHERE entry.status IN ('succeeded', 'refunded')
           AND (entry.stripe_payment_intent_id IS NOT NULL OR entry.payment_method = 'failed_refund')
         UNION ALL
        SELECT CASE WHEN moved.kind IN ('charge', 'payment') THEN 'charge'
                    WHEN moved.kind IN ('dispute', 'dispute_reversal') THEN 'dispute'
                    ELSE 'refund' END,
               CASE WHEN moved.kind IN ('refund', 'payment_refund', 'refund_failure') THEN moved.source_id
                    ELSE coalesce(moved.payment_intent_id, moved.source_id) END,
               CASE WHEN moved.kind IN ('charge', 'payment') THEN moved.amount ELSE -moved.amount END,
               NULL, NULL, moved.payment_intent_id, moved.created_at
          FROM stripe_balance_transactions AS moved
         WHERE moved.kind IN ('charge', 'payment', 'refund', 'payment_refund', 'refund_failure', 'dispute', 'dispute_reversal')) AS told
 GROUP BY told.object, told.stripe_id
HAVING told.object <> 'dispute' OR sum(told.in_ledger) IS NOT NULL;
"""

DOWN = """
DROP VIEW money_on_both_sides; DROP TABLE reconciliation_differences; DROP TABLE reconciliation_runs;
DROP TABLE stripe_payout_parts; DROP TABLE stripe_payouts; DROP TABLE stripe_balance_transactions;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
