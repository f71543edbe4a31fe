"""The row behind a message to a partner: to whom, and what it must say, sealed until it has left."""

from datetime import datetime

from sqlalchemy import DateTime, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import UUID_LENGTH, Base


class PartnerLetter(Base):
    """A message to somebody who registers services here, or keeps them true. No proved mailbox stands behind it."""

    __tablename__ = "partner_letter"
    id: Mapped[str] = mapped_column(String(UUID_LENGTH), primary_key=True)
    fields_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON of the address ("to"), the code and the organization's name, under the installation's key; None once the
    message has left, or never will."""
    path: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Of the page it speaks of; nothing in it lets anybody in."""
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """After this it must not leave."""
