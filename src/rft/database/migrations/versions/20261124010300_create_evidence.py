"""Creates what proves a course: evidence packs, and what an awarding body is told, in which columns and by when."""

from alembic import op

revision = "20261124010300"
down_revision = "20261124010200"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE evidence_packs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id),
    asked_by INTEGER NOT NULL REFERENCES users(id),
    asked_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- Files that go in, and how many are done.
    total INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    finished_at TIMESTAMP,
    file BYTEA,
    failed_because TEXT,

    CONSTRAINT evidence_packs_finished_with_file
        CHECK ((finished_at IS NOT NULL) = (file IS NOT NULL OR failed_because IS NOT NULL))
);
CREATE UNIQUE INDEX evidence_packs_one_running ON evidence_packs (course_schedule_id) WHERE finished_at IS NULL;
CREATE INDEX evidence_packs_by_schedule ON evidence_packs (course_schedule_id, id);

-- The columns of the file, as the awarding body wants them.
CREATE TABLE awarding_body_columns (
    position INTEGER PRIMARY KEY,
    title TEXT NOT NULL CONSTRAINT awarding_body_columns_title_once UNIQUE,
    source TEXT NOT NULL,

    CONSTRAINT awarding_body_columns_source_known CHECK (source IN (
        'first_name', 'last_name', 'reference', 'course', 'qualification', 'began_on', 'completed_on', 'venue', 'postcode', 'trainer',
        'result', 'certificate', 'expires_on'))
);
INSERT INTO awarding_body_columns (position, title, source) VALUES
    (1, 'First name', 'first_name'), (2, 'Last name', 'last_name'), (3, 'Learner reference', 'reference'),
    (4, 'Qualification', 'qualification'), (5, 'Course', 'course'), (6, 'Start date', 'began_on'), (7, 'End date', 'completed_on'),
    (8, 'Venue', 'venue'), (9, 'Postcode', 'postcode'), (10, 'Trainer', 'trainer'), (11, 'Result', 'result'),
    (12, 'Certificate number', 'certificate'), (13, 'Expiry date', 'expires_on');

CREATE TABLE awarding_body_reports (
    course_schedule_id INTEGER PRIMARY KEY REFERENCES course_schedules(id),
    due_on DATE NOT NULL,
    sent_at TIMESTAMP,
    sent_by INTEGER REFERENCES users(id),
    -- The awarding body's own, where it gave one.
    reference TEXT,

    CONSTRAINT awarding_body_reports_sent_by_somebody CHECK ((sent_at IS NULL) = (sent_by IS NULL)),
    CONSTRAINT awarding_body_reports_reference_short CHECK (length(reference) BETWEEN 1 AND 100)
);
CREATE INDEX awarding_body_reports_open ON awarding_body_reports (due_on) WHERE sent_at IS NULL;
"""

DOWN = """
DROP TABLE awarding_body_reports; DROP TABLE awarding_body_columns; DROP TABLE evidence_packs;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
