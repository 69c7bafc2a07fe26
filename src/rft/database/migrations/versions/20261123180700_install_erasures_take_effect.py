"""Installs version 1 of the rule file erasures_take_effect."""

from rft.database.rules import install, uninstall

revision = "20261123180700"
down_revision = "20261123180600"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("erasures_take_effect", 1)


def downgrade() -> None:
    uninstall("erasures_take_effect", 1)
