"""Lets an offer be an early bird, an amount, for one course, for some weeks; its terms stay once it is made."""

from alembic import op

from rft.database.rules import install, uninstall

revision = "20261123110000"
down_revision = "20261123100100"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE offers
    ALTER COLUMN at_least_seats SET DEFAULT 1,
    ALTER COLUMN percent DROP NOT NULL,
    ADD COLUMN kind TEXT NOT NULL DEFAULT 'seats',
    -- London days from the day of booking to the first day of the course.
    ADD COLUMN days_ahead INTEGER,
    -- Off each seat, never more than it costs.
    ADD COLUMN amount DECIMAL(10,2),
    ADD COLUMN course_id INTEGER REFERENCES courses(id),
    ADD COLUMN valid_from DATE,
    ADD COLUMN valid_until DATE,
    ADD COLUMN created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ADD CONSTRAINT offers_kind_known CHECK (kind IN ('seats', 'early_bird')),
    ADD CONSTRAINT offers_days_of_early_birds CHECK ((kind = 'early_bird') = (days_ahead IS NOT NULL) AND days_ahead BETWEEN 1 AND 730),
    ADD CONSTRAINT offers_percent_or_amount CHECK ((percent IS NULL) <> (amount IS NULL)),
    ADD CONSTRAINT offers_amount_reasonable CHECK (amount > 0 AND amount < 100000000),
    ADD CONSTRAINT offers_dates_logical CHECK (valid_until >= valid_from),
    ADD CONSTRAINT offers_dates_finite CHECK (isfinite(valid_from) AND isfinite(valid_until));
"""

# What the narrower table cannot say is taken out of it: an offer that lost its condition would be given to everybody.
DOWN = """
DELETE FROM offers
 WHERE kind <> 'seats' OR percent IS NULL OR course_id IS NOT NULL OR valid_from IS NOT NULL OR valid_until IS NOT NULL;
ALTER TABLE offers
    DROP CONSTRAINT offers_dates_finite, DROP CONSTRAINT offers_dates_logical, DROP CONSTRAINT offers_amount_reasonable,
    DROP CONSTRAINT offers_percent_or_amount, DROP CONSTRAINT offers_days_of_early_birds, DROP CONSTRAINT offers_kind_known,
    DROP COLUMN created_at, DROP COLUMN valid_until, DROP COLUMN valid_from, DROP COLUMN course_id, DROP COLUMN amount,
    DROP COLUMN days_ahead, DROP COLUMN kind,
    ALTER COLUMN percent SET NOT NULL,
    ALTER COLUMN at_least_seats DROP DEFAULT;
"""


def upgrade() -> None:
    op.execute(UP)
    install("offers_terms_frozen", 1)


def downgrade() -> None:
    uninstall("offers_terms_frozen", 1)
    op.execute(DOWN)
