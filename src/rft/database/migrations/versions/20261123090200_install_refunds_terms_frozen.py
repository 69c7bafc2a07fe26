"""Installs version 1 of the rule file refunds_terms_frozen."""

from rft.database.rules import install, uninstall

revision = "20261123090200"
down_revision = "20261123090100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("refunds_terms_frozen", 1)


def downgrade() -> None:
    uninstall("refunds_terms_frozen", 1)
