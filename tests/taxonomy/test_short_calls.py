"""Calls in a few words, as they are typed while somebody speaks: whose a number is, and who did what to whom."""

import pytest

from taxonomy.words import understand
from tests.taxonomy.phrase_table import lexicon
from tests.taxonomy.test_half_said import told

WORDS = lexicon()


@pytest.mark.parametrize(
    ("text", "age"),
    [
        pytest.param("student 18 in Leith raped two nights ago by a 17 year old", 18, id="what somebody is called"),
        pytest.param("pensioner 82, windows put in by boys", 82, id="more exact than the word"),
        pytest.param("man from Leith 71, lads from the high school throw stones", 71, id="after where they are from"),
        pytest.param("girl with autism 11 in Leith bullied by classmates", 11, id="before where they live"),
        pytest.param("mum here, son 8 kicked by boy of 9", 8, id="the child, not the mum who calls"),
        pytest.param("foster carer, our foster boy 10 hit by another foster child", 10, id="not the carer"),
        pytest.param("M9 touched by cousin 13", 9, id="a letter and a figure"),
        pytest.param("wife pushed off her bike by 3 boys in Leith, she is 61", 61, id="too old for who harmed"),
        pytest.param("I am 12 and my dad's girlfriend's son hits me", 12, id="who says it, and is no parent"),
        pytest.param("girl of 15 and boy of 16 robbed my gran, she is 79", 79, id="both did it"),
        pytest.param("witness 13 saw pal stabbed", 13, id="a witness"),
        pytest.param("crash on the M8, he's fine", None, id="a road"),
        pytest.param("kids chap the door and run, three, four times a night", None, id="how often"),
        pytest.param("lads on the bus 22 in Leith", None, id="a bus"),
        pytest.param("flat in Leith 3, boys at the door", None, id="a flat"),
    ],
)
def test_whose_a_number_is(text: str, age: int | None) -> None:
    found = understand(text, WORDS).age
    assert (found.value if found else None) == age


@pytest.mark.parametrize(
    ("text", "said", "not_said"),
    [
        pytest.param("woman 20 raped two nights ago", "forensic_care", "", id="nights ago"),
        pytest.param("boy 16 raped in the early hours", "forensic_care", "trafficking", id="early hours"),
        pytest.param("woman 20 raped two months ago", "sexual_harm", "forensic_care", id="months ago"),
        pytest.param("son 8 kicked by boy 9, mum here", "physical_harm", "child_to_parent", id="kicked by another"),
        pytest.param("my son 10 keeps hitting his sister 6", "parent_carer", "harmed_person", id="parent of both"),
        pytest.param("headscarf pulled off my wife by schoolgirls", "hate", "partner", id="by whom it was not"),
        pytest.param("my husband hits me", "partner", "", id="by whom it was"),
        pytest.param("ex partner's son 14 threatens her", "threats", "partner", id="a partner's son"),
        pytest.param("her ex partner hit her again", "partner", "", id="an ex partner"),
        pytest.param("mum punched by daughter 15", "child_to_parent", "", id="by a daughter"),
        pytest.param("residential worker punched by 15yo resident", "physical_harm", "in_care_abuse", id="a worker"),
        pytest.param("mum here, son 7 kicked", "physical_harm", "child_to_parent", id="a son kicked"),
        pytest.param("next door's son 11 kicks our fence", "", "child_to_parent", id="another's son"),
        pytest.param("my son 14 kicked me", "child_to_parent", "", id="a son who kicked"),
        pytest.param("I am 12 and dad's girlfriend's son hits me", "physical_harm", "child_to_parent", id="a child"),
        pytest.param("hair set on fire by classmates", "physical_harm", "property_damage", id="hair alight"),
        pytest.param("a girl of 9 was cut by another girl with scissors", "physical_harm", "", id="cut by"),
        pytest.param("14 yo accused of touching 8 yo", "sexual_harm", "", id="accused"),
        pytest.param("the grass was cut, then he hit her", "physical_harm", "self_harm", id="grass"),
        pytest.param("boy of 9 locked in a bin by older kids", "physical_harm", "", id="locked in"),
        pytest.param("girl 14 groomed by gang", "exploitation", "", id="by a gang"),
        pytest.param("wants to know what happened to the boy who robbed her", "hearing_information", "", id="what now"),
        pytest.param("she told us what happened to her", "", "hearing_information", id="what was done"),
        pytest.param("girl 13 sent a nude to a boy of 14", "content_removal", "", id="a nude is out"),
        pytest.param("raped and left naked in the park", "sexual_harm", "content_removal", id="no picture"),
    ],
)
def test_who_did_what_to_whom(text: str, said: str, not_said: str) -> None:
    found = told(text)
    assert not said or said in found
    assert not not_said or not_said not in found
