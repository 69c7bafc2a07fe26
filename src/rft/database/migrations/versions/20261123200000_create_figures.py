"""Creates the sums that reports read: money, bookings, occupancy and customers by day or month."""

from alembic import op

revision = "20261123200000"
down_revision = "20261123190400"
branch_labels = None
depends_on = None

UP = """
-- All of it is derived and kept by triggers (rule file figures_kept); days are London's, instructor 0 is nobody yet.
-- A shard is one of sixteen rows that stand for one sum, so that those who write at once do not wait for each other.
CREATE TABLE revenue_days (
    day DATE NOT NULL,
    course_id INTEGER NOT NULL,
    venue_id INTEGER NOT NULL,
    instructor_id INTEGER NOT NULL,
    received DECIMAL(14,2) NOT NULL,
    returned DECIMAL(14,2) NOT NULL,
    payments INTEGER NOT NULL,
    refunds INTEGER NOT NULL,

    CONSTRAINT revenue_days_pkey PRIMARY KEY (day, course_id, venue_id, instructor_id)
) WITH (fillfactor = 70);

CREATE TABLE revenue_months (
    month DATE NOT NULL,
    course_id INTEGER NOT NULL,
    venue_id INTEGER NOT NULL,
    instructor_id INTEGER NOT NULL,
    received DECIMAL(14,2) NOT NULL,
    returned DECIMAL(14,2) NOT NULL,
    payments INTEGER NOT NULL,
    refunds INTEGER NOT NULL,

    CONSTRAINT revenue_months_pkey PRIMARY KEY (month, course_id, venue_id, instructor_id)
) WITH (fillfactor = 70);

-- What became of bookings: made (was is empty) or gone from one status to another. lead: how long before
-- the date it was made, as that stood then, in brackets of days.
CREATE TABLE booking_days (
    day DATE NOT NULL,
    was TEXT NOT NULL,
    became TEXT NOT NULL,
    lead INTEGER NOT NULL,
    shard SMALLINT NOT NULL,
    bookings INTEGER NOT NULL,

    CONSTRAINT booking_days_pkey PRIMARY KEY (day, was, became, lead, shard)
) WITH (fillfactor = 50);

CREATE TABLE occupancy_months (
    month DATE NOT NULL,
    course_id INTEGER NOT NULL,
    venue_id INTEGER NOT NULL,
    instructor_id INTEGER NOT NULL,
    shard SMALLINT NOT NULL,
    dates INTEGER NOT NULL,
    seats INTEGER NOT NULL,
    taken INTEGER NOT NULL,

    CONSTRAINT occupancy_months_pkey PRIMARY KEY (month, course_id, venue_id, instructor_id, shard)
) WITH (fillfactor = 50);

-- Somebody is a customer from the first payment on.
CREATE TABLE customer_figures (
    user_id INTEGER NOT NULL REFERENCES users(id),
    first_day DATE NOT NULL,
    received_first_day DECIMAL(14,2) NOT NULL,
    came_back BOOLEAN NOT NULL,
    received DECIMAL(14,2) NOT NULL,
    returned DECIMAL(14,2) NOT NULL,

    CONSTRAINT customer_figures_pkey PRIMARY KEY (user_id)
) WITH (fillfactor = 80);

-- The customers whose first payment came on a day, and what they have paid since.
CREATE TABLE customer_days (
    day DATE NOT NULL,
    shard SMALLINT NOT NULL,
    customers INTEGER NOT NULL,
    came_back INTEGER NOT NULL,
    received_first_day DECIMAL(14,2) NOT NULL,
    received DECIMAL(14,2) NOT NULL,
    returned DECIMAL(14,2) NOT NULL,

    CONSTRAINT customer_days_pkey PRIMARY KEY (day, shard)
) WITH (fillfactor = 50);
"""

DOWN = """
DROP TABLE customer_days; DROP TABLE customer_figures; DROP TABLE occupancy_months; DROP TABLE booking_days;
DROP TABLE revenue_months; DROP TABLE revenue_days;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
