"""Installs version 1 of the rule file bookings_confirmed_only_when_paid."""

from rft.database.rules import install, uninstall

revision = "20261122092400"
down_revision = "20261122092300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("bookings_confirmed_only_when_paid", 1)


def downgrade() -> None:
    uninstall("bookings_confirmed_only_when_paid", 1)
