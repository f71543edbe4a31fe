"""What is heard and chosen in a call, kept while it goes on, so that no crash, lock or dropped line loses a word.

Sealed under a key of the call's own; ending the call (a case is opened, the worker says so, it lies idle) destroys the
key. It is nobody's but the worker's who began it: to others there is no such call.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import Conflict, NotFound
from directory.keys import KEY_BYTES, Sealer, opened, sealed
from directory.referrals import audit
from directory.referrals.asking import Who
from directory.referrals.call_tables import CallDraft
from directory.referrals.loop import Loop

NO_CALL = ("There is no such call.", "Begin a new one: what was heard in that one is gone.")
OFFERED = 5
"""Calls left open that are offered again, at most."""
TABLE, BODY = "call_draft", "body"


@dataclass(frozen=True, slots=True)
class Draft:
    """A call that goes on. `body` is whatever the page keeps (JSON); `turn` that of the last save."""

    id: str
    turn: int
    started_at: datetime
    saved_at: datetime
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Open:
    """A call that was left open, without a word of it."""

    id: str
    started_at: datetime
    saved_at: datetime


def new_id() -> str:
    """An id for a call; nothing is kept before the first `save`."""
    return str(uuid4())


def save(
    loop: Loop, who: Who, call_id: str, body: Mapping[str, Any], turn: int | None = None, subject_id: str | None = None
) -> int:
    """Keeps a call as it stands and returns the turn kept. `turn`: a number that rises; None: one after the last.

    A turn not above the one kept changes nothing. `subject_id`: whose case it is about, "" nobody's, None: as before.
    Raises NotFound for a call of somebody else, Conflict for one that has ended.
    """
    with loop.database.session() as session:
        row = session.get(CallDraft, call_id, with_for_update=True)
        if row is None:
            row = _begun(session, loop, who, call_id)
        elif row.account_id != who.id:
            raise NotFound(*NO_CALL)
        if row.wrapped_key is None:
            raise Conflict("This call has ended.", "Begin a new one.")
        if turn is not None and turn <= row.turn:
            return row.turn
        row.turn = row.turn + 1 if turn is None else turn
        text = json.dumps(dict(body), ensure_ascii=False, sort_keys=True)
        row.body_sealed = _sealer(loop, row).seal(text, TABLE, row.id, BODY)
        row.saved_at = loop.clock()
        if subject_id is not None:
            row.subject_id = subject_id
        return row.turn


def read(loop: Loop, who: Who, call_id: str) -> Draft:
    """A call of this worker's. Raises NotFound for one of somebody else, ended or too long idle, and Unreadable."""
    with loop.database.reading() as session:
        row = session.scalar(select(CallDraft).where(CallDraft.id == call_id, *_going(loop, who)))
        if row is None:
            raise NotFound(*NO_CALL)
        body = json.loads(_sealer(loop, row).open(row.body_sealed, TABLE, row.id, BODY))
        return Draft(row.id, row.turn, utc(row.started_at), utc(row.saved_at), body)


def resume(loop: Loop, who: Who, call_id: str) -> Draft:
    """The same for somebody who goes on with it, with its line in the audit."""
    found = read(loop, who, call_id)
    with loop.database.session() as session:
        audit.note(session, who, loop.clock(), "view", "call", call_id)
    return found


def offered(loop: Loop, who: Who) -> tuple[Open, ...]:
    """The calls this worker left open, last first; those too long idle wait for `retention`."""
    with loop.database.reading() as session:
        query = select(CallDraft).where(*_going(loop, who)).order_by(CallDraft.saved_at.desc(), CallDraft.id)
        rows = session.scalars(query.limit(OFFERED))
        return tuple(Open(row.id, utc(row.started_at), utc(row.saved_at)) for row in rows)


def discard(loop: Loop, who: Who, call_id: str) -> None:
    """Destroys a call's key and its words, for good. Nothing happens when it has ended; raises NotFound."""
    with loop.database.session() as session:
        row = session.get(CallDraft, call_id, with_for_update=True)
        if row is None or row.account_id != who.id:
            raise NotFound(*NO_CALL)
        if row.ended_at is not None:
            return
        row.wrapped_key, row.body_sealed, row.ended_at = None, None, loop.clock()
        audit.note(session, who, loop.clock(), "erase", "call", call_id)
    loop.database.forget()


def idle(loop: Loop, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Which calls are kept no longer."""
    return (CallDraft.saved_at <= now - timedelta(hours=loop.policy.number("retention", "call_idle_hours")),)


def _going(loop: Loop, who: Who) -> tuple[ColumnElement[bool], ...]:
    kept = (CallDraft.wrapped_key.is_not(None), CallDraft.body_sealed.is_not(None))
    return (CallDraft.account_id == who.id, *kept, *(~each for each in idle(loop, loop.clock())))


def _begun(session: Session, loop: Loop, who: Who, call_id: str) -> CallDraft:
    now = loop.clock()
    wrapped = sealed(loop.keys.derived("wrap"), secrets.token_bytes(KEY_BYTES), _place(call_id))
    row = CallDraft(
        id=call_id,
        account_id=who.id,
        wrapped_key=wrapped,
        key_id=loop.keys.current,
        turn=0,
        started_at=now,
        saved_at=now,
    )
    session.add(row)
    audit.note(session, who, now, "create", "call", call_id)
    session.flush()
    return row


def _sealer(loop: Loop, row: CallDraft) -> Sealer:
    assert row.wrapped_key is not None  # whoever calls this has looked
    return Sealer(opened(loop.keys.derived("wrap", row.key_id), row.wrapped_key, _place(row.id)))


def _place(call_id: str) -> str:
    return f"call:{call_id}"
