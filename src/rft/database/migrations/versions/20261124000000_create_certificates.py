"""Creates certificates: the keys they are signed with, the certificates, their files, revocations, and batches of a course."""

from alembic import op

revision = "20261124000000"
down_revision = "20261123230400"
branch_labels = None
depends_on = None

UP = """
-- Public halves only. The private key is in a file of the server's own, or in its environment.
CREATE TABLE signing_keys (
    key_id TEXT PRIMARY KEY,
    public_key BYTEA NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    retired_at TIMESTAMP,

    CONSTRAINT signing_keys_length CHECK (octet_length(public_key) = 32)
);

CREATE TABLE certificates (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    holder TEXT NOT NULL,
    course_name TEXT NOT NULL,
    course_type TEXT NOT NULL,
    hours DECIMAL(4,2) NOT NULL,
    completed_on DATE NOT NULL,
    expires_on DATE NOT NULL,
    trainer TEXT NOT NULL,
    issuer TEXT NOT NULL,
    key_id TEXT NOT NULL REFERENCES signing_keys(key_id),
    signature BYTEA NOT NULL,
    -- The certificate that this one corrects.
    replaces BIGINT REFERENCES certificates(id),
    issued_by INTEGER NOT NULL REFERENCES users(id),
    issued_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT certificates_number_form CHECK (number ~ '^RFT-C-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{4}$'),
    CONSTRAINT certificates_dates_logical CHECK (expires_on > completed_on),
    CONSTRAINT certificates_signature_length CHECK (octet_length(signature) = 64),
    CONSTRAINT certificates_replaced_once UNIQUE (replaces)
);
CREATE INDEX certificates_by_booking ON certificates (booking_id);
CREATE INDEX certificates_by_expiry ON certificates (expires_on, id);

-- As it was issued, to the byte.
CREATE TABLE certificate_files (
    certificate_id BIGINT PRIMARY KEY REFERENCES certificates(id),
    pdf BYTEA NOT NULL
);

CREATE TABLE certificate_revocations (
    certificate_id BIGINT PRIMARY KEY REFERENCES certificates(id),
    reason TEXT NOT NULL,
    note TEXT,
    revoked_by INTEGER NOT NULL REFERENCES users(id),
    revoked_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT certificate_revocations_reason_known CHECK (reason IN ('issued_in_error', 'identity', 'assessment', 'not_paid', 'other')),
    CONSTRAINT certificate_revocations_other_explained CHECK (reason <> 'other' OR coalesce(note, '') <> '')
);

-- The certificates of a whole course, asked for at once and made one after another.
CREATE TABLE certificate_batches (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id),
    asked_by INTEGER NOT NULL REFERENCES users(id),
    asked_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    total INTEGER NOT NULL,
    issued INTEGER NOT NULL DEFAULT 0,
    -- Booking reference → the sentence that says what is missing.
    held JSONB NOT NULL DEFAULT '{}',
    finished_at TIMESTAMP
);
CREATE UNIQUE INDEX certificate_batches_one_running ON certificate_batches (course_schedule_id) WHERE finished_at IS NULL;
"""

DOWN = """
DROP TABLE certificate_batches; DROP TABLE certificate_revocations; DROP TABLE certificate_files;
DROP TABLE certificates; DROP TABLE signing_keys;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
