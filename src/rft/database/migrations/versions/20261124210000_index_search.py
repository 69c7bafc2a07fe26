"""Indexes for the office's search: trigrams of whatever somebody may say on the telephone."""

from alembic import op

revision = "20261124210000"
down_revision = "20261124010400"
branch_labels = None
depends_on = None

# Whatever is looked for is compared in one form: small letters without accents. search/*.sql repeat these expressions, and a test
# has each statement use its index. A short pending list keeps a booking from paying for a thousand others' trigrams at once.
UP = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Most texts have no accents, and taking them off costs ten times the rest.
CREATE FUNCTION search_key(said TEXT) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(said) = length(said) THEN
        RETURN lower(said);
    END IF;
    RETURN lower(regexp_replace(normalize(said, NFD), '[\\u0300-\\u036f]', '', 'g'));
END $$;

CREATE FUNCTION search_digits(said TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(coalesce(said, ''), '[^0-9]', '', 'g');

CREATE FUNCTION search_lines(said TEXT[]) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_string(said, ' ');

CREATE INDEX users_search ON users USING gin (search_key(
    coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || email || ' ' || search_digits(phone)) gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);
CREATE INDEX orders_search ON orders USING gin (search_key(
    reference || ' ' || booker_name || ' ' || booker_email || ' ' || search_digits(booker_phone) || ' '
    || coalesce(organisation_name, '') || ' ' || coalesce(purchase_order, '')) gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);
CREATE INDEX attendees_search ON attendees USING gin (search_key(first_name || ' ' || last_name || ' ' || coalesce(email, '')) gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);
CREATE INDEX organisations_search ON organisations USING gin (search_key(
    name || ' ' || reference || ' ' || coalesce(billing_name, '') || ' ' || coalesce(billing_email, '') || ' '
    || coalesce(accounts_contact, '') || ' ' || search_lines(billing_address)) gin_trgm_ops);
CREATE INDEX certificates_search ON certificates USING gin (search_key(number || ' ' || holder) gin_trgm_ops);
CREATE INDEX invoices_search ON invoices USING gin (search_key(
    number || ' ' || customer_name || ' ' || coalesce(organisation_name, '') || ' ' || coalesce(purchase_order, '') || ' '
    || order_reference) gin_trgm_ops);
"""

DOWN = """
DROP INDEX invoices_search; DROP INDEX certificates_search; DROP INDEX organisations_search; DROP INDEX attendees_search;
DROP INDEX orders_search; DROP INDEX users_search;
DROP FUNCTION search_lines; DROP FUNCTION search_digits; DROP FUNCTION search_key;
-- Other indexes may stand on it.
DO $$ BEGIN DROP EXTENSION pg_trgm; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
