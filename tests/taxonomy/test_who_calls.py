"""Who calls, whom they are, and what they rule out, told in ways that no phrase holds."""

import pytest

from taxonomy.words import understand
from tests.taxonomy.phrase_table import lexicon, read

WORDS = lexicon()


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        pytest.param("Boy of 9, Alloa, kicked at the swings. Mum's raging", "parent_carer", id="mum in a note"),
        pytest.param("Lass, 12, Annan, robbed. Dad", "parent_carer", id="dad alone at the end"),
        pytest.param("Our Fraser's 14 and he was battered at the park", "parent_carer", id="own by name"),
        pytest.param("hiya am 13 and a boy in my class hits me", "harmed_person", id="says own age"),
        pytest.param("My pal is 15 and her boyfriend batters her", None, id="a friend calls"),
        pytest.param("Banff, mum, 41. he's 15, had me by the hair last night", "harmed_person", id="harmed mum"),
        pytest.param("daughter phoning about her mother, 80, robbed in Crieff", "family", id="daughter for mother"),
        pytest.param("I saw two lads stab a man in Leith", "witness", id="saw it done"),
        pytest.param("Head of year, Kirkwall: girl of 14 punched by a boy of 15", None, id="worker by title"),
        pytest.param("my wee brother hasnt slept since he was stabbed, I'm 17", "sibling", id="sister calls"),
    ],
)
def test_who_calls(text: str, relation: str | None) -> None:
    assert read(understand(text, WORDS))["relation"] == relation


@pytest.mark.parametrize(
    ("text", "code", "is_of"),
    [
        pytest.param("our daughter (3) was bitten by a boy of 6", "young_family", True, id="below school age"),
        pytest.param("nursery owner, 40, windows smashed by boys of 12", "young_family", False, id="works there"),
        pytest.param("woman of 40, raped by a boy of 15 when she was 9", "adult_survivor", True, id="then a child"),
        pytest.param("gran here, I've had wee Ross since he was a baby", "kinship_carer", True, id="had since"),
        pytest.param("she was punched till she went black", "black_minority_ethnic", False, id="no colour of people"),
        pytest.param("hit in the disabled toilet", "disabled", False, id="a thing for them"),
        pytest.param("man of 50 has got a panel letter about the boy who robbed him", "has_hearing", False, id="adult"),
    ],
)
def test_groups(text: str, code: str, is_of: bool) -> None:
    assert (code in {group.value for group in understand(text, WORDS).groups}) is is_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("girl of 12 bullied, doesn't want social work", "child_protection", id="social work"),
        pytest.param("boy of 15 mugged, no one was hurt", "physical_harm", id="nobody hurt"),
        pytest.param("im 14 and he raped me, pls dont tell my mum", "family_support", id="not my mum"),
        pytest.param("girl of 13 groped, dont want anyone at school involved", "school", id="school"),
    ],
)
def test_refusals(text: str, code: str) -> None:
    understood = understand(text, WORDS)
    assert code in {each.value for each in understood.negated}
    assert not understood.avoid


def test_a_caller_hurt_by_the_only_child_told_of() -> None:
    understood = understand("Duns, dad, 44. he's 13 and six foot, bit through my arm", WORDS)
    assert [each.value for each in understood.harmed_by] == ["own_child"]
    assert understood.other_age is not None
    assert understood.other_age.value == 13


def test_a_comma_parts_the_brother_from_the_home() -> None:
    home = understand("15, hit by her brother, lives in Alloa", WORDS).residence
    assert home is not None
    assert home.value == "Alloa"
