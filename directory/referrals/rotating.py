"""Wraps what is kept under another master key, batch by batch: killed at any moment, it goes on where it was.

Earlier keys stay in the file: the audit's seals, links on their way and backups were made under them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from directory import keys as key_file
from directory.accounts.tables import utc
from directory.keys import Sealer, Unreadable, opened, sealed
from directory.referrals import audit
from directory.referrals.asking import SYSTEM
from directory.referrals.loop import Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.referrals.tables import AuditSeal, LinkSession, Mailbox, Subject
from directory.tables import Base

AT_ONCE = 200
WHAT = "key"
OWN: tuple[type[Base], ...] = (Mailbox, LinkSession, PartnerLetter)
"""Tables of the loop that are sealed by the installation's own key and not by a person's."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One key of the file. `since`: its first seal, None when nothing was sealed under it yet."""

    key_id: str
    current: bool
    prepared: bool
    """In the file, and waits to be taken into use."""
    people: int
    seals: int
    since: datetime | None


def uses(loop: Loop) -> list[KeyUse]:
    """Every key of the file, the current one first, with what is sealed under it. A key that people's are wrapped by
    and that is not in the file is told of as well: its people cannot be read."""
    with loop.database.reading() as session:
        kept = Subject.wrapped_key.is_not(None)
        people = dict(session.execute(select(Subject.key_id, func.count()).where(kept).group_by(Subject.key_id)).all())
        first = func.min(AuditSeal.sealed_at)
        query = select(AuditSeal.key_id, func.count(), first).group_by(AuditSeal.key_id)
        seals = {own: (many, at) for own, many, at in session.execute(query)}
    known = list(dict.fromkeys((loop.keys.current, *reversed(tuple(loop.keys.masters)), *people)))
    return [
        KeyUse(
            own,
            own == loop.keys.current,
            own == key_file.prepared(loop.keys),
            people.get(own, 0),
            many,
            utc(at) if at else None,
        )
        for own in known
        for many, at in [seals.get(own, (0, None))]
    ]


def waiting(session: Session, key_id: str) -> int:
    """How many people's keys are not wrapped by this one yet."""
    return session.scalar(select(func.count()).where(*_others(key_id))) or 0


def rotate(loop: Loop, file: Path, tick: Callable[[int], object], tables: Sequence[type[Base]] = ()) -> tuple[str, int]:
    """A new master key for all that is sealed from now on, and people's keys wrapped by it; goes on with a rotation
    that was stopped, or of which a process on the old key knew nothing. Returns the key's id and how many were wrapped
    anew: an id that was current before is no new key. Raises UnusableFile, Unreadable."""
    with loop.database.reading() as session:
        unfinished = waiting(session, loop.keys.current)
    keys = loop.keys
    if not unfinished:
        key_file.add_key(file)
        keys = key_file.use_newest(file)
        with loop.database.session() as session:
            now = loop.clock()
            audit.note(
                session, SYSTEM, now, "change", WHAT, keys.current, purpose="rotate",
                state_from=loop.keys.current, state_to=keys.current,
            )  # fmt: skip
    own, done = Loop(loop.database, keys, loop.policy, loop.clock, loop.next_best), 0
    while some := _wrap_some(own):
        done += some
        tick(done)
    for table in (*OWN, *tables):
        _seal_anew(own, table)
    loop.database.forget()
    return keys.current, done


def _wrap_some(loop: Loop) -> int:
    current = loop.keys.current
    with loop.database.session() as session:
        query = select(Subject).where(*_others(current)).order_by(Subject.id).limit(AT_ONCE).with_for_update()
        rows = list(session.scalars(query))
        for row in rows:
            place = f"subject:{row.id}"
            assert row.wrapped_key is not None  # chosen so, and held
            key = opened(loop.keys.derived("wrap", row.key_id), row.wrapped_key, place)
            row.wrapped_key, row.key_id = sealed(loop.keys.derived("wrap"), key, place), current
    return len(rows)


def _seal_anew(loop: Loop, table: type[Base]) -> None:
    """What only an earlier key of the installation opens, sealed anew: the table's columns named `*_sealed`."""
    newest = Sealer(loop.keys.derived("own"))
    columns = [each.name.removesuffix("_sealed") for each in table.__table__.columns if each.name.endswith("_sealed")]
    own_id, after = table.__table__.c.id, ""
    while True:
        with loop.database.session() as session:
            query = select(table).where(own_id > after).order_by(own_id).limit(AT_ONCE).with_for_update()
            rows: list[Any] = list(session.scalars(query))
            for row in rows:
                for column in columns:
                    _seal_value(loop, newest, row, column)
        if not rows:
            return
        after = rows[-1].id


def _seal_value(loop: Loop, newest: Sealer, row: Any, column: str) -> None:
    value, place = getattr(row, f"{column}_sealed"), (row.__tablename__, row.id, column)
    if value is None:
        return
    try:
        newest.open(value, *place)
    except Unreadable:
        setattr(row, f"{column}_sealed", newest.seal(loop.own.open(value, *place), *place))


def _others(key_id: str) -> tuple[ColumnElement[bool], ...]:
    return Subject.wrapped_key.is_not(None), Subject.key_id != key_id
