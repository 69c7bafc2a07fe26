"""Installs version 1 of the rule file changes_kept."""

from rft.database.rules import install, uninstall

revision = "20261123100100"
down_revision = "20261123100000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("changes_kept", 1)


def downgrade() -> None:
    uninstall("changes_kept", 1)
