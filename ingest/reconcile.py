"""Finds the rows that tell of one service and writes that into the ledger of duplicates, which the record follows.

Keys of the rows that a run wrote are kept; rows that share one are compared (`likeness`), a batch at a time, so that no
list grows with the record but that of the ids. Only what is new of a pair makes a line.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from directory import records, rows
from directory.database import batches
from directory.feeds import duplicates, joining
from directory.feeds.duplicates import Finding, Pair, Standing, Verdict, says_new
from directory.feeds.joining import Row
from directory.feeds.tables import MatchKey
from directory.tables import Revision, Service
from ingest import likeness, match_keys, told
from ingest.match_keys import Key
from ingest.told import Told

BATCH = 500
"""Services whose pairs are looked for at a time."""
KEYS = 400
"""Keys asked for at a time."""
NOTED_SCORE = 1.0
NOTED = [{"sign": "noted", "for": True, "said": "The source itself says that one row repeats the other."}]


def join(session: Session, order: Sequence[str], at: datetime, changed: Iterable[str] | None = None) -> int:
    """Finds and joins what tells of one service. Returns how many rows were newly joined to another.

    `order` names the sources, leading first; `changed` are ids of the services that were written, None: all.
    """
    ids = sorted({*(session.scalars(select(Service.id)) if changed is None else changed), *_without_keys(session)})
    for some in batches(ids, BATCH):
        _keep_keys(session, some)
    done: set[str] = set()
    crowded = _crowded(session)
    for some in batches(ids, BATCH):
        _compare(session, some, done, crowded, at)
        done |= set(some)
    place = {source: number for number, source in enumerate(order)}

    def leading(row: Row) -> tuple[object, ...]:
        return place.get(row.source, len(place)), len(row.source_id), row.source_id  # f18 before f101

    return joining.settle(session, None if changed is None else ids, at, leading)


def _without_keys(session: Session) -> list[str]:
    """Services whose keys were never kept: a record made before there were any must be found in, too."""
    kept = select(MatchKey.service_id)
    return list(session.scalars(select(Service.id).where(Service.id.not_in(kept))))


def _keep_keys(session: Session, ids: Sequence[str]) -> None:
    session.execute(delete(MatchKey).where(MatchKey.service_id.in_(ids)), execution_options=records.UNSEEN)
    found = [
        {"service_id": each.id, "kind": kind, "value": value}
        for each in told.read(session, ids)
        for kind, value in sorted(match_keys.keys(each))
    ]
    records.put_rows(session, MatchKey, found)


def _compare(session: Session, ids: Sequence[str], done: set[str], crowded: frozenset[Key], at: datetime) -> None:
    """Compares some services with all that share a key with them, those of `done` apart, and notes what is new."""
    before = duplicates.standings(session, ids)
    noted = _noted(session, sorted({*ids, *(own for pair, how in before.items() if _is_noted(how) for own in pair)}))
    pairs = {pair for pair in _pairs(session, ids, crowded) if done.isdisjoint(pair)}
    pairs |= {pair for pair in noted if done.isdisjoint(pair)}
    pairs |= {pair for pair, how in before.items() if done.isdisjoint(pair) and _may_change(how)}
    there = {each.id: each for each in told.read(session, sorted({own for pair in pairs for own in pair}))}
    found = (_found(pair, there, noted) for pair in sorted(pairs) if pair[0] in there and pair[1] in there)
    duplicates.note(session, [each for each in found if says_new(each.verdict, before.get(each.pair))], at)


def _may_change(how: Standing) -> bool:
    """Whether the rule has said something of a pair which it must look at again."""
    return how.rule is not None and how.rule.verdict is not Verdict.DISTINCT


def _is_noted(how: Standing) -> bool:
    return how.rule is not None and how.rule.score == NOTED_SCORE


def _found(pair: Pair, there: Mapping[str, Told], noted: set[Pair]) -> Finding:
    if pair in noted:
        return Finding(pair, Verdict.SAME, NOTED_SCORE, NOTED)
    seen = likeness.compare(there[pair[0]], there[pair[1]])
    return Finding(pair, seen.verdict, seen.score, seen.evidence)


def _pairs(session: Session, ids: Sequence[str], crowded: frozenset[Key]) -> Iterator[Pair]:
    """Pairs of these services, and of one of them and another, that share a key which is one."""
    own = select(MatchKey.kind, MatchKey.value).where(MatchKey.service_id.in_(ids)).distinct()
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, value in session.execute(own):
        if (kind, value) not in crowded:
            by_kind[kind].append(value)
    wanted = set(ids)
    for kind, values in by_kind.items():  # a list of (kind, value) pairs would not go by the index on SQLite
        for some in batches(values, KEYS):
            asked = (MatchKey.kind == kind) & MatchKey.value.in_(some)
            blocks: dict[str, list[str]] = defaultdict(list)
            for value, service_id in session.execute(select(MatchKey.value, MatchKey.service_id).where(asked)):
                blocks[value].append(service_id)
            for value, block in blocks.items():
                yield from match_keys.of_block((kind, value), block, wanted)


def _crowded(session: Session) -> frozenset[Key]:
    """Keys that so many share that they are none: found once, or each batch would read all their rows again."""
    size = func.count()
    query = select(MatchKey.kind, MatchKey.value).group_by(MatchKey.kind, MatchKey.value)
    words = (MatchKey.kind == match_keys.WORD) & (size > match_keys.MOST_FOR_A_WORD)
    return frozenset((kind, value) for kind, value in session.execute(query.having(words | (size > match_keys.MOST))))


def _noted(session: Session, ids: Sequence[str]) -> set[Pair]:
    """Pairs of which one row's own source says that it repeats the other."""
    repeats = Revision.content["same_as"].as_string()
    query = (
        select(Service.id, Service.source_id, repeats)
        .join(Revision, Revision.service_id == Service.id)
        .where(Revision.id.in_(records.newest(ids)), repeats != "")
    )
    return {
        duplicates.pair_of(own, rows.service_id(source, other))
        for own, source, other in session.execute(query)
        if rows.service_id(source, other) != own
    }
