"""Installs version 1 of the rule file sessions_end_with_rights."""

from rft.database.rules import install, uninstall

revision = "20261123190100"
down_revision = "20261123190000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("sessions_end_with_rights", 1)


def downgrade() -> None:
    uninstall("sessions_end_with_rights", 1)
