"""Asks the register and the payment again for every certificate, the second and the corrected one too."""

from rft.database.rules import install, uninstall

revision = "20261125040200"
down_revision = "20261125040100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("certificates_frozen", 2)


def downgrade() -> None:
    uninstall("certificates_frozen", 2)
