"""Installs version 1 of the rule file certificates_frozen."""

from rft.database.rules import install, uninstall

revision = "20261124000100"
down_revision = "20261124000000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("certificates_frozen", 1)


def downgrade() -> None:
    uninstall("certificates_frozen", 1)
