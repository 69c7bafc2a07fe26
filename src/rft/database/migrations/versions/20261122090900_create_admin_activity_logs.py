"""Creates admin_activity_logs: who in the office did what."""

from alembic import op

revision = "20261122090900"
down_revision = "20261122090800"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE admin_activity_logs (
    id SERIAL PRIMARY KEY,
    admin_id INTEGER NOT NULL REFERENCES users(id),
    action VARCHAR(100) NOT NULL,
    entity_type VARCHAR(50),
    entity_id INTEGER,
    old_values JSONB,
    new_values JSONB,
    ip_address INET,
    user_agent TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT admin_activity_logs_defaults_present CHECK (created_at IS NOT NULL)
);

CREATE INDEX idx_activity_admin ON admin_activity_logs(admin_id);
CREATE INDEX idx_activity_action ON admin_activity_logs(action);
CREATE INDEX idx_activity_entity ON admin_activity_logs(entity_type, entity_id);
CREATE INDEX idx_activity_created ON admin_activity_logs(created_at);
"""

DOWN = """
DROP TABLE admin_activity_logs
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
