"""The ledger of duplicates: whether two rows tell of one service, decided by a rule or a person; lines are only added.

The last line of a pair counts; a rule never overrules a person; a person's line that is taken back leaves the rule's.
`joining` makes the record agree with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.database import batches
from directory.errors import BadInput, Conflict, NotFound
from directory.feeds.tables import ReconcileDecision
from directory.tables import Service

RULE = "rule"
AT_A_TIME = 400
SHORT = (
    ReconcileDecision.id, ReconcileDecision.service_id, ReconcileDecision.other_id, ReconcileDecision.verdict,
    ReconcileDecision.score, ReconcileDecision.kept, ReconcileDecision.made_at, ReconcileDecision.made_by,
)  # fmt: skip
"""The columns of a line but for its evidence."""


class Verdict(StrEnum):
    """What is decided of two rows."""

    SAME = "same"
    """They tell of one service: folded into one document."""
    GROUP = "group"
    """Records of their own that belong together: never merged, shown together."""
    MAYBE = "maybe"
    """A person must look."""
    DISTINCT = "distinct"
    UNDONE = "undone"
    """A person took back what was decided: the rule's word counts again."""


DECIDABLE = frozenset({Verdict.SAME, Verdict.GROUP, Verdict.DISTINCT})
"""What a person may decide."""
KEEPABLE = (
    "name", "organization", "description", "kind", "premises", "phone", "text_or_chat", "url", "age", "gender",
    "hours", "stages", "registration", "waiting_list",
)  # fmt: skip
"""Fields for which a person who merges may say whose word is kept; where a place is withheld that never helps."""
Pair = tuple[str, str]
"""Ids of two services, the smaller first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the rule found of a pair. `score` is 0 to 1; `evidence` as of `Decision`."""

    pair: Pair
    verdict: Verdict
    score: float
    evidence: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Decision:
    """One line. `score` is 0 to 1; `evidence` signs, each {"sign", "for", "said"}; `kept` field → id of a service."""

    id: int
    pair: Pair
    verdict: Verdict
    score: float
    evidence: Sequence[Mapping[str, Any]]
    kept: Mapping[str, str]
    at: datetime
    by: str

    @property
    def by_person(self) -> bool:
        return self.by != RULE


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pair stands: its last line, and the last of the rule's (None: the rule never spoke)."""

    last: Decision
    rule: Decision | None

    @property
    def counts(self) -> Verdict:
        """The verdict that counts."""
        if self.last.verdict is not Verdict.UNDONE:
            return self.last.verdict
        return self.rule.verdict if self.rule else Verdict.DISTINCT

    @property
    def is_persons(self) -> bool:
        return self.last.by_person and self.last.verdict is not Verdict.UNDONE


def pair_of(one: str, other: str) -> Pair:
    """Raises BadInput for a service and itself."""
    if one == other:
        raise BadInput("A service cannot be compared with itself.", "Choose two.")
    return (one, other) if one < other else (other, one)


def standings(session: Session, ids: Iterable[str] | None = None) -> dict[Pair, Standing]:
    """How every pair stands that has a line, of all or of some services; without the evidence, which is long."""
    query = select(*SHORT).order_by(ReconcileDecision.id)
    found: dict[Pair, Standing] = {}
    if ids is None:
        for row in session.execute(query):
            _put(found, _short(row))
        return found
    lines: dict[int, Decision] = {}
    for some in batches(ids, AT_A_TIME):
        touching = or_(ReconcileDecision.service_id.in_(some), ReconcileDecision.other_id.in_(some))
        lines |= {row.id: _short(row) for row in session.execute(query.where(touching))}
    for number in sorted(lines):
        _put(found, lines[number])
    return found


def standing(session: Session, one: str, other: str) -> Standing | None:
    """How one pair stands, with the evidence; None: nothing was ever decided of it."""
    found: dict[Pair, Standing] = {}
    for line in reversed(history(session, one, other)):
        _put(found, line)
    return found.get(pair_of(one, other))


def history(session: Session, one: str, other: str) -> tuple[Decision, ...]:
    """Every line of a pair, latest first."""
    first, second = pair_of(one, other)
    query = select(ReconcileDecision).where(ReconcileDecision.service_id == first, ReconcileDecision.other_id == second)
    return tuple(map(_decision, session.scalars(query.order_by(ReconcileDecision.id.desc()))))


