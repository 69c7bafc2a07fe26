"""Creates erasures: whose personal data was taken away, when, and on whose request."""

from alembic import op

revision = "20261123180400"
down_revision = "20261123180300"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE erasures (
    user_id INTEGER PRIMARY KEY REFERENCES users(id),
    reason TEXT NOT NULL,
    erased_by INTEGER REFERENCES users(id),
    erased_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT erasures_reason_given CHECK (reason <> '')
);
"""

DOWN = """
DROP TABLE erasures
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
