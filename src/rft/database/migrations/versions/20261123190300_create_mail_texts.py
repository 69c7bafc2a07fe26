"""Creates mail_texts: what the office wants to say in a kind of mail, every version kept."""

from alembic import op

revision = "20261123190300"
down_revision = "20261123190200"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE mail_texts (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email_type TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- Empty: the mail's own. Words in braces, such as {name}, are replaced; nothing else in it means anything.
    subject TEXT NOT NULL,
    introduction TEXT NOT NULL,
    created_by INTEGER NOT NULL REFERENCES users(id),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT mail_texts_one_of_a_version UNIQUE (email_type, version),
    CONSTRAINT mail_texts_not_too_long CHECK (length(subject) <= 150 AND length(introduction) <= 2000)
);
"""

DOWN = """
DROP TABLE mail_texts;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
