"""Facts for the explanation say the same as the rules of the ranking: ruled out exactly when one does not fit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.draft import AgeLimit, Coverage, GenderRule, Registration, SchoolStages
from directory.matching import candidate, eligibility
from directory.matching.candidate import Row
from directory.matching.eligibility_facts import RULES, Verdict, facts, stage_words
from directory.matching.enquiry import KNOWN_REGISTRATIONS, AgeRange
from directory.search.columns import pack
from directory.values import REGISTRATIONS, SCHOOL_STAGES, Boundary, Known
from taxonomy import terms
from tests.builders import EDINBURGH, FIFE, a_document
from tests.directory.matching.builders import IN_CARLISLE, IN_EDINBURGH, IN_FIFE, IN_LEITH, a_situation

VOCABULARY = terms.load()
FOR_GP = Registration(Known.STATED, ("gp",))
IN_PRIMARY = SchoolStages(Known.STATED, ("P6", "P7"))
LEAVERS = SchoolStages(Known.STATED, ("school_leaver",))


def codes(taxonomy: str, most: int = 2, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    found = st.sampled_from(sorted(VOCABULARY[taxonomy].terms))
    return st.lists(found, min_size=least, max_size=most, unique=True).map(tuple)


def stated(kind: Any, choices: tuple[str, ...]) -> st.SearchStrategy[Any]:
    some = st.lists(st.sampled_from(choices), min_size=1, max_size=min(4, len(choices)), unique=True).map(tuple)
    return st.sampled_from((kind(), kind(Known.NONE))) | some.map(lambda found: kind(Known.STATED, found))


ends = st.none() | st.integers(0, 40)
limits = st.tuples(ends, ends).filter(lambda pair: pair[0] is None or pair[1] is None or pair[0] <= pair[1])
SERVICE = {
        "families": codes("family", least=1),
        "needs": codes("need"),
        "harms": codes("harm"),
        "any_harm": st.booleans(),
        "relations": codes("relation"),
        "groups": codes("group", 1),
        "referral_routes": codes("route"),
        "not_for_harmed": st.booleans(),
        "workers_only": st.booleans(),
        "age": limits.flatmap(
            lambda pair: st.builds(
                AgeLimit, st.sampled_from(Known), st.just(pair[0]), st.just(pair[1]),
                st.sampled_from(("person_helped", "child_who_harmed")),
            )
        ),
        "gender": st.sampled_from(
            (GenderRule(), GenderRule(Known.NONE), *(GenderRule(Known.STATED, rule) for rule in ("female", "male")))
        ),
        "coverage": st.builds(
            Coverage,
            st.just(Known.STATED),
            st.sampled_from(((EDINBURGH,), (FIFE,), ("SCOTLAND",), (EDINBURGH, FIFE))),
            st.sampled_from(((), ("EH6",))),
            st.sampled_from(Boundary),
        )
        | st.just(Coverage()),
        "over_wide": st.booleans(),
        "stages": stated(SchoolStages, SCHOOL_STAGES),
        "registration": stated(Registration, REGISTRATIONS),
    }  # fmt: skip


OPEN: dict[str, Any] = {"age": st.just(AgeLimit()), "harms": st.just(())}


def services_with(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """A service with this fact and perhaps one other, so that most turn on it."""
    others = st.lists(st.sampled_from(sorted(SERVICE)), max_size=1)
    return others.flatmap(
        lambda more: st.fixed_dictionaries({**OPEN, **{each: SERVICE[each] for each in (name, *more)}})
    )


places = st.sampled_from((IN_EDINBURGH, IN_EDINBURGH, IN_LEITH, IN_FIFE, IN_CARLISLE, None))
people = st.fixed_dictionaries(
    {},
    optional={
        "age": st.none() | st.integers(0, 60),
        "other_age": st.none() | st.integers(5, 17).map(lambda age: AgeRange(age, age)),
        "gender": st.sampled_from(("female", "male", "other")),
        "relation": st.none() | st.sampled_from(sorted(VOCABULARY["relation"].terms)),
        "harms": codes("harm"),
        "needs": codes("need"),
        "groups": codes("group"),
        "professional": st.booleans(),
        "residence": places,
        "harm_place": places,
        "school_stage": st.none() | st.sampled_from(SCHOOL_STAGES),
        "registered": st.lists(st.sampled_from(KNOWN_REGISTRATIONS), min_size=1, max_size=2, unique=True).map(tuple),
    },
)


@pytest.mark.parametrize("name", sorted(SERVICE))
@given(data=st.data())
def test_ruled_out_exactly_when_a_fact_does_not_fit(name: str, data: st.DataObject) -> None:
    service, person = data.draw(services_with(name)), data.draw(people)
    document, situation = a_document(**service), a_situation(**person)
    row = Row(**pack(document), text=0.0)
    reach = candidate.cover(row, situation)
    out = eligibility.ruled_out(row, reach, situation)
    found = facts(document, situation)
    assert [fact.name for fact in found] == list(RULES)
    assert (out is not None) is any(fact.verdict is Verdict.DOES_NOT_FIT for fact in found), (out, found)
    assert all(fact.sentence.endswith((".", "?")) and fact.about_whom for fact in found)


def verdict(name: str, service: dict[str, Any], person: dict[str, Any]) -> str:
    found = facts(a_document(**service), a_situation(**person))
    return next(fact.verdict for fact in found if fact.name == name)


FITS, ASK, OUT = Verdict.FITS, Verdict.NOT_STATED, Verdict.DOES_NOT_FIT


@pytest.mark.parametrize(
    ("name", "service", "person", "expected"),
    [
        pytest.param("age", {"age": AgeLimit()}, {}, ASK, id="ages not stated"),
        pytest.param("age", {"age": AgeLimit(Known.STATED, 16, None)}, {}, OUT, id="too young"),
        pytest.param("gender", {"gender": GenderRule()}, {}, ASK, id="gender not stated"),
        pytest.param(
            "gender", {"gender": GenderRule(Known.STATED, "female")}, {"gender": "male"}, OUT, id="women and girls only"
        ),
        pytest.param("school_stage", {"stages": IN_PRIMARY}, {"school_stage": "P7", "age": 11}, FITS, id="P7"),
        pytest.param("school_stage", {"stages": IN_PRIMARY}, {"school_stage": "S1", "age": 12}, OUT, id="S1"),
        pytest.param("school_stage", {"stages": IN_PRIMARY}, {"age": 11}, ASK, id="11: P6, P7 or S1"),
        pytest.param("school_stage", {"stages": IN_PRIMARY}, {"age": 15}, OUT, id="15 is in no primary"),
        pytest.param("school_stage", {"stages": LEAVERS}, {"age": 17}, ASK, id="17: has left, or not"),
        pytest.param("school_stage", {"stages": LEAVERS}, {"age": 30}, FITS, id="30 has left school"),
        pytest.param("school_stage", {}, {}, FITS, id="no stage asked for"),
        pytest.param("registration", {"registration": FOR_GP}, {}, ASK, id="is there a GP?"),
        pytest.param("registration", {"registration": FOR_GP}, {"registered": ("gp",)}, FITS, id="has a GP"),
        pytest.param("registration", {"registration": FOR_GP}, {"registered": ("no_gp",)}, OUT, id="has no GP"),
        pytest.param("referral_route", {"referral_routes": ()}, {}, ASK, id="way in not stated"),
        pytest.param(
            "referral_route", {"referral_routes": ("self",)}, {"professional": True}, ASK, id="not by a worker"
        ),
        pytest.param("referral_route", {"referral_routes": ("gp",)}, {}, ASK, id="by the GP only"),
        pytest.param("referral_route", {"referral_routes": ("gp",)}, {"professional": True}, FITS, id="a worker calls"),
        pytest.param("referral_route", {"referral_routes": ("professional",)}, {}, FITS, id="through a worker"),
    ],
)
def test_three_values(name: str, service: dict[str, Any], person: dict[str, Any], expected: Verdict) -> None:
    assert verdict(name, service, person) == expected


BOTH = Coverage(Known.STATED, (EDINBURGH,), boundary=Boundary.BOTH)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        pytest.param({"residence": IN_EDINBURGH, "harm_place": IN_LEITH}, FITS, id="both inside"),
        pytest.param({"residence": IN_EDINBURGH, "harm_place": IN_FIFE}, OUT, id="harmed elsewhere"),
        pytest.param({"residence": IN_FIFE, "harm_place": IN_LEITH}, OUT, id="lives elsewhere"),
        pytest.param({"residence": IN_EDINBURGH}, ASK, id="place of harm not said"),
    ],
)
def test_both_places_must_lie_in_the_area(person: dict[str, Any], expected: Verdict) -> None:
    assert verdict("residence", {"coverage": BOTH}, person) == expected


def test_a_school_decides() -> None:
    by_school = {"coverage": Coverage(Known.STATED, (EDINBURGH,), schools=("5530234",))}
    assert verdict("residence", by_school, {}) == ASK
    assert verdict("residence", by_school, {"schools": ("5530234",)}) == FITS  # the engine let only that school pass


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        pytest.param(("P6", "P7", "S1"), "P6 to S1", id="a run"),
        pytest.param(("S1", "P7"), "P7 and S1", id="two"),
        pytest.param(("school_leaver",), "the time after school", id="leavers"),
    ],
)
def test_stages_in_words(stages: tuple[str, ...], words: str) -> None:
    assert stage_words(stages) == words
