"""Creates venues: where it is taught."""

from alembic import op

revision = "20261122090300"
down_revision = "20261122090200"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE venues (
    id SERIAL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    address_line1 VARCHAR(255) NOT NULL,
    address_line2 VARCHAR(255),
    city VARCHAR(100) NOT NULL,
    postcode VARCHAR(10) NOT NULL,
    capacity INTEGER NOT NULL,
    facilities JSONB DEFAULT '{}',
    parking_info TEXT,
    is_active BOOLEAN DEFAULT true,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT venues_capacity_positive CHECK (capacity > 0),
    CONSTRAINT venues_defaults_present
        CHECK (facilities IS NOT NULL AND is_active IS NOT NULL AND created_at IS NOT NULL AND updated_at IS NOT NULL)
);

CREATE INDEX idx_venues_city ON venues(city);
CREATE INDEX idx_venues_active ON venues(is_active);
"""

DOWN = """
DROP TABLE venues
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
