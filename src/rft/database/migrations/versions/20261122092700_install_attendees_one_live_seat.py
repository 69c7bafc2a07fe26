"""Installs version 1 of the rule file attendees_one_live_seat."""

from rft.database.rules import install, uninstall

revision = "20261122092700"
down_revision = "20261122092600"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("attendees_one_live_seat", 1)


def downgrade() -> None:
    uninstall("attendees_one_live_seat", 1)
