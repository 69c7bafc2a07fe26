"""Adds the user in whose name the system acts: disabled, without a password, kept for good."""

from alembic import op

revision = "20261122092900"
down_revision = "20261122092800"
branch_labels = None
depends_on = None

UP = """
INSERT INTO users (email, password_hash, first_name, last_name, role, is_active)
VALUES ('system@rft.invalid', '!', 'The', 'System', 'admin', false);
"""

DOWN = """
-- The row is kept by a trigger that the next downgrade removes; here it steps aside for this one row.
ALTER TABLE users DISABLE TRIGGER users_never_deleted;
DELETE FROM users WHERE email = 'system@rft.invalid';
ALTER TABLE users ENABLE TRIGGER users_never_deleted;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
