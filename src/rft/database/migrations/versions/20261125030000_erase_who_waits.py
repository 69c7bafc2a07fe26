"""Installs version 2 of the rule file erasures_take_effect: who is erased waits for nothing any more."""

from rft.database.rules import install, uninstall

revision = "20261125030000"
down_revision = "20261125010000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("erasures_take_effect", 2)


def downgrade() -> None:
    uninstall("erasures_take_effect", 2)
