"""Whose an age is when no word of harm tells: the one who needs help, or the one beside them."""

import pytest

from taxonomy.words import understand
from tests.taxonomy.test_words import WORDS


@pytest.mark.parametrize(
    ("text", "age", "other"),
    [
        pytest.param(
            "Neighbour's lad (13) got my daughter (5) to lie down in the shed", 5, 13, id="my own, and another's"
        ),
        pytest.param("Her stepda's boy (17) sits too near her on the couch. She's 15", 15, 17, id="somebody's boy"),
        pytest.param("my ex (he's 16) turns up wherever I go. I'm 15", 15, 16, id="right after the ex"),
        pytest.param(
            "the boy next door, 12, hung her doll by the neck from the pole. She's 8", 8, 12, id="done to her"
        ),
        pytest.param("Postie, 38, Perth. wee yin got me on the heid wi a tattie. He's 9", 38, 9, id="a note begins so"),
        pytest.param(
            "depute head. S4 pupil says he knows where I live and my daughter's nursery. 41, male",
            41,
            None,
            id="no pupil",
        ),
    ],
)
def test_whose_an_age_is(text: str, age: int, other: int | None) -> None:
    understood = understand(text, WORDS)
    assert understood.age is not None
    assert understood.age.value == age
    if other is not None:
        assert understood.other_age is not None
        assert understood.other_age.value == other


def test_a_boy_in_my_class_is_not_who_calls() -> None:
    assert understand("help. boy in my class got a pic of me and everyone has it. im 13", WORDS).gender is None


def test_a_term_address_of_a_caller_is_no_place_of_harm() -> None:
    text = "Perth. my wee sister is 12, boy at the club had his hands on her. i'm 19 and away at uni in Dundee"
    assert understand(text, WORDS).harm_place is None
