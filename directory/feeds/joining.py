"""Makes the record agree with the ledger of duplicates: who leads whom, and which registrations are shown as one group.

Two records of one register are never joined by a rule through a third row that resembles both: that row stays with the
one it is most like, and is shown in a group with the other. What a person has set apart stays apart.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory import records
from directory.database import batches
from directory.feeds import duplicates
from directory.feeds.duplicates import Pair, Standing, Verdict
from directory.feeds.standing import REGISTER, rank
from directory.tables import Service, Source

AT_A_TIME = 400
Order = Callable[["Row"], tuple[object, ...]]
"""Which row of several leads: the one that sorts first."""


@dataclass(frozen=True, slots=True)
class Row:
    """What must be known of a row to say who leads."""

    id: str
    source: str
    source_id: str
    standing: str
    confidence: str
    same_as_id: str | None
    group_id: str | None


def settle(session: Session, ids: Iterable[str] | None, at: datetime, order: Order | None = None) -> int:
    """Joins, parts and groups the services that these ids, or any, are tied to by the ledger. Returns how many joined.

    The index is told of every service that changes.
    """
    if ids is None:
        lines = duplicates.standings(session)
        rows = _rows(session, _named(lines))
    else:
        lines, reached = _reached(session, set(ids))
        rows = _rows(session, reached & (_named(lines) | _bound(session, reached)))
    clusters = _clusters(rows, lines)
    leaders = {own: _leader(cluster, rows, order) for cluster in clusters.values() for own in cluster}
    joined = _lead(session, rows, leaders, at)
    _group(session, rows, lines, clusters, leaders, at)
    return joined


def _reached(session: Session, ids: set[str]) -> tuple[dict[Pair, Standing], set[str]]:
    """The lines that tie these services to others, and those to others again; and all these services.

    One that is only compared with them is none: of its own ties nothing was read, and they stay as they are.
    """
    found: dict[Pair, Standing] = {}
    waiting, seen = set(ids), set[str]()
    while waiting:
        new = duplicates.standings(session, sorted(waiting))
        seen |= waiting
        found |= new
        tied = {pair for pair, how in new.items() if how.counts in (Verdict.SAME, Verdict.GROUP)}
        waiting = {own for pair in tied for own in pair} | _joined_to(session, waiting)
        waiting -= seen
    return found, seen


def _joined_to(session: Session, ids: set[str]) -> set[str]:
    """Leaders of these services, and their followers."""
    found: set[str] = set()
    for some in batches(sorted(ids), AT_A_TIME):
        query = select(Service.id, Service.same_as_id).where(
            (Service.id.in_(some) & Service.same_as_id.is_not(None)) | Service.same_as_id.in_(some)
        )
        found |= {own for row in session.execute(query) for own in row if own}
    return found


def _bound(session: Session, ids: set[str]) -> set[str]:
    """Those of these services that follow or lead another, or are shown in a group; the rest stand alone."""
    found = _joined_to(session, ids)
    for some in batches(sorted(ids), AT_A_TIME):
        found |= set(session.scalars(select(Service.id).where(Service.id.in_(some), Service.group_id.is_not(None))))
    return found


def _named(lines: Mapping[Pair, Standing]) -> set[str]:
    return {own for pair in lines for own in pair}


def _rows(session: Session, ids: set[str]) -> dict[str, Row]:
    """The rows of some services, and of all that are joined to them."""
    found: dict[str, Row] = {}
    for some in batches(sorted(ids | _joined_to(session, ids)), AT_A_TIME):
        query = (
            select(
                Service.id, Service.source_id, Service.source_record_id, Source.standing, Service.confidence,
                Service.same_as_id, Service.group_id,
            )
            .join(Source, Source.id == Service.source_id)
            .where(Service.id.in_(some))
        )  # fmt: skip
        found |= {row[0]: Row(*row) for row in session.execute(query)}
    return found


def _clusters(rows: Mapping[str, Row], lines: Mapping[Pair, Standing]) -> dict[str, set[str]]:
    """Service id → all rows of the service it tells of; rows that no line joins stand alone."""
    clusters = {own: {own} for own in rows}
    apart = {pair for pair, how in lines.items() if how.is_persons and how.counts in (Verdict.DISTINCT, Verdict.GROUP)}
    same = [(pair, how) for pair, how in lines.items() if how.counts is Verdict.SAME and set(pair) <= rows.keys()]
    for pair, how in sorted(same, key=lambda each: (not each[1].is_persons, -each[1].last.score, each[0])):
        one, other = clusters[pair[0]], clusters[pair[1]]
        if one is other or _kept_apart(one, other, apart):
            continue
        if not how.is_persons and _are_two_records(one, other, rows, lines):
            continue
        one |= other
        for own in other:
            clusters[own] = one
    return clusters


def _kept_apart(one: set[str], other: set[str], apart: set[Pair]) -> bool:
    return any((pair[0] in one and pair[1] in other) or (pair[0] in other and pair[1] in one) for pair in apart)


def _are_two_records(one: set[str], other: set[str], rows: Mapping[str, Row], lines: Mapping[Pair, Standing]) -> bool:
    """Whether joining would make one service of two records of a register that are not known to be one."""
    for first in one:
        for second in other:
            if rows[first].source == rows[second].source and rows[first].standing == REGISTER:
                how = lines.get(duplicates.pair_of(first, second))
                if how is None or how.counts is not Verdict.SAME:
                    return True
    return False


def _leader(cluster: set[str], rows: Mapping[str, Row], order: Order | None) -> str:
    return min((rows[own] for own in cluster), key=order or _usual).id


def _usual(row: Row) -> tuple[object, ...]:
    """Who leads already stays; else the better source's row."""
    return (
        row.same_as_id is not None,
        -rank(row.standing, row.confidence),
        row.source,
        len(row.source_id),
        row.source_id,
    )


