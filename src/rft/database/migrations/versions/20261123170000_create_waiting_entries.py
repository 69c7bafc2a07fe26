"""Creates the waiting list: who waits for places on which dates of a course, and the order that was offered to them."""

from alembic import op

revision = "20261123170000"
down_revision = "20261123160300"
branch_labels = None
depends_on = None

# An offer is an order, whose seats are pending bookings with a clock: what became of it is read there and kept nowhere else.
# A date that is deleted (one that was never booked can be) takes the waiting for it along.
UP = """
CREATE TABLE waiting_entries (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Stands in the address that the person is sent.
    reference TEXT NOT NULL CONSTRAINT waiting_entries_reference_key UNIQUE,
    course_id INTEGER NOT NULL REFERENCES courses(id),
    -- Who was signed in, for the price agreed with an organisation.
    user_id INTEGER REFERENCES users(id),
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT,
    places INTEGER NOT NULL,
    joined_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    added_by INTEGER REFERENCES users(id),
    order_id BIGINT CONSTRAINT waiting_entries_order_once UNIQUE REFERENCES orders(id),
    offered_at TIMESTAMP,
    left_at TIMESTAMP,

    CONSTRAINT waiting_entries_places_reasonable CHECK (places BETWEEN 1 AND 12),
    CONSTRAINT waiting_entries_offer_dated CHECK ((order_id IS NULL) = (offered_at IS NULL)),
    CONSTRAINT waiting_entries_left_or_offered CHECK (left_at IS NULL OR order_id IS NULL)
);
CREATE UNIQUE INDEX waiting_entries_once_a_course ON waiting_entries (lower(email), course_id)
    WHERE order_id IS NULL AND left_at IS NULL;
CREATE INDEX waiting_entries_by_course ON waiting_entries (course_id);
CREATE INDEX waiting_entries_by_user ON waiting_entries (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE waiting_dates (
    entry_id BIGINT NOT NULL REFERENCES waiting_entries(id) ON DELETE CASCADE,
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id) ON DELETE CASCADE,
    CONSTRAINT waiting_dates_pkey PRIMARY KEY (entry_id, course_schedule_id)
);
CREATE INDEX waiting_dates_by_schedule ON waiting_dates (course_schedule_id);
"""

DOWN = """
DROP TABLE waiting_dates; DROP TABLE waiting_entries;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
