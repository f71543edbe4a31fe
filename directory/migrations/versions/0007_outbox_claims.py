"""An index for the outbox by service: whether an earlier line of the same one is still waiting."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_outbox_key"), "outbox", ["key"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_key"), table_name="outbox")
