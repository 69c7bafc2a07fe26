"""Creates what a second factor needs: authenticators, passkeys, recovery codes, and what is begun on one page and ended on another."""

from alembic import op

revision = "20261123190000"
down_revision = "20261123180700"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE authenticators (
    user_id INTEGER PRIMARY KEY REFERENCES users(id),
    -- Sealed with a key from RFT_SECRET_KEY: a copy of the database alone makes no codes.
    sealed_secret BYTEA NOT NULL,
    -- The last half minute whose code was taken: no code is taken twice.
    last_step BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE passkeys (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    credential_id BYTEA NOT NULL UNIQUE,
    public_key BYTEA NOT NULL,
    sign_count BIGINT NOT NULL,
    label TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_used_at TIMESTAMP
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

CREATE TABLE recovery_codes (
    code_hash BYTEA PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    used_at TIMESTAMP
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

-- What one request begins and a later one ends, once: a sign-in between password and second factor, an enrolment, a new password.
CREATE TABLE account_steps (
    token_hash BYTEA PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    purpose TEXT NOT NULL,
    payload BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    expires_at TIMESTAMP NOT NULL,

    CONSTRAINT account_steps_purpose_known CHECK (purpose IN ('sign_in', 'authenticator', 'passkey', 'new_password'))
);
CREATE INDEX account_steps_by_user ON account_steps (user_id);
CREATE INDEX account_steps_by_expiry ON account_steps (expires_at);

ALTER TABLE user_sessions
    ADD COLUMN address INET,
    -- How it was proved besides the password; NULL: not at all, since the account had no second factor.
    ADD COLUMN second_factor TEXT,
    ADD CONSTRAINT user_sessions_second_factor_known CHECK (second_factor IN ('authenticator', 'passkey', 'recovery_code'));

-- A token may do less than its account, never more.
ALTER TABLE api_tokens
    ADD COLUMN role TEXT NOT NULL DEFAULT 'admin',
    ADD COLUMN last_used_at TIMESTAMP,
    ADD CONSTRAINT api_tokens_role_known CHECK (role IN ('instructor', 'admin'));
"""

DOWN = """
ALTER TABLE api_tokens DROP COLUMN last_used_at, DROP COLUMN role;
ALTER TABLE user_sessions DROP COLUMN second_factor, DROP COLUMN address;
DROP TABLE account_steps;
DROP TABLE recovery_codes;
DROP TABLE passkeys;
DROP TABLE authenticators;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
