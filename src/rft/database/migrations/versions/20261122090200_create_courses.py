"""Creates courses: what is taught."""

from alembic import op

revision = "20261122090200"
down_revision = "20261122090100"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE courses (
    id SERIAL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    description TEXT,
    course_type VARCHAR(50) NOT NULL CHECK (course_type IN ('EFAW', 'FAW', 'Paediatric')),
    duration_hours DECIMAL(4,2) NOT NULL,
    price DECIMAL(10,2) NOT NULL,
    max_capacity INTEGER NOT NULL DEFAULT 12,
    certification_validity_years INTEGER DEFAULT 3,
    is_active BOOLEAN DEFAULT true,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,

    -- An upper bound also refuses NaN, which is larger than every number.
    CONSTRAINT courses_duration_positive CHECK (duration_hours > 0 AND duration_hours < 100),
    CONSTRAINT courses_price_not_negative CHECK (price >= 0 AND price < 100000000),
    CONSTRAINT courses_max_capacity_positive CHECK (max_capacity > 0),
    CONSTRAINT courses_validity_positive CHECK (certification_validity_years > 0),
    CONSTRAINT courses_defaults_present
        CHECK (certification_validity_years IS NOT NULL AND is_active IS NOT NULL AND created_at IS NOT NULL AND updated_at IS NOT NULL)
);

CREATE INDEX idx_courses_type ON courses(course_type);
CREATE INDEX idx_courses_active ON courses(is_active);
"""

DOWN = """
DROP TABLE courses
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
