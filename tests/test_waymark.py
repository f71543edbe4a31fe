"""The command as other programs call it: the worked example, every option, every bad input."""

import json
from pathlib import Path

import pytest

from tests.builders import EDINBURGH, FIFE
from tests.installation import Installation

LEITH = "14 year old battered in Leith, lives in Fife, not sleeping"
UNDERSTOOD = {
    "age", "other_age", "relation", "gender", "harms", "needs", "negated", "residence", "harm_place", "language",
    "urgency",
}  # fmt: skip


def test_the_leith_sentence_is_understood(installed: Installation) -> None:
    understood = installed("understand", LEITH, "--json").json
    assert understood.keys() >= UNDERSTOOD
    assert understood["age"]["value"] == 14
    assert [harm["value"] for harm in understood["harms"]] == ["physical_harm"]
    assert understood["harm_place"]["value"]["council_gss"] == {EDINBURGH: 1.0}
    assert understood["residence"]["value"]["council_gss"] == {FIFE: 1.0}
    assert "sleep" in [need["value"] for need in understood["needs"]]
    for thing in ("age", "residence", "harm_place"):
        assert all(words in LEITH for words in understood[thing]["words"])


def test_the_leith_sentence_finds_what_covers_them_and_says_why(installed: Installation) -> None:
    answer = installed("match", LEITH, "--json").json
    first_ten = answer["results"][:10]
    assert len(first_ten) == 10
    for service in first_ten:
        assert {FIFE, "SCOTLAND"} & set(service["areas"]), service["name"]
        assert service["reasons"]
        assert service["freshness"]
    assert answer["residence_council"] == FIFE
    assert answer["harm_council"] == EDINBURGH
    assert answer["plan"]["pathway"] == "physical_violence"
    assert all(step["services"] or step["gap"] for step in answer["plan"]["steps"])


def test_in_the_terminal_it_reads_as_a_plan(installed: Installation) -> None:
    answer = installed("match", LEITH)
    assert answer.code == 0
    for words in ("Understood", "Plan: Physical violence", "Services, best first", "Victim Support Scotland"):
        assert words in answer.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("match",), "nothing to match", id="no text, no fact"),
        pytest.param(("match", "   "), "nothing to match", id="blank text"),
        pytest.param(("match", "battered", "--age", "-3"), "age", id="age -3"),
        pytest.param(("match", "battered", "--age", "300"), "age", id="age 300"),
        pytest.param(("match", "battered", "--age", "old"), "age", id="age in words"),
        pytest.param(("match", "x" * 10_001), "10,000", id="10,001 characters"),
        pytest.param(("match", "battered", "--residence", "Atlantis"), "no place of that name", id="unknown place"),
        pytest.param(("match", "battered", "--residence", "G12OAA"), "G12 0AA", id="mistyped postcode"),
        pytest.param(("match", "battered", "--relation", "hamster"), "harmed_person", id="unknown relation"),
        pytest.param(("match", "battered", "--urgency", "soonish"), "days", id="unknown urgency"),
        pytest.param(("match", "--cases", "x.jsonl"), "--out", id="cases without out"),
        pytest.param(("places", "locate", "ZZ99 9ZZ"), "ZZ99", id="no such postcode"),
        pytest.param(("places", "import", "nowhere.csv"), "cannot be read", id="no such file"),
        pytest.param(("ingest", "run", "hearsay", "--from", "x.csv"), "care-inspectorate", id="unknown source"),
        pytest.param(("setup", "--data", "nowhere"), "not a folder", id="no such data folder"),
    ],
)
def test_bad_input_is_said_plainly(installed: Installation, words: tuple[str, ...], said: str) -> None:
    answer = installed(*words)
    assert answer.code == 2, answer
    assert said.casefold() in answer.err.casefold()
    assert "Traceback" not in answer.err


def test_before_set_up_it_says_what_to_do(tmp_path: Path) -> None:
    answer = Installation(tmp_path / "empty")("match", "battered")
    assert answer.code == 3
    assert "waymark setup" in answer.err


def test_a_text_with_no_place_gives_services_for_all_of_scotland(installed: Installation) -> None:
    answer = installed("match", "16 year old punched and kicked", "--json").json
    areas = [service.get("areas", []) for service in answer["results"]]
    stated = [each for each in areas if each]
    assert len(stated) > 5
    assert all(each == ["SCOTLAND"] for each in stated)
    assert areas[: len(stated)] == stated  # an area that is not stated is not everywhere: it comes after
    assert "Where do they live?" in " ".join(answer["notices"])


def test_setting_up_again_changes_nothing(installed: Installation) -> None:
    answer = installed("setup")
    assert answer.code == 0
    assert "0 made, 0 changed" in answer.out
    assert installed("index", "status").code == 0


def test_check_finds_all_in_order(installed: Installation) -> None:
    answer = installed("check")
    assert answer.code == 0, answer.out
    assert "PROBLEM" not in answer.out


def run_cases(installed: Installation, folder: Path, *lines: object) -> list[dict]:
    cases, out = folder / "in.jsonl", folder / "out.jsonl"
    cases.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    answer = installed("match", "--cases", str(cases), "--out", str(out))
    assert answer.code in (0, 2), answer
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_many_enquiries_at_once(installed: Installation, tmp_path: Path) -> None:
    first, second = run_cases(
        installed,
        tmp_path,
        {"id": 1, "text": LEITH, "age": None, "colour": "ignored"},
        {"id": "b", "text": "raped last week", "harm": "Falkirk", "residence": "FK1", "age": 17, "urgency": "urgent"},
    )
    assert first["id"] == 1
    assert all(isinstance(source_id, str) for source_id in first["results"])
    assert 0 < len(first["results"]) <= 20
    assert set(first) >= {"id", "results", "also", "residence_council", "harm_council", "understood", "plan"}
    assert set(first["plan"]) == {"pathway", "steps", "gaps"}
    assert all(set(step) == {"when", "need", "services"} for step in first["plan"]["steps"])
    assert "f117" in second["results"][:3]
    assert second["harm_council"] == second["residence_council"] == "S12000014"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("{", id="not JSON"),
        pytest.param("[1, 2]", id="not an object"),
        pytest.param({"id": 9, "text": "battered", "age": -3}, id="age -3"),
        pytest.param({"id": 9}, id="nothing said"),
        pytest.param({"id": 9, "text": 7}, id="text is a number"),
        pytest.param("[" * 100_000, id="nested too deep"),
    ],
)
def test_a_bad_line_does_not_lose_the_others(installed: Installation, tmp_path: Path, line: object) -> None:
    good, bad, last = run_cases(installed, tmp_path, {"id": 1, "text": LEITH}, line, {"id": 3, "text": LEITH})
    assert good["results"] == last["results"]
    assert bad["results"] == []
    assert bad["error"]


def test_a_place_nobody_knows_is_left_out_and_said(installed: Installation, tmp_path: Path) -> None:
    (answer,) = run_cases(installed, tmp_path, {"id": 1, "text": "battered, aged 14", "residence": "Atlantis"})
    assert answer["results"]
    assert answer["residence_council"] is None
    assert "residence" in answer["problems"][0]


def test_bench_gives_the_figures(installed: Installation) -> None:
    figures = installed("bench", "--services", "200", "--json").json
    assert set(figures) >= {
        "services", "index_seconds", "index_mb", "bare_ms_p50", "bare_ms_p95", "match_ms_p50", "match_ms_p95",
        "page_ms_p50", "page_ms_p95",
    }  # fmt: skip
    assert figures["services"] == 200
    assert all(isinstance(value, int | float) for value in figures.values())
