"""Creates analytics_events: what visitors who agreed did on the site."""

from alembic import op

revision = "20261122090800"
down_revision = "20261122090700"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE analytics_events (
    id SERIAL PRIMARY KEY,
    event_type VARCHAR(50) NOT NULL,
    user_id INTEGER REFERENCES users(id),
    session_id VARCHAR(100),
    page_url TEXT,
    referrer_url TEXT,
    event_data JSONB DEFAULT '{}',
    ip_address INET,
    user_agent TEXT,
    device_type VARCHAR(20),
    browser VARCHAR(50),
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT analytics_events_defaults_present CHECK (event_data IS NOT NULL AND created_at IS NOT NULL)
);

CREATE INDEX idx_analytics_type ON analytics_events(event_type);
CREATE INDEX idx_analytics_user ON analytics_events(user_id);
CREATE INDEX idx_analytics_session ON analytics_events(session_id);
CREATE INDEX idx_analytics_created ON analytics_events(created_at);
CREATE INDEX idx_analytics_page ON analytics_events(page_url);
"""

DOWN = """
DROP TABLE analytics_events
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
