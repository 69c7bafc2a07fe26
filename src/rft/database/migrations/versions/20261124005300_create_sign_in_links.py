"""Creates sign_in_links (a link by mail that signs somebody in once) and consents (what an account said yes and no to, and when)."""

from alembic import op

revision = "20261124005300"
down_revision = "20261124005200"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE sign_in_links (
    token_hash BYTEA PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX sign_in_links_by_user ON sign_in_links (user_id);

-- The newest row of a purpose counts; those before it say what held until then.
CREATE TABLE consents (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    purpose TEXT NOT NULL,
    is_given BOOLEAN NOT NULL,
    said_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT consents_purpose_known CHECK (purpose IN ('marketing', 'reminders'))
);
CREATE INDEX consents_newest_first ON consents (user_id, purpose, id DESC);
CREATE TRIGGER consents_append_only BEFORE UPDATE ON consents FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

DOWN = """
DROP TABLE consents; DROP TABLE sign_in_links;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
