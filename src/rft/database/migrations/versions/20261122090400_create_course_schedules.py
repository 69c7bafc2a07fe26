"""Creates course_schedules: one dated run of a course at a venue."""

from alembic import op

revision = "20261122090400"
down_revision = "20261122090300"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE course_schedules (
    id SERIAL PRIMARY KEY,
    course_id INTEGER NOT NULL REFERENCES courses(id),
    venue_id INTEGER NOT NULL REFERENCES venues(id),
    instructor_id INTEGER REFERENCES users(id),
    start_datetime TIMESTAMP NOT NULL,
    end_datetime TIMESTAMP NOT NULL,
    status VARCHAR(20) DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'full', 'cancelled')),
    current_capacity INTEGER DEFAULT 0,
    notes TEXT,
    created_by INTEGER REFERENCES users(id),
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT course_schedules_dates_logical
        CHECK (end_datetime > start_datetime AND isfinite(start_datetime) AND isfinite(end_datetime)),
    CONSTRAINT course_schedules_counter_not_negative CHECK (current_capacity >= 0),
    CONSTRAINT course_schedules_defaults_present
        CHECK (status IS NOT NULL AND current_capacity IS NOT NULL AND created_at IS NOT NULL AND updated_at IS NOT NULL)
);

CREATE INDEX idx_schedules_course ON course_schedules(course_id);
CREATE INDEX idx_schedules_venue ON course_schedules(venue_id);
CREATE INDEX idx_schedules_date ON course_schedules(start_datetime);
CREATE INDEX idx_schedules_status ON course_schedules(status);
CREATE INDEX idx_schedules_available ON course_schedules(start_datetime, status)
WHERE status IN ('published', 'full');

CREATE UNIQUE INDEX course_schedules_time_and_venue ON course_schedules (venue_id, start_datetime, end_datetime)
WHERE status IS DISTINCT FROM 'cancelled';

-- The listing of open dates walks these in order and stops at its page. current_capacity stays out of every index: with it in one,
-- no booking would be a heap-only update.
CREATE INDEX course_schedules_published_by_date ON course_schedules (start_datetime, id) WHERE status = 'published';
CREATE INDEX course_schedules_published_by_venue ON course_schedules (venue_id, start_datetime, id) WHERE status = 'published';
"""

DOWN = """
DROP TABLE course_schedules
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
