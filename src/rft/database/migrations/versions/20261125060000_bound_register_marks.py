"""Bounds register_marks: a signature that has a name has no other path than a drawn one; times of marks and closures are times."""

from alembic import op

revision = "20261125060000"
down_revision = "20261125040200"
branch_labels = None
depends_on = None

UP = """
-- Not held against the marks that are there: they never change. What draws them looks for itself.
ALTER TABLE register_marks
    ADD CONSTRAINT register_marks_signature_drawn CHECK (
        kind <> 'signature' OR value ->> 'path' IS NULL
        OR (length(value ->> 'path') <= 20000 AND value ->> 'path' ~ '^[ML0-9. ]*$')) NOT VALID,
    ADD CONSTRAINT register_marks_made_at_finite CHECK (isfinite(made_at)) NOT VALID;
ALTER TABLE register_closures
    ADD CONSTRAINT register_closures_times_finite CHECK (isfinite(closed_at) AND isfinite(reopened_at)) NOT VALID;
"""

DOWN = """
ALTER TABLE register_closures DROP CONSTRAINT register_closures_times_finite;
ALTER TABLE register_marks DROP CONSTRAINT register_marks_made_at_finite, DROP CONSTRAINT register_marks_signature_drawn;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
