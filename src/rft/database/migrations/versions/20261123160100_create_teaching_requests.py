"""Creates teaching_requests: who was asked to teach which date, and what they answered."""

from alembic import op

revision = "20261123160100"
down_revision = "20261123160000"
branch_labels = None
depends_on = None

# A request goes with a schedule that is deleted. The link that answers one is signed and not kept, so nothing here opens it.
UP = """
CREATE TABLE teaching_requests (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id) ON DELETE CASCADE,
    instructor_id INTEGER NOT NULL REFERENCES users(id),
    state TEXT NOT NULL DEFAULT 'asked',
    note TEXT,
    asked_by INTEGER REFERENCES users(id),
    asked_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    answer_by TIMESTAMP NOT NULL,
    answered_at TIMESTAMP,
    answer_note TEXT,

    CONSTRAINT teaching_requests_state_known CHECK (state IN ('asked', 'accepted', 'declined', 'withdrawn', 'expired')),
    CONSTRAINT teaching_requests_answer_dated CHECK ((state = 'asked') = (answered_at IS NULL))
);
CREATE UNIQUE INDEX teaching_requests_asked_once ON teaching_requests (course_schedule_id, instructor_id) WHERE state = 'asked';
CREATE INDEX teaching_requests_by_person ON teaching_requests (instructor_id, state);
"""

DOWN = "DROP TABLE teaching_requests;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
