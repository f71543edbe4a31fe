"""The rows behind what is changed while Waymark runs: versions of the live settings, and of the words of messages."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import UUID_LENGTH, Base


class LiveSettingVersion(Base):
    """All live settings at one moment. Lines are only ever added; the highest number is in use."""

    __tablename__ = "live_setting_version"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """From 1, without gaps."""
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Only what differs from the files: "sending.hold_minutes" → 15, "timers.decide.urgent" → "4 hours"."""
    restored: Mapped[int | None] = mapped_column(Integer)
    """The version brought back."""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    """Id of an account."""


class WordingVersion(Base):
    """One text of a message or of what is read out: proposed by one person, in use once another has approved it.

    Lines are only ever added and settled: what somebody agreed to can always be found again.
    """

    __tablename__ = "wording_version"
    __table_args__ = (UniqueConstraint("name", "number"),)
    id: Mapped[str] = mapped_column(String(UUID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    """The message's name (data/notices.toml), or "agreement-refer" (data/wording.toml)."""
    number: Mapped[int | None] = mapped_column(Integer)
    """From 1, without gaps, given by the approval; the highest is in use. Number 0 is the file's and has no line."""
    after: Mapped[int] = mapped_column(Integer)
    """The number that was in use when it was proposed."""
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    """Subject and body, or plain and easy_read."""
    proposed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    proposed_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Approved (it has a number) or dropped."""
    settled_by: Mapped[str] = mapped_column(String(UUID_LENGTH), server_default="", default="")
