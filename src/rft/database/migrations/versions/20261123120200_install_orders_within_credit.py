"""Installs version 1 of the rule file orders_within_credit."""

from rft.database.rules import install, uninstall

revision = "20261123120200"
down_revision = "20261123120100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("orders_within_credit", 1)


def downgrade() -> None:
    uninstall("orders_within_credit", 1)
