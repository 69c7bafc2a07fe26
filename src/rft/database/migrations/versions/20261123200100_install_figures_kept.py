"""Installs version 1 of the rule file figures_kept, and sums up what is there already."""

from rft.database.rules import install, run_script, uninstall

revision = "20261123200100"
down_revision = "20261123200000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install("figures_kept", 1)
    run_script("select rebuild_figures()")


def downgrade() -> None:
    uninstall("figures_kept", 1)
