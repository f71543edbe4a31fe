"""Rows of several sources that tell of one service are joined; others never are."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import aliased

from directory.database import Database
from directory.tables import Service
from ingest import pipeline
from ingest.reconcile import Candidate, pairs
from tests.ingest.conftest import Loaded
from tests.ingest.tables import a_fact, a_refuge, a_registration, file_of

Clock = Callable[[], datetime]
ORDER = ("facts", "care-inspectorate", "schools", "edinburgh-community-centres")


def a_candidate(source: str, source_id: str, key: str, *areas: str, same_as: str | None = None) -> Candidate:
    return Candidate(f"{source}/{source_id}", source, source_id, same_as, frozenset({key}), frozenset(areas or ("A",)))


def joined(*found: Candidate) -> list[tuple[str, str]]:
    return [(follower.source_id, leader.source_id) for follower, leader in pairs(found, ORDER)]


def test_the_fact_leads() -> None:
    assert joined(a_candidate("care-inspectorate", "CS1", "anchor"), a_candidate("facts", "f1", "anchor")) == [
        ("CS1", "f1")
    ]


def test_other_names_and_other_areas_are_other_services() -> None:
    first = a_candidate("facts", "f1", "anchor", "A", "B")
    assert joined(first, a_candidate("care-inspectorate", "CS1", "anchors", "A")) == []
    assert joined(first, a_candidate("care-inspectorate", "CS1", "anchor", "C")) == []
    assert joined(first, a_candidate("care-inspectorate", "CS1", "anchor", "B")) == [("CS1", "f1")]


def test_facts_are_never_joined_by_name() -> None:
    assert joined(a_candidate("facts", "f1", "fife womens aid"), a_candidate("facts", "f2", "fife womens aid")) == []


def test_registrations_of_one_refuge_group_are_joined_others_are_not() -> None:
    ours = [a_candidate("care-inspectorate", one, "fife womens aid") for one in ("CS1", "CS2")]
    assert joined(*ours) == [("CS2", "CS1")]
    assert joined(*(a_candidate("care-inspectorate", one, "anchor homes") for one in ("CS1", "CS2"))) == []


def test_what_is_joined_is_not_joined_again() -> None:
    leader = a_candidate("facts", "f1", "anchor")
    assert joined(leader, a_candidate("care-inspectorate", "CS1", "anchor", same_as=leader.id)) == []


@given(st.permutations(range(6)))
def test_the_order_of_the_record_makes_no_difference(order: list[int]) -> None:
    found = [
        a_candidate("facts", "f1", "fife womens aid", "A"),
        a_candidate("facts", "f2", "fife womens aid", "B"),
        a_candidate("care-inspectorate", "CS1", "fife womens aid", "A"),
        a_candidate("care-inspectorate", "CS2", "fife womens aid", "B"),
        a_candidate("care-inspectorate", "CS3", "fife womens aid", "A"),
        a_candidate("edinburgh-community-centres", "edcc:x", "hall", "A"),
    ]
    assert joined(*(found[place] for place in order)) == [("CS1", "f1"), ("CS2", "f2"), ("CS3", "f1")]


def leaders(record: Database) -> dict[str, str]:
    leader = aliased(Service)
    query = select(Service.source_record_id, leader.source_record_id).join(leader, Service.same_as_id == leader.id)
    with record.reading() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def test_a_fact_that_comes_later_takes_the_lead(record: Database, tmp_path: Path, clock: Clock) -> None:
    rows = [
        a_registration(CSNumber=one, ServiceName="Lighthouse Women's Aid", PublicList="No") for one in ("CS1", "CS2")
    ]
    pipeline.run(record, "care-inspectorate", file_of(tmp_path, *rows), clock)
    assert leaders(record) == {"CS2": "CS1"}
    pipeline.run(record, "facts", file_of(tmp_path, a_refuge()), clock)
    assert leaders(record) == {"CS1": "f902", "CS2": "f902"}


def test_what_a_note_names_may_come_later(record: Database, tmp_path: Path, clock: Clock) -> None:
    pipeline.run(record, "facts", file_of(tmp_path, a_fact(id="f903", note="overlaps f901")), clock)
    assert leaders(record) == {}
    pipeline.run(record, "facts", file_of(tmp_path, a_fact(id="f901")), clock)
    assert leaders(record) == {"f903": "f901"}


@pytest.mark.parametrize(("areas", "expected"), [("S12000047", {}), ("", {"f903": "f901"})])
def test_a_row_without_an_area_never_joins_one_that_has(
    record: Database, tmp_path: Path, clock: Clock, areas: str, expected: dict[str, str]
) -> None:
    rows = (a_fact(id="f901", areas=""), a_fact(id="f903", areas=areas, note="overlaps f901"))
    pipeline.run(record, "facts", file_of(tmp_path, *rows), clock)
    assert leaders(record) == expected


REAL = {
    "CS2003051770": "f142", "CS2008171837": "f160", "CS2011280681": "f173", "CS2013321881": "f145",
    "CS2004062530": "f179", "CS2026000219": "f234", "CS2004062368": "f233", "CS2004068972": "f11", "f175": "f11",
    "CS2016349275": "f11", "CS2017362792": "f147", "CS2018364568": "f147", "CS2012307109": "f163",
    "CS2012307110": "f163", "CS2008169806": "f169", "CS2003053359": "f150", "CS2017359299": "f156",
    "f101": "f18", "f113": "f01", "f115": "f43", "f116": "f03", "f123": "f02", "f125": "f07", "f127": "f05",
    "f128": "f04", "f148": "f12", "f182": "f09", "f189": "f46", "f231": "f34", "f283": "f13", "f307": "f37",
    "f308": "f38", "f362": "f25", "f385": "f23",
}  # fmt: skip


@pytest.mark.shared_data
def test_real_services_are_joined(loaded: Loaded) -> None:
    found = leaders(loaded.record)
    assert {one: found.get(one) for one in REAL} == REAL
    assert "f109" not in found
    assert "f36" not in found
    facts = {one for one in found if one.startswith("f")}
    assert len(facts) == 18
    with loaded.record.reading() as session:
        apart = session.scalars(
            select(Service.source_record_id).where(
                Service.source_id == "care-inspectorate",
                Service.name.ilike("%women%s aid%"),
                Service.same_as_id.is_(None),
            )
        ).all()
    assert apart == [], "every Women's Aid registration folds with its fact"
