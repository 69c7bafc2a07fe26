"""Installs version 1 of the rule file bookings_within_capacity."""

from rft.database.rules import install, uninstall

revision = "20261122092000"
down_revision = "20261122091900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("bookings_within_capacity", 1)


def downgrade() -> None:
    uninstall("bookings_within_capacity", 1)
