"""Seals audit lines into a chain that cannot be edited unseen, and looks whether it was (security.md, threat 19).

Each seal's MAC (HMAC-SHA-256 under a key of its own, from the key file) takes in the one before and the whole line. A
head, the last seal's number and MAC, is written to a file once a day to be kept off this machine: whoever cuts the end
off the chain is found by it. Writers never wait for the chain: lines are sealed after they are committed.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Result, String, func, insert, select, type_coerce
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.errors import UnusableFile
from directory.referrals import audit_anchor
from directory.referrals.loop import Loop
from directory.referrals.sealing import Keys
from directory.referrals.tables import AuditEvent, AuditSeal

PURPOSE = "audit"
START = "0" * 64
AT_ONCE = 5_000
LATE = timedelta(hours=1)
"""A slow transaction commits after its rivals. What comes in behind lines sealed longer ago was put in by hand."""
HEADS = "audit-heads.jsonl"
BETWEEN = "\x1f"
"""Joins what a MAC is made of: no code, id or name holds this character, so no two lines read the same."""
LINE: tuple[ColumnElement[Any], ...] = (
    AuditEvent.__table__.c.id,
    type_coerce(AuditEvent.__table__.c.at, String),  # as it is kept: even one that is no moment must be told of
    *(column for column in AuditEvent.__table__.c if column.name not in ("id", "at")),
)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at a moment: kept elsewhere, it proves that nothing was cut off since."""

    seq: int
    mac: str
    at: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole chain found. `bad_seq` 0: nothing wrong; else the first seal at fault, and `why`."""

    sealed: int
    unsealed: int
    bad_seq: int = 0
    why: str = ""

    @property
    def is_right(self) -> bool:
        return not self.why


def seal(loop: Loop, most: int = AT_ONCE) -> int:
    """Seals lines that are not yet, in the order of their numbers; returns how many. 0 when another process did."""
    try:
        with loop.database.session() as session:
            return _seal(session, loop, most)
    except IntegrityError:
        return 0


def seal_all(loop: Loop) -> int:
    """Seals until nothing is left."""
    done = 0
    while some := seal(loop):
        done += some
    return done


def head(session: Session, at: datetime) -> Head | None:
    """The end of the chain; None when nothing is sealed."""
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).first()
    return Head(last.seq, last.mac, at.astimezone(UTC).isoformat()) if last else None


def export_head(loop: Loop, home: Path) -> Head | None:
    """Adds the head to the file in home, once a day; copy that file to where this machine cannot write."""
    with loop.database.reading() as session:
        now = head(session, loop.clock())
    kept = heads(home / HEADS)
    if now is None or (kept and kept[-1].at[:10] == now.at[:10]):
        return None
    with (home / HEADS).open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(now)) + "\n")
    return now


def heads(file: Path) -> list[Head]:
    """The heads exported so far; none when there is no file. Raises UnusableFile."""
    try:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
        found = [Head(**line) for line in lines]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise UnusableFile(f"{file} is no file of heads.", "Use the copy that was kept elsewhere.") from error
    if not all(isinstance(each.seq, int) and isinstance(each.mac, str) and each.mac.isascii() for each in found):
        raise UnusableFile(f"{file} is no file of heads.", "Use the copy that was kept elsewhere.")
    return found


def verify(session: Session, keys: Keys, now: datetime, known: Sequence[Head] = ()) -> Verified:
    """Goes through the whole chain, first to last, against the lines and the heads exported before.

    Finds a line changed, deleted, put in, moved; the end cut off (by a head); and seals under another key.
    """
    marks = {each.seq: each.mac for each in known}
    before, mac = _beginning(session, keys)
    with _chain(session) as chain:  # closed, when the fault is early
        found = _followed(chain, keys, before, mac, marks)
    if not found.is_right:
        return found
    end = before + found.sealed
    if marks and max(marks) > end:
        return Verified(found.sealed, 0, end + 1, "the end of the chain was cut off since a head was exported")
    return _unsealed(session, found.sealed, now)


def _seal(session: Session, loop: Loop, most: int) -> int:
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).first()
    seq, mac = (last.seq, last.mac) if last else (0, START)
    now, key_id = loop.clock(), loop.keys.current
    chosen = (AuditEvent.id > _settled(session, now), *_NO_SEAL)
    query = _with_seals(select(*LINE)).where(*chosen).order_by(AuditEvent.id).limit(most)
    keyed, rows = _keyed(loop.keys, key_id), []
    for line in session.execute(query).all():
        seq, mac = seq + 1, _mac(keyed, mac, seq + 1, line)
        rows.append({"seq": seq, "audit_event_id": line[0], "mac": mac, "key_id": key_id, "sealed_at": now})
    if rows:
        session.execute(insert(AuditSeal), rows)
    return len(rows)


def _beginning(session: Session, keys: Keys) -> tuple[int, str]:
    """Number and MAC before the first seal that is kept: of what the schedule let go, if that is proved."""
    first = session.scalar(select(func.min(AuditSeal.seq))) or 1
    mac = audit_anchor.mac_before(session, keys, first) if first > 1 else None
    return (0, START) if mac is None else (first - 1, mac)


def _followed(chain: Iterable[Sequence[Any]], keys: Keys, start: int, mac: str, marks: Mapping[int, str]) -> Verified:
    """The first seal at fault after `start`, whose MAC is given."""
    keyed = {key_id: _keyed(keys, key_id) for key_id in keys.masters}
    before = start
    for row in chain:
        seq, said, key_id, line = row[0], row[1], row[2], row[3:]
        if seq != before + 1:
            return Verified(before - start, 0, before + 1, "a seal is missing here")
        if line[0] is None:
            return Verified(before - start, 0, seq, "the line it sealed is gone")
        if key_id not in keyed:
            return Verified(before - start, 0, seq, "it is sealed under a key that is not ours")
        mac = _mac(keyed[key_id], mac, seq, line)
        if not mac or mac != said:
            return Verified(before - start, 0, seq, "the line or its place is not what was sealed")
        if marks.get(seq, mac) != mac:
            return Verified(before - start, 0, seq, "it is not the head that was exported")
        before = seq
    return Verified(before - start, 0)


def _chain(session: Session) -> Result[Any]:
    """Number, MAC, key's id, and the line from there on; a line that is gone is all None."""
    seals, lines = AuditSeal.__table__, AuditEvent.__table__
    both = seals.outerjoin(lines, lines.c.id == seals.c.audit_event_id)
    query = select(seals.c.seq, seals.c.mac, seals.c.key_id, *LINE).select_from(both).order_by(seals.c.seq)
    return session.connection().execute(query.execution_options(yield_per=2_000))  # no objects: twice as fast


