"""Why one service stands where it does: its place, its neighbours, and changes that hold when they are made."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from directory.draft import AgeLimit, Coverage, GenderRule
from directory.errors import BadInput, NotFound
from directory.matching import matcher, why
from directory.matching.enquiry import AgeRange, Enquiry
from directory.matching.results import MatchResult
from directory.matching.why import Why
from directory.search.embedded import EmbeddedIndex
from directory.values import Known
from taxonomy.words import Understanding
from tests.builders import FIFE, NOON
from tests.directory.matching.builders import IN_EDINBURGH, IN_FIFE
from tests.directory.matching.test_matcher import GENERAL, RAPE_CRISIS, SCOTLAND, a_service

SERVICES = (
    a_service("sure counselling"),
    a_service("gender not said", gender=GenderRule()),
    a_service("area not said", coverage=Coverage()),
    a_service("maybe closed", status_known=Known.UNKNOWN),
    a_service("counselling Fife", coverage=Coverage(Known.STATED, (FIFE,))),
    a_service("adults Fife", coverage=Coverage(Known.STATED, (FIFE,)), age=AgeLimit(Known.STATED, 18)),
    a_service("mediation", families=("restorative_justice",), needs=("restorative_justice",), coverage=SCOTLAND),
    a_service("victim line", **GENERAL),
    a_service("rape crisis", **RAPE_CRISIS),
)
GIVEN: dict[str, Any] = {
    "harms": ("physical_harm",), "needs": ("counselling",), "residence": IN_EDINBURGH, "age": AgeRange(14, 14),
}  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    built = EmbeddedIndex(folder)
    anyio.run(built.rebuild, SERVICES)
    return built


def explain(index: EmbeddedIndex, service: str, **facts: Any) -> Why:
    return anyio.run(why.why, Enquiry(**{**GIVEN, **facts}), service, index, NOON)


def answer(index: EmbeddedIndex, **facts: Any) -> MatchResult:
    return anyio.run(matcher.match, Enquiry(**{**GIVEN, **facts}), Understanding(), index, NOON)


def place(result: MatchResult, service: str) -> int | None:
    names = [match.service.name for match in result.matches]
    return names.index(service) + 1 if service in names else None


def said(found: Why) -> list[str]:
    return [change.sentence for change in found.changes]


def test_its_place_and_reasons_are_those_of_the_answer(index: EmbeddedIndex) -> None:
    for rank, match in enumerate(answer(index).matches, 1):
        found = explain(index, match.service.source_id)
        assert found.place == rank
        assert found.match is not None
        assert (found.match.score, found.match.reasons) == (match.score, match.reasons)


def test_it_is_compared_with_the_one_before_and_the_one_after(index: EmbeddedIndex) -> None:
    names = [match.service.name for match in answer(index).matches]
    first, second = explain(index, names[0]), explain(index, names[1])
    assert [line.partition(" (")[0] for line in first.beside] == [f"Above “{names[1]}”"]
    assert [line.partition(" (")[0] for line in second.beside] == [f"Below “{names[0]}”", f"Above “{names[2]}”"]


@pytest.mark.parametrize(
    ("service", "starts"),
    [
        pytest.param("area not said", "If it were known to cover their home: place ", id="area"),
        pytest.param("maybe closed", "If it were known to be running: place ", id="status"),
    ],
)
def test_an_unknown_fact_made_known_moves_it_up(index: EmbeddedIndex, service: str, starts: str) -> None:
    found = explain(index, service)
    (change,) = [change for change in found.changes if change.sentence.startswith(starts)]
    assert change.place is not None
    assert found.place is not None
    assert change.place < found.place
    assert change.sentence.endswith(f"place {change.place} instead of {found.place}.")


def test_a_change_of_the_enquiry_holds_when_it_is_made(index: EmbeddedIndex) -> None:
    (change,) = [
        each for each in explain(index, "counselling Fife").changes if "If they lived in Fife" in each.sentence
    ]
    assert place(answer(index), "counselling Fife") is None
    assert place(answer(index, residence=IN_FIFE), "counselling Fife") == change.place


def test_restorative_justice_is_shown_once_it_is_asked_for(index: EmbeddedIndex) -> None:
    found = explain(index, "mediation")
    assert found.left_out == "It is left out: restorative justice, which is offered only when the person asks."
    (change,) = [each for each in found.changes if each.sentence.startswith("If restorative justice were asked for:")]
    assert place(answer(index, needs=("counselling", "restorative_justice")), "mediation") == change.place


def test_where_one_change_is_not_enough_all_are_tried_together(index: EmbeddedIndex) -> None:
    assert "If they lived in Fife, and if they were 18: it would be shown, at place 1." in [
        sentence.replace("place 2", "place 1") for sentence in said(explain(index, "adults Fife"))
    ]


def test_facts_have_three_values(index: EmbeddedIndex) -> None:
    facts = {fact.name: fact.verdict.value for fact in explain(index, "adults Fife").facts}
    assert (facts["age"], facts["residence"]) == ("does_not_fit", "does_not_fit")
    facts = {fact.name: fact.verdict.value for fact in explain(index, "gender not said").facts}
    assert (facts["age"], facts["gender"]) == ("fits", "not_stated")


def test_a_service_made_for_something_else_is_said_to_be(index: EmbeddedIndex) -> None:
    found = explain(index, "mediation", needs=("counselling",), harms=())
    assert found.place is None
    assert found.left_out


def test_why_the_first_is_first_is_one_sentence(index: EmbeddedIndex) -> None:
    first, second = answer(index).matches[:2]
    assert why.ahead(first, second).startswith(f"It comes before “{second.service.name}” by its ")
    assert "fit alike" in why.ahead(first, first)


def test_what_speaks_for_the_second_is_said_too(index: EmbeddedIndex) -> None:
    first = answer(index).matches[0]
    moved = {"need_fit": -0.3, "text": 0.3}
    theirs = tuple(each._replace(value=each.value + moved.get(each.signal, 0.0)) for each in first.reasons)
    said = why.ahead(first, replace(first, reasons=theirs))
    assert " by its need fit, " in said
    assert "although text, " in said
    assert said.endswith(" speaks for that one.")


def test_what_is_not_there_or_not_asked_is_refused(index: EmbeddedIndex) -> None:
    with pytest.raises(NotFound):
        explain(index, "no such service")
    with pytest.raises(BadInput):
        anyio.run(why.why, Enquiry(), "mediation", index, NOON)
