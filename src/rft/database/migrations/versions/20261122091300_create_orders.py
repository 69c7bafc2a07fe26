"""Creates orders (bookings made and paid together), their seats, and attendees (the person in each seat)."""

from alembic import op

revision = "20261122091300"
down_revision = "20261122091200"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE orders (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    access_token_hash BYTEA NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users(id),
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id),
    booker_name TEXT NOT NULL,
    booker_email TEXT NOT NULL,
    booker_phone TEXT,
    organisation_name TEXT,
    purchase_order TEXT,
    payment_method TEXT NOT NULL,
    seats INTEGER NOT NULL,
    total DECIMAL(10,2) NOT NULL,
    vat DECIMAL(10,2) NOT NULL,
    -- What the buyer was shown, and the policy that governs the order.
    terms_version TEXT NOT NULL,
    policy_version TEXT NOT NULL REFERENCES cancellation_policies(version),
    -- Until when the seats are kept for a buyer who pays by card; NULL: no clock runs.
    hold_expires_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT orders_payment_method_known CHECK (payment_method IN ('card', 'invoice', 'free')),
    CONSTRAINT orders_seats_positive CHECK (seats > 0),
    CONSTRAINT orders_total_not_negative CHECK (total >= 0 AND total < 100000000 AND vat >= 0 AND vat <= total),
    CONSTRAINT orders_free_only_at_nothing CHECK (payment_method <> 'free' OR total = 0),
    CONSTRAINT orders_clock_only_for_cards CHECK (hold_expires_at IS NULL OR payment_method = 'card')
);
CREATE INDEX orders_by_user ON orders (user_id);
CREATE INDEX orders_by_schedule ON orders (course_schedule_id);
CREATE INDEX orders_newest_first ON orders (created_at DESC, id DESC);

CREATE TABLE order_bookings (
    booking_id INTEGER PRIMARY KEY REFERENCES bookings(id),
    order_id BIGINT NOT NULL REFERENCES orders(id),
    position INTEGER NOT NULL,

    CONSTRAINT order_bookings_position_once UNIQUE (order_id, position)
);

CREATE TABLE attendees (
    booking_id INTEGER PRIMARY KEY REFERENCES bookings(id),
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT
);
"""

DOWN = """
DROP TABLE attendees; DROP TABLE order_bookings; DROP TABLE orders;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
