"""The rows behind editing by hand: what somebody proposes, who decided, and the words set by hand that ingest keeps."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import UUID_LENGTH, Base


class ServiceProposal(Base):
    """A change to a service that waits for a second person, or what came of it. Nothing of a withheld place."""

    __tablename__ = "service_proposal"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    service_id: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    """The leader when it was proposed; of a new service the id it will have."""
    is_new: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(Text, default="")
    """Of the service, for the lists."""
    base_revision: Mapped[int] = mapped_column(Integer, default=0)
    """The newest revision of its rows when it was proposed; 0: there was none."""
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Field of `ServiceDraft` → {"old": …, "new": …}, plain JSON values as a revision keeps them."""
    note: Mapped[str] = mapped_column(Text, default="")
    """How the proposer knows."""
    proposed_kind: Mapped[str] = mapped_column(String(10), default="staff")
    """staff | partner"""
    proposed_by: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    """Id of an account of that kind."""
    proposed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(String(10), index=True)
    """waiting | approved | rejected | withdrawn | outdated"""
    decided_by: Mapped[str] = mapped_column(String(UUID_LENGTH), default="")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was rejected."""


class HandEdit(Base):
    """One field of one row that a person has set: the row says `value`, its source's own word is kept in `base`.

    It counts until the source says something else than `base`, or a person lets go; then `ended_at` is set.
    """

    __tablename__ = "hand_edit"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(30))
    base: Mapped[dict[str, Any]] = mapped_column(JSON)
    """{"value": …}; of a place withheld since {"hidden": true}."""
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    """{"value": …}"""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("service_proposal.id"))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by: Mapped[str] = mapped_column(String(60), default="")
    """Id of an account, or "ingest:" and the source."""
