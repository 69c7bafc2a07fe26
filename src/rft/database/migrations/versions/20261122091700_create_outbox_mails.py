"""Creates outbox_mails: every mail, rendered and kept, until the mail server has taken it."""

from alembic import op

revision = "20261122091700"
down_revision = "20261122091600"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE outbox_mails (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Names what the mail is for, so that a job run twice writes one mail.
    dedupe_key TEXT NOT NULL UNIQUE,
    email_type TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    calendar TEXT,
    booking_ids INTEGER[] NOT NULL DEFAULT '{}',
    state TEXT NOT NULL DEFAULT 'queued',
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    sent_at TIMESTAMP,

    -- kept: there is no mail server to give it to.
    CONSTRAINT outbox_mails_state_known CHECK (state IN ('queued', 'kept', 'sent', 'failed')),
    CONSTRAINT outbox_mails_sent_dated CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX outbox_mails_queued ON outbox_mails (id) WHERE state = 'queued';
CREATE INDEX outbox_mails_newest_first ON outbox_mails (created_at DESC, id DESC);
"""

DOWN = """
DROP TABLE outbox_mails
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
