"""Lets a made-up day count when it is over and was the same person's; finds one booking's marks without reading all."""

from rft.database.rules import install, uninstall

revision = "20261125040100"
down_revision = "20261125040000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("bookings_completed_when_attended", 2)


def downgrade() -> None:
    uninstall("bookings_completed_when_attended", 2)
