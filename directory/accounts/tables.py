"""The rows behind signing in: accounts, their roles, the sessions that are open, and recent tries at a password."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, ForeignKey, Integer, String, Text
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


class SignInTry(Base):
    """A try at a password that failed or is under way, under a hash of the user name or of the network address."""

    __tablename__ = "sign_in_try"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(HASH_LENGTH), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


def utc(moment: datetime) -> datetime:
    """A moment read from the record, aware: SQLite keeps no time zone, and all of ours are in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
