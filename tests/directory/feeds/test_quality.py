"""The quality score: what each check costs, what never costs, and the mean of a source."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import records
from directory.database import Database
from directory.draft import AgeLimit, Coverage, GenderRule, Hours
from directory.feeds import assurance, quality
from directory.feeds.assurance import Assured, State
from directory.feeds.quality import CHECKS, Facts
from directory.feeds.tables import LinkCheck
from directory.values import Confidence, Known
from tests.builders import NOON, a_draft, a_record, a_withheld_draft, write

TODAY = NOON.date()
BEST = Facts(
    withheld=False, area=True, ages=True, hours=True, route=True, words=20, url=True, text=False,
    phones=frozenset({"01632960001"}), age_limits=frozenset({(12, 18)}), sources=1,
    assured=Assured(State.SPOC_CONFIRMED, "2026-11-01", due="2027-11-01"),
)  # fmt: skip
OWN = records.service_id("facts", "f900")


def test_the_checks_add_up_to_a_hundred() -> None:
    assert sum(check.points for check in CHECKS) == 100
    assert quality.quality(BEST, TODAY) == quality.Quality(100, ())


@pytest.mark.parametrize(
    ("lacking", "cost", "names"),
    [
        pytest.param({"area": False}, 12, {"area"}, id="no area"),
        pytest.param({"ages": False}, 10, {"ages"}, id="no ages"),
        pytest.param({"hours": False}, 8, {"hours"}, id="no hours"),
        pytest.param({"route": False}, 7, {"route"}, id="no route"),
        pytest.param({"words": 0}, 8, {"words"}, id="no description"),
        pytest.param({"words": 8}, 4, {"words"}, id="a short one"),
        pytest.param({"phones": frozenset()}, 8, {"reach"}, id="a website only"),
        pytest.param({"phones": frozenset(), "url": False}, 15, {"reach"}, id="no way to it"),
        pytest.param({"phones": frozenset(), "url": False, "withheld": True}, 0, set(), id="withheld is no fault"),
        pytest.param({"phones": frozenset({"0131000"})}, 5, {"number"}, id="an impossible number"),
        pytest.param({"link_failures": 1}, 0, set(), id="one failure"),
        pytest.param({"link_failures": 2}, 5, {"link"}, id="two failures"),
        pytest.param({"assured": Assured(since="2026-05")}, 10, {"confirmed"}, id="nobody confirmed it"),
        pytest.param({"assured": Assured()}, 25, {"confirmed", "fresh"}, id="nobody knows how old"),
        pytest.param(
            {"assured": Assured(State.SPOC_CONFIRMED, "2024-01-01", due="2025-01-01")}, 20, {"confirmed", "fresh"},
            id="confirmed too long ago",
        ),
        pytest.param({"sources": 2, "age_limits": frozenset({(12, 18), (8, 25)})}, 5, {"agree"}, id="no agreement"),
        pytest.param(
            {"assured": Assured(State.CONTRADICTED, "2026-11-01", fields=("phone", "url"))}, 20,
            {"confirmed", "link", "number"}, id="contradicted",
        ),
    ],
)  # fmt: skip
def test_what_each_lack_costs(lacking: dict[str, Any], cost: int, names: set[str]) -> None:
    found = quality.quality(replace(BEST, **lacking), TODAY)
    assert found.score == 100 - cost
    assert {each.name for each in found.missing} == names


facts = st.builds(
    Facts,
    assured=st.builds(Assured, st.sampled_from(State), st.sampled_from(["", "2020", "2026-11-01"])),
    words=st.integers(0, 100),
    link_failures=st.integers(0, 3),
    sources=st.integers(1, 3),
    phones=st.frozensets(st.sampled_from(["0131000", "01632960001"])),
)


@given(facts)
def test_a_score_is_what_its_reasons_leave(found: Facts) -> None:
    scored = quality.quality(found, TODAY)
    assert 0 <= scored.score <= 100
    assert scored.score == 100 - sum(each.points for each in scored.missing)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    found = a_record(tmp_path)
    yield found
    found.close()


def score(record: Database, own: str = OWN) -> quality.Quality:
    with record.reading() as session:
        return quality.of_services(session, [own], NOON)[own]


def test_a_record_is_scored_with_all_that_tell_of_it(record: Database) -> None:
    poor = a_draft(age=AgeLimit(), coverage=Coverage(), referral_routes=(), description="", gender=GenderRule())
    write(record, poor)
    alone = score(record)
    write(record, a_draft(source="other", source_id="o1", hours=Hours(Known.NONE), as_of="2026-10"))
    with record.session() as session:
        records.set_same_as(session, records.service_id("other", "o1"), OWN, NOON)
    both = score(record)
    assert {each.name for each in alone.missing} - {each.name for each in both.missing} == {
        "area", "ages", "hours", "route", "fresh",
    }  # fmt: skip
    assert both.score > alone.score


def test_a_hearsay_number_is_no_number(record: Database) -> None:
    write(record, a_draft(confidence=Confidence.GENERAL_KNOWLEDGE))
    assert "reach" in {each.name for each in score(record).missing}
    with record.session() as session:
        assurance.say(session, OWN, State.SPOC_CONFIRMED, "ann", NOON, ["phone"])
    assert "reach" not in {each.name for each in score(record).missing}


def test_a_source_is_the_mean_of_its_own_active_rows(record: Database) -> None:
    write(record, a_draft(), a_draft(source_id="f902", age=AgeLimit()), a_draft(source_id="f903", status="defunct"))
    write(record, a_withheld_draft(source="other", source_id="o1"))
    with record.session() as session:
        session.add(LinkCheck(service_id=OWN, url="x", status=0, said="", failures=2, checked_at=NOON - timedelta(1)))
    with record.reading() as session:
        facts, other = quality.of_sources(session, NOON)
        assert quality.of_sources(session, NOON, "facts") == (facts,)
    assert (facts.source, facts.rows, other.source, other.rows) == ("facts", 2, "other", 1)
    lacks = dict(facts.lacks)
    assert lacks["It does not say which ages it takes."] == 1
    assert lacks["The address of its website does not work."] == 1
    assert lacks["Nobody has confirmed it."] == 2
