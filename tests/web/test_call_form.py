"""A call as the page sends it and as it is kept: what was read is no fact of its own, corrections add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import BadInput
from directory.matching.correcting import MANY
from taxonomy.terms import load
from web import call_form
from web.call_form import MOST_LISTED, CallForm

MARKS = [f"{name}/{code}" for name, taxonomy in MANY.items() for code in load()[taxonomy].terms]
marks = st.lists(st.sampled_from(MARKS), max_size=4, unique=True).map(tuple)
forms = st.builds(
    CallForm,
    text=st.text(max_size=20),
    said=st.dictionaries(st.sampled_from(call_form.FIELDS), st.text(min_size=1, max_size=9), max_size=3),
    dropped=marks,
    added=marks,
    listed=st.lists(st.uuids().map(str), max_size=3, unique=True).map(tuple),
    case_id=st.uuids().map(str),
)


@given(forms)
def test_a_call_comes_back_as_it_was_kept(form: CallForm) -> None:
    assert call_form.from_json(form.as_json()) == form


def test_a_field_that_says_what_was_read_is_no_fact_of_its_own() -> None:
    sent = call_form.sent({"age": "14", "read_age": "14", "residence": "Methil", "read_residence": "Leith"}, CallForm())
    assert sent.said == {"residence": "Methil"}


@given(marks, marks)
def test_unticking_takes_away_and_ticking_adds(had: tuple[str, ...], has: tuple[str, ...]) -> None:
    sent = call_form.sent({"had": "|".join(had), "has": "|".join(has)}, CallForm())
    assert set(sent.dropped) == set(had) - set(has)
    assert set(sent.added) == set(has) - set(had)


def test_ticking_again_what_was_taken_away_brings_it_back() -> None:
    away = CallForm().without("needs/counselling")
    sent = call_form.sent({"had": "needs/housing", "has": "needs/housing|needs/counselling"}, away)
    assert (sent.dropped, sent.added) == ((), ("needs/counselling",))


def test_not_that_takes_away_what_was_said_by_hand_too() -> None:
    form = CallForm(said={"age": "14", "avoid": "Braehead School; Fife Youth"}, added=("needs/housing",))
    assert form.without("age/14").said == {"avoid": "Braehead School; Fife Youth"}
    assert form.without("avoid/Fife Youth").said["avoid"] == "Braehead School"
    assert form.without("needs/housing").added == ()


def test_the_short_list_holds_ten_and_says_so() -> None:
    form = CallForm(listed=tuple(str(number) for number in range(MOST_LISTED)))
    assert form.with_listed("3") == form
    with pytest.raises(BadInput, match="full"):
        form.with_listed("another")


def test_a_cases_facts_become_facts_by_hand() -> None:
    facts = {
        "age": {"min": 13, "max": 15}, "residence": "Methil", "same_household": False, "needs": ["counselling"],
        "harms": ["threats"], "avoid": ["Braehead School", "Fife Youth"], "access": ["step_free"],
    }  # fmt: skip
    said, added = call_form.of_case(facts, ("sibling",))
    assert said == {
        "residence": "Methil", "age": "13 to 15", "access": "step_free", "avoid": "Braehead School; Fife Youth",
        "same_household": "no",
    }  # fmt: skip
    assert added == ("harms/threats", "needs/counselling", "harmed_by/sibling")
