"""From words and given facts to an enquiry: what was given wins, places are located, wrong facts are refused."""

import json
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.errors import BadInput, PlaceNotFound
from directory.matching.enquiry import AgeRange, Enquiry
from directory.matching.understanding import Lexicon, build_lexicon, describe, enquiry, understand
from directory.places.gazetteer import Gazetteer
from directory.values import PlaceKind

LEITH = "14 year old battered in Leith, lives in Fife, not sleeping"
FIFE, EDINBURGH = "S12000047", "S12000036"
Ask = Callable[..., Enquiry]
"""From words, and facts given beside them."""


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer()


@pytest.fixture(scope="module")
def lexicon(gazetteer: Gazetteer) -> Lexicon:
    return build_lexicon(gazetteer, ("The Junction", "Leith Academy", "Edinburgh Rape Crisis Centre"))


@pytest.fixture
def ask(gazetteer: Gazetteer, lexicon: Lexicon) -> Ask:
    def asked(text: str = "", **beside: object) -> Enquiry:
        return enquiry(text, beside, lexicon, gazetteer)[0]

    return asked


def test_the_sentence_from_leith(ask: Ask) -> None:
    asked = ask(LEITH)
    assert asked.age == AgeRange(14, 14)
    assert asked.harms == ("physical_harm",)
    assert asked.needs == ("sleep",)
    assert asked.residence.main_council.gss == FIFE
    assert asked.harm_place.main_council.gss == EDINBURGH


def test_described_as_the_other_programs_read_it(gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    described = describe(enquiry(LEITH, {}, lexicon, gazetteer)[1])
    assert list(described)[:6] == ["age", "other_age", "relation", "gender", "harms", "needs"]
    assert list(described)[6:11] == ["negated", "residence", "harm_place", "language", "urgency"]
    assert described["age"] == {"value": 14, "label": "14", "words": ["14 year old"]}
    assert described["residence"] == {
        "value": {"name": "Fife", "council_gss": {FIFE: 1.0}}, "label": "Fife", "words": ["Fife"],
    }  # fmt: skip
    assert described["other_age"] is None
    assert described["negated"] == []
    assert json.loads(json.dumps(described)) == described


def test_a_fact_given_wins_and_has_no_words(gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    given_facts = {"age": 9, "residence": "Perth", "gender": "f", "harms": ["bullying"], "needs": ["counselling"]}
    asked, understood = enquiry(LEITH, given_facts, lexicon, gazetteer)
    assert asked.age == AgeRange(9, 9)
    assert (asked.gender, asked.harms, asked.needs) == ("female", ("bullying",), ("counselling",))
    assert asked.residence is not None
    assert asked.residence.name.startswith("Perth")
    assert understood.age is not None
    assert understood.age.words == ()
    assert asked.harm_place is not None


def test_a_childs_age_beside_harm_of_a_parent_is_that_of_the_child_who_harmed(ask: Ask) -> None:
    asked = ask("He is 13, in Methil.", relation="harmed_person", harms=["child_to_parent"])
    assert asked.age == AgeRange(18, 120)
    assert asked.other_age == AgeRange(13, 13)


@pytest.mark.parametrize(
    ("beside", "years"),
    [
        pytest.param({"harms": ["bullying"]}, 13, id="another harm"),
        pytest.param({"harms": ["child_to_parent"], "age": 14}, 14, id="given beside the words"),
        pytest.param({"harms": ["child_to_parent"], "relation": "witness"}, 13, id="a child who saw it"),
    ],
)
def test_any_other_age_is_of_the_person_who_needs_help(ask: Ask, beside: dict[str, object], years: int) -> None:
    asked = ask("He is 13, in Methil.", **{"relation": "harmed_person"} | beside)
    assert asked.age == AgeRange(years, years)


@pytest.mark.parametrize("nothing", [None, "", "  ", []])
def test_nothing_given_is_not_given(ask: Ask, nothing: object) -> None:
    fields = ("residence", "harm", "age", "relation", "gender", "language", "urgency", "avoid", "needs", "harms")
    assert ask(LEITH, **dict.fromkeys(fields, nothing)) == ask(LEITH)


@pytest.mark.parametrize(
    ("given_age", "years"),
    [
        (14, (14, 14)),
        ("14", (14, 14)),
        (14.0, (14, 14)),
        ({"min": 11, "max": 13}, (11, 13)),
        ({"min": 11}, (11, 11)),
        ("S3", (13, 15)),
        ("15yo", (15, 15)),
        (0, (0, 0)),
        ("120", (120, 120)),
    ],
)
def test_ages_given(ask: Ask, given_age: object, years: tuple[int, int]) -> None:
    assert ask(age=given_age).age == AgeRange(*years)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("age", -3),
        ("age", 300),
        ("age", "abc"),
        ("age", "-3"),
        ("age", 14.5),
        ("age", True),
        ("age", "nan"),
        ("age", "1e999"),
        ("age", {"min": 9, "max": 3}),
        ("age", {"low": 3}),
        ("age", ["14"]),
        ("other_age", "abc"),
        ("relation", "plumber"),
        ("relation", 7),
        ("gender", "blue"),
        ("urgency", "sometime"),
        ("language", "Klingon"),
        ("language", 4),
        ("residence", "Nowhereshire"),
        ("harm_place", "Nowhereshire"),
        ("residence", 12),
        ("avoid", 12),
        ("needs", ["gold"]),
        ("harms", "gold"),
        ("same_household", "perhaps"),
    ],
)
def test_a_fact_that_cannot_be_used_is_refused_by_name(ask: Ask, field: str, value: object) -> None:
    with pytest.raises(BadInput) as refused:
        ask(LEITH, **{field: value})
    assert refused.value.field == field
    assert refused.value.advice


