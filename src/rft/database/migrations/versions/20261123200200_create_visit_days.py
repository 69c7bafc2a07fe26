"""Creates visit_days: what is left of the visits to the site when the events themselves are deleted."""

from alembic import op

revision = "20261123200200"
down_revision = "20261123200100"
branch_labels = None
depends_on = None

UP = """
-- facet: all, page, source, device, browser, search, or step of the funnel; value: which of them. A visit counts once in each row.
CREATE TABLE visit_days (
    day DATE NOT NULL,
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    visits INTEGER NOT NULL,
    events INTEGER NOT NULL,

    CONSTRAINT visit_days_pkey PRIMARY KEY (day, facet, value),
    CONSTRAINT visit_days_facet_known CHECK (facet IN ('all', 'page', 'source', 'device', 'browser', 'search', 'step'))
);
"""

DOWN = """
DROP TABLE visit_days
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
