"""Two rows beside each other, for a person who must say whether they tell of one service; and the list of such pairs.

When one of the two withholds its place, nothing of a place is shown of either: the other might point at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import NotFound
from directory.feeds import duplicates, standing
from directory.feeds.duplicates import KEEPABLE, RULE, Decision, Standing, Verdict
from directory.feeds.tables import ReconcileDecision
from directory.search import telling
from directory.search.field_words import FIELDS, OF_A_PLACE
from directory.search.provenance import STANDS
from directory.search.telling import Telling
from directory.tables import Service, Source

LISTED = 50
"""Pairs on a page."""


@dataclass(frozen=True, slots=True)
class Side:
    """One row of a pair. `leader_id` is the service it is shown as part of, its own when it leads."""

    id: str
    name: str
    organization: str
    source: str
    source_name: str
    source_id: str
    stands: str
    as_of: str
    withheld: bool
    leader_id: str


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both. `keepable`: a person who merges may say whose word is kept."""

    name: str
    label: str
    words: tuple[str, str]
    differs: bool
    keepable: bool


@dataclass(frozen=True, slots=True)
class PairView:
    """A pair, how it stands (None: nothing was ever decided of it), and every line of the ledger, latest first."""

    sides: tuple[Side, Side]
    lines: tuple[Line, ...]
    hidden: bool
    """A place is withheld: nothing of one is shown."""
    standing: Standing | None
    history: tuple[Decision, ...]

    @property
    def seen(self) -> int:
        """Number of the last line, for the next decision to name."""
        return self.standing.last.id if self.standing else 0

    @property
    def evidence(self) -> Sequence[Mapping[str, Any]]:
        """What the rule found, strongest sign first."""
        rule = self.standing.rule if self.standing else None
        return rule.evidence if rule else ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One pair in the list."""

    pair: tuple[str, str]
    names: tuple[str, str]
    sources: tuple[str, str]
    verdict: Verdict
    score: float
    said: str
    """The strongest sign, in words."""
    by: str
    at: datetime


def waiting(session: Session, page: int = 1) -> tuple[tuple[Listed, ...], int]:
    """The pairs that wait for a person, strongest first, a page of them; and how many there are."""
    last = _last_lines().subquery()
    lines = select(ReconcileDecision).join(last, ReconcileDecision.id == last.c.id)
    maybe = lines.where(ReconcileDecision.verdict.in_((Verdict.MAYBE, Verdict.UNDONE)))
    found = [row for row in session.scalars(maybe) if row.verdict == Verdict.MAYBE or _waits_again(session, row)]
    found.sort(key=lambda row: (-row.score, row.id))
    start = (page - 1) * LISTED
    return _listed(session, found[start : start + LISTED]), len(found)


def decided(session: Session, most: int = LISTED) -> tuple[Listed, ...]:
    """What people decided last, latest first."""
    last = _last_lines().subquery()
    lines = select(ReconcileDecision).join(last, ReconcileDecision.id == last.c.id)
    theirs = lines.where(ReconcileDecision.made_by != RULE).order_by(ReconcileDecision.id.desc()).limit(most)
    return _listed(session, list(session.scalars(theirs)))


def of_service(session: Session, service_id: str) -> tuple[Listed, ...]:
    """The pairs of a service and of the rows joined to it that something was decided of, nothing in common apart."""
    ids = list(
        session.scalars(select(Service.id).where((Service.id == service_id) | (Service.same_as_id == service_id)))
    )
    numbers = [
        how.last.id
        for how in duplicates.standings(session, ids).values()
        if how.counts is not Verdict.DISTINCT or how.is_persons
    ]
    found = session.scalars(select(ReconcileDecision).where(ReconcileDecision.id.in_(numbers[:LISTED])))
    return _listed(session, sorted(found, key=lambda row: (-row.score, row.id)))


def group_of(session: Session, service_id: str) -> tuple[tuple[str, str], ...]:
    """(id, name) of the other services of a service's group, which are records of their own; by name."""
    group = session.scalar(select(Service.group_id).where(Service.id == service_id))
    if group is None:
        return ()
    members = select(Service.id, Service.name, Service.kind).where(
        Service.group_id == group, Service.same_as_id.is_(None), Service.id != service_id, Service.status == "active"
    )
    rows = session.execute(members.order_by(Service.name, Service.kind))
    return tuple((row.id, f"{row.name} ({row.kind})" if row.kind else row.name) for row in rows)


def view(session: Session, one: str, other: str) -> PairView:
    """Two services side by side, field by field. Raises NotFound, and BadInput for one and itself."""
    pair = duplicates.pair_of(one, other)
    rows = telling.rows(session, pair)
    if len(rows) < 2:
        raise NotFound("There is no such pair of services in the record.", "Look at the list of pairs.")
    hidden = any(row.is_withheld for row in rows)
    query = select(Service.id, Service.same_as_id).where(Service.id.in_(pair))
    leaders = {row.id: row.same_as_id for row in session.execute(query)}
    first, second = (_side(row, leaders.get(row.id)) for row in rows)
    lines = []
    for field in FIELDS:
        if hidden and field.name in OF_A_PLACE:
            continue
        words = (field.words(rows[0]), field.words(rows[1]))
        differs = words[0].casefold() != words[1].casefold()
        if any(words):
            lines.append(
                Line(field.name, field.label, words, differs, differs and all(words) and field.name in KEEPABLE)
            )
    return PairView(
        (first, second), tuple(lines), hidden, duplicates.standing(session, *pair), duplicates.history(session, *pair)
    )


def _side(row: Telling, leader_id: str | None) -> Side:
    return Side(
        id=row.id,
        name=row.name,
        organization=row.organization,
        source=row.source,
        source_name=row.source_name,
        source_id=row.source_id,
        stands=STANDS[standing.of(row.standing, row.confidence.value)],
        as_of=row.as_of,
        withheld=row.is_withheld,
        leader_id=leader_id or row.id,
    )


def _last_lines() -> Any:
    return select(func.max(ReconcileDecision.id).label("id")).group_by(
        ReconcileDecision.service_id, ReconcileDecision.other_id
    )


def _waits_again(session: Session, row: ReconcileDecision) -> bool:
    """Whether a decision that was taken back leaves the pair to a person."""
    how = duplicates.standing(session, row.service_id, row.other_id)
    return how is not None and how.counts is Verdict.MAYBE


def _listed(session: Session, lines: Sequence[ReconcileDecision]) -> tuple[Listed, ...]:
    ids = {own for row in lines for own in (row.service_id, row.other_id)}
    query = select(Service.id, Service.name, Source.name.label("source")).join(Source, Source.id == Service.source_id)
    told = {row.id: row for row in session.execute(query.where(Service.id.in_(ids)))}
    found = []
    for row in lines:
        pair = (row.service_id, row.other_id)
        if not all(own in told for own in pair):
            continue
        evidence = row.evidence or [{}]
        found.append(
            Listed(
                pair, (told[pair[0]].name, told[pair[1]].name), (told[pair[0]].source, told[pair[1]].source),
                Verdict(row.verdict), row.score, str(evidence[0].get("said", "")), row.made_by, utc(row.made_at),
            )
        )  # fmt: skip
    return tuple(found)
