"""Sign-in in full: second factors, an organisation's own sign-in, sessions that can be listed and locked."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("account_factor", "recovery_code", "account_identity", "sign_in_step")


def upgrade() -> None:
    # not in batch: SQLite would copy the table, and dropping the old one would take the roles and sessions with it
    op.add_column("account", sa.Column("single_keys", sa.Boolean(), server_default="1", nullable=False))
    op.add_column("account_session", sa.Column("device", sa.String(length=60), server_default="", nullable=False))
    op.add_column("account_session", sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True))
    _second_factors()
    _identities()
    _steps()


def _second_factors() -> None:
    op.create_table(
        "account_factor",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(length=30), server_default="", nullable=False),
        sa.Column("new_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=True),
        _to_account("account_factor"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        _to_account("recovery_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"], unique=False)


def _identities() -> None:
    op.create_table(
        "account_identity",
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _to_account("account_identity"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_account_identity")),
        sa.UniqueConstraint("issuer", "account_id", name=op.f("uq_account_identity_issuer_account_id")),
    )
    op.create_index(op.f("ix_account_identity_account_id"), "account_identity", ["account_id"], unique=False)


def _steps() -> None:
    op.create_table(
        "sign_in_step",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("onward", sa.String(length=500), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _to_account("sign_in_step"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_step")),
    )
    op.create_index(op.f("ix_sign_in_step_account_id"), "sign_in_step", ["account_id"], unique=False)


def _to_account(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_account_id_account")
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("account_session", "locked_at")
    op.drop_column("account_session", "device")
    op.drop_column("account", "single_keys")
