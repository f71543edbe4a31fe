"""The row behind a round of asking partners whether their facts are still right: opened, reminded of, answered."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import UUID_LENGTH, Base


def _maybe() -> Mapped[datetime | None]:
    return mapped_column(DateTime(timezone=True))


class ServiceReview(Base):
    """One round about one service: from the first reminder, or the partner's own look, until it is answered."""

    __tablename__ = "service_review"
    id: Mapped[str] = mapped_column(String(UUID_LENGTH), primary_key=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    due_on: Mapped[str] = mapped_column(String(10))
    """The day by which its facts must be confirmed; after it they are shown as not confirmed."""
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reminders: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many of the rising reminders have been sent."""
    reminded_at: Mapped[datetime | None] = _maybe()
    called_at: Mapped[datetime | None] = _maybe()
    """When staff were asked to ring."""
    closed_at: Mapped[datetime | None] = _maybe()
    how: Mapped[str] = mapped_column(String(10), default="", server_default="")
    """right | wrong | held: the partner's answer, the last being right where that counts after staff have looked |
    elsewhere: confirmed by somebody else, or no longer asked"""
    wrong: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Codes of the facts that are not right, joined by "|"."""
    said_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON: fact → what is right, in the partner's words; None some time after staff have confirmed the record."""
    said_by: Mapped[str] = mapped_column(String(UUID_LENGTH), default="", server_default="")
    """The member who answered."""
    handled_at: Mapped[datetime | None] = _maybe()
    """When staff confirmed the record after something was said to be wrong."""
