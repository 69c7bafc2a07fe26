"""Installs version 1 of the rule file bookings_discount_valid."""

from rft.database.rules import install, uninstall

revision = "20261122092300"
down_revision = "20261122092200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("bookings_discount_valid", 1)


def downgrade() -> None:
    uninstall("bookings_discount_valid", 1)
