"""Installs version 1 of the rule file invoices_credit_within_invoice."""

from rft.database.rules import install, uninstall

revision = "20261123130103"
down_revision = "20261123130102"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("invoices_credit_within_invoice", 1)


def downgrade() -> None:
    uninstall("invoices_credit_within_invoice", 1)
