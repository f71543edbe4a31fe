"""Finds the rows that tell of one service and writes that into the ledger of duplicates, which the record follows.

Keys of the rows that a run wrote are kept, as `compare` made them before; rows that share one are compared
(`likeness`), a batch at a time, so that no list grows with the record but that of the ids. Only what is new of a pair
makes a line.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, literal, or_, select
from sqlalchemy.orm import Session, aliased

from directory import records, rows
from directory.database import batches
from directory.feeds import duplicates, joining
from directory.feeds.duplicates import Finding, Pair, Standing, Verdict, says_new
from directory.feeds.joining import Row
from directory.feeds.tables import MatchKey
from directory.partners.service_answers import SOURCE_ID as PARTNERS
from directory.tables import Organization, Revision, Service
from ingest import likeness, match_keys, told
from ingest.match_keys import Keys
from ingest.told import Told

BATCH = 500
"""Services whose pairs are looked for at a time."""
KEYS = 400
"""Keys asked for at a time."""
NOTED_SCORE = 1.0
NOTED = [{"sign": "noted", "for": True, "said": "The source itself says that one row repeats the other."}]


def join(
    session: Session, order: Sequence[str], at: datetime, changed: Iterable[str] | None = None,
    known: Iterable[Keys] = (),
) -> int:  # fmt: skip
    """Finds and joins what tells of one service. Returns how many rows were newly joined to another.

    `order` names the sources, leading first; `changed` are ids of the services that were written, None: all; `known`
    are keys of more of them, that need not be read from the record.
    """
    ids: list[str] = []
    for some in batches(known, BATCH):
        _keep(session, some)
        ids += (each.id for each in some)
    read = sorted({*(session.scalars(select(Service.id)) if changed is None else changed), *_without_keys(session)})
    for own in batches(read, BATCH):
        _keep(session, [Keys(each.id, match_keys.keys(each)) for each in told.read(session, own)])
    ids = sorted({*ids, *read})
    done: set[str] = set()
    for own in batches(ids, BATCH):
        _compare(session, own, done, at)
        done |= set(own)
    place = {source: number for number, source in enumerate(order)}

    def leading(row: Row) -> tuple[object, ...]:
        return place.get(row.source, len(place)), len(row.source_id), row.source_id  # f18 before f101

    return joining.settle(session, None if changed is None else ids, at, leading)


def _without_keys(session: Session) -> list[str]:
    """Services whose keys were never kept: a record made before there were any must be found in, too."""
    kept = select(MatchKey.service_id)
    return list(session.scalars(select(Service.id).where(Service.id.not_in(kept))))


def _keep(session: Session, some: Sequence[Keys]) -> None:
    """Replaces the keys of some services; a charity's number is its organization's, which another row may have told."""
    ids = [each.id for each in some]
    session.execute(delete(MatchKey).where(MatchKey.service_id.in_(ids)), execution_options=records.UNSEEN)
    found = [
        {"service_id": each.id, "kind": kind, "value": value}
        for each in some
        for kind, value in sorted(each.keys)
        if kind != match_keys.CHARITY
    ]
    records.put_rows(session, MatchKey, found)
    charities = (
        select(Service.id, literal(match_keys.CHARITY), Organization.charity_number)
        .join(Organization, Organization.id == Service.organization_id)
        .where(Service.id.in_(ids), Organization.charity_number != "")
    )
    session.execute(insert(MatchKey).from_select(["service_id", "kind", "value"], charities))


def _compare(session: Session, ids: Sequence[str], done: set[str], at: datetime) -> None:
    """Compares some services with all that share a key with them, those of `done` apart, and notes what is new."""
    before = duplicates.standings(session, ids)
    noted = _noted(session, sorted({*ids, *(own for pair, how in before.items() if _is_noted(how) for own in pair)}))
    pairs = {pair for pair in _pairs(session, ids) if done.isdisjoint(pair)}
    pairs |= {pair for pair in noted if done.isdisjoint(pair)}
    pairs |= {pair for pair, how in before.items() if done.isdisjoint(pair) and _may_change(how)}
    there = {each.id: each for each in told.read(session, sorted({own for pair in pairs for own in pair}))}
    asked = (
        pair
        for pair in sorted(pairs)
        if pair[0] in there
        and pair[1] in there
        and (pair in before or pair in noted or not told.are_apart(there[pair[0]], there[pair[1]]))
    )
    found = (_found(pair, there, noted) for pair in asked)
    duplicates.note(session, [each for each in found if says_new(each.verdict, before.get(each.pair))], at)


def _may_change(how: Standing) -> bool:
    """Whether the rule has said something of a pair which it must look at again."""
    return how.rule is not None and how.rule.verdict is not Verdict.DISTINCT


def _is_noted(how: Standing) -> bool:
    return how.rule is not None and how.rule.score == NOTED_SCORE


def _found(pair: Pair, there: Mapping[str, Told], noted: set[Pair]) -> Finding:
    if pair in noted:
        return Finding(pair, Verdict.SAME, NOTED_SCORE, NOTED)
    one, other = there[pair[0]], there[pair[1]]
    seen = likeness.compare(one, other)
    verdict = seen.verdict
    if PARTNERS in (one.source, other.source) and verdict is not Verdict.DISTINCT:
        verdict = Verdict.MAYBE  # two people judged what it is; and whoever resembles a service would take it over
    return Finding(pair, verdict, seen.score, seen.evidence)


def _pairs(session: Session, ids: Sequence[str]) -> Iterator[Pair]:
    """Pairs of these services, and of one of them and another, that share a key which is one."""
    own = select(MatchKey.kind, MatchKey.value).where(MatchKey.service_id.in_(ids), *_is_shared()).distinct()
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, value in session.execute(own):
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


def _is_shared() -> tuple[ColumnElement[bool], ...]:
    """What chooses keys that two services share, and not so many that it is none: most are one service's alone."""
    other = aliased(MatchKey)

    def more_than(number: int) -> ColumnElement[bool]:
        same = (other.kind == MatchKey.kind, other.value == MatchKey.value)
        return select(literal(1)).where(*same).correlate(MatchKey).limit(1).offset(number).exists()

    few_words = or_(MatchKey.kind != match_keys.WORD, ~more_than(match_keys.MOST_FOR_A_WORD))
    return more_than(1), ~more_than(match_keys.MOST), few_words


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
