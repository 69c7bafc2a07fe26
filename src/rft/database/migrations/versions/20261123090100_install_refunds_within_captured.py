"""Installs version 1 of the rule file refunds_within_captured."""

from rft.database.rules import install, uninstall

revision = "20261123090100"
down_revision = "20261123090000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("refunds_within_captured", 1)


def downgrade() -> None:
    uninstall("refunds_within_captured", 1)
