"""The rows that say who works on a case beside its lead, who must not know of it, and why somebody else looked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from directory.referrals.tables import _code, _id, _maybe, _moment
from directory.tables import UUID_LENGTH, Base

SESSION_LENGTH = 16
"""Characters of a session's hash that are kept, as the audit keeps them."""


class CaseWorker(Base):
    """Somebody who works on a case beside its lead (`Case.lead_worker`). What was before stands in the timeline."""

    __tablename__ = "case_worker"
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(UUID_LENGTH), primary_key=True, index=True)
    assigned_at: Mapped[datetime] = _moment()
    assigned_by: Mapped[str] = _code(UUID_LENGTH)


class CaseBlock(Base):
    """A member of staff to whom this case does not exist: they know the family. Who, never how they know them."""

    __tablename__ = "case_block"
    __table_args__ = (
        Index(
            "uq_case_block_live",
            "case_id",
            "account_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    account_id: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    reason: Mapped[str] = _code()
    """`codes`, list blocked_because"""
    made_at: Mapped[datetime] = _moment()
    made_by: Mapped[str] = _code(UUID_LENGTH)
    lifted_at: Mapped[datetime | None] = _maybe()
    lifted_by: Mapped[str] = _code(UUID_LENGTH)


class CaseLook(Base):
    """Why a worker who is not on a case opened it; it holds until that session ends (12 hours at most).

    Every look of theirs then carries it in the audit.
    """

    __tablename__ = "case_look"
    __table_args__ = (Index("ix_case_look_open", "case_id", "account_id", "session"),)
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"))
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    account_id: Mapped[str] = mapped_column(String(UUID_LENGTH))
    session: Mapped[str] = _code(SESSION_LENGTH)
    purpose: Mapped[str] = _code()
    """`codes`, list seen_for, those of side "asked" """
    line_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What they wrote beside it, under the subject's key."""
    said_at: Mapped[datetime] = _moment()
