"""Creates bank_statements, their lines (kept as the bank wrote them), and what became of each line."""

from alembic import op

revision = "20261123120400"
down_revision = "20261123120300"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE bank_statements (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_name TEXT NOT NULL,
    format TEXT NOT NULL,
    lines INTEGER NOT NULL,
    new_lines INTEGER NOT NULL,
    imported_by INTEGER NOT NULL REFERENCES users(id),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT bank_statements_format_known CHECK (format IN ('csv', 'camt053')),
    CONSTRAINT bank_statements_lines_logical CHECK (new_lines >= 0 AND new_lines <= lines)
);

CREATE TABLE bank_lines (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_id BIGINT NOT NULL REFERENCES bank_statements(id),
    -- What the line says, and which one it is among those that say the same: a file read twice finds its lines again.
    content_hash BYTEA NOT NULL,
    ordinal INTEGER NOT NULL,
    booked_on DATE NOT NULL,
    -- Below nothing where money went out.
    amount DECIMAL(12,2) NOT NULL,
    counterparty TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',

    CONSTRAINT bank_lines_content_once UNIQUE (content_hash, ordinal),
    CONSTRAINT bank_lines_amount_reasonable CHECK (amount <> 0 AND abs(amount) < 10000000000)
);
CREATE INDEX bank_lines_by_statement ON bank_lines (statement_id);

CREATE TABLE bank_matches (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    line_id BIGINT NOT NULL REFERENCES bank_lines(id),
    order_id BIGINT NOT NULL REFERENCES orders(id),
    amount DECIMAL(10,2) NOT NULL,
    matched_by INTEGER NOT NULL REFERENCES users(id),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT bank_matches_amount_positive CHECK (amount > 0 AND amount < 100000000)
);
CREATE INDEX bank_matches_by_line ON bank_matches (line_id);
CREATE INDEX bank_matches_by_order ON bank_matches (order_id);

CREATE TABLE bank_lines_set_aside (
    line_id BIGINT PRIMARY KEY REFERENCES bank_lines(id),
    reason TEXT NOT NULL,
    set_aside_by INTEGER NOT NULL REFERENCES users(id),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT bank_lines_set_aside_reason_present CHECK (btrim(reason) <> '')
);
"""

DOWN = """
DROP TABLE bank_lines_set_aside; DROP TABLE bank_matches; DROP TABLE bank_lines; DROP TABLE bank_statements;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
