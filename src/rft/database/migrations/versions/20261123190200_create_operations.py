"""Creates what running the system needs: whether this copy may write to the world, and which backups were made."""

from alembic import op

revision = "20261123190200"
down_revision = "20261123190100"
branch_labels = None
depends_on = None

UP = """
-- One row. A restored copy is disarmed: until somebody arms it, it sends no mail, moves no money and runs no job.
CREATE TABLE system_state (
    singleton BOOLEAN PRIMARY KEY DEFAULT true CHECK (singleton),
    is_armed BOOLEAN NOT NULL DEFAULT true,
    restored_at TIMESTAMP,
    restored_from TEXT
);
INSERT INTO system_state DEFAULT VALUES;

CREATE TABLE backups (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    began_at TIMESTAMP NOT NULL,
    made_at TIMESTAMP NOT NULL,
    removed_at TIMESTAMP
);
CREATE INDEX backups_newest_first ON backups (made_at DESC);
"""

DOWN = """
DROP TABLE backups; DROP TABLE system_state;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
