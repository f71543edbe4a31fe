"""Feeds the index from the record: line by line (drain) or from nothing (rebuild); the record is never behind it.

At least once: lines are marked done after the index has committed, so a crash between the two only repeats work.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from anyio import to_thread
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory import records
from directory.clock import Clock
from directory.database import Database
from directory.records import UNSEEN
from directory.search import fold
from directory.search.document import ServiceDocument
from directory.search.index import SearchIndex
from directory.search.query import ServiceQuery
from directory.tables import Outbox

BATCH = 500
"""Outbox lines worked off at a time: one commit of the index each."""

MARKED = 500
"""Ids in one UPDATE: SQLite takes no endless list."""

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
        return not (self.missing or self.extra or self.different)


@dataclass(frozen=True, slots=True)
class _Work:
    """Waiting lines, in order, and what the record now says of the services they name."""

    lines: tuple[int, ...]
    keys: tuple[str, ...]
    documents: tuple[ServiceDocument, ...]

    @property
    def gone(self) -> list[str]:
        """Services that must not be found any more."""
        there = {document.id for document in self.documents}
        return [key for key in self.keys if key not in there]


async def drain(database: Database, index: SearchIndex, clock: Clock, batch: int = BATCH) -> int:
    """Works off every waiting outbox line, oldest first; returns how many. Repeating it is harmless.

    Raises what the index raises; the lines of that batch then stay waiting.
    """
    done = 0
    while True:
        work = await to_thread.run_sync(_waiting, database, batch)
        if not work.lines:
            return done
        if work.documents:
            await index.put(work.documents)
        if work.gone:
            await index.remove(work.gone)
        await to_thread.run_sync(_finish, database, work, clock())
        done += len(work.lines)


async def rebuild(
    database: Database, index: SearchIndex, clock: Clock, progress: Callable[[int], None] | None = None
) -> int:
    """Makes the whole index anew from one look at the record, and returns how many services it then holds.

    Lines written meanwhile stay waiting for the next drain. `progress` is told how many services are read so far.
    """
    with database.reading() as session:
        waiting = select(Outbox.id).where(Outbox.topic == records.INDEX, Outbox.done_at.is_(None))
        # the lines themselves and no position: on PostgreSQL a lower one may be committed later
        lines = tuple(session.scalars(waiting))
        built = await index.rebuild(_counted(fold.documents(session), progress))
    await to_thread.run_sync(_mark, database, lines, clock())
    return built


async def compare(database: Database, index: SearchIndex) -> IndexComparison:
    """Whether the index holds just what the record would put there, document by document."""
    held = {document.id: document async for document in _held(index)}
    missing: list[str] = []
    different: list[str] = []
    with database.reading() as session:
        for document in fold.documents(session):
            other = held.pop(document.id, None)
            if other is None:
                missing.append(document.id)
            elif other != document:
                different.append(document.id)
    return IndexComparison(tuple(missing), tuple(sorted(held)), tuple(different))


async def _held(index: SearchIndex) -> AsyncIterator[ServiceDocument]:
    """Every document of the index, page by page."""
    query = ServiceQuery(for_person_harmed=False, sort="name", page_size=BATCH)
    while True:
        page = await index.search(query)
        for hit in page.hits:
            yield hit.service
        if query.page >= page.pages:
            return
        query = replace(query, page=query.page + 1)


def _waiting(database: Database, batch: int) -> _Work:
    """The oldest lines and, from the same look at the record, the documents they ask for."""
    waiting = (
        select(Outbox.id, Outbox.key)
        .where(Outbox.topic == records.INDEX, Outbox.done_at.is_(None))
        .order_by(Outbox.id)
        .limit(batch)
    )
    with database.reading() as session:
        lines = list(session.execute(waiting))
        keys = tuple(dict.fromkeys(line.key for line in lines))
        documents = tuple(fold.documents(session, keys))
    return _Work(tuple(line.id for line in lines), keys, documents)


def _finish(database: Database, work: _Work, at: datetime) -> None:
    """Marks the lines done. A service that another drain brought further meanwhile is asked for once more."""
    with database.session() as session:
        overtaken = select(Outbox.key).where(
            Outbox.topic == records.INDEX,
            Outbox.key.in_(work.keys),
            Outbox.id > max(work.lines),
            Outbox.done_at.is_not(None),
        )
        records.queue(session, session.scalars(overtaken).all(), at)
        _set_done(session, work.lines, at)


def _mark(database: Database, lines: Sequence[int], at: datetime) -> None:
    with database.session() as session:
        _set_done(session, lines, at)


def _set_done(session: Session, lines: Sequence[int], at: datetime) -> None:
    for start in range(0, len(lines), MARKED):
        some = Outbox.id.in_(lines[start : start + MARKED])
        session.execute(update(Outbox).where(some).values(done_at=at), execution_options=UNSEEN)


def _counted(documents: Iterable[ServiceDocument], progress: Callable[[int], None] | None) -> Iterator[ServiceDocument]:
    for number, document in enumerate(documents, 1):
        yield document
        if progress and number % PROGRESS_STEP == 0:
            progress(number)
