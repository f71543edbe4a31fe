"""`waymark judge duplicates`: figures of labelled pairs, in lines, as JSON, and in their part of a page."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import waymark
from ingest import duplicates_judging, judge_commands
from ingest.duplicates_judging import Counts
from tests.conftest import SHARED_DATA

FACTS = {"source": "facts", "id": "f09"}
PAIR = {"a": FACTS, "b": {"source": "facts", "id": "f182"}, "label": "same", "why": "one line"}
ABSENT = {"a": FACTS, "b": {"source": "facts", "id": "f999"}, "label": "distinct", "why": "-"}


def pairs(folder: Path, *lines: dict[str, object], name: str = "made_tuned.jsonl") -> Path:
    file = folder / name
    file.write_text("\n".join(json.dumps(line) for line in ({"header": "made"}, *lines)), encoding="utf-8")
    return file


def judged(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(waymark.app, ["judge", "duplicates", *arguments])
    return result.exit_code, result.output


def test_maybe_counts_neither_way() -> None:
    counts = Counts()
    for label, found, times in (
        ("same", "same", 9),
        ("distinct", "same", 1),
        ("same", "maybe", 1),
        ("maybe", "same", 5),
    ):
        counts.seen[label, found] += times
    assert counts.precision("same") == pytest.approx(0.9)
    assert counts.recall("same") == pytest.approx(0.9)
    assert counts.to_review == 1
    assert counts.pairs == 16


@pytest.mark.shared_data
def test_the_figures_are_printed(tmp_path: Path) -> None:
    code, told = judged(str(pairs(tmp_path, PAIR, ABSENT)), "--data", str(SHARED_DATA))
    assert code == 0
    assert "made_tuned: 1 pairs; same: 1, precision 1.000, recall 1.000" in told
    assert "1 rows absent" in told
    _, told = judged(str(pairs(tmp_path, PAIR)), "--data", str(SHARED_DATA), "--json")
    assert json.loads(told)[0]["recall"] == 1.0


@pytest.mark.shared_data
def test_the_page_keeps_its_other_parts(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    page.write_text("# Quality\n\nOther figures.\n", encoding="utf-8")
    for _ in range(2):
        judged(str(pairs(tmp_path, PAIR)), "--data", str(SHARED_DATA), "--write", str(page))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Quality\n\nOther figures.\n\n<!-- duplicates -->")
    assert text.count("## Quality of the duplicate finder") == 1


@pytest.mark.shared_data
def test_of_the_half_set_aside_only_figures_are_told(tmp_path: Path) -> None:
    wrong = {**PAIR, "label": "distinct"}
    _, told = judged(str(pairs(tmp_path, wrong, name="made_held.jsonl")), "--data", str(SHARED_DATA), "--wrong")
    assert "f182" not in told
    _, told = judged(str(pairs(tmp_path, wrong)), "--data", str(SHARED_DATA), "--wrong")
    assert "f182" in told


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}', "[]"])
def test_a_file_without_pairs_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(text or "x", encoding="utf-8")
    result = CliRunner().invoke(waymark.app, ["judge", "duplicates", str(file), "--data", str(tmp_path)])
    assert result.exit_code != 0


@pytest.mark.shared_data
def test_the_tuned_half_is_as_good_as_it_was() -> None:
    tuned = duplicates_judging.judge(judge_commands.PAIRS[0], SHARED_DATA)
    assert tuned.absent == 0
    assert tuned.all.precision("same") >= 0.98
    assert tuned.all.recall("same") >= 0.89
    assert tuned.all.precision("group") >= 0.98


@pytest.mark.shared_data
def test_the_pairs_made_later_guard_what_is_joined() -> None:
    more = duplicates_judging.judge(judge_commands.PAIRS[1], SHARED_DATA)
    assert more.absent == 0
    assert more.all.pairs >= 120
    assert more.all.precision("same") == 1.0
    assert more.all.precision("group") >= 0.95


def test_files_after_judge_are_still_enquiries(tmp_path: Path) -> None:
    result = CliRunner().invoke(waymark.app, ["judge", "--help"])
    assert "answers" in result.output
    assert "duplicates" in result.output
