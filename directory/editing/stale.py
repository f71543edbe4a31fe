"""Services whose record nobody has confirmed for too long, or that somebody found wrong: worst first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.database import batches
from directory.feeds import assurance, listing
from directory.feeds.assurance import Assured, Listing, Rhythm, State, Word
from directory.feeds.quality import BROKEN_AFTER
from directory.feeds.tables import LinkCheck
from directory.tables import Attribute, Organization, Service, ServiceArea
from directory.values import Visibility

MONTHS = (6, 12, 18, 24, 36)
"""How old a confirmation may be, for people to choose from."""
USUAL = Rhythm().facts
AT_A_TIME = 500
PAGE = 50


class Why(IntEnum):
    """What is wrong with a record, worst last."""

    NEVER = 1
    """Nobody ever confirmed it, and its source's own date is old or missing."""
    OLD = 2
    UNLISTED = 3
    LINK = 4
    TOLD_WRONG = 5
    CLOSED = 6


@dataclass(frozen=True, slots=True)
class Stale:
    """One service of the list. `since` is the day of the last word on it, "" for none; `fields` are those in doubt."""

    id: str
    name: str
    organization: str
    why: tuple[Why, ...]
    since: str
    fields: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def worst(self) -> Why:
        return max(self.why)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list, with how many there are of each kind in all."""

    lines: tuple[Stale, ...]
    count: int
    counts: Mapping[Why, int]


def listed(
    session: Session, now: datetime, months: int = USUAL, council: str = "", family: str = "", page: int = 1
) -> Page:
    """The services to be looked at; `council` a GSS code, `family` a code of the vocabulary, "" for all."""
    found = sorted(_all(session, now, months, council, family), key=_order)
    counts: dict[Why, int] = defaultdict(int)
    for line in found:
        counts[line.worst] += 1
    start = (page - 1) * PAGE
    return Page(tuple(found[start : start + PAGE]), len(found), dict(sorted(counts.items(), reverse=True)))


def _order(line: Stale) -> tuple[object, ...]:
    return -line.worst, -len(line.why), line.since, line.name, line.id


COLUMNS = (
    Service.id, Service.same_as_id, Service.name, Organization.name.label("organization"), Service.as_of,
    Service.visibility, Service.listing, Service.unlisted_at,
)  # fmt: skip


def _all(session: Session, now: datetime, months: int, council: str, family: str) -> Iterator[Stale]:
    leader = func.coalesce(Service.same_as_id, Service.id)
    query = select(leader).where(Service.status == "active", Service.listing != listing.DROPPED).distinct()
    if council:
        areas = select(ServiceArea.service_id).where(ServiceArea.extent.in_((council, "SCOTLAND")))
        query = query.where(Service.id.in_(areas))
    if family:
        of = (Attribute.link_type == "service", Attribute.taxonomy_term_id == f"family/{family}")
        query = query.where(Service.id.in_(select(Attribute.link_id).where(*of)))
    for some in batches(session.scalars(query).all(), AT_A_TIME):
        yield from _batch(session, some, now, months)


def _batch(session: Session, ids: Sequence[str], now: datetime, months: int) -> Iterator[Stale]:
    leader = func.coalesce(Service.same_as_id, Service.id)
    query = select(*COLUMNS).join(Organization, Organization.id == Service.organization_id).where(leader.in_(ids))
    together: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(query.order_by(Service.same_as_id.is_not(None), Service.id)):
        together[row.same_as_id or row.id].append(row)
    every = [row.id for found in together.values() for row in found]
    words = assurance.words(session, every)
    failing = select(LinkCheck.service_id).where(LinkCheck.service_id.in_(every), LinkCheck.failures >= BROKEN_AFTER)
    broken = set(session.scalars(failing))
    for own, found in together.items():
        said = [word for row in found for word in words.get(row.id, ())]
        hidden = any(row.visibility == Visibility.UNDISCLOSED for row in found)
        link = not hidden and any(row.id in broken for row in found)
        line = _line(own, found, said, link, now, months)
        if line is not None:
            yield line


def _line(own: str, found: Sequence[Any], said: Sequence[Word], link: bool, now: datetime, months: int) -> Stale | None:
    gone = all(row.listing != listing.LISTED for row in found)
    missed = max((utc(row.unlisted_at) for row in found if row.unlisted_at), default=None)
    stands = assurance.standing(
        said, Listing(False, missed) if gone else Listing(), max(row.as_of for row in found), Rhythm(facts=months)
    )
    why = tuple(_why(stands, said, link, now.date(), months))
    if not why:
        return None
    doubts = assurance.doubted(said)
    names = tuple(dict.fromkeys(name for word in doubts for name in word.fields))
    return Stale(
        own, found[0].name, found[0].organization, why, stands.since, names,
        tuple(dict.fromkeys(word.reason for word in doubts)),
    )  # fmt: skip


def _why(stands: Assured, said: Sequence[Word], link: bool, today: date, months: int) -> Iterable[Why]:
    if assurance.is_closed_by_provider(said):
        yield Why.CLOSED
    if assurance.doubted(said):
        yield Why.TOLD_WRONG
    if link:
        yield Why.LINK
    if stands.state is State.WITHDRAWN:
        yield Why.UNLISTED
    confirmed = any(word.state in assurance.CONFIRMED and not word.fields for word in said)
    if stands.state in (*assurance.CONFIRMED, State.SOURCE_CHECKED):
        overdue = stands.due < today.isoformat() if stands.due else True
        if overdue:
            yield Why.OLD if confirmed else Why.NEVER
