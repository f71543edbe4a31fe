"""The matcher's one table: where help is missing, counted, with nothing in it of any person."""

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import Base


class Gap(Base):
    """How often in one week nothing could be found for one need in one council area. No text, no postcode, no day."""

    __tablename__ = "gap"
    council_gss: Mapped[str] = mapped_column(String(9), primary_key=True)
    """Empty when no council area was known."""
    need: Mapped[str] = mapped_column(String(80), primary_key=True)
    """A term's id: "need/counselling", "harm/hate"."""
    week: Mapped[str] = mapped_column(String(8), primary_key=True)
    """ISO 8601, UTC: "2026-W47"."""
    count: Mapped[int] = mapped_column(Integer)
