"""Creates an organisation's own list of people, the cover that its sites need, and the signed lists it has put up."""

from alembic import op

revision = "20261124005400"
down_revision = "20261124005300"
branch_labels = None
depends_on = None

UP = """
-- A person's site, and a site's cover, are of the same organisation: the database sees to it by these pairs.
ALTER TABLE organisation_sites ADD CONSTRAINT organisation_sites_of_organisation UNIQUE (organisation_id, id);

CREATE TABLE organisation_people (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id BIGINT NOT NULL REFERENCES organisations(id),
    site_id BIGINT,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT,
    -- The last day on which they work there.
    leaves_on DATE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT organisation_people_site_fkey FOREIGN KEY (organisation_id, site_id) REFERENCES organisation_sites (organisation_id, id),
    CONSTRAINT organisation_people_named CHECK (btrim(first_name) <> '' AND btrim(last_name) <> '')
);
CREATE UNIQUE INDEX organisation_people_email_once ON organisation_people (organisation_id, lower(email));

CREATE TABLE site_cover (
    organisation_id BIGINT NOT NULL REFERENCES organisations(id),
    site_id BIGINT NOT NULL,
    course_type TEXT NOT NULL,
    needed INTEGER NOT NULL,

    PRIMARY KEY (site_id, course_type),
    CONSTRAINT site_cover_site_fkey FOREIGN KEY (organisation_id, site_id) REFERENCES organisation_sites (organisation_id, id),
    CONSTRAINT site_cover_course_type_known CHECK (course_type IN ('EFAW', 'FAW', 'Paediatric')),
    CONSTRAINT site_cover_needed_reasonable CHECK (needed BETWEEN 1 AND 999)
);

CREATE TABLE first_aider_lists (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference TEXT NOT NULL CONSTRAINT first_aider_lists_reference_key UNIQUE,
    organisation_id BIGINT NOT NULL REFERENCES organisations(id),
    -- Exactly the bytes that are signed, and the certificates on them.
    said TEXT NOT NULL,
    numbers TEXT[] NOT NULL,
    key_id TEXT NOT NULL REFERENCES signing_keys(key_id),
    signature BYTEA NOT NULL,
    pdf BYTEA NOT NULL,
    made_by INTEGER NOT NULL REFERENCES users(id),
    made_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX first_aider_lists_by_organisation ON first_aider_lists (organisation_id, id DESC);
CREATE TRIGGER first_aider_lists_append_only BEFORE UPDATE ON first_aider_lists FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

DOWN = """
DROP TABLE first_aider_lists; DROP TABLE site_cover; DROP TABLE organisation_people;
ALTER TABLE organisation_sites DROP CONSTRAINT organisation_sites_of_organisation;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
