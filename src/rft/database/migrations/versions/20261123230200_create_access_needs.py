"""Creates access_needs (what somebody needs to take part; restricted, and forgotten after the course) and each reading of them."""

from alembic import op

revision = "20261123230200"
down_revision = "20261123230100"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE access_needs (
    booking_id INTEGER PRIMARY KEY REFERENCES bookings(id),
    needs TEXT NOT NULL,
    written_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT access_needs_length CHECK (length(needs) BETWEEN 1 AND 2000)
);

CREATE TABLE access_need_readings (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    read_by INTEGER NOT NULL REFERENCES users(id),
    read_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX access_need_readings_by_booking ON access_need_readings (booking_id);
"""

DOWN = """
DROP TABLE access_need_readings; DROP TABLE access_needs;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
