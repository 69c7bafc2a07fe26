"""Creates course_descriptions: whom a course is for and what everybody takes home, beside the document's own description."""

from alembic import op

revision = "20261123180000"
down_revision = "20261123170300"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE course_descriptions (
    course_id INTEGER PRIMARY KEY REFERENCES courses(id) ON DELETE CASCADE,
    audience TEXT,
    included TEXT
);
"""

DOWN = """
DROP TABLE course_descriptions
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
