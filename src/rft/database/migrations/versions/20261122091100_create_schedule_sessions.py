"""Creates schedule_sessions (the days of a schedule) and the derived rows that hold venues and instructors."""

from alembic import op

revision = "20261122091100"
down_revision = "20261122091000"
branch_labels = None
depends_on = None

UP = """
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Both go with a schedule that is deleted (one that was never booked can be): a client that knows only the document's tables
-- need not know of them.
CREATE TABLE schedule_sessions (
    id SERIAL PRIMARY KEY,
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id) ON DELETE CASCADE,
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    venue_id INTEGER REFERENCES venues(id),
    instructor_id INTEGER REFERENCES users(id),

    CONSTRAINT schedule_sessions_dates_logical CHECK (ends_at > starts_at AND isfinite(starts_at) AND isfinite(ends_at)),
    CONSTRAINT schedule_sessions_apart
        EXCLUDE USING gist (course_schedule_id WITH =, tsrange(starts_at, ends_at, '[)') WITH &&)
);

CREATE TABLE schedule_occupancies (
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id) ON DELETE CASCADE,
    session_id INTEGER REFERENCES schedule_sessions(id) ON DELETE CASCADE,
    venue_id INTEGER NOT NULL REFERENCES venues(id),
    instructor_id INTEGER REFERENCES users(id),
    during TSRANGE NOT NULL,

    CONSTRAINT course_schedules_no_venue_overlap EXCLUDE USING gist (venue_id WITH =, during WITH &&),
    CONSTRAINT course_schedules_no_instructor_overlap EXCLUDE USING gist (instructor_id WITH =, during WITH &&)
        WHERE (instructor_id IS NOT NULL)
);

CREATE INDEX schedule_occupancies_by_schedule ON schedule_occupancies (course_schedule_id);
"""

DOWN = """
DROP TABLE schedule_occupancies;
DROP TABLE schedule_sessions;
DROP EXTENSION btree_gist;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
