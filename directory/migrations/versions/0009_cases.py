"""Cases: who was harmed, their needs, agreements, contacts, and what agencies hand in; what is personal is sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = (
    "subject",
    "case",
    "person",
    "safe_contact",
    "exclusion",
    "need",
    "case_event",
    "agreement",
    "hand_in",
    "agency_reference",
    "agency_update",
    "concern",
    "disclosure",
    "complaint",
    "safety_plan",
    "signpost",
)
"""In an order that never points at a table not yet made."""


def upgrade() -> None:
    _subject()
    _case()
    _person()
    _safe_contact()
    _exclusion()
    _need()
    _case_event()
    _agreement()
    _hand_in()
    _agency_reference()
    _agency_update()
    _concern()
    _disclosure()
    _complaint()
    _safety_plan()
    _signpost()


def _subject() -> None:
    op.create_table(
        "subject",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(length=30), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
    )
    # ### end Alembic commands ###


def _case() -> None:
    op.create_table(
        "case",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=36), nullable=False),
        sa.Column("lead_worker", sa.String(length=36), server_default="", nullable=False),
        sa.Column("relation", sa.String(length=30), server_default="", nullable=False),
        sa.Column("age_band", sa.String(length=10), server_default="", nullable=False),
        sa.Column("council", sa.String(length=9), server_default="", nullable=False),
        sa.Column("harm_council", sa.String(length=9), server_default="", nullable=False),
        sa.Column("harms", sa.Text(), server_default="", nullable=False),
        sa.Column("languages", sa.String(length=80), server_default="", nullable=False),
        sa.Column("access", sa.String(length=120), server_default="", nullable=False),
        sa.Column("harmed_under_12", sa.Boolean(), nullable=True),
        sa.Column("harmed_by_under_12", sa.Boolean(), nullable=True),
        sa.Column("safety_flag", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("from_agency", sa.String(length=30), server_default="", nullable=False),
        sa.Column("enquiry_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_case_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_case_reference")),
    )
    op.create_index(op.f("ix_case_lead_worker"), "case", ["lead_worker"], unique=False)
    op.create_index(op.f("ix_case_subject_id"), "case", ["subject_id"], unique=False)
    # ### end Alembic commands ###


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("full_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("date_of_birth_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("postcode_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("school_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("account_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("passphrase_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_person_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("subject_id", name=op.f("uq_person_subject_id")),
    )
    # ### end Alembic commands ###


def _safe_contact() -> None:
    op.create_table(
        "safe_contact",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=12), server_default="", nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("from_hour", sa.Integer(), server_default="9", nullable=False),
        sa.Column("until_hour", sa.Integer(), server_default="17", nullable=False),
        sa.Column("days", sa.String(length=20), server_default="", nullable=False),
        sa.Column("voicemail", sa.String(length=12), server_default="", nullable=False),
        sa.Column("may_text", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("who_must_not_know_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=36), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_safe_contact_case_id_case")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_safe_contact_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safe_contact")),
    )
    op.create_index(op.f("ix_safe_contact_case_id"), "safe_contact", ["case_id"], unique=False)
    op.create_index(op.f("ix_safe_contact_subject_id"), "safe_contact", ["subject_id"], unique=False)
    # ### end Alembic commands ###


def _exclusion() -> None:
    op.create_table(
        "exclusion",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("service_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("organization_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("named_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("origin", sa.String(length=10), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_exclusion_case_id_case")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_exclusion_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
    )
    op.create_index(op.f("ix_exclusion_case_id"), "exclusion", ["case_id"], unique=False)
    op.create_index(op.f("ix_exclusion_subject_id"), "exclusion", ["subject_id"], unique=False)
    # ### end Alembic commands ###


def _need() -> None:
    op.create_table(
        "need",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("need", sa.String(length=50), server_default="", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.String(length=30), server_default="", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_need_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
    )
    op.create_index(op.f("ix_need_case_id"), "need", ["case_id"], unique=False)
    op.create_index(op.f("ix_need_state"), "need", ["state"], unique=False)
    # ### end Alembic commands ###


def _case_event() -> None:
    op.create_table(
        "case_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("object_type", sa.String(length=30), server_default="", nullable=False),
        sa.Column("object_id", sa.String(length=36), nullable=False),
        sa.Column("event", sa.String(length=30), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=12), server_default="", nullable=False),
        sa.Column("actor_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("state_from", sa.String(length=20), server_default="", nullable=False),
        sa.Column("state_to", sa.String(length=20), server_default="", nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_event_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index(op.f("ix_case_event_case_id"), "case_event", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_event_object_id"), "case_event", ["object_id"], unique=False)
    # ### end Alembic commands ###


def _agreement() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("controller", sa.Text(), nullable=False),
        sa.Column("about", sa.String(length=30), server_default="", nullable=False),
        sa.Column("given_by", sa.String(length=30), server_default="", nullable=False),
        sa.Column("evidence_seen", sa.String(length=30), server_default="", nullable=False),
        sa.Column("capacity_basis", sa.String(length=30), server_default="", nullable=False),
        sa.Column("child_view", sa.String(length=30), server_default="", nullable=False),
        sa.Column("how", sa.String(length=30), server_default="", nullable=False),
        sa.Column("wording", sa.String(length=60), server_default="", nullable=False),
        sa.Column("wording_format", sa.String(length=30), server_default="", nullable=False),
        sa.Column("language", sa.String(length=10), server_default="", nullable=False),
        sa.Column("purposes", sa.String(length=120), server_default="", nullable=False),
        sa.Column("categories", sa.String(length=120), server_default="", nullable=False),
        sa.Column("feedback", sa.String(length=12), server_default="", nullable=False),
        sa.Column("share_back", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("safe_contact_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("exclusions_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("article_6", sa.String(length=60), server_default="", nullable=False),
        sa.Column("article_9", sa.String(length=60), server_default="", nullable=False),
        sa.Column("article_10", sa.String(length=60), server_default="", nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=36), server_default="", nullable=False),
        sa.Column("withdrawn_how", sa.String(length=30), server_default="", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=36), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_agreement_case_id_case")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_agreement_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    op.create_index(op.f("ix_agreement_case_id"), "agreement", ["case_id"], unique=False)
    op.create_index(op.f("ix_agreement_service_id"), "agreement", ["service_id"], unique=False)
    op.create_index(op.f("ix_agreement_subject_id"), "agreement", ["subject_id"], unique=False)
    # ### end Alembic commands ###


def _hand_in() -> None:
    op.create_table(
        "hand_in",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("agency", sa.String(length=20), server_default="", nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=36), server_default="", nullable=False),
        sa.Column("how", sa.String(length=20), server_default="", nullable=False),
        sa.Column("summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("agency_reference_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("our_reference", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("case_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_hand_in_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_in")),
        sa.UniqueConstraint("our_reference", name=op.f("uq_hand_in_our_reference")),
    )
    op.create_index(op.f("ix_hand_in_state"), "hand_in", ["state"], unique=False)
    op.create_index(op.f("ix_hand_in_subject_id"), "hand_in", ["subject_id"], unique=False)
    # ### end Alembic commands ###


def _agency_reference() -> None:
    op.create_table(
        "agency_reference",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("agency", sa.String(length=20), server_default="", nullable=False),
        sa.Column("theirs_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ours", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_agency_reference_case_id_case")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_agency_reference_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_reference")),
        sa.UniqueConstraint("ours", name=op.f("uq_agency_reference_ours")),
    )
    op.create_index(op.f("ix_agency_reference_case_id"), "agency_reference", ["case_id"], unique=False)
    op.create_index(op.f("ix_agency_reference_subject_id"), "agency_reference", ["subject_id"], unique=False)
    op.create_index("uq_agency_reference_case_id_agency", "agency_reference", ["case_id", "agency"], unique=True)
    # ### end Alembic commands ###


def _agency_update() -> None:
    op.create_table(
        "agency_update",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("agency_reference_id", sa.String(length=36), nullable=False),
        sa.Column("update", sa.String(length=20), server_default="", nullable=False),
        sa.Column("by_whom", sa.String(length=20), server_default="", nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_reference_id"],
            ["agency_reference.id"],
            name=op.f("fk_agency_update_agency_reference_id_agency_reference"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_update")),
    )
    op.create_index(
        op.f("ix_agency_update_agency_reference_id"), "agency_update", ["agency_reference_id"], unique=False
    )
    # ### end Alembic commands ###


def _concern() -> None:
    op.create_table(
        "concern",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("about", sa.String(length=30), server_default="", nullable=False),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("told", sa.String(length=30), server_default="", nullable=False),
        sa.Column("told_whom_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ground", sa.String(length=30), server_default="", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=36), nullable=False),
        sa.Column("supervisor_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supervisor", sa.String(length=36), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_concern_case_id_case")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_concern_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern")),
    )
    op.create_index(op.f("ix_concern_case_id"), "concern", ["case_id"], unique=False)
    op.create_index(op.f("ix_concern_subject_id"), "concern", ["subject_id"], unique=False)
    # ### end Alembic commands ###


def _disclosure() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("to_whom_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("categories", sa.String(length=120), server_default="", nullable=False),
        sa.Column("ground", sa.String(length=30), server_default="", nullable=False),
        sa.Column("supervisor", sa.String(length=36), server_default="", nullable=False),
        sa.Column("person_told", sa.String(length=12), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_disclosure_case_id_case")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_disclosure_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index(op.f("ix_disclosure_case_id"), "disclosure", ["case_id"], unique=False)
    op.create_index(op.f("ix_disclosure_subject_id"), "disclosure", ["subject_id"], unique=False)
    # ### end Alembic commands ###


def _complaint() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("about", sa.String(length=12), server_default="", nullable=False),
        sa.Column("service_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=12), server_default="", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=36), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=36), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_complaint_case_id_case")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_complaint_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
    )
    op.create_index(op.f("ix_complaint_case_id"), "complaint", ["case_id"], unique=False)
    op.create_index(op.f("ix_complaint_subject_id"), "complaint", ["subject_id"], unique=False)
    # ### end Alembic commands ###


def _safety_plan() -> None:
    op.create_table(
        "safety_plan",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("because", sa.String(length=20), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=36), nullable=False),
        sa.Column("plan_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.String(length=36), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_safety_plan_case_id_case")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_safety_plan_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_plan")),
    )
    op.create_index(op.f("ix_safety_plan_case_id"), "safety_plan", ["case_id"], unique=False)
    op.create_index(op.f("ix_safety_plan_subject_id"), "safety_plan", ["subject_id"], unique=False)
    # ### end Alembic commands ###


def _signpost() -> None:
    op.create_table(
        "signpost",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("need_id", sa.String(length=36), nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("service_name", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.String(length=36), nullable=False),
        sa.Column("ask_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=24), server_default="", nullable=False),
        sa.Column("answer", sa.String(length=30), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_signpost_case_id_case")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_signpost_need_id_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signpost")),
    )
    op.create_index(op.f("ix_signpost_case_id"), "signpost", ["case_id"], unique=False)
    op.create_index(op.f("ix_signpost_need_id"), "signpost", ["need_id"], unique=False)
    # ### end Alembic commands ###


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
