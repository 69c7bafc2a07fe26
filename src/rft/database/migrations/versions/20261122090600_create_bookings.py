"""Creates bookings: one seat for one attendee."""

from alembic import op

revision = "20261122090600"
down_revision = "20261122090500"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE bookings (
    id SERIAL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id),
    booking_reference VARCHAR(20) UNIQUE NOT NULL,
    status VARCHAR(20) DEFAULT 'pending' CHECK (status IN ('pending', 'confirmed', 'cancelled', 'completed', 'no_show')),
    payment_status VARCHAR(20) DEFAULT 'pending' CHECK (payment_status IN ('pending', 'paid', 'refunded', 'failed')),
    payment_amount DECIMAL(10,2) NOT NULL,
    discount_applied DECIMAL(10,2) DEFAULT 0,
    discount_code_id INTEGER REFERENCES discount_codes(id),
    notes TEXT,
    confirmation_sent BOOLEAN DEFAULT false,
    reminder_sent BOOLEAN DEFAULT false,
    certificate_issued BOOLEAN DEFAULT false,
    certificate_issued_date DATE,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT bookings_amount_not_negative CHECK (payment_amount >= 0 AND payment_amount < 100000000),
    CONSTRAINT bookings_discount_not_negative CHECK (discount_applied >= 0 AND discount_applied < 100000000),
    CONSTRAINT bookings_confirmed_only_when_paid CHECK (
        CASE WHEN status = 'confirmed' THEN payment_status = 'paid'
             WHEN status IN ('completed', 'no_show') THEN payment_status IN ('paid', 'refunded')
             ELSE true END
    ),
    CONSTRAINT bookings_certificate_after_completion CHECK (NOT certificate_issued OR status = 'completed'),
    CONSTRAINT bookings_certificate_dated CHECK (certificate_issued = (certificate_issued_date IS NOT NULL)),
    CONSTRAINT bookings_defaults_present CHECK (
        status IS NOT NULL AND payment_status IS NOT NULL AND discount_applied IS NOT NULL AND confirmation_sent IS NOT NULL
        AND reminder_sent IS NOT NULL AND certificate_issued IS NOT NULL AND created_at IS NOT NULL AND updated_at IS NOT NULL
    )
);

CREATE INDEX idx_bookings_user ON bookings(user_id);
CREATE INDEX idx_bookings_schedule ON bookings(course_schedule_id);
CREATE INDEX idx_bookings_reference ON bookings(booking_reference);
CREATE INDEX idx_bookings_status ON bookings(status);
CREATE INDEX idx_bookings_payment_status ON bookings(payment_status);
CREATE INDEX idx_bookings_revenue ON bookings(created_at, payment_status, payment_amount)
WHERE payment_status = 'paid';

CREATE UNIQUE INDEX bookings_reference_unique_whatever_case ON bookings (upper(booking_reference));
CREATE INDEX bookings_by_discount_code ON bookings (discount_code_id) WHERE discount_code_id IS NOT NULL;
CREATE INDEX bookings_pending_by_age ON bookings (created_at) WHERE status = 'pending';
"""

DOWN = """
DROP TABLE bookings
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
