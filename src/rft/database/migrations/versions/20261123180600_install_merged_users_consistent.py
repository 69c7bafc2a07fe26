"""Installs version 1 of the rule file merged_users_consistent."""

from rft.database.rules import install, uninstall

revision = "20261123180600"
down_revision = "20261123180500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("merged_users_consistent", 1)


def downgrade() -> None:
    uninstall("merged_users_consistent", 1)
