"""Creates what the office plans beside a schedule: its terms, the series it was made in, and each move of it."""

from alembic import op

revision = "20261123150000"
down_revision = "20261123140100"
branch_labels = None
depends_on = None

# A plan and a move go with a schedule that is deleted (one that was never booked can be): a client that knows only the document's
# tables need not know of them. A schedule without a plan is open to the public and promises no minimum.
UP = """
CREATE TABLE schedule_series (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_id INTEGER NOT NULL REFERENCES courses(id),
    pattern TEXT NOT NULL,
    created_by INTEGER REFERENCES users(id),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE schedule_plans (
    course_schedule_id INTEGER PRIMARY KEY REFERENCES course_schedules(id) ON DELETE CASCADE,
    -- Of each day; contact hours exclude them.
    breaks_minutes INTEGER NOT NULL DEFAULT 0,
    minimum_seats INTEGER,
    decide_by DATE,
    -- Whose people it is for. Such a date is not shown to the public, and only the office books it.
    in_house_for TEXT,
    series_id BIGINT REFERENCES schedule_series(id),

    CONSTRAINT schedule_plans_breaks_reasonable CHECK (breaks_minutes BETWEEN 0 AND 240),
    CONSTRAINT schedule_plans_minimum_positive CHECK (minimum_seats > 0),
    CONSTRAINT schedule_plans_decided_about CHECK (decide_by IS NULL OR minimum_seats IS NOT NULL),
    CONSTRAINT schedule_plans_in_house_named CHECK (in_house_for <> '')
);
CREATE INDEX schedule_plans_by_series ON schedule_plans (series_id) WHERE series_id IS NOT NULL;
CREATE INDEX schedule_plans_in_house ON schedule_plans (course_schedule_id) WHERE in_house_for IS NOT NULL;

-- Each time a live date was moved: the mails are written from it, and calendars take the later entry by the number of moves.
CREATE TABLE schedule_moves (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id) ON DELETE CASCADE,
    told_before TEXT NOT NULL,
    moved_by INTEGER REFERENCES users(id),
    moved_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX schedule_moves_by_schedule ON schedule_moves (course_schedule_id);
"""

DOWN = """
DROP TABLE schedule_moves; DROP TABLE schedule_plans; DROP TABLE schedule_series;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
