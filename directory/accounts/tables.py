"""The rows behind signing in: accounts, roles, second factors, identities elsewhere, open sessions, recent tries."""

from datetime import UTC, datetime

from sqlalchemy import Boolean, DateTime, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import UUID_LENGTH, Base

HASH_LENGTH = 64
"""SHA-256 in hexadecimal."""


class Account(Base):
    """One member of staff. Never deleted, for what they did stays theirs: disabled."""

    __tablename__ = "account"
    id: Mapped[str] = mapped_column(String(UUID_LENGTH), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """The user name, in small letters."""
    full_name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    """argon2id, with its parameters and salt."""
    password_set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    single_keys: Mapped[bool] = mapped_column(Boolean, default=True, server_default="1")
    """Whether single letters do things on staff pages; their owner switches them off."""


class AccountFactor(Base):
    """An account's second factor: the secret of its one-time codes (RFC 6238), sealed; never more than one."""

    __tablename__ = "account_factor"
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None until a first code has proved that it was set up."""
    key_id: Mapped[str] = mapped_column(String(30), default="", server_default="")
    new_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """One that is being set up; takes the place of the other once a code has proved it."""
    last_step: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """The latest time step of which a code was taken: none of it, or before it, is taken again."""
    set_up_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RecoveryCode(Base):
    """A code that stands in once for a lost second factor."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    """HMAC under a key that is not in the record."""
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AccountIdentity(Base):
    """Who an account is where its organisation signs people in: issuer and subject, which never go to another."""

    __tablename__ = "account_identity"
    __table_args__ = (UniqueConstraint("issuer", "account_id"),)
    issuer: Mapped[str] = mapped_column(String(200), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SignInStep(Base):
    """A sign-in on its way, for minutes: a right password that waits for a code, or somebody sent to their own
    organisation. It opens no page; it ends by its row being deleted."""

    __tablename__ = "sign_in_step"
    token_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), primary_key=True)
    """SHA-256 of the cookie's value."""
    kind: Mapped[str] = mapped_column(String(12))
    """`steps.Kind`"""
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    onward: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """Path to go on to."""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class AccountRole(Base):
    """A role an account holds; what a role may do is in data/roles.csv."""

    __tablename__ = "account_role"
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class AccountSession(Base):
    """A session that is open. A session ends by its row being deleted."""

    __tablename__ = "account_session"
    token_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), primary_key=True)
    """SHA-256 of the cookie's value: who reads the record cannot take over a session."""
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    device: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """"Firefox on Windows": for its owner to know it by."""
    locked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it opens nothing until its owner unlocks it."""


class SignInTry(Base):
    """A try at a password or code that failed or is under way, under a hash of whose it is or of where it came from."""

    __tablename__ = "sign_in_try"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(HASH_LENGTH), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


def utc(moment: datetime) -> datetime:
    """A moment read from the record, aware: SQLite keeps no time zone, and all of ours are in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
