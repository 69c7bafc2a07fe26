"""Creates organisations (employers that book for their staff), who may book for them, their sites, and which order is whose."""

from alembic import op

revision = "20261123120000"
down_revision = "20261123090300"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE organisations (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference TEXT NOT NULL CONSTRAINT organisations_reference_key UNIQUE,
    name TEXT NOT NULL,
    -- What an invoice is made out to, where that is not the name.
    billing_name TEXT,
    billing_email TEXT,
    billing_address TEXT[] NOT NULL DEFAULT '{}',
    vat_number TEXT,
    accounts_contact TEXT,
    payment_terms_days INTEGER NOT NULL DEFAULT 30,
    credit_limit DECIMAL(10,2) NOT NULL DEFAULT 0,
    is_approved_for_invoice BOOLEAN NOT NULL DEFAULT false,
    reminds_before_due BOOLEAN NOT NULL DEFAULT false,
    notes TEXT NOT NULL DEFAULT '',
    is_active BOOLEAN NOT NULL DEFAULT true,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT organisations_name_present CHECK (btrim(name) <> ''),
    CONSTRAINT organisations_terms_reasonable CHECK (payment_terms_days BETWEEN 0 AND 120),
    CONSTRAINT organisations_limit_not_negative CHECK (credit_limit >= 0 AND credit_limit < 100000000)
);
CREATE INDEX organisations_by_name ON organisations (lower(name), id);

CREATE TABLE organisation_members (
    organisation_id BIGINT NOT NULL REFERENCES organisations(id),
    user_id INTEGER NOT NULL REFERENCES users(id),
    role TEXT NOT NULL DEFAULT 'booker',
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    PRIMARY KEY (organisation_id, user_id),
    CONSTRAINT organisation_members_role_known CHECK (role IN ('booker', 'owner'))
);
CREATE INDEX organisation_members_by_user ON organisation_members (user_id);

CREATE TABLE organisation_sites (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id BIGINT NOT NULL REFERENCES organisations(id),
    name TEXT NOT NULL,
    address TEXT[] NOT NULL DEFAULT '{}',

    CONSTRAINT organisation_sites_name_once UNIQUE (organisation_id, name),
    CONSTRAINT organisation_sites_name_present CHECK (btrim(name) <> '')
);

-- The name on an order is what somebody typed; this is whose account it is on.
CREATE TABLE order_organisations (
    order_id BIGINT PRIMARY KEY REFERENCES orders(id),
    organisation_id BIGINT NOT NULL REFERENCES organisations(id)
);
CREATE INDEX order_organisations_by_organisation ON order_organisations (organisation_id, order_id);

CREATE TRIGGER organisations_written_in_utc BEFORE INSERT OR UPDATE ON organisations
FOR EACH STATEMENT EXECUTE FUNCTION require_utc_session();
CREATE TRIGGER organisations_updated_at BEFORE UPDATE ON organisations
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER organisations_never_deleted BEFORE DELETE ON organisations
FOR EACH ROW EXECUTE FUNCTION refuse_removal();
"""

DOWN = """
DROP TABLE order_organisations; DROP TABLE organisation_sites; DROP TABLE organisation_members; DROP TABLE organisations;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
