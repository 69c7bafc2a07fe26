"""Installs version 1 of the rule file feedback_kept."""

from rft.database.rules import install, uninstall

revision = "20261124010200"
down_revision = "20261124010100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("feedback_kept", 1)


def downgrade() -> None:
    uninstall("feedback_kept", 1)
