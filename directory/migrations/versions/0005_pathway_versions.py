"""Pathways that a domain lead has edited, every version kept."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pathway_version",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("pathway", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_version")),
        sa.UniqueConstraint("pathway", "number", name=op.f("uq_pathway_version_pathway_number")),
    )
    op.create_index(op.f("ix_pathway_version_pathway"), "pathway_version", ["pathway"], unique=False)


def downgrade() -> None:
    op.drop_table("pathway_version")
