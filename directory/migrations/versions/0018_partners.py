"""Partners, what they register, who checked and agreed it, how they come in, and messages to them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _partner()
    _partner_letter()
    _partner_session()
    _partner_code()
    _partner_member()
    _registration()
    _partner_service()
    _registration_approval()
    _registration_check()
    op.add_column("notice", sa.Column("partner_letter_id", sa.String(length=36), server_default="", nullable=False))


def _partner() -> None:
    op.create_table(
        "partner",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("charity_number", sa.String(length=20), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
    )


def _partner_letter() -> None:
    op.create_table(
        "partner_letter",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("fields_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("path", sa.String(length=200), server_default="", nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_letter")),
    )


def _partner_session() -> None:
    op.create_table(
        "partner_session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), server_default="", nullable=False),
        sa.Column("email_mac", sa.String(length=64), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrong_tries", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_partner_session_token_hash")),
    )
    op.create_index(op.f("ix_partner_session_email_mac"), "partner_session", ["email_mac"], unique=False)


def _partner_code() -> None:
    op.create_table(
        "partner_code",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("email_mac", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["partner_session.id"], name=op.f("fk_partner_code_session_id_partner_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_code")),
    )
    op.create_index(op.f("ix_partner_code_email_mac"), "partner_code", ["email_mac"], unique=False)
    op.create_index(op.f("ix_partner_code_session_id"), "partner_code", ["session_id"], unique=False)


def _partner_member() -> None:
    op.create_table(
        "partner_member",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("role", sa.String(length=10), server_default="", nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_mac", sa.String(length=64), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_by", sa.String(length=36), server_default="", nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_partner_member_account_id_account")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_member_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_member")),
    )
    op.create_index(op.f("ix_partner_member_account_id"), "partner_member", ["account_id"], unique=False)
    op.create_index(op.f("ix_partner_member_email_mac"), "partner_member", ["email_mac"], unique=False)
    op.create_index(op.f("ix_partner_member_partner_id"), "partner_member", ["partner_id"], unique=False)


def _registration() -> None:
    op.create_table(
        "registration",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("email_mac", sa.String(length=64), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("partner_id", sa.String(length=36), nullable=True),
        sa.Column("claims_service_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=12), server_default="", nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_registration_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("reference", name=op.f("uq_registration_reference")),
    )
    op.create_index(op.f("ix_registration_email_mac"), "registration", ["email_mac"], unique=False)
    op.create_index(op.f("ix_registration_partner_id"), "registration", ["partner_id"], unique=False)


def _partner_service() -> None:
    op.create_table(
        "partner_service",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("how", sa.String(length=10), server_default="", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_service_partner_id_partner")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_partner_service_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_service")),
        sa.UniqueConstraint("partner_id", "service_id", name=op.f("uq_partner_service_partner_id_service_id")),
    )
    op.create_index(op.f("ix_partner_service_partner_id"), "partner_service", ["partner_id"], unique=False)
    op.create_index(op.f("ix_partner_service_service_id"), "partner_service", ["service_id"], unique=False)


def _registration_approval() -> None:
    op.create_table(
        "registration_approval",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_registration_approval_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_registration_approval_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_approval")),
        sa.UniqueConstraint(
            "registration_id",
            "version",
            "account_id",
            name=op.f("uq_registration_approval_registration_id_version_account_id"),
        ),
    )
    op.create_index(
        op.f("ix_registration_approval_registration_id"), "registration_approval", ["registration_id"], unique=False
    )


def _registration_check() -> None:
    op.create_table(
        "registration_check",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=30), server_default="", nullable=False),
        sa.Column("result", sa.String(length=20), server_default="", nullable=False),
        sa.Column("found_at", sa.String(length=300), server_default="", nullable=False),
        sa.Column("about_mac", sa.String(length=64), server_default="", nullable=False),
        sa.Column("by", sa.String(length=36), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_registration_check_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_check")),
    )
    op.create_index(
        op.f("ix_registration_check_registration_id"), "registration_check", ["registration_id"], unique=False
    )


def downgrade() -> None:
    with op.batch_alter_table("notice") as batch:
        batch.drop_column("partner_letter_id")
    op.drop_table("registration_check")
    op.drop_table("registration_approval")
    op.drop_table("partner_service")
    op.drop_table("registration")
    op.drop_table("partner_member")
    op.drop_table("partner_code")
    op.drop_table("partner_session")
    op.drop_table("partner_letter")
    op.drop_table("partner")
