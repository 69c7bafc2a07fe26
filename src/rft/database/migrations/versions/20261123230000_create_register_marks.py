"""Creates register_marks: every touch of a register, as the device that made it says; and what a course assesses."""

from alembic import op

revision = "20261123230000"
down_revision = "20261123200200"
branch_labels = None
depends_on = None

UP = """
-- Added to, never changed: how the register stands is worked out (views register_counted, register_heads, register_state).
CREATE TABLE register_marks (
    -- Given by the device, so that a mark that is sent twice is one mark.
    id UUID PRIMARY KEY,
    course_schedule_id INTEGER NOT NULL REFERENCES course_schedules(id),
    -- NULL: about the whole course, or a schedule whose days are not spelled out.
    session_id INTEGER REFERENCES schedule_sessions(id),
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    kind TEXT NOT NULL,
    value JSONB NOT NULL DEFAULT '{}',
    -- What the mark is about: two marks about the same thing replace, or contradict, each other.
    field TEXT NOT NULL GENERATED ALWAYS AS (
        CASE WHEN kind IN ('present', 'late', 'left_early', 'absent') THEN 'attendance'
             WHEN kind = 'assessment' THEN 'assessment:' || coalesce(value ->> 'outcome', '')
             ELSE kind END) STORED,
    -- The marks that whoever made this one had before them.
    replaces UUID[] NOT NULL DEFAULT '{}',
    device TEXT NOT NULL,
    made_by INTEGER NOT NULL REFERENCES users(id),
    made_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT register_marks_kind_known CHECK (
        kind IN ('present', 'late', 'left_early', 'absent', 'identity', 'signature', 'assessment', 'note')),
    -- The kind of a document that was seen, never its number.
    CONSTRAINT register_marks_value_fits CHECK (coalesce(
        CASE kind
            WHEN 'identity' THEN value ->> 'type' IN ('passport', 'driving_licence', 'identity_card', 'work_card', 'not_seen')
            WHEN 'assessment' THEN value ->> 'outcome' <> '' AND value ->> 'result' IN ('pass', 'refer')
            WHEN 'signature' THEN length(value ->> 'path') <= 20000 AND value ->> 'path' ~ '^[ML0-9. ]*$'
                               OR length(value ->> 'name') BETWEEN 1 AND 200
            WHEN 'note' THEN length(value ->> 'text') <= 2000
            ELSE coalesce(value ->> 'at' ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$', true)
        END, false)),
    CONSTRAINT register_marks_not_endless CHECK (
        pg_column_size(value) <= 30000 AND cardinality(replaces) <= 50 AND length(device) BETWEEN 1 AND 60 AND NOT id = ANY (replaces))
);
CREATE INDEX register_marks_by_schedule ON register_marks (course_schedule_id, booking_id);
CREATE INDEX register_marks_by_booking ON register_marks (booking_id);

CREATE TABLE assessment_outcomes (
    course_type TEXT NOT NULL,
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,

    CONSTRAINT assessment_outcomes_pkey PRIMARY KEY (course_type, code)
);
INSERT INTO assessment_outcomes (course_type, code, position, title) VALUES
    ('EFAW', 'role', 1, 'Role of the first-aider, and assessing an incident'),
    ('EFAW', 'unresponsive', 2, 'Unresponsive casualty: recovery position, CPR and AED'),
    ('EFAW', 'choking', 3, 'Choking'),
    ('EFAW', 'bleeding', 4, 'External bleeding and shock'),
    ('EFAW', 'minor', 5, 'Minor injuries and seizures'),
    ('FAW', 'role', 1, 'Role of the first-aider, and assessing an incident'),
    ('FAW', 'unresponsive', 2, 'Unresponsive casualty: recovery position, CPR and AED'),
    ('FAW', 'choking', 3, 'Choking'),
    ('FAW', 'bleeding', 4, 'External bleeding and shock'),
    ('FAW', 'injuries', 5, 'Injuries to bones, head, spine, chest and eyes'),
    ('FAW', 'burns', 6, 'Burns and poisoning'),
    ('FAW', 'illness', 7, 'Anaphylaxis and sudden illness'),
    ('Paediatric', 'role', 1, 'Role of the paediatric first-aider'),
    ('Paediatric', 'unresponsive', 2, 'Unresponsive infant or child: recovery position, CPR and AED'),
    ('Paediatric', 'choking', 3, 'Choking infant or child'),
    ('Paediatric', 'bleeding', 4, 'Bleeding and shock'),
    ('Paediatric', 'illness', 5, 'Injuries, fever, allergy and illness in infants and children');
"""

DOWN = """
DROP TABLE assessment_outcomes; DROP TABLE register_marks;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
