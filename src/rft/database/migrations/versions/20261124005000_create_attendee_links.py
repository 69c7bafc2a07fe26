"""Creates what attendees say of themselves: the links that let them in, their day of birth, and an earlier certificate."""

from alembic import op

revision = "20261124005000"
down_revision = "20261124000100"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE attendee_links (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    -- Whose link it is: somebody else in the same seat gets one of their own.
    recipient TEXT NOT NULL,
    token_hash BYTEA NOT NULL CONSTRAINT attendee_links_token_once UNIQUE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE UNIQUE INDEX attendee_links_one_live ON attendee_links (booking_id) WHERE revoked_at IS NULL;
CREATE INDEX attendee_links_by_booking ON attendee_links (booking_id);

CREATE TABLE attendee_details (
    booking_id INTEGER PRIMARY KEY REFERENCES bookings(id),
    date_of_birth DATE NOT NULL,
    written_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT attendee_details_birth_reasonable CHECK (date_of_birth BETWEEN '1900-01-01' AND '2100-01-01')
);

CREATE TABLE earlier_certificates (
    booking_id INTEGER PRIMARY KEY REFERENCES bookings(id),
    -- One of ours, or somebody else's with its issuer.
    certificate_id BIGINT REFERENCES certificates(id),
    provider TEXT,
    completed_on DATE NOT NULL,
    media_type TEXT,
    file BYTEA,
    written_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT earlier_certificates_ours_or_named CHECK ((certificate_id IS NULL) = (provider IS NOT NULL)),
    CONSTRAINT earlier_certificates_file_known CHECK (
        (file IS NULL) = (media_type IS NULL) AND media_type IN ('application/pdf', 'image/jpeg')),
    CONSTRAINT earlier_certificates_file_bounded CHECK (octet_length(file) BETWEEN 1 AND 5242880)
);
"""

DOWN = """
DROP TABLE earlier_certificates; DROP TABLE attendee_details; DROP TABLE attendee_links;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
