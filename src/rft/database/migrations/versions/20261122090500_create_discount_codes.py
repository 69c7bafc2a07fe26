"""Creates discount_codes, before the bookings that refer to them."""

from alembic import op

revision = "20261122090500"
down_revision = "20261122090400"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE discount_codes (
    id SERIAL PRIMARY KEY,
    code VARCHAR(50) UNIQUE NOT NULL,
    description TEXT,
    discount_type VARCHAR(20) NOT NULL CHECK (discount_type IN ('percentage', 'fixed')),
    discount_value DECIMAL(10,2) NOT NULL,
    min_purchase_amount DECIMAL(10,2),
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    usage_limit INTEGER,
    times_used INTEGER DEFAULT 0,
    course_type_restriction VARCHAR(50),
    is_active BOOLEAN DEFAULT true,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT discount_codes_value_reasonable CHECK (
        discount_value > 0 AND discount_value < 100000000 AND (discount_type <> 'percentage' OR discount_value <= 100)
    ),
    CONSTRAINT discount_codes_minimum_not_negative CHECK (min_purchase_amount >= 0 AND min_purchase_amount < 100000000),
    CONSTRAINT discount_codes_dates_logical
        CHECK (valid_until >= valid_from AND isfinite(valid_from) AND isfinite(valid_until)),
    CONSTRAINT discount_codes_limit_covers_uses CHECK (usage_limit >= 0 AND times_used <= usage_limit),
    CONSTRAINT discount_codes_uses_not_negative CHECK (times_used >= 0),
    CONSTRAINT discount_codes_restriction_known CHECK (course_type_restriction IN ('EFAW', 'FAW', 'Paediatric')),
    CONSTRAINT discount_codes_defaults_present
        CHECK (times_used IS NOT NULL AND is_active IS NOT NULL AND created_at IS NOT NULL AND updated_at IS NOT NULL)
);

CREATE INDEX idx_discounts_code ON discount_codes(code);
CREATE INDEX idx_discounts_active ON discount_codes(is_active);
CREATE INDEX idx_discounts_validity ON discount_codes(valid_from, valid_until);

CREATE UNIQUE INDEX discount_codes_code_unique_whatever_case ON discount_codes (upper(code));
"""

DOWN = """
DROP TABLE discount_codes
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
