"""Audit, its seals, idempotency keys, erasures, switches, and who sweeps."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("audit_event", "audit_seal", "idempotency", "erasure", "switch", "sweep_run")
"""In an order that never points at a table not yet made."""


def upgrade() -> None:
    _audit_event()
    _audit_seal()
    _idempotency()
    _erasure()
    _switch()
    _sweep_run()


def _audit_event() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=12), server_default="", nullable=False),
        sa.Column("actor_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("roles", sa.String(length=80), server_default="", nullable=False),
        sa.Column("session", sa.String(length=16), server_default="", nullable=False),
        sa.Column("action", sa.String(length=24), server_default="", nullable=False),
        sa.Column("object_type", sa.String(length=24), server_default="", nullable=False),
        sa.Column("object_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("subject_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("purpose", sa.String(length=30), server_default="", nullable=False),
        sa.Column("fields", sa.Text(), server_default="", nullable=False),
        sa.Column("result", sa.String(length=8), server_default="", nullable=False),
        sa.Column("state_from", sa.String(length=20), server_default="", nullable=False),
        sa.Column("state_to", sa.String(length=20), server_default="", nullable=False),
        sa.Column("agreement_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("link_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("network", sa.String(length=45), server_default="", nullable=False),
        sa.Column("app_version", sa.String(length=20), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_event_event_id")),
    )
    op.create_index(op.f("ix_audit_event_subject_id"), "audit_event", ["subject_id"], unique=False)
    # ### end Alembic commands ###


def _audit_seal() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("audit_event_id", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=30), server_default="", nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("audit_event_id", name=op.f("uq_audit_seal_audit_event_id")),
    )
    # ### end Alembic commands ###


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("actor_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("action", sa.String(length=30), server_default="", nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency")),
    )
    # ### end Alembic commands ###


def _erasure() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=36), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=20), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("subject_id", name=op.f("uq_erasure_subject_id")),
    )
    # ### end Alembic commands ###


def _switch() -> None:
    op.create_table(
        "switch",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("on", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=36), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switch")),
    )
    # ### end Alembic commands ###


def _sweep_run() -> None:
    op.create_table(
        "sweep_run",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("claimed_by", sa.String(length=80), server_default="", nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep_run")),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
