"""Installs version 1 of the rule file course_schedules_consistent."""

from rft.database.rules import install, uninstall

revision = "20261122092200"
down_revision = "20261122092100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("course_schedules_consistent", 1)


def downgrade() -> None:
    uninstall("course_schedules_consistent", 1)
