"""Creates feedback: who was asked, and apart from that what was answered."""

from alembic import op

revision = "20261124010100"
down_revision = "20261124010000"
branch_labels = None
depends_on = None

UP = """
-- Whether somebody has answered is known, so that each answers once; what they answered is not joined to it.
CREATE TABLE feedback_invitations (
    booking_id INTEGER PRIMARY KEY REFERENCES bookings(id),
    token_hash BYTEA NOT NULL CONSTRAINT feedback_invitations_token_once UNIQUE,
    is_answered BOOLEAN NOT NULL DEFAULT false,
    invited_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- A random number and a day, no time: nothing in the row tells whose it is.
CREATE TABLE feedback_answers (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id),
    -- Who taught it when it was answered.
    instructor_id INTEGER REFERENCES users(id),
    confidence SMALLINT NOT NULL,
    trainer SMALLINT NOT NULL,
    practice SMALLINT NOT NULL,
    venue SMALLINT NOT NULL,
    recommend SMALLINT NOT NULL,
    comment TEXT,
    answered_on DATE NOT NULL DEFAULT london_day(utc_clock()),

    CONSTRAINT feedback_answers_one_to_five CHECK (
        confidence BETWEEN 1 AND 5 AND trainer BETWEEN 1 AND 5 AND practice BETWEEN 1 AND 5 AND venue BETWEEN 1 AND 5
        AND recommend BETWEEN 1 AND 5),
    CONSTRAINT feedback_answers_comment_short CHECK (length(comment) BETWEEN 1 AND 2000)
);
CREATE INDEX feedback_answers_by_schedule ON feedback_answers (course_schedule_id);
CREATE INDEX feedback_answers_by_instructor ON feedback_answers (instructor_id);
"""

DOWN = """
DROP TABLE feedback_answers; DROP TABLE feedback_invitations;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
