"""Installs version 1 of the rule file attendee_links_follow_the_person."""

from rft.database.rules import install, uninstall

revision = "20261124005200"
down_revision = "20261124005100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("attendee_links_follow_the_person", 1)


def downgrade() -> None:
    uninstall("attendee_links_follow_the_person", 1)
