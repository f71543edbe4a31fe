"""How far a reader of the outbox has seen, so that what was written since is asked for once more."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.records import INDEX
from directory.tables import Outbox

LATE_LINES = 10_000
"""How far below the last outbox line another may still be committed: PostgreSQL gives numbers before it commits."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The last outbox line in sight of one look at the record, and the ids of all lines not far below it."""

    position: int
    ids: frozenset[int]


def sight(session: Session) -> Sight:
    """What this look at the record has in sight."""
    last = position(session)
    near = select(Outbox.id).where(Outbox.topic == INDEX, Outbox.id > last - LATE_LINES)
    return Sight(last, frozenset(session.scalars(near)))


def position(session: Session) -> int:
    """The last outbox line in sight; it only ever grows."""
    return session.scalar(select(func.max(Outbox.id))) or 0


def written_since(session: Session, seen: Sight) -> list[str]:
    """Ids of the services written since, those whose lines have a lower number and were committed late among them."""
    lines = select(Outbox.id, Outbox.key).where(Outbox.topic == INDEX, Outbox.id > seen.position - LATE_LINES)
    return [key for id_, key in session.execute(lines) if id_ not in seen.ids]
