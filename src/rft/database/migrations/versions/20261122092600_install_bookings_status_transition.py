"""Installs version 1 of the rule file bookings_status_transition."""

from rft.database.rules import install, uninstall

revision = "20261122092600"
down_revision = "20261122092500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("bookings_status_transition", 1)


def downgrade() -> None:
    uninstall("bookings_status_transition", 1)
