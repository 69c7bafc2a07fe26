"""Installs what keeps the copy of Stripe's balance and the comparisons as they were."""

from rft.database.rules import install, uninstall

revision = "20261123140100"
down_revision = "20261123140000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("reconciliation_kept", 1)


def downgrade() -> None:
    uninstall("reconciliation_kept", 1)
