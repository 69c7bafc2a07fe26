"""Installs version 1 of the rule file registers_begun_in_time."""

from rft.database.rules import install, uninstall

revision = "20261125080000"
down_revision = "20261125070200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("registers_begun_in_time", 1)


def downgrade() -> None:
    uninstall("registers_begun_in_time", 1)
