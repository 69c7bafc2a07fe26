"""Installs version 1 of the rule file invoices_kept."""

from rft.database.rules import install, uninstall

revision = "20261123130104"
down_revision = "20261123130103"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("invoices_kept", 1)


def downgrade() -> None:
    uninstall("invoices_kept", 1)
