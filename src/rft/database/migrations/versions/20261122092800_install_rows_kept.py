"""Installs version 1 of the rule file rows_kept."""

from rft.database.rules import install, uninstall

revision = "20261122092800"
down_revision = "20261122092700"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("rows_kept", 1)


def downgrade() -> None:
    uninstall("rows_kept", 1)
