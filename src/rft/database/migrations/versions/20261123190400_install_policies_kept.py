"""Installs version 1 of the rule file policies_kept."""

from rft.database.rules import install, uninstall

revision = "20261123190400"
down_revision = "20261123190300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("policies_kept", 1)


def downgrade() -> None:
    uninstall("policies_kept", 1)
