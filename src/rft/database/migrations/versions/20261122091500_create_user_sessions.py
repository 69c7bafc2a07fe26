"""Creates what web security needs: signed-in sessions, API tokens and rate limits."""

from alembic import op

revision = "20261122091500"
down_revision = "20261122091400"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE user_sessions (
    token_hash BYTEA PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    user_agent TEXT,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    seen_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX user_sessions_by_user ON user_sessions (user_id);
CREATE INDEX user_sessions_by_expiry ON user_sessions (expires_at);

CREATE TABLE api_tokens (
    token_hash BYTEA PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    label TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id);

-- Counters may be lost with a crash; writing them must not cost a flush to disk.
CREATE UNLOGGED TABLE rate_limits (
    name TEXT NOT NULL,
    subject_hash BYTEA NOT NULL,
    window_began TIMESTAMP NOT NULL,
    times INTEGER NOT NULL,

    PRIMARY KEY (name, subject_hash)
);
"""

DOWN = """
DROP TABLE rate_limits; DROP TABLE api_tokens; DROP TABLE user_sessions;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
