"""Shortlists of services for a need, and the messages that tell a person of services."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shortlisted",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("need_id", sa.String(length=36), nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seen", sa.String(length=64), server_default="", nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_shortlisted_case_id_case")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_shortlisted_need_id_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlisted")),
    )
    op.create_index(op.f("ix_shortlisted_case_id"), "shortlisted", ["case_id"], unique=False)
    op.create_index("uq_shortlisted_need_id_service_id", "shortlisted", ["need_id", "service_id"], unique=True)
    op.create_table(
        "person_message",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=12), server_default="", nullable=False),
        sa.Column("services", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_person_message_case_id_case")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_person_message_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_message")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_person_message_notice_id")),
    )
    op.create_index(op.f("ix_person_message_case_id"), "person_message", ["case_id"], unique=False)
    op.create_index(op.f("ix_person_message_subject_id"), "person_message", ["subject_id"], unique=False)


def downgrade() -> None:
    op.drop_table("person_message")
    op.drop_table("shortlisted")
