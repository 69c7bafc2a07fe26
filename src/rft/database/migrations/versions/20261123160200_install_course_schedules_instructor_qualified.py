"""Installs version 1 of the rule file course_schedules_instructor_qualified."""

from rft.database.rules import install, uninstall

revision = "20261123160200"
down_revision = "20261123160100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("course_schedules_instructor_qualified", 1)


def downgrade() -> None:
    uninstall("course_schedules_instructor_qualified", 1)