def _unsealed(session: Session, sealed: int, now: datetime) -> Verified:
    """Of a chain that is right: how many lines wait for their seal, and whether one was put in behind our back."""
    waiting = session.scalar(_with_seals(select(func.count(AuditEvent.id))).where(*_NO_SEAL)) or 0
    settled = _settled(session, now)
    old = session.scalar(_with_seals(select(func.min(AuditEvent.id))).where(*_NO_SEAL, AuditEvent.id <= settled))
    if old is None:
        return Verified(sealed, waiting)
    place = session.scalar(select(func.min(AuditSeal.seq)).where(AuditSeal.audit_event_id > old))
    return Verified(sealed, waiting, place or sealed, "a line was put in before it that was never sealed")


def _settled(session: Session, now: datetime) -> int:
    """Number of the line sealed `LATE` ago: nothing honest comes in before it any more. None: below all of them."""
    query = select(AuditSeal.audit_event_id).where(AuditSeal.sealed_at <= now - LATE).order_by(AuditSeal.seq.desc())
    found = session.scalar(query.limit(1))
    return -(2**31) if found is None else found


def _with_seals(query: Any) -> Any:
    return query.select_from(AuditEvent).outerjoin(AuditSeal, AuditSeal.audit_event_id == AuditEvent.id)


_NO_SEAL = (AuditSeal.seq.is_(None),)


def _keyed(keys: Keys, key_id: str) -> hmac.HMAC:
    return hmac.new(keys.derived(PURPOSE, key_id), digestmod=sha256)


def _mac(keyed: hmac.HMAC, before: str, seq: int, line: Sequence[Any]) -> str:
    """ "" for a line that holds what none of ours does: no seal is like that."""
    try:
        text = BETWEEN.join((before, f"{seq} {line[0]} {_moment(line[1])}", *line[2:]))
    except TypeError:
        return ""
    found = keyed.copy()
    found.update(text.encode())
    return found.hexdigest()


def _moment(at: Any) -> str:
    """The same text from SQLite, which keeps UTC as text, and from PostgreSQL."""
    if isinstance(at, datetime):
        return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return str(at)
