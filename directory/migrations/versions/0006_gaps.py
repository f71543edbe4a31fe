"""Where help is missing, counted without any person."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gap",
        sa.Column("council_gss", sa.String(length=9), nullable=False),
        sa.Column("need", sa.String(length=80), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("council_gss", "need", "week", name=op.f("pk_gap")),
    )


def downgrade() -> None:
    op.drop_table("gap")
