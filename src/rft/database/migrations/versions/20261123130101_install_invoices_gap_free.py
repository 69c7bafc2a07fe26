"""Installs version 1 of the rule file invoices_gap_free."""

from rft.database.rules import install, uninstall

revision = "20261123130101"
down_revision = "20261123130000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("invoices_gap_free", 1)


def downgrade() -> None:
    uninstall("invoices_gap_free", 1)
