"""Finds the rows of several sources that tell of one service, so that the index folds them into one.

Two rows do when their names have the same key (`names.key`) and a council area in common, and they come from different
sources; within a source only the registrations of one group that keeps refuges are joined. The leader is the row of
the source named first in `sources.SOURCES`. Rows of `facts` repeat each other only where their notes say so. A row
without an area is joined to none. A row that hides its name and number cannot be found by them: that is out of reach.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory import records, rows
from directory.errors import NotFound
from directory.tables import Organization, Revision, Service, ServiceArea
from ingest import names, withheld

NATION = "SCOTLAND"
LEADING = "facts"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One service as its source tells of it."""

    id: str
    source: str
    source_id: str
    same_as_id: str | None
    keys: frozenset[str]
    areas: frozenset[str]


def join(session: Session, order: Sequence[str], at: datetime) -> int:
    """Joins what tells of one service; `order` names the sources, leading first. Returns how many were newly joined."""
    joined = _as_noted(session, at)
    for follower, leader in pairs(candidates(session), order):
        joined += records.set_same_as(session, follower.id, leader.id, at)
    return joined


def _as_noted(session: Session, at: datetime) -> int:
    """Joins rows that say they repeat another which came into the record later than they did."""
    latest = select(func.max(Revision.id)).group_by(Revision.service_id)
    query = (
        select(Service.id, Revision.content)
        .join(Revision, Revision.service_id == Service.id)
        .where(Service.source_id == LEADING, Service.same_as_id.is_(None), Revision.id.in_(latest))
    )
    joined = 0
    for service_id, content in session.execute(query).all():
        if content.get("same_as"):
            with suppress(NotFound):  # what it repeats is still not in the record
                joined += records.set_same_as(session, service_id, rows.service_id(LEADING, content["same_as"]), at)
    return joined


def candidates(session: Session) -> list[Candidate]:
    """Every service of the record."""
    areas: dict[str, set[str]] = defaultdict(set)
    stated = select(ServiceArea.service_id, ServiceArea.extent).where(ServiceArea.extent_type != "outcode")
    for service_id, extent in session.execute(stated):
        areas[service_id].add(extent)
    query = select(
        Service.id, Service.source_id, Service.source_record_id, Service.same_as_id, Service.name, Organization.name
    ).join(Organization, Organization.id == Service.organization_id)
    return [
        Candidate(one[0], one[1], one[2], one[3], _keys(one[4], one[5]), frozenset(areas[one[0]]))
        for one in session.execute(query)
    ]


def pairs(found: Iterable[Candidate], order: Sequence[str]) -> Iterator[tuple[Candidate, Candidate]]:
    """(follower, leader) of all that tell of one service, leaders in order of source and then of source id."""
    rank = {source: number for number, source in enumerate(order)}
    ordered = sorted(found, key=lambda each: (rank.get(each.source, len(rank)), each.source_id))
    leaders: dict[tuple[str, str], Candidate] = {}
    for each in ordered:
        places = [(key, area) for key in sorted(each.keys) for area in sorted(each.areas)]
        leader = next((leaders[place] for place in places if place in leaders), None)
        if leader is not None and _may_follow(each, leader):
            if each.same_as_id not in {leader.id, leader.same_as_id or leader.id}:
                yield each, leader
        for place in places:
            leaders.setdefault(place, leader if leader is not None and _may_follow(each, leader) else each)


def _may_follow(each: Candidate, leader: Candidate) -> bool:
    """Across sources always; within one only registrations of one group that keeps refuges, and never facts."""
    if each.source != leader.source:
        return True
    shared = each.keys & leader.keys
    return each.source != LEADING and any(withheld.is_refuge_group(key) for key in shared)


def _keys(name: str, organization: str) -> frozenset[str]:
    """The name's key, and the provider's when that is itself a group which keeps refuges."""
    said = {names.key(name)}
    if withheld.is_refuge_group(organization):
        said.add(names.key(organization))
    return frozenset(said)
