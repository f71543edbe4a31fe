"""Need fit follows the grading guide's table: specialist for the harm, then family, then general."""

import pytest

from directory.matching import situation
from directory.matching.enquiry import Enquiry
from directory.matching.fit import WORDS, FitTable, rules
from directory.matching.situation import Situation
from taxonomy import terms
from tests.directory.matching.builders import a_row, a_situation

GENERAL_LINE = {"families": ("victim_support",), "harms": (), "any_harm": True, "needs": ("practical_help",)}
RAPE_CRISIS = {"families": ("rape_crisis",), "harms": ("sexual_harm", "child_sexual_abuse")}
SARCS = {**RAPE_CRISIS, "needs": ("forensic_care", "medical_care")}
COUNSELLING = {"families": ("counselling",), "harms": (), "any_harm": True, "needs": ("counselling",)}
COUNCIL_DUTY = {
    "families": ("housing",),
    "harms": ("domestic_abuse",),
    "any_harm": True,
    "needs": ("housing", "safety"),
}
WOMENS_AID = {"families": ("domestic_abuse",), "harms": ("domestic_abuse",)}


def fit(service: dict, person: Situation) -> float:
    row = a_row(**service)
    return FitTable(person).of(row).value


SEXUAL = {"harms": ("sexual_harm",)}


@pytest.mark.parametrize(
    ("better", "worse", "person"),
    [
        pytest.param(RAPE_CRISIS, COUNSELLING, SEXUAL, id="specialist before counselling"),
        pytest.param(RAPE_CRISIS, GENERAL_LINE, SEXUAL, id="specialist before general line"),
        pytest.param(GENERAL_LINE, COUNSELLING, {}, id="assault: the general line is ideal"),
        pytest.param(RAPE_CRISIS, SARCS, SEXUAL, id="SARCS only soon after"),
        pytest.param(
            SARCS, COUNSELLING, {**SEXUAL, "age": 17, "needs": ("forensic_care",)}, id="SARCS when it was just now"
        ),
        pytest.param(COUNCIL_DUTY, COUNSELLING, {"age": 17, "needs": ("housing",)}, id="nowhere to stay at 17"),
        pytest.param(GENERAL_LINE, WOMENS_AID, {"harms": ("child_to_parent",), "age": 40}, id="hit by one's own child"),
    ],
)
def test_what_fits_better(better: dict, worse: dict, person: dict) -> None:
    known = a_situation(**person)
    assert fit(better, known) > fit(worse, known)


def test_under_16_alone_the_council_duty_is_not_housing() -> None:
    assert fit(COUNCIL_DUTY, a_situation(age=13, needs=("housing",))) < 0.5


def _is_known(word: str) -> bool:
    plain = word.removeprefix("!")
    if plain.startswith("need:"):
        return plain.removeprefix("need:") in terms.load()["need"]
    return word in (*WORDS, "!register", "!for_children")


def test_every_rule_speaks_of_known_terms() -> None:
    vocabulary = terms.load()
    for rule in rules():
        assert rule.family in vocabulary["family"], rule
        assert {fact.removeprefix("!") for fact in rule.who} <= set(situation.facts(Enquiry())), rule
        assert all(_is_known(word) for word in rule.has), rule
        assert 0 < rule.grade <= 3, rule
        kind, _, code = rule.concern.partition(":")
        assert (kind in ("always", "now", "danger", "unclear")) if not code else code in vocabulary[kind], rule


@pytest.mark.parametrize(
    "harm",
    [
        code
        for code in terms.load()["harm"].terms
        if code not in ("any", "child_sexual_abuse", "forced_marriage", "trafficking")
    ],
)
def test_every_harm_has_something_made_for_it(harm: str) -> None:
    assert any(rule.concern == f"harm:{harm}" and rule.grade >= 2 for rule in rules())


@pytest.mark.parametrize("need", list(terms.load()["need"].terms))
def test_every_need_is_met_by_itself_or_its_parent(need: str) -> None:
    codes = {need, *terms.load()["need"].ancestors(need)}
    assert any(rule.concern.removeprefix("need:") in codes or rule.concern == "now" for rule in rules())
