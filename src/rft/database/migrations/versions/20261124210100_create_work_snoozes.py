"""Creates work_snoozes: what of Today's work somebody has put off, and until which day."""

from alembic import op

revision = "20261124210100"
down_revision = "20261124210000"
branch_labels = None
depends_on = None

# `place` is what the work is found by (a reference, a date's number), empty where a kind is one thing; of such a kind `number` says
# how much there was: more than that is shown again at once.
UP = """
CREATE TABLE work_snoozes (
    kind TEXT NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    number BIGINT,
    until DATE NOT NULL,
    put_off_by INTEGER NOT NULL REFERENCES users(id),
    put_off_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT work_snoozes_pkey PRIMARY KEY (kind, place),
    CONSTRAINT work_snoozes_until_finite CHECK (isfinite(until))
);
"""

DOWN = "DROP TABLE work_snoozes;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
