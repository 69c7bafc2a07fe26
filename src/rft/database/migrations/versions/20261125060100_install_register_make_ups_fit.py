"""Installs version 1 of the rule file register_make_ups_fit."""

from rft.database.rules import install, uninstall

revision = "20261125060100"
down_revision = "20261125060000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("register_make_ups_fit", 1)


def downgrade() -> None:
    uninstall("register_make_ups_fit", 1)
