"""Indexes for what the office types: beginnings of names and addresses, a later word of a name, the end of a telephone number."""

from alembic import op

revision = "20261123170300"
down_revision = "20261123170200"
branch_labels = None
depends_on = None

# Trigrams only where a word within the text is looked for: an order is written often, and such an index is the dearer one.
UP = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX orders_by_booker_word ON orders USING gin (lower(booker_name) gin_trgm_ops);
CREATE INDEX orders_by_booker_email ON orders (lower(booker_email) text_pattern_ops);
CREATE INDEX orders_by_organisation_name ON orders (lower(organisation_name) text_pattern_ops) WHERE organisation_name IS NOT NULL;
CREATE INDEX attendees_by_name ON attendees (lower(first_name || ' ' || last_name) text_pattern_ops);
CREATE INDEX attendees_by_last_name ON attendees (lower(last_name) text_pattern_ops);
CREATE INDEX attendees_by_email ON attendees (lower(email) text_pattern_ops) WHERE email IS NOT NULL;
CREATE INDEX users_by_name ON users (lower(first_name || ' ' || last_name) text_pattern_ops);
CREATE INDEX users_by_last_name ON users (lower(last_name) text_pattern_ops);
CREATE INDEX users_by_email_beginning ON users (lower(email) text_pattern_ops);
CREATE INDEX users_by_phone ON users ("right"(regexp_replace(phone, '[^0-9]', '', 'g'), 9)) WHERE phone IS NOT NULL;
"""

DOWN = """
DROP INDEX users_by_phone; DROP INDEX users_by_email_beginning; DROP INDEX users_by_last_name; DROP INDEX users_by_name;
DROP INDEX attendees_by_email; DROP INDEX attendees_by_last_name; DROP INDEX attendees_by_name;
DROP INDEX orders_by_organisation_name; DROP INDEX orders_by_booker_email; DROP INDEX orders_by_booker_word;
DROP EXTENSION pg_trgm;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
