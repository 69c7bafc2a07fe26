"""Writes down on each order how its price came about: list price, price agreed, what was taken off and why, VAT rate."""

from alembic import op

from rft.database.rules import install, uninstall

revision = "20261123110100"
down_revision = "20261123110000"
branch_labels = None
depends_on = None

# NULL in unit_price: placed before this was written down. Columns of orders and not a table beside it: an order stays one row to write.
UP = """
ALTER TABLE orders
    ADD COLUMN list_price DECIMAL(10,2),
    ADD COLUMN unit_price DECIMAL(10,2),
    ADD COLUMN unit_discount DECIMAL(10,2),
    ADD COLUMN price_reason TEXT,
    ADD COLUMN discount_reason TEXT,
    ADD COLUMN vat_rate DECIMAL(5,2),
    ADD COLUMN offer_id INTEGER REFERENCES offers(id),
    ADD CONSTRAINT orders_price_adds_up CHECK (total = (unit_price - unit_discount) * seats),
    ADD CONSTRAINT orders_price_explained CHECK (
        CASE WHEN unit_price IS NULL
             THEN num_nonnulls(list_price, unit_discount, price_reason, discount_reason, vat_rate, offer_id) = 0
             ELSE num_nulls(list_price, unit_discount) = 0 AND list_price BETWEEN 0 AND 99999999.99
                  AND unit_discount BETWEEN 0 AND unit_price AND (unit_discount > 0) = (discount_reason IS NOT NULL)
                  AND (unit_price <> list_price) <= (price_reason IS NOT NULL)
                  AND (vat_rate IS NOT NULL OR vat = 0)
        END
    );
CREATE INDEX orders_by_offer ON orders (offer_id) WHERE offer_id IS NOT NULL;
"""

DOWN = """
DROP INDEX orders_by_offer;
ALTER TABLE orders
    DROP CONSTRAINT orders_price_explained, DROP CONSTRAINT orders_price_adds_up,
    DROP COLUMN offer_id, DROP COLUMN vat_rate, DROP COLUMN discount_reason, DROP COLUMN price_reason,
    DROP COLUMN unit_discount, DROP COLUMN unit_price, DROP COLUMN list_price;
"""


def upgrade() -> None:
    op.execute(UP)
    install("orders_price_frozen", 1)


def downgrade() -> None:
    uninstall("orders_price_frozen", 1)
    op.execute(DOWN)
