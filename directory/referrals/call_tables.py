"""The row that keeps a call while it goes on: sealed under a key of its own, which ending the call destroys."""

from datetime import datetime

from sqlalchemy import DateTime, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from directory.referrals.tables import _code, _id, _maybe, _moment
from directory.tables import UUID_LENGTH, Base


class CallDraft(Base):
    """What one worker has heard and chosen in one call. An ended call keeps its row for a while, without key and words,
    so that a page that was slow to save cannot bring it back."""

    __tablename__ = "call_draft"
    id: Mapped[str] = _id()
    account_id: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_id: Mapped[str] = _code()
    subject_id: Mapped[str] = mapped_column(String(UUID_LENGTH), default="", server_default="", index=True)
    """Whose case the call is about, once that is known: erasing them empties it (`erasing`)."""
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    turn: Mapped[int] = mapped_column(Integer)
    """Rises with every save: one that comes late never undoes a newer one."""
    started_at: Mapped[datetime] = _moment()
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    ended_at: Mapped[datetime | None] = _maybe()
