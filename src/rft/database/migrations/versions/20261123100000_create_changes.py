"""Creates what is kept of cancellations and moves, and the cancelling of a whole date with its steps."""

from alembic import op

revision = "20261123100000"
down_revision = "20261123090400"
branch_labels = None
depends_on = None

UP = """
-- Why a place was given up, what the terms said on that day, and what was to go back.
CREATE TABLE booking_cancellations (
    booking_id INTEGER PRIMARY KEY REFERENCES bookings(id),
    -- Whose wish it was: the customer's, on the page or through the office, or ours, for one place or for the whole date.
    cause TEXT NOT NULL,
    policy_version TEXT NOT NULL REFERENCES cancellation_policies(version),
    -- London days from the cancellation to the first session.
    days_ahead INTEGER NOT NULL,
    policy_refund DECIMAL(10,2) NOT NULL,
    refund DECIMAL(10,2) NOT NULL,
    reason TEXT,
    -- NULL: whoever holds the order's link.
    cancelled_by INTEGER REFERENCES users(id),
    cancelled_at TIMESTAMP NOT NULL,

    CONSTRAINT booking_cancellations_cause_known CHECK (cause IN ('customer', 'office', 'us', 'date')),
    CONSTRAINT booking_cancellations_sums_not_negative
        CHECK (policy_refund >= 0 AND policy_refund < 100000000 AND refund >= 0 AND refund < 100000000),
    CONSTRAINT booking_cancellations_reason_given CHECK (cause = 'customer' OR (reason <> '' AND cancelled_by IS NOT NULL))
);

CREATE TABLE booking_moves (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    from_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id),
    to_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id),
    amount_before DECIMAL(10,2) NOT NULL,
    amount_after DECIMAL(10,2) NOT NULL,
    -- What the other date costs more and the office did not ask for.
    waived DECIMAL(10,2) NOT NULL,
    reason TEXT,
    moved_by INTEGER REFERENCES users(id),
    moved_at TIMESTAMP NOT NULL,

    CONSTRAINT booking_moves_elsewhere CHECK (from_schedule_id <> to_schedule_id),
    CONSTRAINT booking_moves_sums_not_negative
        CHECK (amount_before >= 0 AND amount_after >= 0 AND waived >= 0
               AND amount_before < 100000000 AND amount_after < 100000000 AND waived < 100000000),
    CONSTRAINT booking_moves_waived_for_a_reason CHECK (waived = 0 OR (reason <> '' AND moved_by IS NOT NULL))
);
CREATE INDEX booking_moves_by_booking ON booking_moves (booking_id, id);

-- A date that is cancelled as a whole: one act, a step for each of its bookings. It goes on where it was interrupted.
CREATE TABLE schedule_cancellations (
    course_schedule_id INTEGER PRIMARY KEY REFERENCES course_schedules(id),
    reason TEXT NOT NULL,
    requested_by INTEGER NOT NULL REFERENCES users(id),
    requested_at TIMESTAMP NOT NULL,

    CONSTRAINT schedule_cancellations_reason_given CHECK (reason <> '')
);

CREATE TABLE schedule_cancellation_steps (
    course_schedule_id INTEGER NOT NULL REFERENCES schedule_cancellations(course_schedule_id),
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    -- The date it is moved to; NULL: cancelled, and everything goes back.
    move_to INTEGER REFERENCES course_schedules(id),
    state TEXT NOT NULL DEFAULT 'waiting',
    -- Why a step could not be done and waits for a person.
    why TEXT,

    PRIMARY KEY (course_schedule_id, booking_id),
    CONSTRAINT schedule_cancellation_steps_state_known CHECK (state IN ('waiting', 'moved', 'cancelled', 'gone', 'stuck')),
    CONSTRAINT schedule_cancellation_steps_stuck_explained CHECK ((state = 'stuck') = (why IS NOT NULL))
);
CREATE INDEX schedule_cancellation_steps_waiting ON schedule_cancellation_steps (course_schedule_id) WHERE state = 'waiting';
"""

DOWN = """
DROP TABLE schedule_cancellation_steps;
DROP TABLE schedule_cancellations;
DROP TABLE booking_moves;
DROP TABLE booking_cancellations;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
