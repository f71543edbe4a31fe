"""Whether a service takes referrals, as it said itself: kept until it expires, and the index told at once.

The fold (`search.telling`) lets the newest word stand before what the service's source says. `settle` takes away what
has expired, so that the source's own word counts again.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import capacity, records
from directory.draft import Capacity
from directory.errors import BadInput, NotFound
from directory.tables import CapacityWord, Service

PROVIDER, SPOC = "provider", "spoc"


def say(
    session: Session,
    service_id: str,
    state: str,
    at: datetime,
    *,
    minimum_weeks: int | None = None,
    maximum_weeks: int | None = None,
    expires: date | None = None,
    said_by: str = PROVIDER,
) -> None:
    """Keeps a service's word in place of its last one, with the outbox line. `state`: `capacity.STATES`; the wait is in
    weeks; `expires` is its last day (None: `capacity.LASTS_DAYS` from now). Raises NotFound, BadInput."""
    last = expires or at.date() + timedelta(days=capacity.LASTS_DAYS)
    said = Capacity(state, minimum_weeks, maximum_weeks, at.date().isoformat(), last.isoformat())
    try:
        capacity.check(said)
    except ValueError as error:
        raise BadInput(f"What was said of room cannot be used: {error}.", "Say it again.", "capacity") from error
    own = select(Service.id, Service.same_as_id).where(Service.id == service_id)
    leader = session.execute(own.with_for_update(key_share=True)).first()  # the same words at once follow each other
    if leader is None or not state:
        raise NotFound("There is no such service in the record.", "Look it up by name.")
    row = session.get(CapacityWord, service_id) or CapacityWord(service_id=service_id)
    row.state, row.minimum_weeks, row.maximum_weeks = state, minimum_weeks, maximum_weeks
    row.as_of, row.expires, row.said_by = said.as_of, said.expires, said_by
    session.add(row)
    session.flush()
    records.queue(session, [leader.same_as_id or leader.id], at)


def settle(session: Session, at: datetime) -> int:
    """Takes away the words that no longer hold, and has the index told; returns how many. Called by the sweeps."""
    over = list(session.scalars(select(CapacityWord).where(CapacityWord.expires < at.date().isoformat())))
    for row in over:
        session.delete(row)
    ids = [row.service_id for row in over]
    leaders = session.execute(select(Service.id, Service.same_as_id).where(Service.id.in_(ids)))
    records.queue(session, [leader or own for own, leader in leaders], at)
    return len(over)
