"""Changes to a service that wait for approval, and fields of a service that a person has set by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _service_proposal()
    _hand_edit()


def _service_proposal() -> None:
    op.create_table(
        "service_proposal",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proposed_kind", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.String(length=36), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=36), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_proposal")),
    )
    for column in ("service_id", "proposed_by", "state"):
        op.create_index(op.f(f"ix_service_proposal_{column}"), "service_proposal", [column], unique=False)


def _hand_edit() -> None:
    op.create_table(
        "hand_edit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("field", sa.String(length=30), nullable=False),
        sa.Column("base", sa.JSON(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_hand_edit_service_id_service"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["service_proposal.id"], name=op.f("fk_hand_edit_proposal_id_service_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_edit")),
    )
    op.create_index(op.f("ix_hand_edit_service_id"), "hand_edit", ["service_id"], unique=False)


def downgrade() -> None:
    op.drop_table("hand_edit")
    op.drop_table("service_proposal")
