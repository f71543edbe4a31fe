"""Need fit follows the grading guide's table: specialist for the harm, then family, then general."""

import pytest

from directory.matching import situation
from directory.matching.enquiry import Enquiry
from directory.matching.fit import FitTable, expected_grade
from directory.matching.fit_rules import WORDS, rules
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


@pytest.mark.parametrize(
    ("grade", "likelihood", "expected"),
    [
        pytest.param(3, 1.0, 3.0, id="sure"),
        pytest.param(3, 0.5, 2.17, id="as likely as not: a gain of 3.5"),
        pytest.param(2, 1 / 3, 1.0, id="a third of a gain of 3 is that of grade 1"),
        pytest.param(3, 0.0, 0.0, id="not meant"),
    ],
)
def test_an_expected_grade_has_the_gain_that_may_be_expected(grade: float, likelihood: float, expected: float) -> None:
    assert expected_grade(grade, likelihood) == pytest.approx(expected, abs=0.005)


MAYBE_SEXUAL = a_situation(perhaps=(("harm:sexual_harm", 0.3),))
LIKELY_SEXUAL = a_situation(harms=("sexual_harm",), unsure=(("harm:sexual_harm", 0.6),))


def test_a_likely_harm_keeps_its_fit_and_counts_in_part() -> None:
    sure, likely = (FitTable(each).of(a_row(**RAPE_CRISIS)) for each in (a_situation(**SEXUAL), LIKELY_SEXUAL))
    assert likely.value == sure.value
    assert sure.sure == 1
    assert 0.5 < likely.sure < 1


def test_a_harm_perhaps_meant_fits_as_much_as_may_be_expected_of_it() -> None:
    found = FitTable(MAYBE_SEXUAL).of(a_row(**RAPE_CRISIS))
    assert found.concern == "harm:sexual_harm"
    assert found.sure == 1
    assert 0.2 < found.value < 0.66


def test_what_is_said_as_well_is_not_perhaps() -> None:
    said = a_situation(**SEXUAL, perhaps=(("harm:sexual_harm", 0.3),))
    assert FitTable(said).of(a_row(**RAPE_CRISIS)) == FitTable(a_situation(**SEXUAL)).of(a_row(**RAPE_CRISIS))


def test_what_is_perhaps_meant_opens_no_door_that_is_opened_by_asking() -> None:
    asked = a_situation(perhaps=(("need:restorative_justice", 0.4), ("harm:sexual_harm", 0.4)))
    assert asked.concerns == a_situation().concerns
    assert (asked.harm_mask, asked.need_mask, asked.who) == (
        a_situation().harm_mask,
        a_situation().need_mask,
        a_situation().who,
    )


def test_a_step_asks_for_its_need_and_is_sure_of_it() -> None:
    table = FitTable(a_situation(perhaps=(("need:counselling", 0.3),)), ("need:counselling",))
    assert table.of(a_row(**COUNSELLING)).sure == 1
    assert table.of(a_row(**COUNSELLING)).value > 0.6


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
