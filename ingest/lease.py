"""One run a source at a time, however many workers there are: a claim in the record with an end, held by a beat.

A worker that dies stops beating, and its source is free again when the claim ends. A worker that was only slow finds
out before it writes (`Lease.confirm`), so that two never write one source.
"""

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from directory.clock import Clock
from directory.database import Database, count_changed
from directory.errors import Conflict, WaymarkError
from directory.feeds.tables import SourceClaim


class Busy(Conflict):
    """The source is being run already."""


LENGTH = timedelta(minutes=2)
BEAT_S = 30.0


@dataclass(frozen=True, slots=True)
class Lease:
    """A source that is ours to run."""

    source_id: str
    holder: str

    def confirm(self, session: Session, at: datetime) -> None:
        """Makes sure, for the rest of this transaction, that it is still ours. Raises Conflict."""
        mine = (SourceClaim.source_id == self.source_id, SourceClaim.claimed_by == self.holder)
        extended = update(SourceClaim).where(*mine).values(claimed_until=at + LENGTH)
        if not count_changed(session, extended):
            raise Conflict(
                "Another worker took this source over: this run was too slow.", "Nothing was written; run it again."
            )


@contextmanager
def held(database: Database, source_id: str, clock: Clock) -> Iterator[Lease]:
    """The source, ours till the end of the block. Raises Busy when another run has it; it must have its row."""
    lease = Lease(source_id, f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}")
    if not _taken(database, lease, clock()):
        raise Busy(f"The source {source_id} is being run already.", "Wait until that run has ended.")
    over = threading.Event()
    beating = threading.Thread(target=_beat, args=(database, lease, clock, over), daemon=True, name="lease")
    beating.start()
    try:
        yield lease
    finally:
        over.set()
        beating.join()
        with suppress(DBAPIError, WaymarkError), database.session() as session:  # else it ends by itself
            mine = (SourceClaim.source_id == source_id, SourceClaim.claimed_by == lease.holder)
            session.execute(delete(SourceClaim).where(*mine))


def is_running(session: Session, source_id: str, at: datetime) -> bool:
    """Whether some worker runs the source now."""
    now = (SourceClaim.source_id == source_id, SourceClaim.claimed_until >= at)
    return session.scalar(select(SourceClaim.source_id).where(*now)) is not None


def _taken(database: Database, lease: Lease, at: datetime) -> bool:
    until = at + LENGTH
    try:
        with database.session() as session:
            over = select(SourceClaim).where(SourceClaim.source_id == lease.source_id, SourceClaim.claimed_until < at)
            free = session.scalars(over.with_for_update(skip_locked=True)).first()
            if free is not None:
                free.claimed_by, free.claimed_until = lease.holder, until
                return True
            held = select(SourceClaim.source_id).where(SourceClaim.source_id == lease.source_id)
            if session.scalar(held) is not None:  # or its holder confirms it just now: inserting would wait for that
                return False
            claim = {"source_id": lease.source_id, "claimed_by": lease.holder, "claimed_until": until}
            session.execute(insert(SourceClaim).values(**claim))
            return True
    except IntegrityError:  # somebody's claim is there, and holds
        return False


def _beat(database: Database, lease: Lease, clock: Clock, over: threading.Event) -> None:
    while not over.wait(BEAT_S):
        # the record may be busy: the claim lasts for several beats
        with suppress(DBAPIError, WaymarkError), database.session() as session:
            lease.confirm(session, clock())
