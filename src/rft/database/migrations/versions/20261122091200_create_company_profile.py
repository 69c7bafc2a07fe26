"""Creates company_profile (one row) and cancellation_policies (versioned, never edited), with their first rows."""

from alembic import op

revision = "20261122091200"
down_revision = "20261122091100"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE company_profile (
    singleton BOOLEAN PRIMARY KEY DEFAULT true CHECK (singleton),
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT NOT NULL,
    address_lines TEXT[] NOT NULL,
    -- Prices include VAT at this rate in percent; NULL: the company is not registered.
    vat_rate DECIMAL(5,2),
    vat_number TEXT,

    CONSTRAINT company_profile_vat_logical CHECK ((vat_rate IS NULL) = (vat_number IS NULL) AND vat_rate BETWEEN 0 AND 100)
);
INSERT INTO company_profile (name, phone, email, address_lines)
VALUES ('React Fast Training', '01234 567890', 'office@reactfasttraining.example', '{The Training Rooms,Leeds}');

CREATE TABLE cancellation_policies (
    version TEXT PRIMARY KEY,
    in_force_from DATE NOT NULL UNIQUE,
    -- [{"at_least_days": 31, "percent": 100, "less": "10.00"}, ...], highest first; under the last tier nothing is returned.
    tiers JSONB NOT NULL,
    minimum_age INTEGER NOT NULL,
    late_after_minutes INTEGER NOT NULL
);
INSERT INTO cancellation_policies VALUES (
    '1', '2020-01-01',
    '[{"at_least_days": 31, "percent": "100", "less": "10.00"},
      {"at_least_days": 15, "percent": "50", "less": "0.00"},
      {"at_least_days": 7, "percent": "25", "less": "0.00"}]',
    16, 15
);
"""

DOWN = """
DROP TABLE cancellation_policies;
DROP TABLE company_profile;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
