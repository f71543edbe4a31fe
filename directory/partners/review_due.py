"""By which day the facts of a service must be confirmed anew, whatever was said against them meanwhile.

The state itself is that of `feeds.assurance`: after this day the record is stale, and says so wherever it is shown.
Somebody's doubt has the partner asked sooner; a doubt of the partner's own does not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.feeds import assurance
from directory.feeds.assurance import Listing, State, Word
from directory.partners.review_tables import ServiceReview
from directory.partners.tables import PartnerService
from directory.referrals.policy import Policy
from directory.tables import Service

BY = "partner:"
"""Before a member's id in the words of a partner on its own service (`assurance.Word.by`)."""
OVER = frozenset({"inactive", "defunct"})
"""Of a service that takes nobody any more, nothing is asked."""
RIGHT, WRONG, ELSEWHERE = "right", "wrong", "elsewhere"
HELD = "held"
"""All right, they said, but it does not count before staff have looked."""


@dataclass(frozen=True, slots=True)
class Due:
    """By which day a service's facts must be confirmed, from which day on its partner is asked, and when somebody last
    confirmed them all (None: nobody did)."""

    day: date
    first: date
    confirmed_at: datetime | None


def of_services(session: Session, service_ids: Collection[str], policy: Policy) -> dict[str, Due]:
    """Service → when it is due; one that is over, or that its own source withdrew, has no entry."""
    groups = _groups(session, service_ids)
    every = [own for rows in groups.values() for own in rows]
    words = assurance.words(session, every)
    since = _since(session, every)
    again = _said_wrong(session, every)
    wait = timedelta(days=policy.number("partners", "review_again_days"))
    found = {}
    for asked, rows in groups.items():
        said = [word for own in rows for word in words.get(own, ())]
        stands = assurance.standing(_undoubted(said), Listing(), max(rows.values()))
        if stands.state is State.WITHDRAWN:
            continue
        days = [date.fromisoformat(stands.due)] if stands.due else [since[own] for own in rows if own in since]
        day = min([*days, *_doubts(said, policy)], default=None)
        if day is not None:
            day = max([day, *(again[own].date() + wait for own in rows if own in again)])
            found[asked] = _due(day, said, policy)
    return found


def told_by_partner(word: Word) -> bool:
    return word.by.startswith(BY)


def rows_of(session: Session, service_id: str) -> list[str]:
    """Ids of every row that tells of the same service."""
    leader = func.coalesce(Service.same_as_id, Service.id)
    first = select(leader).where(Service.id == service_id).scalar_subquery()
    return list(session.scalars(select(Service.id).where(leader == first).order_by(Service.id)))


def _due(day: date, said: Sequence[Word], policy: Policy) -> Due:
    """Nobody is asked anew before half of a service's rhythm has passed."""
    whole = [word.at for word in said if word.state in assurance.CONFIRMED and not word.fields]
    first = day - timedelta(days=policy.number("partners", "review_first_days"))
    half = timedelta(days=round(assurance.rhythm_of(said).facts * assurance.MONTH_DAYS / 2))
    doubted = bool(_doubts(said, policy))
    if whole and not doubted:
        first = max(first, min(day, max(whole).date() + half))
    return Due(day, first, max(whole, default=None))


def _undoubted(said: Sequence[Word]) -> list[Word]:
    return [word for word in said if word.state is not State.CONTRADICTED]


def _doubts(said: Sequence[Word], policy: Policy) -> list[date]:
    """By when the partner must look at what somebody else doubts: the first reminder leaves at once."""
    first = timedelta(days=policy.number("partners", "review_first_days"))
    return [word.at.date() + first for word in assurance.doubted(said) if not told_by_partner(word)]


def _groups(session: Session, service_ids: Collection[str]) -> dict[str, Mapping[str, str]]:
    """Each service asked about → the rows that tell of it, with the date of their source's facts."""
    leader = func.coalesce(Service.same_as_id, Service.id)
    own = session.execute(select(Service.id, leader).where(Service.id.in_(service_ids))).all()
    leaders = {row[1] for row in own}
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    over: set[str] = set()
    query = select(Service.id, leader, Service.as_of, Service.status).where(leader.in_(leaders))
    for service_id, first, as_of, status in session.execute(query):
        rows[first][service_id] = as_of
        over |= {first} if status in OVER else set()
    return {service_id: rows[first] for service_id, first in own if first not in over}


def _since(session: Session, service_ids: Iterable[str]) -> dict[str, date]:
    """When somebody began to keep a service true: the first day, where nobody ever confirmed it."""
    live = (PartnerService.service_id.in_(list(service_ids)), PartnerService.ended_at.is_(None))
    query = select(PartnerService.service_id, func.min(PartnerService.since)).where(*live)
    return {own: utc(at).date() for own, at in session.execute(query.group_by(PartnerService.service_id))}


def _said_wrong(session: Session, service_ids: Iterable[str]) -> dict[str, datetime]:
    """When a partner last said something that staff have to look at, where nobody has yet."""
    chosen = (ServiceReview.service_id.in_(list(service_ids)), ServiceReview.how.in_((WRONG, HELD)))
    query = select(ServiceReview.service_id, func.max(ServiceReview.closed_at))
    query = query.where(*chosen, ServiceReview.handled_at.is_(None)).group_by(ServiceReview.service_id)
    return {own: utc(at) for own, at in session.execute(query) if at is not None}
