"""Installs version 1 of the rule file invoices_add_up."""

from rft.database.rules import install, uninstall

revision = "20261123130102"
down_revision = "20261123130101"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("invoices_add_up", 1)


def downgrade() -> None:
    uninstall("invoices_add_up", 1)
