"""Partners' people: answers from their own inbox, and edits that staff look at afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("link_session", sa.Column("account_id", sa.String(length=36), server_default="", nullable=False))
    op.create_index(op.f("ix_link_session_account_id"), "link_session", ["account_id"], unique=False)
    op.create_table(
        "edit_sample",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("fields", sa.String(length=600), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.String(length=10), server_default="", nullable=False),
        sa.Column("seen_by", sa.String(length=36), server_default="", nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_edit_sample_account_id_account")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_edit_sample_partner_id_partner")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_edit_sample_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edit_sample")),
    )
    op.create_index(op.f("ix_edit_sample_partner_id"), "edit_sample", ["partner_id"], unique=False)
    op.create_index(op.f("ix_edit_sample_service_id"), "edit_sample", ["service_id"], unique=False)


def downgrade() -> None:
    op.drop_table("edit_sample")
    op.drop_index(op.f("ix_link_session_account_id"), table_name="link_session")
    op.drop_column("link_session", "account_id")
