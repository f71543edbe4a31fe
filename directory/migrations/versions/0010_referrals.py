"""Referrals: the provider's proved mailbox, the referral and its events, links, codes, notices, tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = (
    "mailbox",
    "referral",
    "referral_event",
    "locator",
    "link_session",
    "link_code",
    "notice",
    "task",
    "capacity_word",
)
"""In an order that never points at a table not yet made."""


def upgrade() -> None:
    _mailbox()
    _referral()
    _referral_event()
    _locator()
    _link_session()
    _link_code()
    _notice()
    _task()
    _capacity_word()


def _mailbox() -> None:
    op.create_table(
        "mailbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("second_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(length=36), nullable=False),
        sa.Column("number_found_at", sa.Text(), server_default="", nullable=False),
        sa.Column("called_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_approver", sa.String(length=36), server_default="", nullable=False),
        sa.Column("first_approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_approver", sa.String(length=36), server_default="", nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("usable_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("terms_agreed_on", sa.Date(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
    )
    op.create_index(op.f("ix_mailbox_service_id"), "mailbox", ["service_id"], unique=False)
    # ### end Alembic commands ###


def _referral() -> None:
    op.create_table(
        "referral",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("need_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("service_name", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("alternatives", sa.JSON(), nullable=False),
        sa.Column("alternatives_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("episode", sa.Integer(), server_default="1", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="1", nullable=False),
        sa.Column("urgency", sa.String(length=10), server_default="", nullable=False),
        sa.Column("phone_hand_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreement_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("mailbox_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("override_reason", sa.String(length=30), server_default="", nullable=False),
        sa.Column("notes_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("worker", sa.String(length=36), nullable=False),
        sa.Column("stage_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("decline_reason", sa.String(length=4), server_default="", nullable=False),
        sa.Column("may_contact_again", sa.Boolean(), nullable=True),
        sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_referral_case_id_case")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_referral_need_id_need")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_referral_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("reference", name=op.f("uq_referral_reference")),
    )
    op.create_index(op.f("ix_referral_case_id"), "referral", ["case_id"], unique=False)
    op.create_index("ix_referral_live", "referral", ["need_id", "service_id", "state"], unique=False)
    op.create_index(op.f("ix_referral_need_id"), "referral", ["need_id"], unique=False)
    op.create_index(op.f("ix_referral_service_id"), "referral", ["service_id"], unique=False)
    op.create_index(op.f("ix_referral_state"), "referral", ["state"], unique=False)
    op.create_index(op.f("ix_referral_subject_id"), "referral", ["subject_id"], unique=False)
    op.create_index(op.f("ix_referral_worker"), "referral", ["worker"], unique=False)
    # ### end Alembic commands ###


def _referral_event() -> None:
    op.create_table(
        "referral_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("referral_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=20), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=12), server_default="", nullable=False),
        sa.Column("actor_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("link_session_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("state_from", sa.String(length=16), server_default="", nullable=False),
        sa.Column("state_to", sa.String(length=16), server_default="", nullable=False),
        sa.Column("episode", sa.Integer(), server_default="1", nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_event_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_event")),
    )
    op.create_index("uq_referral_event_referral_id_seq", "referral_event", ["referral_id", "seq"], unique=True)
    # ### end Alembic commands ###


def _locator() -> None:
    op.create_table(
        "locator",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("referral_id", sa.String(length=36), nullable=False),
        sa.Column("mailbox_id", sa.String(length=36), nullable=False),
        sa.Column("to_second", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrong_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_locator_mailbox_id_mailbox")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_locator_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locator")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_locator_token_hash")),
    )
    op.create_index(op.f("ix_locator_mailbox_id"), "locator", ["mailbox_id"], unique=False)
    op.create_index(op.f("ix_locator_referral_id"), "locator", ["referral_id"], unique=False)
    # ### end Alembic commands ###


def _link_session() -> None:
    op.create_table(
        "link_session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("locator_id", sa.String(length=36), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("typed_name_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["locator_id"], ["locator.id"], name=op.f("fk_link_session_locator_id_locator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_link_session_token_hash")),
    )
    op.create_index(op.f("ix_link_session_locator_id"), "link_session", ["locator_id"], unique=False)
    # ### end Alembic commands ###


def _link_code() -> None:
    op.create_table(
        "link_code",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("link_session_id", sa.String(length=36), nullable=False),
        sa.Column("locator_id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["link_session_id"], ["link_session.id"], name=op.f("fk_link_code_link_session_id_link_session")
        ),
        sa.ForeignKeyConstraint(["locator_id"], ["locator.id"], name=op.f("fk_link_code_locator_id_locator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_code")),
    )
    op.create_index(op.f("ix_link_code_link_session_id"), "link_code", ["link_session_id"], unique=False)
    op.create_index(op.f("ix_link_code_locator_id"), "link_code", ["locator_id"], unique=False)
    # ### end Alembic commands ###


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("template", sa.String(length=30), server_default="", nullable=False),
        sa.Column("mailbox_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("to_second", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("safe_contact_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("referral_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("link_code_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("stage", sa.String(length=20), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.String(length=20), server_default="", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notice_message_id")),
    )
    op.create_index(op.f("ix_notice_referral_id"), "notice", ["referral_id"], unique=False)
    op.create_index("ix_notice_waiting", "notice", ["settled_at", "due_at", "id"], unique=False)
    # ### end Alembic commands ###


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=30), server_default="", nullable=False),
        sa.Column("case_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("referral_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("service_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("object_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("assigned_to", sa.String(length=36), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=36), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_assigned_to"), "task", ["assigned_to"], unique=False)
    # ### end Alembic commands ###


def _capacity_word() -> None:
    op.create_table(
        "capacity_word",
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("minimum_weeks", sa.Integer(), nullable=True),
        sa.Column("maximum_weeks", sa.Integer(), nullable=True),
        sa.Column("as_of", sa.String(length=10), nullable=False),
        sa.Column("expires", sa.String(length=10), nullable=False),
        sa.Column("said_by", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_capacity_word_service_id_service"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_capacity_word")),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
