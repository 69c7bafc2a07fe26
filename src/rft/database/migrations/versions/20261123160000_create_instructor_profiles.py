"""Creates what the office knows of those who teach: profile, papers, absences, usual hours, their calendar's address."""

from alembic import op

revision = "20261123160000"
down_revision = "20261123150300"
branch_labels = None
depends_on = None

# Papers hang on the profile: who has none is not held to any, so that a client that knows only the document's tables need not know of
# them. Name, telephone and whether they are active stand in users and nowhere else.
UP = """
CREATE TABLE instructor_profiles (
    user_id INTEGER PRIMARY KEY REFERENCES users(id),
    home_town TEXT,
    postcode_area TEXT,
    bio TEXT NOT NULL DEFAULT '',
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT instructor_profiles_postcode_area_known CHECK (postcode_area ~ '^[A-Z]{1,2}[0-9]{0,2}$')
);

-- Kept for good: what somebody was allowed to teach on a day that is past must still be told. A paper that no longer counts is withdrawn.
CREATE TABLE instructor_qualifications (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES instructor_profiles(user_id),
    kind TEXT NOT NULL,
    awarding_body TEXT NOT NULL,
    number TEXT,
    issued_on DATE NOT NULL,
    -- Teaching awards have no end.
    expires_on DATE,
    withdrawn_on DATE,
    added_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT instructor_qualifications_kind_known CHECK (kind IN ('FAW', 'EFAW', 'Paediatric', 'teaching', 'assessing')),
    CONSTRAINT instructor_qualifications_dates_logical
        CHECK (expires_on >= issued_on AND isfinite(issued_on) AND isfinite(expires_on)),
    CONSTRAINT instructor_qualifications_expiry_given CHECK (expires_on IS NOT NULL OR kind IN ('teaching', 'assessing'))
);
CREATE INDEX instructor_qualifications_by_person ON instructor_qualifications (user_id, kind);
CREATE INDEX instructor_qualifications_by_expiry ON instructor_qualifications (expires_on) WHERE withdrawn_on IS NULL;

CREATE TABLE instructor_absences (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    kind TEXT NOT NULL,
    during TSRANGE NOT NULL,
    note TEXT,
    recorded_by INTEGER REFERENCES users(id),
    recorded_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT instructor_absences_kind_known CHECK (kind IN ('leave', 'sickness')),
    CONSTRAINT instructor_absences_dates_logical
        CHECK (NOT isempty(during) AND isfinite(lower(during)) AND isfinite(upper(during))),
    CONSTRAINT instructor_absences_apart EXCLUDE USING gist (user_id WITH =, during WITH &&)
);

-- The hours of a week, in London's time, in which somebody can usually be asked. Nobody's row means: any.
CREATE TABLE instructor_availability (
    user_id INTEGER NOT NULL REFERENCES users(id),
    weekday INTEGER NOT NULL,
    opens TIME NOT NULL,
    closes TIME NOT NULL,

    CONSTRAINT instructor_availability_pkey PRIMARY KEY (user_id, weekday),
    CONSTRAINT instructor_availability_weekday_known CHECK (weekday BETWEEN 1 AND 7),
    CONSTRAINT instructor_availability_times_logical CHECK (closes > opens)
);

CREATE TABLE instructor_feeds (
    user_id INTEGER PRIMARY KEY REFERENCES users(id),
    token_hash BYTEA NOT NULL CONSTRAINT instructor_feeds_token_once UNIQUE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
"""

DOWN = """
DROP TABLE instructor_feeds; DROP TABLE instructor_availability; DROP TABLE instructor_absences; DROP TABLE instructor_qualifications;
DROP TABLE instructor_profiles;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
