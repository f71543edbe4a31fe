"""Phrases that editors add to the vocabulary, and the changes to them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "synonym",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("phrase", sa.String(length=60), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("taxonomy", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym")),
        sa.UniqueConstraint("folded", "taxonomy", "code", name=op.f("uq_synonym_folded_taxonomy_code")),
    )
    op.create_table(
        "synonym_revision",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("synonym_id", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["synonym_id"], ["synonym.id"], name=op.f("fk_synonym_revision_synonym_id_synonym")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_revision")),
    )
    op.create_index(op.f("ix_synonym_revision_synonym_id"), "synonym_revision", ["synonym_id"], unique=False)


def downgrade() -> None:
    for name in ("synonym_revision", "synonym"):
        op.drop_table(name)
