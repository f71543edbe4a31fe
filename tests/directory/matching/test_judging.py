"""The figures themselves: right on orders worked out by hand, and never silently on a file that cannot be read."""

import json
from pathlib import Path

import pytest

from directory.errors import UnusableFile
from directory.matching import judging
from tests.installation import Installation

JUDGED = Path(__file__).resolve().parents[2] / "judged"
FLOORS = {"enquiries_tuned": 0.93, "enquiries_held": 0.86, "enquiries_more": 0.875, "enquiries_more_held": 0.845}
"""Least nDCG@10 over the starter directory alone, which holds less than was graded: a drop below is a regression."""


@pytest.mark.parametrize(
    ("gains", "ideal", "expected"),
    [
        pytest.param([3, 2, 1], [3, 2, 1], 1.0, id="as it should be"),
        pytest.param([], [3], 0.0, id="nothing found"),
        pytest.param([0, 3], [3], 0.6309, id="one place too low"),
        pytest.param([1], [3], 1 / 7, id="a fallback for the ideal"),
        pytest.param([], [], 1.0, id="nothing to find"),
    ],
)
def test_ndcg(gains: list[int], ideal: list[int], expected: float) -> None:
    assert judging.ndcg(gains, ideal) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("line", ['{"id": 1}', "{", '{"id": 1, "grades": 3, "must_not": []}'])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "graded.jsonl"
    file.write_text('{"header": "x"}\n' + line + "\n")
    with pytest.raises(UnusableFile, match="line 2"):
        list(judging.read(file))


@pytest.mark.parametrize("name", FLOORS)
def test_answers_are_no_worse_than_they_were(installed: Installation, name: str) -> None:
    (quality,) = installed("judge", str(JUDGED / f"{name}.jsonl"), "--json").json
    print(f"{name}: nDCG@10 {quality['ndcg_at_10']:.3f}")  # noqa: T201 - the figure is to be seen
    assert quality["ndcg_at_10"] >= FLOORS[name]
    assert quality["zero_results"] == 0


def graded(tmp_path: Path, **more: object) -> Path:
    case = {"id": "x1", "text": "girl of 15 in Fife raped by a boy", "grades": {"f01": 2}, "must_not": ["f18"], **more}
    file = tmp_path / "graded.jsonl"
    file.write_text(json.dumps(case) + "\n")
    return file


def test_a_wrong_service_is_shown_with_its_reasons(installed: Installation, tmp_path: Path) -> None:
    said = installed("judge", str(graded(tmp_path, must_not=["f01"], grades={"f18": 3})), "--failures", "1").out
    assert "wrong in the first ten 1" in said
    line = next(number for number, line in enumerate(said.splitlines()) if "WRONG  f01" in line)
    assert said.splitlines()[line + 1].strip().endswith(".")


def test_the_page_of_quality_has_simple_orders_beside_ours(installed: Installation, tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    installed("judge", str(graded(tmp_path)), "--write", str(page))
    assert "| file | enquiries | nDCG@10 | random | text only | national first | recall@20 |" in page.read_text()
    assert "| graded | 1 | **" in page.read_text()


def test_a_page_that_cannot_be_written_is_an_error(installed: Installation, tmp_path: Path) -> None:
    failed = installed("judge", str(graded(tmp_path)), "--write", str(tmp_path / "no" / "quality.md"))
    assert failed.code != 0
    assert "cannot be written" in failed.err
