"""Who says "no polis" is kept away from the police, and who only says when, or that they know already, is not."""

import pytest

from taxonomy.lexicon import Lexicon
from taxonomy.reading_declined import THE_POLICE
from taxonomy.words import codes, understand
from tests.taxonomy.test_words import WORDS


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("girl of 15 raped in Ayr, no polis please", id="no polis"),
        pytest.param("I am not going to the police", id="not going to them"),
        pytest.param("I'll not phone the police on my own boy", id="not phoning them"),
        pytest.param("he doesn't want the police involved", id="not involved"),
        pytest.param("I'll not have police at the door", id="not at the door"),
        pytest.param("nae polis", id="two words"),
    ],
)
def test_the_police_refused_are_kept_away_from(text: str) -> None:
    understood = understand(text, WORDS)
    assert THE_POLICE in codes(understood.avoid)
    assert "reporting" in codes(understood.negated)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("no police yet", id="not yet"),
        pytest.param("not the police, not the now anyway", id="not now"),
        pytest.param("police have it already", id="they know"),
        pytest.param("no word from the police since august", id="no word from them"),
        pytest.param("I don't want him lifted", id="the child shall not be lifted"),
        pytest.param("I don't want him lifted by the police", id="nor by the police"),
        pytest.param("hasn't told the police", id="not told so far"),
        pytest.param("no police at the school, but she wants to report it to the police", id="wanted elsewhere"),
    ],
)
def test_the_police_not_refused_stay(text: str) -> None:
    assert THE_POLICE not in codes(understand(text, WORDS).avoid)


@pytest.mark.parametrize(
    "text",
    [
        "I don't want him lifted by the police",
        "I do not want him arrested",
        "I'll nae have him lifted",
        "wouldnt want them in bother",
    ],
)
def test_who_wants_nobody_charged_wants_no_report(text: str) -> None:
    understood = understand(f"My son is 15 and hits me. {text}", WORDS)
    assert "reporting" in codes(understood.negated)
    assert "reporting" not in codes(understood.needs)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("don't send me to anything at school", id="anything at school"),
        pytest.param("is there anyone outside school", id="outside school"),
        pytest.param("she prefers that the school will not hear of it", id="shall not hear"),
        pytest.param("nothing to the school, his auntie's the depute", id="nothing to the school"),
    ],
)
def test_school_refused_is_ruled_out(text: str) -> None:
    assert "school" in codes(understand(text, WORDS).negated)


def test_who_refuses_the_school_counsellor_wants_no_counselling_through_school() -> None:
    understood = understand("counselling for her, but not the school counsellor, she is his aunt", WORDS)
    assert "school_counselling" in codes(understood.negated)
    assert "school_counselling" not in codes(understood.needs)


@pytest.mark.parametrize(
    ("text", "abuse"),
    [
        pytest.param("Women's Aid said to ring", True, id="who names Women's Aid"),
        pytest.param("my pal says Women's Aid but he was never my boyfriend", False, id="never a boyfriend"),
        pytest.param("Women's Aid? we were never together", False, id="never together"),
        pytest.param("he is not my boyfriend any more, Women's Aid said to ring", True, id="an ex"),
    ],
)
def test_the_name_of_womens_aid_alone_is_a_hint(text: str, abuse: bool) -> None:
    assert ("domestic_abuse" in codes(understand(text, Lexicon.of()).harms)) is abuse
