"""Indexes the outbox by recipient: the office asks what somebody was sent."""

from alembic import op

revision = "20261125030100"
down_revision = "20261125030000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX outbox_mails_by_recipient ON outbox_mails (lower(recipient), id)")


def downgrade() -> None:
    op.execute("DROP INDEX outbox_mails_by_recipient")
