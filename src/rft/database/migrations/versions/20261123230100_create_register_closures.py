"""Creates register_closures (a register that is signed off, and what was missing) and register_make_ups (a missed day, elsewhere)."""

from alembic import op

revision = "20261123230100"
down_revision = "20261123230000"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE register_closures (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id),
    closed_by INTEGER NOT NULL REFERENCES users(id),
    closed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- Booking reference → what it lacked.
    held JSONB NOT NULL DEFAULT '{}',
    reopened_by INTEGER REFERENCES users(id),
    reopened_at TIMESTAMP,
    reopened_because TEXT,

    CONSTRAINT register_closures_reopened_with_reason CHECK (
        (reopened_at IS NULL AND reopened_by IS NULL AND reopened_because IS NULL)
        OR (reopened_at IS NOT NULL AND reopened_by IS NOT NULL AND coalesce(reopened_because, '') <> ''))
);
CREATE UNIQUE INDEX register_closures_one_standing ON register_closures (course_schedule_id) WHERE reopened_at IS NULL;

CREATE TABLE register_make_ups (
    -- The place whose day was missed; NULL: the one day of a schedule whose days are not spelled out.
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    session_id INTEGER REFERENCES schedule_sessions(id),
    -- The place taken for it on another schedule, and the day there.
    in_booking_id INTEGER NOT NULL REFERENCES bookings(id),
    in_session_id INTEGER REFERENCES schedule_sessions(id),
    agreed_by INTEGER NOT NULL REFERENCES users(id),
    agreed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT register_make_ups_pkey PRIMARY KEY (in_booking_id),
    CONSTRAINT register_make_ups_elsewhere CHECK (booking_id <> in_booking_id)
);
CREATE INDEX register_make_ups_by_booking ON register_make_ups (booking_id);
"""

DOWN = """
DROP TABLE register_make_ups; DROP TABLE register_closures;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
