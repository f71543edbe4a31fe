"""The questions behind an answer from the command line: --left-out, --why, the gap report; and a wrong scope file."""

import pytest

from tests.installation import Installation

LEITH = "14 year old girl in Leith, sexual assault at school"


def test_left_out_and_why_are_told_in_words(installed: Installation) -> None:
    answer = installed("match", LEITH, "--left-out", "--why", "f01")
    assert answer.code == 0
    assert "Left out: " in answer.out
    assert "not shown: for people living in Fife" in answer.out
    assert "not shown: for people of 18 and over" in answer.out
    assert "Why Rape Crisis Scotland National Helpline: place " in answer.out


def test_the_same_as_data(installed: Installation) -> None:
    told = installed("match", LEITH, "--left-out", "--why", "f01", "--json").json
    assert told["all_left_out"]["count"] == sum(group["count"] for group in told["all_left_out"]["groups"])
    assert told["why"]["place"]
    assert {fact["name"] for fact in told["why"]["facts"]} >= {"age", "gender", "residence"}
    assert {"ladder", "nearby", "hand_over"} <= set(told)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(("match", LEITH, "--why", "no-such"), 2, "no such service", id="unknown service"),
        pytest.param(("gaps", "--weeks", "3"), 2, "That span is not known", id="another span"),
        pytest.param(("gaps", "--council", "Narnia"), 2, "no such council area", id="no council"),
    ],
)
def test_bad_input_is_refused_in_words(installed: Installation, words: tuple[str, ...], code: int, says: str) -> None:
    answer = installed(*words)
    assert answer.code == code
    assert says in answer.err


def test_nothing_is_counted_by_the_command_line(installed: Installation) -> None:
    installed("match", "needs a refuge, lives in Shetland, 14")
    assert "No gap was counted" in installed("gaps").out
    assert installed("gaps", "--json").json == []


def test_a_wrong_scope_file_is_named_with_its_line(installed: Installation) -> None:
    file = installed.home / "scope.toml"
    file.write_text('# ours\nplace = "home"\n', encoding="utf-8")
    try:
        answer = installed("match", LEITH)
    finally:
        file.unlink()
    assert answer.code == 2
    assert "scope.toml, line 2: place is 'home'" in answer.err


def test_out_of_scope_is_an_answer_with_a_hand_over(installed: Installation) -> None:
    file = installed.home / "scope.toml"
    file.write_text('place = "residence"\nareas = ["Fife"]\nhand_over_to = "the desk of Lothian"\n', encoding="utf-8")
    try:
        told = installed("match", LEITH, "--json").json
    finally:
        file.unlink()
    assert told["results"]
    assert told["hand_over"] == [
        {"reason": "This single point of contact serves people who live in Fife.", "to": "the desk of Lothian"}
    ]
