"""Creates receivable_chases (which reminders of an unpaid order have gone) and receivable_pauses (whom not to remind, and why)."""

from alembic import op

revision = "20261123120300"
down_revision = "20261123120200"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE receivable_chases (
    order_id BIGINT NOT NULL REFERENCES orders(id),
    -- So many days after the order was due; before it where negative.
    days INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    PRIMARY KEY (order_id, days)
);

CREATE TABLE receivable_pauses (
    order_id BIGINT PRIMARY KEY REFERENCES orders(id),
    reason TEXT NOT NULL,
    paused_by INTEGER NOT NULL REFERENCES users(id),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT receivable_pauses_reason_present CHECK (btrim(reason) <> '')
);
"""

DOWN = """
DROP TABLE receivable_pauses; DROP TABLE receivable_chases;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
