"""Creates order_sources: which orders the office took on the telephone, and which came from the waiting list."""

from alembic import op

revision = "20261123170100"
down_revision = "20261123170000"
branch_labels = None
depends_on = None

# Beside the orders, not in them: an order without a row came from the site or from a program, as nearly all do.
UP = """
CREATE TABLE order_sources (
    order_id BIGINT PRIMARY KEY REFERENCES orders(id),
    source TEXT NOT NULL CONSTRAINT order_sources_source_known CHECK (source IN ('phone', 'waiting_list')),
    taken_by INTEGER REFERENCES users(id)
);
CREATE INDEX order_sources_by_source ON order_sources (source, order_id);
"""

DOWN = """
DROP TABLE order_sources
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
