"""Installs version 1 of the rule file course_schedules_no_venue_overlap."""

from rft.database.rules import install, uninstall

revision = "20261122092100"
down_revision = "20261122092000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("course_schedules_no_venue_overlap", 1)


def downgrade() -> None:
    uninstall("course_schedules_no_venue_overlap", 1)
