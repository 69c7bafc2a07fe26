"""Installs version 1 of the rule file bookings_certificate_after_completion."""

from rft.database.rules import install, uninstall

revision = "20261122092500"
down_revision = "20261122092400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("bookings_certificate_after_completion", 1)


def downgrade() -> None:
    uninstall("bookings_certificate_after_completion", 1)
