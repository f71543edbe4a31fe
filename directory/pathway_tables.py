"""The rows behind pathways that a domain lead has edited: every version ever published, and who, when and why."""

from datetime import datetime

from sqlalchemy import DateTime, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import UUID_LENGTH, Base


class PathwayVersion(Base):
    """One published text of a pathway. Lines are only ever added: a line is the version and the record of the change.

    Version 0 of a pathway is the file that came with Waymark and has no line.
    """

    __tablename__ = "pathway_version"
    __table_args__ = (UniqueConstraint("pathway", "number"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    pathway: Mapped[str] = mapped_column(String(60), index=True)
    number: Mapped[int] = mapped_column(Integer)
    """From 1, without gaps; the highest is in use."""
    text: Mapped[str] = mapped_column(Text)
    """TOML, exactly as typed."""
    note: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(10))
    """publish | restore"""
    restored: Mapped[int | None] = mapped_column(Integer)
    """The version brought back."""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    """Id of an account."""
