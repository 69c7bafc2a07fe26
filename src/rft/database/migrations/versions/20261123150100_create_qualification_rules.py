"""Creates what each qualification demands of a date, which course leads to which, and the dates let through with a reason."""

from alembic import op

revision = "20261123150100"
down_revision = "20261123150000"
branch_labels = None
depends_on = None

# The figures are the trade's own (docs/schema.md says where they come from). Courses that are there already are joined by their names,
# as the price list has them; a course that is joined to nothing is not judged.
UP = """
CREATE TABLE qualification_rules (
    qualification TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    contact_hours DECIMAL(4,2) NOT NULL,
    minimum_days INTEGER NOT NULL,
    maximum_learners INTEGER NOT NULL,
    minimum_session_minutes INTEGER NOT NULL,

    CONSTRAINT qualification_rules_figures_positive CHECK (
        contact_hours > 0 AND contact_hours < 100 AND minimum_days > 0 AND maximum_learners > 0 AND minimum_session_minutes > 0)
);

CREATE TABLE course_variants (
    course_id INTEGER PRIMARY KEY REFERENCES courses(id) ON DELETE CASCADE,
    qualification TEXT NOT NULL REFERENCES qualification_rules(qualification)
);

CREATE TABLE schedule_waivers (
    course_schedule_id INTEGER PRIMARY KEY REFERENCES course_schedules(id) ON DELETE CASCADE,
    missing TEXT NOT NULL,
    reason TEXT NOT NULL,
    waived_by INTEGER REFERENCES users(id),
    waived_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT schedule_waivers_reason_given CHECK (reason <> '')
);

INSERT INTO qualification_rules
    (qualification, name, contact_hours, minimum_days, maximum_learners, minimum_session_minutes)
VALUES
    ('faw', 'First Aid at Work', 18, 3, 12, 120),
    ('efaw', 'Emergency First Aid at Work', 6, 1, 12, 120),
    ('paediatric', 'Paediatric First Aid', 12, 2, 12, 120),
    ('emergency_paediatric', 'Emergency Paediatric First Aid', 6, 1, 12, 120),
    ('faw_requalification', 'First Aid at Work: requalification', 12, 2, 12, 120),
    ('efaw_requalification', 'Emergency First Aid at Work: requalification', 6, 1, 12, 120),
    ('paediatric_requalification', 'Paediatric First Aid: requalification', 12, 2, 12, 120),
    ('emergency_paediatric_requalification', 'Emergency Paediatric First Aid: requalification', 6, 1, 12, 120);

INSERT INTO course_variants (course_id, qualification)
SELECT course.id, rule.qualification FROM courses AS course JOIN qualification_rules AS rule ON rule.name = course.name;
"""

DOWN = """
DROP TABLE schedule_waivers; DROP TABLE course_variants; DROP TABLE qualification_rules;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
