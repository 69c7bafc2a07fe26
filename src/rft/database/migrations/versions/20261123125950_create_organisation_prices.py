"""Creates organisation_prices: what an organisation has agreed to pay for a seat of a course, and when; orders say which they had."""

from alembic import op

from rft.database.rules import install, uninstall

revision = "20261123125950"
down_revision = "20261123120500"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE organisation_prices (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id BIGINT NOT NULL REFERENCES organisations(id),
    course_id INTEGER NOT NULL REFERENCES courses(id),
    price DECIMAL(10,2) NOT NULL,
    valid_from DATE NOT NULL,
    -- London days, both ends inclusive; NULL: until somebody ends it.
    valid_until DATE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT organisation_prices_not_negative CHECK (price >= 0 AND price < 100000000),
    CONSTRAINT organisation_prices_dates_logical
        CHECK (coalesce(valid_until >= valid_from, true) AND isfinite(valid_from) AND coalesce(isfinite(valid_until), true)),
    CONSTRAINT organisation_prices_one_at_a_time
        EXCLUDE USING gist (organisation_id WITH =, course_id WITH =, daterange(valid_from, valid_until, '[]') WITH &&)
);

ALTER TABLE orders ADD COLUMN organisation_price_id BIGINT REFERENCES organisation_prices(id);
CREATE INDEX orders_by_organisation_price ON orders (organisation_price_id) WHERE organisation_price_id IS NOT NULL;
"""

DOWN = """
DROP INDEX orders_by_organisation_price;
ALTER TABLE orders DROP COLUMN organisation_price_id;
DROP TABLE organisation_prices;
"""


def upgrade() -> None:
    op.execute(UP)
    install("organisation_prices_terms_frozen", 1)


def downgrade() -> None:
    uninstall("organisation_prices_terms_frozen", 1)
    op.execute(DOWN)
