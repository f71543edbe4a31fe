"""A service whose place is confidential by now: what its partner wrote while it was open is taken out of what we keep.

The record forgets by itself (`editing.hand`); this is of the registration it came by, and of words in yearly answers,
both sealed. Whoever hid the place, staff, a source or the partner, an hour later nothing of it is left here either.
"""

import json
from collections.abc import Collection, Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import records
from directory.editing import hand
from directory.errors import NotFound
from directory.partners import answers, registrations, said_wrong, service_answers
from directory.partners.answers import Answers
from directory.partners.review_tables import ServiceReview
from directory.partners.tables import PartnerService, Registration
from directory.referrals import audit, sweeps
from directory.referrals.asking import SYSTEM
from directory.referrals.loop import Loop
from directory.tables import Service
from directory.values import Visibility

EVERY = timedelta(hours=1)
HIDDEN = {"premises": {"visibility": Visibility.UNDISCLOSED.value}}


def look(loop: Loop) -> Iterator[str]:
    """Forgets what is due, once an hour, and says in a line of how many services."""
    with sweeps.claimed(loop, "partners_hidden_places", EVERY) as ours:
        if not ours:
            return
        with loop.database.session() as session:
            kept = session.scalars(select(PartnerService.service_id).distinct().order_by(PartnerService.service_id))
            count = sum(forget(session, loop, own) for own in list(kept))
        if count:
            yield f"Of {count} services whose place is confidential, what was written while it was open is gone."


def forget(session: Session, loop: Loop, service_id: str) -> bool:
    """Takes it out in the caller's transaction; False when the place is open, or nothing of it was left."""
    try:
        rows = hand.rows_of(session, service_id)
    except NotFound:
        return False
    shown = set(session.scalars(select(Service.visibility).where(Service.id.in_(rows))))
    if Visibility.UNDISCLOSED not in shown:
        return False
    found = [*_of_reviews(session, loop, rows), *_of_registrations(session, loop, rows)]
    for table, own in found:
        audit.note(session, SYSTEM, loop.clock(), "erase", table, own, purpose="place_confidential")
    return bool(found)


def _of_reviews(session: Session, loop: Loop, rows: Collection[str]) -> Iterator[tuple[str, str]]:
    """Which facts were said to be wrong stays, the words go."""
    query = select(ServiceReview).where(ServiceReview.service_id.in_(rows), ServiceReview.said_sealed.is_not(None))
    for row in session.scalars(query):
        said: dict[str, str] = json.loads(loop.own.open(row.said_sealed, said_wrong.TABLE, row.id, "said"))
        if any(said.values()):
            without = json.dumps(dict.fromkeys(said, ""))
            row.said_sealed = loop.own.seal(without, said_wrong.TABLE, row.id, "said")
            yield said_wrong.TABLE, row.id


def _of_registrations(session: Session, loop: Loop, rows: Collection[str]) -> Iterator[tuple[str, str]]:
    chosen = (Registration.state == registrations.APPROVED, Registration.answers_sealed.is_not(None))
    for row in session.scalars(select(Registration).where(*chosen)):
        whole = registrations.read(loop, row).answers
        without = _without(whole, rows)
        if without != whole:
            text = answers.to_json(without)
            row.answers_sealed = loop.own.seal(text, registrations.TABLE, row.id, "answers")
            yield registrations.TABLE, row.id


def _without(whole: Answers, rows: Collection[str]) -> Answers:
    made = whole
    for each in whole.services:
        own = records.service_id(service_answers.SOURCE_ID, service_answers.source_id(each.own))
        if own in rows and not service_answers.is_hidden(each):
            made = service_answers.put(made, each.own, "place", HIDDEN)
    return made
