"""Creates users, or adopts a narrower users table that is already there, keeping its rows."""

from alembic import op

revision = "20261122090100"
down_revision = None
branch_labels = None
depends_on = None

CREATE = """
CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    email VARCHAR(255) UNIQUE NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    first_name VARCHAR(100),
    last_name VARCHAR(100),
    phone VARCHAR(20),
    role VARCHAR(20) DEFAULT 'customer' CHECK (role IN ('customer', 'admin', 'instructor')),
    is_active BOOLEAN DEFAULT true,
    last_login TIMESTAMP,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
"""

# What a narrower table may lack, in the document's order. A missing password hash becomes one that no password matches.
ADOPTED_COLUMNS = {
    "password_hash": "VARCHAR(255) NOT NULL DEFAULT '!'",
    "first_name": "VARCHAR(100)",
    "last_name": "VARCHAR(100)",
    "phone": "VARCHAR(20)",
    "role": "VARCHAR(20) DEFAULT 'customer' CONSTRAINT users_role_check CHECK (role IN ('customer', 'admin', 'instructor'))",
    "is_active": "BOOLEAN DEFAULT true",
    "last_login": "TIMESTAMP",
    "created_at": "TIMESTAMP DEFAULT CURRENT_TIMESTAMP",
    "updated_at": "TIMESTAMP DEFAULT CURRENT_TIMESTAMP",
}

SAFETY = """
CREATE INDEX idx_users_email ON users(email);
CREATE INDEX idx_users_role ON users(role);

CREATE UNIQUE INDEX users_email_unique_whatever_case ON users (lower(email));
ALTER TABLE users ADD CONSTRAINT users_defaults_present
    CHECK (role IS NOT NULL AND is_active IS NOT NULL AND created_at IS NOT NULL AND updated_at IS NOT NULL);
"""

UNDO_SAFETY = """
ALTER TABLE users DROP CONSTRAINT users_defaults_present;
DROP INDEX users_email_unique_whatever_case;
DROP INDEX idx_users_role;
DROP INDEX idx_users_email;
"""


def upgrade() -> None:
    present = _columns()
    if present:
        _adopt(present)
    else:
        op.execute(CREATE)
    op.execute(SAFETY)


def _columns() -> list[str]:
    query = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'users'"
    return [name for (name,) in op.get_bind().exec_driver_sql(query)]


def _adopt(present: list[str]) -> None:
    missing = [name for name in ADOPTED_COLUMNS if name not in present]
    for name in missing:
        op.execute(f"ALTER TABLE users ADD COLUMN {name} {ADOPTED_COLUMNS[name]}")
    if "password_hash" in missing:
        op.execute("ALTER TABLE users ALTER COLUMN password_hash DROP DEFAULT")
    # The comment tells the downgrade what it may take away again.
    op.execute(f"COMMENT ON TABLE users IS 'adopted; added: {' '.join(missing)}'")


def downgrade() -> None:
    op.execute(UNDO_SAFETY)
    comment = op.get_bind().exec_driver_sql("SELECT obj_description('users'::regclass, 'pg_class')").scalar() or ""
    if not comment.startswith("adopted; added:"):
        op.execute("DROP TABLE users")
        return
    for name in comment.removeprefix("adopted; added:").split():
        op.execute(f"ALTER TABLE users DROP COLUMN {name}")
    op.execute("COMMENT ON TABLE users IS NULL")
