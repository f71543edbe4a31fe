"""Feeds: runs, what was fetched, what people ask of ingest, duplicates decided, and words on what is true."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    "ingest_run",
    "reconcile_decision",
    "source_claim",
    "assurance",
    "fetched",
    "ingest_request",
    "link_check",
    "match_key",
)
"""In an order that never points at a table not yet made."""


def _source_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("kind", sa.String(length=30), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("standing", sa.String(length=10), server_default="feed", nullable=False),
        sa.Column("every_hours", sa.Integer(), nullable=True),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=True),
        sa.Column("made_by", sa.String(length=36), server_default="", nullable=False),
    )


def _service_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("listing", sa.String(length=10), server_default="listed", nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unlisted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("group_id", sa.String(length=36), nullable=True),
    )


def upgrade() -> None:
    for table, columns in (("source", _source_columns()), ("service", _service_columns())):
        for column in columns:
            op.add_column(table, column)
    op.create_index(op.f("ix_service_group_id"), "service", ["group_id"], unique=False)
    _make_runs()
    _make_words()


def _make_runs() -> None:
    op.create_table(
        "ingest_run",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("material", sa.JSON(), nullable=True),
        sa.Column("rows_made", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("rows_held", sa.Integer(), nullable=False),
        sa.Column("rows_refused", sa.Integer(), nullable=False),
        sa.Column("unlisted", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("difference", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_ingest_run_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ingest_run")),
    )
    op.create_index(op.f("ix_ingest_run_source_id"), "ingest_run", ["source_id"], unique=False)

    op.create_table(
        "source_claim",
        sa.Column("source_id", sa.String(length=60), nullable=False),
        sa.Column("claimed_by", sa.String(length=80), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_claim_source_id_source")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_claim")),
    )

    op.create_table(
        "fetched",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(length=60), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_digest", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["ingest_run.id"], name=op.f("fk_fetched_run_id_ingest_run")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_fetched_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetched")),
    )
    op.create_index(op.f("ix_fetched_run_id"), "fetched", ["run_id"], unique=False)
    op.create_index("ix_fetched_source_id_url_digest", "fetched", ["source_id", "url_digest"], unique=False)

    op.create_table(
        "ingest_request",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("upload_digest", sa.String(length=64), nullable=False),
        sa.Column("upload_name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["ingest_run.id"], name=op.f("fk_ingest_request_run_id_ingest_run")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_ingest_request_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ingest_request")),
    )
    op.create_index(op.f("ix_ingest_request_done_at"), "ingest_request", ["done_at"], unique=False)
    op.create_index(op.f("ix_ingest_request_source_id"), "ingest_request", ["source_id"], unique=False)


def _make_words() -> None:
    op.create_table(
        "reconcile_decision",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("other_id", sa.String(length=36), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.Column("kept", sa.JSON(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconcile_decision")),
    )
    op.create_index(op.f("ix_reconcile_decision_other_id"), "reconcile_decision", ["other_id"], unique=False)
    op.create_index("ix_reconcile_decision_pair", "reconcile_decision", ["service_id", "other_id"], unique=False)

    op.create_table(
        "assurance",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_assurance_service_id_service"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assurance")),
    )
    op.create_index(op.f("ix_assurance_service_id"), "assurance", ["service_id"], unique=False)

    op.create_table(
        "link_check",
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_link_check_service_id_service"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_link_check")),
    )

    op.create_table(
        "match_key",
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_match_key_service_id_service"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", "kind", "value", name=op.f("pk_match_key")),
    )
    op.create_index("ix_match_key_kind_value", "match_key", ["kind", "value"], unique=False)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index(op.f("ix_service_group_id"), table_name="service")
    for table, columns in (("service", _service_columns()), ("source", _source_columns())):
        for column in reversed(columns):
            op.drop_column(table, column.name)
