"""Installs version 1 of the rule file attendee_details_old_enough."""

from rft.database.rules import install, uninstall

revision = "20261124005100"
down_revision = "20261124005000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("attendee_details_old_enough", 1)


def downgrade() -> None:
    uninstall("attendee_details_old_enough", 1)
