"""Whose an age is, where order and phrases give it to the wrong one; and who is grown up though no age is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.reading_mentions import OTHER, PERSON, THIRD, Mention
from taxonomy.reading_people import people_in_order
from taxonomy.reading_scan import scan
from taxonomy.reading_whose_ages import HARDLY, SHORTEST, SURE, likelihoods, settle, settle_ages, told
from taxonomy.word_weights import weigh
from taxonomy.words import understand
from tests.taxonomy.test_words import WORDS, facts

SAID = ["she's 12", "he is 15", "I'm 40", "a lad of 14", "wee sister, 6", "in Leith", "hit her", "nobody knows"]


@pytest.mark.parametrize(
    ("text", "age"),
    [
        pytest.param(
            "There's a boy in the year above, he's 16, who sits behind me on the bus every morning and pulls my hair. "
            "I am 14 and I have started walking the three miles in instead",
            14,
            id="who harmed is told of first",
        ),
        pytest.param(
            "My neighbour's boy is 13, he broke my window and then came back with a stick on Sunday. I am 71 and I "
            "live on my own since my husband died. Nobody has been out to see me",
            71,
            id="a neighbour's boy, then the caller",
        ),
        pytest.param(
            "Guy, 27. When he was in first year, 12 or so, an older boy did things to him in the store most of a term. "
            "He is a dad now and the nappies set him off",
            27,
            id="grown up now",
        ),
        pytest.param(
            "Girl of 13, doesn't want her name given, was followed home from the swimming in Leith by an older boy, "
            "16, who shouts things at her every single day now",
            13,
            id="in the order that is usual",
        ),
    ],
)
def test_the_age_is_that_of_the_person_harmed(text: str, age: object) -> None:
    assert facts(text)["age"] == age


@pytest.mark.parametrize(
    ("likely", "owner"),
    [
        pytest.param({"person": SURE, "other": 0.4}, PERSON, id="surely the person"),
        pytest.param({"person": 0.4, "other": SURE}, OTHER, id="surely the child who harmed"),
        pytest.param({"person": 0.1, "other": HARDLY - 0.01}, THIRD, id="neither"),
        pytest.param({"person": SURE - 0.01, "other": SURE - 0.01}, "as it was", id="not sure"),
    ],
)
def test_an_age_is_given_away_only_where_that_is_sure(likely: dict[str, float], owner: str) -> None:
    mention = Mention(0, 1, "child", owner="as it was")
    settle(mention, likely)
    assert mention.owner == owner


@given(st.lists(st.sampled_from(SAID), min_size=1, max_size=8).map(". ".join))
def test_a_short_note_keeps_its_order_and_every_likelihood_is_one(text: str) -> None:
    found = scan(text, WORDS)
    known = people_in_order(found)
    owners = [mention.owner for mention in known.mentions]
    aged = told(known)
    whole = weigh(found.words)
    assert all(0 <= value <= 1 for at in range(len(aged)) for value in likelihoods(found, aged, at, whole).values())
    settle_ages(found, known, whole)
    assert len(found.words) >= SHORTEST or [mention.owner for mention in known.mentions] == owners


def test_who_works_is_grown_up_though_no_age_is_told() -> None:
    text = (
        "My tenant is a widow, on her own since her husband died. Boys from the school put a brick through her window, "
        "took her purse from the hall and shout at her from the wall. She has not been to the shops for a fortnight"
    )
    age = understand(text, WORDS).age
    assert age is not None
    assert (age.value, bool(age.words)) == ({"min": 18, "max": 120}, True)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        pytest.param("she's twal, hit at school", 12, id="twal"),
        pytest.param("lad o fowerteen battered in Leith", 14, id="fowerteen"),
        pytest.param("two boys, wan 8, the ither 11", 8, id="wan 8 is not one"),
        pytest.param("the wee one said the big one hits him", None, id="the wee one is not one"),
        pytest.param("my wean is one, hit by a boy of 7", 1, id="one"),
        pytest.param("saxteen year auld lassie robbed", 16, id="saxteen"),
    ],
)
def test_ages_in_scots(text: str, age: int | None) -> None:
    assert facts(text)["age"] == age


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        pytest.param("boy in Cockenzie, 17, apprentice joiner, punched", "school_leaver", id="apprentice"),
        pytest.param("16, left school in June, robbed in Ayr", "school_leaver", id="left school"),
        pytest.param("girl of 14, her brother is an apprentice", None, id="too young to have left"),
        pytest.param("woman of 34 at college, robbed", None, id="long grown up"),
    ],
)
def test_who_left_school(text: str, stage: str | None) -> None:
    left = understand(text, WORDS).school_stage
    assert (left.value if left else None) == stage
