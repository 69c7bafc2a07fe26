"""Creates company_profile (one row), cancellation_policies (versioned, never edited) and offers, with their first rows."""

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
VALUES ('React Fast Training', '01632 960123', 'office@reactfasttraining.example',
        '{"The Training Rooms","12 Wharf Street","Leeds LS2 7EQ"}');

CREATE TABLE cancellation_policies (
    version TEXT PRIMARY KEY,
    in_force_from DATE NOT NULL UNIQUE,
    -- Highest first: from so many London days before the first session this percentage goes back, less an amount. Under the last: nothing.
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

-- Given to every order that fits, without a code. The better of an offer and a code applies; they do not add up.
CREATE TABLE offers (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    at_least_seats INTEGER NOT NULL,
    percent DECIMAL(5,2) NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT offers_percent_reasonable CHECK (percent > 0 AND percent <= 100),
    CONSTRAINT offers_seats_positive CHECK (at_least_seats > 0)
);
INSERT INTO offers (name, at_least_seats, percent) VALUES ('Five seats or more', 5, 10);
"""

DOWN = """
DROP TABLE offers;
DROP TABLE cancellation_policies;
DROP TABLE company_profile;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
