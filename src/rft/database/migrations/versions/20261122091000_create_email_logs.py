"""Creates email_logs: what the mail server answered, mail by mail."""

from alembic import op

revision = "20261122091000"
down_revision = "20261122090900"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE email_logs (
    id SERIAL PRIMARY KEY,
    recipient_email VARCHAR(255) NOT NULL,
    email_type VARCHAR(50) NOT NULL,
    subject VARCHAR(255),
    booking_id INTEGER REFERENCES bookings(id),
    status VARCHAR(20) DEFAULT 'sent' CHECK (status IN ('sent', 'failed', 'bounced')),
    error_message TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT email_logs_defaults_present CHECK (status IS NOT NULL AND created_at IS NOT NULL)
);

CREATE INDEX idx_email_recipient ON email_logs(recipient_email);
CREATE INDEX idx_email_type ON email_logs(email_type);
CREATE INDEX idx_email_booking ON email_logs(booking_id);
CREATE INDEX idx_email_created ON email_logs(created_at);

-- A confirmation, a reminder and a certificate are each sent at most once for a booking.
CREATE UNIQUE INDEX email_logs_sent_once ON email_logs (booking_id, email_type)
WHERE status = 'sent' AND booking_id IS NOT NULL AND email_type IN ('booking_confirmation', 'course_reminder', 'certificate');
"""

DOWN = """
DROP TABLE email_logs
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
