"""Installs version 2 of the rule file bookings_completed_when_attended: a cancelled place makes nothing up."""

from rft.database.rules import install, uninstall

revision = "20261125060200"
down_revision = "20261125060100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("bookings_completed_when_attended", 2)


def downgrade() -> None:
    uninstall("bookings_completed_when_attended", 2)
