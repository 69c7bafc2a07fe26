"""Installs version 1 of the rule file foundation."""

from rft.database.rules import install, uninstall

revision = "20261122091900"
down_revision = "20261122091800"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("foundation", 1)


def downgrade() -> None:
    uninstall("foundation", 1)
