"""Creates what talks with Stripe: checkout attempts, the webhook inbox, and who each Stripe object settles."""

from alembic import op

revision = "20261122091400"
down_revision = "20261122091300"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE checkout_attempts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id BIGINT NOT NULL REFERENCES orders(id),
    idempotency_key TEXT NOT NULL UNIQUE,
    amount DECIMAL(10,2) NOT NULL,
    -- opening: Stripe was (or is about to be) asked; open: the hosted page exists; closed: paid, expired or given up.
    state TEXT NOT NULL DEFAULT 'opening',
    stripe_session_id TEXT UNIQUE,
    url TEXT,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT checkout_attempts_state_known CHECK (state IN ('opening', 'open', 'closed')),
    CONSTRAINT checkout_attempts_open_has_session CHECK (state <> 'open' OR (stripe_session_id IS NOT NULL AND url IS NOT NULL))
);
CREATE UNIQUE INDEX checkout_attempts_one_live ON checkout_attempts (order_id) WHERE state <> 'closed';

CREATE TABLE webhook_events (
    stripe_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    object_id TEXT,
    livemode BOOLEAN NOT NULL,
    received_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- Set in the transaction of the event's effect. outcome says in words what that was.
    settled_at TIMESTAMP,
    outcome TEXT,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX webhook_events_unsettled ON webhook_events (received_at) WHERE settled_at IS NULL;

CREATE TABLE settled_stripe_objects (
    stripe_id TEXT PRIMARY KEY,
    settles TEXT NOT NULL
);
"""

DOWN = """
DROP TABLE settled_stripe_objects; DROP TABLE webhook_events; DROP TABLE checkout_attempts;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
