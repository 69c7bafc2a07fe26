"""Installs version 2 of the rule file invoices_add_up: a supplementary invoice is over seats that the order's invoice is over."""

from rft.database.rules import install, uninstall

revision = "20261125070100"
down_revision = "20261125070000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("invoices_add_up", 2)


def downgrade() -> None:
    uninstall("invoices_add_up", 2)
