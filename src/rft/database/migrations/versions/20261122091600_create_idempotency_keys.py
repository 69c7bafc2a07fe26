"""Creates idempotency_keys: the answer already given to a request that is sent again."""

from alembic import op

revision = "20261122091600"
down_revision = "20261122091500"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE idempotency_keys (
    -- Who asks and what for, hashed together with the key: one caller never reads another's answer.
    key_hash BYTEA PRIMARY KEY,
    body_hash BYTEA NOT NULL,
    status INTEGER NOT NULL,
    answer BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
"""

DOWN = """
DROP TABLE idempotency_keys
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
