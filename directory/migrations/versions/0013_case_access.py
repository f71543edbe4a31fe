"""Who works on a case, who must not see it, and why somebody else looked."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("case_worker", "case_block", "case_look")
OPENERS = sa.text(
    "INSERT INTO case_worker (case_id, account_id, assigned_at, assigned_by) "
    "SELECT id, opened_by, opened_at, opened_by FROM \"case\" WHERE opened_by <> '' AND opened_by <> lead_worker"
)
"""Who opened a case could see it until now, restricted or not: they go on working on it."""


def upgrade() -> None:
    _case_worker()
    _case_block()
    _case_look()
    op.execute(OPENERS)


def _case_worker() -> None:
    op.create_table(
        "case_worker",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_by", sa.String(length=36), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_worker_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", "account_id", name=op.f("pk_case_worker")),
    )
    op.create_index(op.f("ix_case_worker_account_id"), "case_worker", ["account_id"], unique=False)


def _case_block() -> None:
    op.create_table(
        "case_block",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=30), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=36), server_default="", nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(length=36), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_block_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_block")),
    )
    op.create_index(op.f("ix_case_block_case_id"), "case_block", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_block_account_id"), "case_block", ["account_id"], unique=False)
    live = sa.text("lifted_at IS NULL")
    op.create_index(
        "uq_case_block_live",
        "case_block",
        ["case_id", "account_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )


def _case_look() -> None:
    op.create_table(
        "case_look",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("session", sa.String(length=16), server_default="", nullable=False),
        sa.Column("purpose", sa.String(length=30), server_default="", nullable=False),
        sa.Column("line_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_look_case_id_case")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_case_look_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_look")),
    )
    op.create_index("ix_case_look_open", "case_look", ["case_id", "account_id", "session"], unique=False)
    op.create_index(op.f("ix_case_look_subject_id"), "case_look", ["subject_id"], unique=False)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
