"""Installs version 1 of the rule file users_one_admin_left."""

from rft.database.rules import install, uninstall

revision = "20261123180500"
down_revision = "20261123180400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("users_one_admin_left", 1)


def downgrade() -> None:
    uninstall("users_one_admin_left", 1)
