"""Installs version 1 of the rule file register_marks_kept."""

from rft.database.rules import install, uninstall

revision = "20261123230300"
down_revision = "20261123230200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("register_marks_kept", 1)


def downgrade() -> None:
    uninstall("register_marks_kept", 1)
