"""Installs version 1 of the rule file evidence_kept."""

from rft.database.rules import install, uninstall

revision = "20261124010400"
down_revision = "20261124010300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("evidence_kept", 1)


def downgrade() -> None:
    uninstall("evidence_kept", 1)
