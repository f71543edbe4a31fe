"""Facts that decide whom a service takes and when."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KNOWN: Any = {"nullable": False, "server_default": "unknown"}
EMPTY: Any = {"nullable": False, "server_default": ""}


def _added() -> dict[str, tuple[sa.Column[Any], ...]]:
    """New columns by table, made anew each time: a column belongs to one table once it is added."""
    service: tuple[sa.Column[Any], ...] = (
        sa.Column("school_stages", sa.String(length=80), **EMPTY),
        sa.Column("stages_known", sa.String(length=10), **KNOWN),
        sa.Column("registration", sa.String(length=40), **EMPTY),
        sa.Column("registration_known", sa.String(length=10), **KNOWN),
        sa.Column("hours_known", sa.String(length=10), **KNOWN),
        sa.Column("capacity_state", sa.String(length=20), **EMPTY),
        sa.Column("minimum_weeks", sa.Integer(), nullable=True),
        sa.Column("maximum_weeks", sa.Integer(), nullable=True),
        sa.Column("capacity_as_of", sa.String(length=10), **EMPTY),
        sa.Column("capacity_expires", sa.String(length=10), **EMPTY),
    )
    accessibility: tuple[sa.Column[Any], ...] = (
        sa.Column("code", sa.String(length=50), **EMPTY),
        sa.Column("known", sa.String(length=10), nullable=False, server_default="stated"),
        sa.Column("position", sa.Integer(), nullable=False, server_default="0"),
    )
    schedule: tuple[sa.Column[Any], ...] = (sa.Column("position", sa.Integer(), nullable=False, server_default="0"),)
    return {"service": service, "accessibility": accessibility, "schedule": schedule}


LENGTHS = (("extent", 20, 60), ("extent_type", 10, 20))
"""Of service_area: a police division's name is longer than a code."""


def upgrade() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    with op.batch_alter_table("service_area") as area:
        for name, old, new in LENGTHS:
            area.alter_column(name, existing_type=sa.String(length=old), type_=sa.String(length=new))
    op.create_table(
        "service_evidence",
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("referrals", sa.Integer(), nullable=False),
        sa.Column("replied", sa.Float(), nullable=False),
        sa.Column("first_contact_days", sa.Float(), nullable=True),
        sa.Column("outcomes", sa.Float(), nullable=False),
        sa.Column("area_mean", sa.Float(), nullable=False),
        sa.Column("as_of", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_evidence_service_id_service"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_service_evidence")),
    )


def downgrade() -> None:
    op.drop_table("service_evidence")
    with op.batch_alter_table("service_area") as area:
        for name, old, new in LENGTHS:
            area.alter_column(name, existing_type=sa.String(length=new), type_=sa.String(length=old))
    for table, columns in _added().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)
