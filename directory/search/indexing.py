"""Feeds the index from the record: line by line (drain) or from nothing (rebuild); the record is never behind it.

At least once: lines are marked done after the index has committed, so a crash between the two only repeats work.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from anyio import to_thread
from sqlalchemy import func, select

from directory import records
from directory.clock import Clock
from directory.database import Database
from directory.search import claims, fold
from directory.search.claims import Claim
from directory.search.document import ServiceDocument
from directory.search.index import SearchIndex
from directory.search.sight import Sight, position, sight, written_since
from directory.tables import Outbox

BATCH = 500
"""Outbox lines worked off at a time: one commit of the index each."""

PROGRESS_STEP = 100
"""Services between two words of progress."""


@dataclass(frozen=True, slots=True)
class IndexComparison:
    """Services (ids) the index lacks, has too many, or holds otherwise than the record would have them."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]
    different: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        return not self.all

    @property
    def all(self) -> tuple[str, ...]:
        """Every service that is not as it should be."""
        return (*self.missing, *self.extra, *self.different)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the index is behind the record: lines waiting, and the age of the oldest in seconds."""

    lines: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the record says: documents, and the last outbox line in sight."""

    documents: tuple[ServiceDocument, ...]
    position: int


async def drain(database: Database, index: SearchIndex, clock: Clock, batch: int = BATCH) -> int:
    """Works off waiting outbox lines, oldest first, until none is left that nobody else has taken; returns how many.

    Repeating it is harmless, and so are several at once. Raises what the index raises; the lines of that batch then
    stay waiting.
    """
    done = 0
    while True:
        with ExitStack() as held:
            taking = claims.claim(database, batch)
            claim: Claim = await to_thread.run_sync(held.enter_context, taking)
            if not claim.lines.ids:
                return done
            look = await to_thread.run_sync(_look, database, claim.lines.keys)
            gone = set(claim.lines.keys).difference(document.id for document in look.documents)
            if look.documents:
                await index.put(look.documents, look.position)
            if gone:
                await index.remove(sorted(gone), look.position)
            await to_thread.run_sync(claim.done, clock())
            done += len(claim.lines.ids)


async def rebuild(
    database: Database, index: SearchIndex, clock: Clock, progress: Callable[[int], None] | None = None
) -> int:
    """Makes the whole index anew from one look at the record, and returns how many services it then holds.

    What is written meanwhile may have gone into the old index: it is asked for once more, and the next drain brings
    it. `progress` is told how many services are read so far.
    """
    with database.reading() as session:
        # the lines themselves and no position: on PostgreSQL a lower one may be committed later
        waiting = tuple(session.scalars(select(Outbox.id).where(*claims.WAITING)))
        seen = sight(session)
        built = await index.rebuild(_counted(fold.documents(session), progress), seen.position)
    await to_thread.run_sync(_rebuilt, database, waiting, seen, clock())
    return built


async def compare(database: Database, index: SearchIndex) -> IndexComparison:
    """Whether the index holds just what the record would put there, by id and fingerprint."""
    held = await index.fingerprints()
    return await to_thread.run_sync(_compared, database, held)


async def repair(database: Database, index: SearchIndex, clock: Clock) -> IndexComparison:
    """Brings every service that is not as it should be; returns what was wrong."""
    wrong = await compare(database, index)
    await to_thread.run_sync(_queue, database, wrong.all, clock())
    await drain(database, index, clock)
    return wrong


def lag(database: Database, now: datetime) -> Lag:
    """How far the index is behind the record."""
    waiting = select(func.count(), func.min(Outbox.made_at)).where(*claims.WAITING)
    with database.reading() as session:
        lines, oldest = session.execute(waiting).one()
    if oldest is None:
        return Lag(0, 0.0)
    since = oldest if oldest.tzinfo else oldest.replace(tzinfo=now.tzinfo)
    return Lag(lines, max(0.0, (now - since).total_seconds()))


def _compared(database: Database, held: dict[str, str]) -> IndexComparison:
    missing: list[str] = []
    different: list[str] = []
    with database.reading() as session:
        for document in fold.documents(session):
            fingerprint = held.pop(document.id, None)
            if fingerprint is None:
                missing.append(document.id)
            elif fingerprint != document.fingerprint:
                different.append(document.id)
    return IndexComparison(tuple(missing), tuple(sorted(held)), tuple(different))


def _look(database: Database, keys: tuple[str, ...]) -> _Look:
    with database.reading() as session:
        return _Look(tuple(fold.documents(session, keys)), position(session))


def _rebuilt(database: Database, waiting: tuple[int, ...], seen: Sight, at: datetime) -> None:
    """The lines that waited are worked off; services written since the look at the record are asked for once more."""
    with database.session() as session:
        claims.set_done(session, waiting, at)
        records.queue(session, written_since(session, seen), at)


def _queue(database: Database, keys: Iterable[str], at: datetime) -> None:
    with database.session() as session:
        records.queue(session, keys, at)


def _counted(documents: Iterable[ServiceDocument], progress: Callable[[int], None] | None) -> Iterator[ServiceDocument]:
    for number, document in enumerate(documents, 1):
        yield document
        if progress and number % PROGRESS_STEP == 0:
            progress(number)
