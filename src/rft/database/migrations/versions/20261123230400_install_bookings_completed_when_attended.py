"""Installs version 1 of the rule file bookings_completed_when_attended."""

from rft.database.rules import install, uninstall

revision = "20261123230400"
down_revision = "20261123230300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("bookings_completed_when_attended", 1)


def downgrade() -> None:
    uninstall("bookings_completed_when_attended", 1)
