"""Creates venue_closures: when a venue cannot be used, and why."""

from alembic import op

revision = "20261123180100"
down_revision = "20261123180000"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE venue_closures (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    venue_id INTEGER NOT NULL REFERENCES venues(id) ON DELETE CASCADE,
    -- In UTC; the office closes whole days of London's.
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    reason TEXT NOT NULL,
    created_by INTEGER REFERENCES users(id),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT venue_closures_dates_logical CHECK (ends_at > starts_at AND isfinite(starts_at) AND isfinite(ends_at)),
    CONSTRAINT venue_closures_reason_given CHECK (reason <> ''),
    CONSTRAINT venue_closures_apart EXCLUDE USING gist (venue_id WITH =, tsrange(starts_at, ends_at, '[)') WITH &&)
);
"""

DOWN = """
DROP TABLE venue_closures
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
