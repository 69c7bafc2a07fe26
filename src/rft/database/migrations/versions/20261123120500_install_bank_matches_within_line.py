"""Installs version 1 of the rule file bank_matches_within_line."""

from rft.database.rules import install, uninstall

revision = "20261123120500"
down_revision = "20261123120400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("bank_matches_within_line", 1)


def downgrade() -> None:
    uninstall("bank_matches_within_line", 1)
