"""Installs version 1 of the rule file venues_open_when_used."""

from rft.database.rules import install, uninstall

revision = "20261123180200"
down_revision = "20261123180100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("venues_open_when_used", 1)


def downgrade() -> None:
    uninstall("venues_open_when_used", 1)
