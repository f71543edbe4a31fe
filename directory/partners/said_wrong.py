"""What partners said is not right of their services and nobody has put right: no colleague's confirmation loses it.

It is put right when each of its facts says something else than it did, when whoever said it takes it back, or when
staff have looked. What was typed is sealed: it may name somebody, or a place.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.partners.review_due import HELD, WRONG
from directory.partners.review_tables import ServiceReview
from directory.referrals.loop import Loop
from directory.referrals.tables import Task

TABLE = "service_review"
TASK = "check_entry"
REFERRALS = "referrals"
"""Nothing is sent to a mailbox that is said to be wrong: nobody but staff takes that back."""
MARKS = ""
"""Under it, beside the facts, JSON of what each fact said at that time: fact → mark."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a partner said that waits for staff: fact → its words ("" where they wrote none).

    No facts: that all of it is right, where that does not count yet. `room`: what they said of it, which does not
    either. `by`: a member's id."""

    at: datetime
    facts: Mapping[str, str]
    by: str = ""
    room: str = ""


def keep(loop: Loop, row: ServiceReview, wrong: Mapping[str, str], marks: Mapping[str, str]) -> None:
    """Seals the words (fact → what is right) with marks of all facts as they stand now."""
    said = dict(wrong) | {MARKS: json.dumps({code: marks[code] for code in wrong})}
    row.said_sealed = loop.own.seal(json.dumps(said), TABLE, row.id, "said")


def told(session: Session, loop: Loop, service_ids: Collection[str]) -> tuple[Told, ...]:
    """What nobody has put right yet, newest first. Raises Unreadable."""
    found = [_told(loop, row) for row in _waiting(session, service_ids)]
    asked = (Task.kind == TASK, Task.service_id.in_(service_ids), Task.done_at.is_(None))
    tasks = session.scalars(select(Task).where(*asked).order_by(Task.id))
    found += [Told(utc(each.made_at), {}, room=str(each.details["room"])) for each in tasks if each.details.get("room")]
    return tuple(sorted(found, key=lambda each: each.at, reverse=True))


def standing(
    session: Session, loop: Loop, service_ids: Collection[str], member_id: str, marks: Mapping[str, str]
) -> list[Told]:
    """What somebody else said is not right of facts that say the same as then; of one's own word that of referrals."""
    every = (
        (row, _standing(loop, row, member_id, marks)) for row in _waiting(session, service_ids) if row.how == WRONG
    )
    return [Told(utc(row.closed_at), facts, row.said_by) for row, facts in every if facts and row.closed_at]


def settle(
    session: Session, loop: Loop, service_ids: Collection[str], member_id: str, marks: Mapping[str, str], at: datetime
) -> None:
    """What has been put right by now is done with its task, whoever else's question stays; and when nothing stands any
    more, so are confirmations that did not count because of it."""
    rows = list(_waiting(session, service_ids))
    stay = {row.id for row in rows if row.how == WRONG and _standing(loop, row, member_id, marks)}
    _close(session, [row for row in rows if row.id not in stay and (row.how == WRONG or not stay)], member_id, at)


def settle_all(session: Session, service_ids: Collection[str], by: str, at: datetime) -> None:
    """Staff have looked."""
    _close(session, list(_waiting(session, service_ids)), by, at)


def _waiting(session: Session, service_ids: Collection[str]) -> Iterator[ServiceReview]:
    chosen = (ServiceReview.service_id.in_(service_ids), ServiceReview.how.in_((WRONG, HELD)))
    query = select(ServiceReview).where(*chosen, ServiceReview.handled_at.is_(None))
    return iter(session.scalars(query.order_by(ServiceReview.closed_at, ServiceReview.id)))


def _told(loop: Loop, row: ServiceReview) -> Told:
    facts = {code: words for code, words in _said(loop, row).items() if code != MARKS}
    return Told(utc(row.closed_at or row.opened_at), facts, row.said_by)


def _standing(loop: Loop, row: ServiceReview, member_id: str, marks: Mapping[str, str]) -> dict[str, str]:
    said = _said(loop, row)
    before: dict[str, str] = json.loads(said.pop(MARKS, "") or "{}")
    return {
        code: words
        for code, words in said.items()
        if before.get(code, marks.get(code)) == marks.get(code) and (row.said_by != member_id or code == REFERRALS)
    }


def _said(loop: Loop, row: ServiceReview) -> dict[str, str]:
    if row.said_sealed is None:
        return {}
    said: dict[str, str] = json.loads(loop.own.open(row.said_sealed, TABLE, row.id, "said"))
    return said


def _close(session: Session, rows: Collection[ServiceReview], by: str, at: datetime) -> None:
    for row in rows:
        row.handled_at = at
        asked_for = (Task.kind == TASK, Task.object_id == row.id, Task.done_at.is_(None))
        session.execute(update(Task).where(*asked_for).values(done_at=at, done_by=by))
