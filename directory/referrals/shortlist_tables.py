"""The rows behind a short list and a message to the person: ids and codes alone, never a copy of a service's facts."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import UUID_LENGTH, Base


class Shortlisted(Base):
    """One service that a worker chose for a need, in the order chosen. What it is like is read when it is shown."""

    __tablename__ = "shortlisted"
    __table_args__ = (Index("uq_shortlisted_need_id_service_id", "need_id", "service_id", unique=True),)
    id: Mapped[str] = mapped_column(String(UUID_LENGTH), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    need_id: Mapped[str] = mapped_column(ForeignKey("need.id"))
    service_id: Mapped[str] = mapped_column(String(UUID_LENGTH))
    position: Mapped[int] = mapped_column(Integer)
    seen: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """`Service.content_hash` when it was chosen: another one now says that its facts have changed since."""
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    added_by: Mapped[str] = mapped_column(String(UUID_LENGTH))


class PersonMessage(Base):
    """That a person was written to, how, and of which services; the words are data/notices.toml's, kept nowhere."""

    __tablename__ = "person_message"
    id: Mapped[str] = mapped_column(String(UUID_LENGTH), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    notice_id: Mapped[int] = mapped_column(Integer, unique=True)
    """Of `Notice`, which may be gone before this: no foreign key."""
    channel: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """email | text"""
    services: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Ids joined by "|", in the order chosen; empty: only "ring us"."""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