def test_harm_means_the_place_of_harm(ask: Ask) -> None:
    assert ask("hit", harm="Leith").harm_place.name == "Leith"
    with pytest.raises(PlaceNotFound) as refused:
        ask("hit", harm="Nowhereshire")
    assert refused.value.field == "harm_place"


@pytest.mark.parametrize("text", [None, 12, b"words"])
def test_a_text_that_is_no_text_is_refused(ask: Ask, text: object) -> None:
    with pytest.raises(BadInput) as refused:
        ask(text)
    assert refused.value.field == "text"


def test_a_text_too_long_is_refused_not_cut(ask: Ask) -> None:
    assert ask("x" * 10_000).text == "x" * 10_000
    with pytest.raises(BadInput) as refused:
        ask("x" * 10_001)
    assert refused.value.field == "text"


@pytest.mark.parametrize(
    ("field", "said", "code"),
    [
        ("urgency", "standard", "weeks"),
        ("urgency", "urgent", "days"),
        ("urgency", "immediate", "now"),
        ("urgency", "CRISIS", "now"),
        ("relation", "mother", "parent_carer"),
        ("relation", "Parent or carer", "parent_carer"),
        ("relation", "victim", "harmed_person"),
        ("relation", "harmed_person", "harmed_person"),
        ("gender", "girl", "female"),
        ("gender", "M", "male"),
        ("language", "Polish", "pl"),
        ("language", "PL", "pl"),
        ("language", "British Sign Language", "bsl"),
        ("language", "BSL", "bsl"),
        ("language", "xh", "xh"),
        ("language", "English", "en"),
    ],
)
def test_other_names_of_our_words(ask: Ask, field: str, said: str, code: str) -> None:
    assert getattr(ask(**{field: said}), field) == code


def test_a_home_outside_scotland_is_a_fact(ask: Ask) -> None:
    asked = ask("lives in Carlisle, battered in Gretna, aged 15")
    assert asked.residence.kind is PlaceKind.OUTSIDE_SCOTLAND
    assert asked.harm_place.name == "Gretna"


def test_a_place_in_the_words_that_is_not_in_use_is_not_understood(gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    asked, understood = enquiry("boy of 9, stays in EH99 9ZZ, hit", {}, lexicon, gazetteer)
    assert asked.residence is None
    assert "EH99 9ZZ" in understood.not_understood


def test_things_to_avoid_add_up(ask: Ask) -> None:
    asked = ask("keep away from The Junction", avoid="Leith Academy; the youth club")
    assert asked.avoid == ("Leith Academy", "the youth club", "The Junction")


def test_what_is_given_is_not_ruled_out(ask: Ask) -> None:
    assert ask("no counselling").negated == ("counselling",)
    assert ask("no counselling", needs=["counselling"]).negated == ()


def test_understood_places_are_located(lexicon: Lexicon) -> None:
    found = understand(LEITH, lexicon)
    assert found.harm_place is not None
    assert found.harm_place.value == {"name": "Leith", "council_gss": {EDINBURGH: 1.0}}


VALUES = st.one_of(
    st.none(), st.text(max_size=20), st.integers(-5, 400), st.floats(), st.booleans(), st.lists(st.text(max_size=5))
)
FIELDS = (
    "residence",
    "harm",
    "age",
    "other_age",
    "relation",
    "gender",
    "language",
    "urgency",
    "avoid",
    "needs",
    "harms",
)


@given(st.text(max_size=200), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
@settings(deadline=None, max_examples=150)
def test_anything_given_is_an_enquiry_or_a_clear_refusal(text: str, beside: Mapping[str, object]) -> None:
    gazetteer, words = Gazetteer(), _words()
    refusals: list[BadInput] = []
    try:
        json.dumps(describe(enquiry(text, beside, words, gazetteer)[1]))
    except BadInput as refused:
        refusals.append(refused)
    assert all(refused.field and refused.message for refused in refusals)


_BUILT: list[Lexicon] = []


def _words() -> Lexicon:
    if not _BUILT:
        _BUILT.append(build_lexicon(Gazetteer()))
    return _BUILT[0]
