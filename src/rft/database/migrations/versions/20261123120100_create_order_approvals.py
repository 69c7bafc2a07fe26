"""Creates order_approvals: who let an order owe, until when it is paid, and until when somebody has to decide."""

from alembic import op

revision = "20261123120100"
down_revision = "20261123120000"
branch_labels = None
depends_on = None

# Orders that were reserved before there were approvals were accepted by whoever left them standing.
UP = """
CREATE TABLE order_approvals (
    order_id BIGINT PRIMARY KEY REFERENCES orders(id),
    state TEXT NOT NULL DEFAULT 'waiting',
    -- Until when the seats are kept for the office to decide.
    decide_by TIMESTAMP NOT NULL,
    -- The last day of the payment terms, in London.
    due_on DATE,
    decided_at TIMESTAMP,
    -- NULL: nobody had to, the credit limit allowed it or the time ran out.
    decided_by INTEGER REFERENCES users(id),
    -- Why it had to wait, and afterwards why it was declined.
    reason TEXT NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT order_approvals_state_known CHECK (state IN ('waiting', 'accepted', 'declined', 'lapsed')),
    CONSTRAINT order_approvals_decided_dated CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CONSTRAINT order_approvals_accepted_due CHECK ((state = 'accepted') = (due_on IS NOT NULL))
);
CREATE INDEX order_approvals_waiting ON order_approvals (decide_by) WHERE state = 'waiting';
CREATE INDEX order_approvals_due ON order_approvals (due_on) WHERE state = 'accepted';

INSERT INTO order_approvals (order_id, state, decide_by, due_on, decided_at, created_at)
SELECT id, 'accepted', created_at, london_day(created_at) + 30, created_at, created_at
  FROM orders WHERE payment_method = 'invoice';
"""

DOWN = """
DROP TABLE order_approvals;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
