"""Gap counts: what is counted, that it holds nothing of a person, and that counting never stands in an answer's way."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from directory.database import Database
from directory.errors import BadInput
from directory.matching import gaps
from directory.matching.enquiry import Enquiry
from directory.matching.gaps import GapCounter
from directory.matching.results import LadderStep, MatchResult, Plan, PlanStep
from directory.values import Place
from taxonomy.words import Understanding
from tests.builders import EDINBURGH, FIFE, NOON, a_record
from tests.directory.matching.builders import IN_CARLISLE, IN_EDINBURGH, IN_FIFE

WEEK = "2026-W47"


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    opened = a_record(tmp_path)
    yield opened
    opened.close()


def an_answer(*missing: str, home: Place | None = IN_FIFE, dead_ends: tuple[str, ...] = ()) -> MatchResult:
    """An answer whose plan has these steps that nothing fills."""
    steps = tuple(PlanStep("now", need, need, (), gap="None.") for need in missing)
    return MatchResult(
        enquiry=Enquiry(text="canaryword KY1 1XX", residence=home),
        understood=Understanding(),
        matches=(),
        plan=Plan("any_harm", "Any harm", steps, ()),
        safety=(),
        facets=(),
        left_out=(),
        ladder=tuple(LadderStep((concern,), ("helpline",), "None.", is_dead_end=True) for concern in dead_ends),
    )


def test_a_step_that_nothing_fills_and_a_dead_end_are_counted_once_each() -> None:
    answer = an_answer("counselling", "counselling", dead_ends=("need/counselling", "harm/hate"))
    assert gaps.lines(answer, NOON) == ((FIFE, "need/counselling", WEEK), (FIFE, "harm/hate", WEEK))


@pytest.mark.parametrize(
    ("answer", "council"),
    [
        pytest.param(an_answer("refuge"), FIFE, id="home"),
        pytest.param(an_answer("refuge", home=None), "", id="no place"),
        pytest.param(an_answer("refuge", home=IN_CARLISLE), "", id="outside Scotland"),
    ],
)
def test_the_council_is_the_homes(answer: MatchResult, council: str) -> None:
    assert gaps.lines(answer, NOON) == ((council, "need/refuge", WEEK),)


def test_without_a_home_the_place_of_harm_counts() -> None:
    answer = replace(an_answer("refuge"), enquiry=Enquiry(harm_place=IN_EDINBURGH))
    assert gaps.lines(answer, NOON)[0][0] == EDINBURGH


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-W01"),
        (datetime(2027, 1, 1, tzinfo=UTC), "2026-W53"),
        (datetime(2024, 12, 30, tzinfo=UTC), "2025-W01"),
    ],
)
def test_weeks_are_those_of_iso_8601(moment: datetime, week: str) -> None:
    assert gaps.week_of(moment) == week


def test_the_table_can_hold_nothing_of_a_person(record: Database) -> None:
    columns = {column["name"] for column in inspect(record.engine).get_columns("gap")}
    assert columns == {"council_gss", "need", "week", "count"}
    counter = GapCounter()
    counter.note(an_answer("counselling"), record, NOON)
    counter.close()
    with record.reading() as session:
        assert session.execute(text("SELECT * FROM gap")).all() == [(FIFE, "need/counselling", WEEK, 1)]


def test_counts_add_up_over_batches_and_threads(record: Database) -> None:
    counter = GapCounter()

    def answered() -> None:
        for _ in range(50):
            counter.note(an_answer("counselling"), record, NOON)

    threads = [threading.Thread(target=answered) for _ in range(4)]
    for thread in threads:
        thread.start()
    counter.flush()
    for thread in threads:
        thread.join()
    counter.close()
    assert [line.said for line in gaps.report(record, NOON)] == ["200"]


def test_a_record_that_cannot_be_written_fails_no_answer_and_loses_no_count(
    record: Database, caplog: pytest.LogCaptureFixture
) -> None:
    counter = GapCounter()
    with record.session() as session:
        session.execute(text("ALTER TABLE gap RENAME TO gone"))
    counter.note(an_answer("counselling"), record, NOON)
    assert counter.flush() == 0
    assert "they wait" in caplog.text
    assert "canaryword" not in caplog.text
    with record.session() as session:
        session.execute(text("ALTER TABLE gone RENAME TO gap"))
    counter.close()
    assert [line.label for line in gaps.report(record, NOON)] == ["Counselling or therapy"]


@pytest.mark.parametrize(("count", "said"), [(1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (1234, "1,234")])
def test_small_numbers_are_not_told(count: int, said: str) -> None:
    assert gaps.told(count) == said


def test_small_numbers_stand_in_an_order_that_tells_nothing(record: Database) -> None:
    gaps.add(record, Counter({(FIFE, "need/refuge", WEEK): 1, (EDINBURGH, "need/refuge", WEEK): 4}))
    before = [line.council for line in gaps.report(record, NOON)]
    gaps.add(record, Counter({(FIFE, "need/refuge", WEEK): 3}))
    assert [line.council for line in gaps.report(record, NOON)] == before == ["City of Edinburgh", "Fife"]


def test_the_span_counts_back_from_this_week(record: Database) -> None:
    gaps.add(record, Counter({(FIFE, "need/refuge", gaps.week_of(NOON - timedelta(weeks=4))): 9}))
    assert gaps.report(record, NOON, weeks=4) == ()
    assert [line.said for line in gaps.report(record, NOON, weeks=13, council="Fife")] == ["9"]
    assert gaps.report(record, NOON, weeks=13, council="Moray") == ()


@pytest.mark.parametrize(("asked", "field"), [({"weeks": 3}, "weeks"), ({"council": "Narnia"}, "council")])
def test_what_is_not_known_is_refused(record: Database, asked: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as error:
        gaps.report(record, NOON, **asked)
    assert error.value.field == field
