"""The ledger of duplicates: the last line counts, a person before a rule, taken back, and two at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.database import Database
from directory.errors import BadInput, Conflict, NotFound
from directory.feeds import duplicates, joining
from directory.feeds.duplicates import Finding, Verdict
from directory.feeds.tables import ReconcileDecision
from directory.records import service_id
from directory.tables import Outbox, Service
from tests.builders import NOON, a_draft, a_record, write

A, B, C = (service_id("facts", name) for name in ("f1", "f2", "f3"))
PAIR = duplicates.pair_of(A, B)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    found = a_record(tmp_path)
    write(found, *(a_draft(source_id=name, name=f"Service {name}") for name in ("f1", "f2", "f3")))
    yield found
    found.close()


def rule(record: Database, verdict: Verdict, one: str = A, other: str = B, score: float = 0.9) -> None:
    with record.session() as session:
        pair = duplicates.pair_of(one, other)
        how = duplicates.standing(session, one, other)
        if duplicates.says_new(verdict, how):
            duplicates.note(session, [Finding(pair, verdict, score, [])], NOON)
        joining.settle(session, pair, NOON)


def person(record: Database, verdict: str, one: str = A, other: str = B, seen: int | None = None) -> None:
    with record.session() as session:
        how = duplicates.standing(session, one, other)
        last = how.last.id if how else 0
        duplicates.decide(session, one, other, verdict, "ann", NOON, last if seen is None else seen)
        joining.settle(session, (one, other), NOON)


def joined(record: Database) -> dict[str, str]:
    with record.reading() as session:
        rows = session.execute(select(Service.id, Service.same_as_id))
        return {own: leader for own, leader in rows if leader}


def grouped(record: Database) -> set[str]:
    with record.reading() as session:
        return set(session.scalars(select(Service.id).where(Service.group_id.is_not(None))))


def verdicts(record: Database) -> list[str]:
    with record.reading() as session:
        return list(session.scalars(select(ReconcileDecision.verdict).order_by(ReconcileDecision.id)))


def test_that_two_rows_have_nothing_in_common_makes_no_line(record: Database) -> None:
    rule(record, Verdict.DISTINCT)
    assert verdicts(record) == []
    rule(record, Verdict.MAYBE)
    rule(record, Verdict.DISTINCT)
    assert verdicts(record) == ["maybe", "distinct"]


def test_the_same_verdict_again_makes_no_line(record: Database) -> None:
    for _ in range(3):
        rule(record, Verdict.SAME)
    assert verdicts(record) == ["same"]


def test_a_person_stands_above_the_rule_until_it_is_taken_back(record: Database) -> None:
    rule(record, Verdict.SAME)
    assert joined(record)
    person(record, "distinct")
    assert joined(record) == {}
    rule(record, Verdict.SAME)
    assert joined(record) == {}
    person(record, "undone")
    assert joined(record)
    assert verdicts(record) == ["same", "distinct", "undone"]


def test_a_rule_that_changes_its_mind_does_not_overrule_a_person(record: Database) -> None:
    rule(record, Verdict.MAYBE)
    person(record, "distinct")
    rule(record, Verdict.SAME)
    assert joined(record) == {}
    assert verdicts(record) == ["maybe", "distinct"]


def test_lines_are_only_added(record: Database) -> None:
    for verdict in ("same", "undone", "group", "undone", "distinct"):
        person(record, verdict)
    assert verdicts(record) == ["same", "undone", "group", "undone", "distinct"]


def test_what_a_person_merges_needs_no_rule(record: Database) -> None:
    person(record, "same")
    person(record, "same", B, C)
    assert len(joined(record)) == 2
    assert len(set(joined(record).values())) == 1


def test_what_a_person_sets_apart_stays_apart_through_a_third(record: Database) -> None:
    person(record, "distinct")
    rule(record, Verdict.SAME, A, C)
    rule(record, Verdict.SAME, B, C)
    assert len(joined(record)) == 1


def test_a_group_is_not_joined(record: Database) -> None:
    rule(record, Verdict.GROUP)
    rule(record, Verdict.GROUP, B, C)
    assert joined(record) == {}
    assert grouped(record) == {A, B, C}
    person(record, "distinct", B, C)
    assert grouped(record) == {A, B}


def test_the_index_is_told_of_every_leader(record: Database) -> None:
    with record.session() as session:
        before = session.scalars(select(Outbox.id).order_by(Outbox.id.desc())).first() or 0
    person(record, "same")
    with record.reading() as session:
        assert set(session.scalars(select(Outbox.key).where(Outbox.id > before))) == {A, B}


def test_the_second_of_two_at_once_is_told(record: Database) -> None:
    rule(record, Verdict.MAYBE)
    with record.reading() as session:
        how = duplicates.standing(session, A, B)
    assert how is not None
    person(record, "distinct", seen=how.last.id)
    with pytest.raises(Conflict):
        person(record, "same", seen=how.last.id)
    assert joined(record) == {}


@pytest.mark.parametrize(
    ("verdict", "one", "other", "error"),
    [
        ("maybe", A, B, BadInput),
        ("undone", A, B, BadInput),
        ("same", A, A, BadInput),
        ("same", A, "nobody", NotFound),
    ],
)
def test_what_cannot_be_decided_is_refused(
    record: Database, verdict: str, one: str, other: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        person(record, verdict, one, other, seen=0)
    assert verdicts(record) == []


def test_of_two_choices_for_a_field_both_are_known_by_their_number(record: Database) -> None:
    for own in (A, B):
        with record.session() as session:
            how = duplicates.standing(session, A, B)
            seen = how.last.id if how else 0
            duplicates.decide(session, A, B, "same", "ann", NOON, seen, {"phone": own})
    with record.reading() as session:
        assert duplicates.kept(session, [A, B]) == {B: {"phone": 2}}


@pytest.mark.parametrize("verdict", ["maybe", "distinct"])
def test_what_is_only_compared_with_a_changed_service_keeps_its_followers(record: Database, verdict: str) -> None:
    rule(record, Verdict.SAME)
    before = joined(record)
    with record.session() as session:
        duplicates.note(session, [Finding(duplicates.pair_of(A, C), Verdict.MAYBE, 0.4, [])], NOON)
        if verdict == "distinct":
            seen = duplicates.standing(session, A, C)
            duplicates.decide(session, A, C, verdict, "ann", NOON, seen.last.id if seen else 0)
        joining.settle(session, [C], NOON)
    assert joined(record) == before != {}