def says_new(verdict: Verdict, before: Standing | None) -> bool:
    """Whether the rule's verdict is worth a line; `before` is how the pair stands.

    That two rows have nothing to do with each other is worth one only when something else was said of them before. A
    person's word is not overruled: no line is then added at all.
    """
    if before is None or (before.rule is None and before.last.verdict is Verdict.UNDONE):
        return verdict is not Verdict.DISTINCT
    return not before.is_persons and (before.rule is None or before.rule.verdict is not verdict)


def note(session: Session, found: Iterable[Finding], at: datetime) -> None:
    """Adds a line of the rule for each finding."""
    lines = [
        {
            "service_id": each.pair[0],
            "other_id": each.pair[1],
            "verdict": each.verdict.value,
            "score": each.score,
            "evidence": [*map(dict, each.evidence)],
            "made_at": at,
            "made_by": RULE,
            "acted_at": at,
        }
        for each in found
    ]
    if lines:
        session.execute(insert(ReconcileDecision), lines)


def decide(
    session: Session,
    one: str,
    other: str,
    verdict: str,
    by: str,
    at: datetime,
    seen: int,
    kept: Mapping[str, str] | None = None,
) -> Decision:
    """Adds a person's line; `by` is an account's id, `seen` the id of the last line they saw (0: none).

    `verdict` "undone" takes a person's own line back. Raises NotFound for an unknown service, Conflict when somebody
    decided meanwhile, BadInput for what cannot be decided. Call `joining.settle` in the same transaction.
    """
    pair = pair_of(one, other)
    session.scalars(select(Service.id).where(Service.id == pair[0]).with_for_update()).all()  # one decides at a time
    there = set(session.scalars(select(Service.id).where(Service.id.in_(pair))))
    if len(there) < 2:
        raise NotFound("There is no such pair of services in the record.", "Look at the list of pairs.")
    now = standing(session, *pair)
    if (now.last.id if now else 0) != seen:
        raise Conflict(
            "Somebody decided this pair meanwhile.", "This is how it stands now: nothing of yours was saved."
        )
    chosen = dict(kept or {})
    if verdict == Verdict.UNDONE:
        if now is None or not now.is_persons:
            raise BadInput("There is no decision of a person to take back.", "Nothing was saved.")
    elif verdict not in DECIDABLE:
        raise BadInput("Choose one of the buttons.", "Nothing was decided.")
    if any(name not in KEEPABLE or own not in pair for name, own in chosen.items()):
        raise BadInput("Whose word is kept is said of the fields shown only.", "Nothing was decided.")
    said = now.rule if now else None
    return _add(
        session, pair, Verdict(verdict), said.score if said else 0.0, said.evidence if said else (),
        chosen if verdict == Verdict.SAME else {}, at, by,
    )  # fmt: skip


def kept(session: Session, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Service id → field → number of the line by which a person said that its word is kept: the highest counts."""
    touching = or_(ReconcileDecision.service_id.in_(ids), ReconcileDecision.other_id.in_(ids))
    query = select(*SHORT).where(ReconcileDecision.made_by != RULE, touching).order_by(ReconcileDecision.id)
    last = {(row.service_id, row.other_id): _short(row) for row in session.execute(query)}
    found: dict[str, dict[str, int]] = {}
    for line in sorted(last.values(), key=lambda line: line.id):
        if line.verdict is Verdict.SAME:
            for name, own in line.kept.items():
                found.setdefault(own, {})[name] = line.id
    return found


def _add(
    session: Session,
    pair: Pair,
    verdict: Verdict,
    score: float,
    evidence: Sequence[Mapping[str, Any]],
    kept: Mapping[str, str],
    at: datetime,
    by: str,
) -> Decision:
    row = ReconcileDecision(
        service_id=pair[0], other_id=pair[1], verdict=verdict.value, score=score, evidence=[*map(dict, evidence)],
        kept=dict(kept) or None, made_at=at, made_by=by, acted_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _decision(row)


def _put(found: dict[Pair, Standing], line: Decision) -> None:
    before = found.get(line.pair)
    rule = (before.rule if before else None) if line.by_person else line
    found[line.pair] = Standing(line, rule)


def _short(row: Any) -> Decision:
    pair = (row.service_id, row.other_id)
    return Decision(row.id, pair, Verdict(row.verdict), row.score, (), row.kept or {}, utc(row.made_at), row.made_by)


def _decision(row: ReconcileDecision) -> Decision:
    return Decision(
        id=row.id,
        pair=(row.service_id, row.other_id),
        verdict=Verdict(row.verdict),
        score=row.score,
        evidence=tuple(row.evidence or ()),
        kept=row.kept or {},
        at=utc(row.made_at),
        by=row.made_by,
    )
