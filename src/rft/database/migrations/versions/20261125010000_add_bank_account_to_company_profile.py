"""Adds to company_profile the bank account to which customers pay what is on invoice; all of it or nothing."""

from alembic import op

revision = "20261125010000"
down_revision = "20261124210100"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE company_profile
    ADD COLUMN bank_account_name TEXT,
    ADD COLUMN bank_sort_code TEXT,
    ADD COLUMN bank_account_number TEXT,
    ADD CONSTRAINT company_profile_bank_account_whole CHECK (num_nulls(bank_account_name, bank_sort_code, bank_account_number) IN (0, 3)),
    ADD CONSTRAINT company_profile_bank_account_british CHECK (
        bank_sort_code ~ '^[0-9]{2}-[0-9]{2}-[0-9]{2}$' AND bank_account_number ~ '^[0-9]{8}$' AND btrim(bank_account_name) <> ''
    );
"""

DOWN = """
ALTER TABLE company_profile
    DROP COLUMN bank_account_name,
    DROP COLUMN bank_sort_code,
    DROP COLUMN bank_account_number;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
