"""Takes waiting outbox lines for one worker at a time, so that many workers may feed one index without doubles.

PostgreSQL: the lines are locked (`FOR UPDATE SKIP LOCKED`) for as long as the claim lasts; a worker that dies loses
its locks and the next one takes its lines. SQLite: whoever holds a lock file beside the record drains, the others
find nothing to do.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from directory.database import Database, batches
from directory.records import INDEX, UNSEEN
from directory.search.turn import turn
from directory.tables import Outbox

MARKED = 500
"""Ids in one UPDATE: SQLite takes no endless list."""
WAITING = (Outbox.topic == INDEX, Outbox.done_at.is_(None))
"""Lines of the index that nobody has worked off yet."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Waiting lines of one claim, oldest first, and the services they name."""

    ids: tuple[int, ...]
    keys: tuple[str, ...]


NOTHING = Lines((), ())


class Claim:
    """The lines taken; `done` marks them and ends the claim. Left undone, they wait for the next."""

    def __init__(self, database: Database, lines: Lines, session: Session | None) -> None:
        self.lines = lines
        self._database = database
        self._session = session

    def done(self, at: datetime) -> None:
        """The index holds what the lines asked for."""
        if self._session is not None:
            set_done(self._session, self.lines.ids, at)
            self._session.commit()
            return
        with self._database.session() as session:
            set_done(session, self.lines.ids, at)


@contextmanager
def claim(database: Database, batch: int) -> Iterator[Claim]:
    """Up to `batch` of the oldest waiting lines, nobody else's; none when others are at them all.

    A service's lines are worked off in their order: while another worker has an earlier line of it, its later lines
    are not taken. Raises NotReady when the record's server is lost.
    """
    if database.engine.dialect.name != "postgresql":
        with turn(Path(f"{database.engine.url.database}.draining")) as ours:
            with database.reading() as session:
                lines = _lines(session.execute(_oldest(batch))) if ours else NOTHING
            yield Claim(database, lines, None)
        return
    with database.reached(), Session(database.engine) as session:
        yield Claim(database, _locked(session, batch), session)


def set_done(session: Session, lines: Sequence[int], at: datetime) -> None:
    """Marks lines as worked off."""
    for some in batches(lines, MARKED):
        session.execute(update(Outbox).where(Outbox.id.in_(some)).values(done_at=at), execution_options=UNSEEN)


def _oldest(batch: int) -> Select[int, str]:
    return select(Outbox.id, Outbox.key).where(*WAITING).order_by(Outbox.id).limit(batch)


def _lines(found: Iterable[tuple[int, str]]) -> Lines:
    lines = tuple(found)
    return Lines(tuple(id_ for id_, _ in lines), tuple(dict.fromkeys(key for _, key in lines)))


def _locked(session: Session, batch: int) -> Lines:
    """The oldest lines that nobody has locked, without those of a service of which somebody has an earlier one."""
    found = session.execute(_oldest(batch).with_for_update(skip_locked=True)).all()
    ours = {id_ for id_, _ in found}
    keys = {key for _, key in found}
    first = select(Outbox.key, func.min(Outbox.id)).where(*WAITING, Outbox.key.in_(keys)).group_by(Outbox.key)
    behind = {key for key, id_ in session.execute(first) if id_ not in ours}
    return _lines((id_, key) for id_, key in found if key not in behind)
