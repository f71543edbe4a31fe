"""The gap report for staff: who may see it, what it tells, what it never tells, and what it refuses."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from directory import runtime
from directory.matching import gaps
from directory.matching.gaps import GapCounter
from tests.builders import EDINBURGH, FIFE, a_record
from tests.web.desk import Desk

WEEK = "2026-W47"


@pytest.fixture
def desk(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Desk]:
    record = a_record(tmp_path)
    yield Desk(replace(installation, database=record, gaps=GapCounter()))
    record.close()


def counted(desk: Desk) -> None:
    lines = {(FIFE, "need/counselling", WEEK): 12, (EDINBURGH, "need/refuge", WEEK): 3, ("", "harm/hate", WEEK): 5}
    gaps.add(desk.running.database, Counter(lines))


def test_the_page_tells_most_first_and_no_small_number(desk: Desk) -> None:
    counted(desk)
    page = desk.web.get("/staff/gaps", **desk.cookie("analyst")).text
    needs = re.findall(r'<tr><th scope="row">([^<]+)</th><th scope="row">([^<]+)</th>', page)
    assert [council for _, council in needs] == ["Fife", "Not said", "City of Edinburgh"]
    assert "<td>12</td>" in page
    assert "fewer than 5" in page
    assert "<td>3</td>" not in page


def test_a_council_and_a_span_narrow_it(desk: Desk) -> None:
    counted(desk)
    page = desk.web.get(f"/staff/gaps?council={FIFE}&weeks=4", **desk.cookie("editor")).text
    assert "1 gap<" in page
    assert f"/staff/gaps.csv?council={FIFE}&amp;weeks=4" in page
    assert "No gap was counted" in desk.web.get("/staff/gaps?council=Moray", **desk.cookie("editor")).text


def test_the_table_for_a_spreadsheet(desk: Desk) -> None:
    counted(desk)
    answer = desk.web.get("/staff/gaps.csv", **desk.cookie("analyst"))
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.text.split("\r\n")
    assert lines[0] == "council_gss,council,need,label,count"
    assert lines[1] == f"{FIFE},Fife,need/counselling,Counselling or therapy,12"
    assert lines[3].endswith(",fewer than 5")


def test_an_empty_report_says_so(desk: Desk) -> None:
    assert "No gap was counted here" in desk.web.get("/staff/gaps", **desk.cookie("analyst")).text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        pytest.param("weeks=5", "That span is not known", id="another span"),
        pytest.param("weeks=abc", "That span is not known", id="no number"),
        pytest.param("weeks=99999999999999999999", "That span is not known", id="huge"),
        pytest.param("council=Narnia", "no such council area", id="no council"),
    ],
)
def test_bad_input_is_said_at_its_field(desk: Desk, query: str, says: str) -> None:
    answer = desk.web.get(f"/staff/gaps?{query}", **desk.cookie("analyst"))
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert says in answer.text
    assert f'href="#{query.partition("=")[0]}"' in answer.text
    assert desk.web.get(f"/staff/gaps.csv?{query}", **desk.cookie("analyst")).status_code == 422


@pytest.mark.parametrize("path", ["/staff/gaps", "/staff/gaps.csv"])
def test_only_analysts_and_editors_see_it(desk: Desk, path: str) -> None:
    assert desk.web.get(path, **desk.cookie("worker")).status_code == 403
    assert desk.web.get(path).status_code in (302, 303)
    assert "Where help is missing" in desk.web.get("/staff", **desk.cookie("analyst")).text
    assert "Where help is missing" not in desk.web.get("/staff", **desk.cookie("worker")).text


def test_an_answer_with_a_gap_is_counted_and_its_words_are_not(desk: Desk) -> None:
    text = "canaryword 14 year old battered in Leith, lives in Fife, KY1 1XX"
    assert desk.web.post("/match", {"text": text}).status_code == 200
    report = desk.web.get("/staff/gaps.csv", **desk.cookie("analyst")).text
    assert f"{FIFE},Fife,need/" in report
    assert "canaryword" not in report
    assert "KY1" not in report
    desk.web.post("/match/left-out", {"text": text})
    assert desk.running.gaps.flush() == 0
