"""Creates invoices (with credit notes), their lines, and the series in which they are numbered."""

from alembic import op

revision = "20261123130000"
down_revision = "20261123125950"
branch_labels = None
depends_on = None

UP = """
-- One row a series and year. Whoever issues touches it: so they take turns until each other's commit.
CREATE TABLE invoice_series (
    series TEXT NOT NULL,
    year INTEGER NOT NULL,

    PRIMARY KEY (series, year)
);

CREATE TABLE invoices (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    -- The next four are given by the database, whatever is written.
    series TEXT NOT NULL,
    year INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    number TEXT NOT NULL,
    order_id BIGINT NOT NULL REFERENCES orders(id),
    -- Of a credit note: the invoice, why, and what caused it (such as `refund 12`), which is credited once.
    credits_id BIGINT REFERENCES invoices(id),
    reason TEXT,
    source TEXT,
    -- London's days.
    issued_on DATE NOT NULL,
    due_on DATE NOT NULL,
    seller_name TEXT NOT NULL,
    seller_address TEXT[] NOT NULL,
    seller_phone TEXT NOT NULL,
    seller_email TEXT NOT NULL,
    vat_number TEXT,
    order_reference TEXT NOT NULL,
    customer_name TEXT NOT NULL,
    customer_email TEXT NOT NULL,
    organisation_name TEXT,
    customer_address TEXT[] NOT NULL DEFAULT '{}',
    purchase_order TEXT,
    line_count INTEGER NOT NULL,
    net DECIMAL(10,2) NOT NULL,
    vat DECIMAL(10,2) NOT NULL,
    total DECIMAL(10,2) NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT invoices_kind_known CHECK (kind IN ('invoice', 'credit_note')),
    CONSTRAINT invoices_number_once UNIQUE (number),
    CONSTRAINT invoices_sequence_once UNIQUE (series, year, sequence),
    CONSTRAINT invoices_source_once UNIQUE (source),
    CONSTRAINT invoices_credit_note_complete CHECK (
        num_nonnulls(credits_id, reason, source) = CASE kind WHEN 'credit_note' THEN 3 ELSE 0 END
    ),
    CONSTRAINT invoices_due_after_issue CHECK (due_on >= issued_on),
    CONSTRAINT invoices_vat_needs_number CHECK (vat = 0 OR vat_number IS NOT NULL),
    CONSTRAINT invoices_total_adds_up CHECK (
        net + vat = total AND net >= 0 AND vat >= 0 AND total < 100000000 AND line_count > 0
    )
);
CREATE UNIQUE INDEX invoices_one_per_order ON invoices (order_id) WHERE kind = 'invoice';
CREATE INDEX invoices_by_order ON invoices (order_id);
CREATE INDEX invoices_by_credited ON invoices (credits_id) WHERE credits_id IS NOT NULL;
CREATE INDEX invoices_by_day ON invoices (issued_on, id);

-- One line a seat. Amounts are positive in a credit note too: its kind says which way they go.
CREATE TABLE invoice_lines (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id BIGINT NOT NULL REFERENCES invoices(id),
    position INTEGER NOT NULL,
    booking_id INTEGER NOT NULL REFERENCES bookings(id),
    credits_line_id BIGINT REFERENCES invoice_lines(id),
    description TEXT NOT NULL,
    price DECIMAL(10,2) NOT NULL,
    discount DECIMAL(10,2) NOT NULL,
    -- In percent; NULL: the company was not registered for VAT.
    vat_rate DECIMAL(5,2),
    net DECIMAL(10,2) NOT NULL,
    vat DECIMAL(10,2) NOT NULL,
    total DECIMAL(10,2) NOT NULL,

    CONSTRAINT invoice_lines_position_once UNIQUE (invoice_id, position),
    CONSTRAINT invoice_lines_seat_once UNIQUE (invoice_id, booking_id),
    CONSTRAINT invoice_lines_add_up CHECK (
        price - discount = total AND net + vat = total AND net >= 0 AND vat >= 0 AND discount >= 0 AND price < 100000000
    ),
    -- Rounded over the whole document, so that its lines add up to the VAT of its total: a line may be a penny off, a part credited two.
    CONSTRAINT invoice_lines_vat_at_rate CHECK (
        abs(vat - coalesce(round(total * vat_rate / (100 + vat_rate), 2), 0)) <= 0.02 AND coalesce(vat_rate, 0) BETWEEN 0 AND 100
    )
);
CREATE INDEX invoice_lines_by_booking ON invoice_lines (booking_id);
CREATE INDEX invoice_lines_by_credited ON invoice_lines (credits_line_id) WHERE credits_line_id IS NOT NULL;
"""

DOWN = """
DROP TABLE invoice_lines; DROP TABLE invoices; DROP TABLE invoice_series;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