def _lead(session: Session, rows: Mapping[str, Row], leaders: Mapping[str, str], at: datetime) -> int:
    """Sets whom each row follows. A service that stops following is parted first, so that no chain can arise."""
    joined, touched = 0, set[str]()
    changes: dict[str, str | None] = {}
    for own, row in rows.items():
        follows = leaders[own] if leaders[own] != own else None
        if row.same_as_id != follows:
            changes[own] = follows
            touched |= {row.same_as_id or own, leaders[own]}
            joined += follows is not None and row.same_as_id is None
    by_leader: dict[str | None, list[str]] = defaultdict(list)
    for own, follows in changes.items():
        by_leader[follows].append(own)
    for leader, followers in sorted(by_leader.items(), key=lambda each: each[0] or ""):
        for some in batches(followers, AT_A_TIME):
            moved = update(Service).where(Service.id.in_(some)).values(same_as_id=leader)
            session.execute(moved, execution_options=records.UNSEEN)
    records.queue(session, sorted(touched), at)
    return joined


def _group(
    session: Session,
    rows: Mapping[str, Row],
    lines: Mapping[Pair, Standing],
    clusters: Mapping[str, set[str]],
    leaders: Mapping[str, str],
    at: datetime,
) -> None:
    """Gives rows that belong together one group id, that of the smallest leader; a group of one has none."""
    groups = {leader: {leader} for leader in leaders.values()}
    for pair, how in sorted(lines.items()):
        if how.counts not in (Verdict.SAME, Verdict.GROUP) or not set(pair) <= rows.keys():
            continue
        one, other = groups[leaders[pair[0]]], groups[leaders[pair[1]]]
        if one is not other:
            one |= other
            for own in other:
                groups[own] = one
    changes: dict[str | None, list[str]] = defaultdict(list)
    for own, row in rows.items():
        members = groups[leaders[own]]
        wanted = min(members) if len(members) > 1 else None
        if row.group_id != wanted:
            changes[wanted].append(own)
    for wanted, members_of in changes.items():
        for some in batches(members_of, AT_A_TIME):
            grouped = update(Service).where(Service.id.in_(some)).values(group_id=wanted)
            session.execute(grouped, execution_options=records.UNSEEN)
