"""Harms put together from a verb and what it was done to, what follows from who harmed, groups, and who is calling."""

import pytest

from taxonomy.words import Understanding, understand
from tests.taxonomy.phrase_table import lexicon

WORDS = lexicon()


def said(text: str) -> Understanding:
    return understand(text, WORDS)


def harms(text: str) -> set[str]:
    return {each.value for each in said(text).harms}


def needs(text: str) -> set[str]:
    return {each.value for each in said(text).needs}


def groups(text: str) -> set[str]:
    return {each.value for each in said(text).groups}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("they cracked two of his ribs", {"physical_harm"}, id="a part of the body"),
        pytest.param("shoved my wee sister over", {"physical_harm"}, id="a person pushed"),
        pytest.param("was dragged across the park", {"physical_harm"}, id="passive"),
        pytest.param("pulled her braids", {"physical_harm"}, id="hair"),
        pytest.param("grabbed her by the throat", {"physical_harm"}, id="held by the throat"),
        pytest.param("lifted his hands to my mum", {"physical_harm"}, id="lifted hands"),
        pytest.param("came at him wi a spade", {"physical_harm", "threats"}, id="with a weapon"),
        pytest.param("had a blade at his ribs", {"threats"}, id="a weapon held to somebody"),
        pytest.param("spat in her face", {"physical_harm"}, id="spat"),
        pytest.param("threw a chair at the teacher", {"physical_harm"}, id="thrown at a person"),
        pytest.param("put a brick through the shop windae", {"property_damage"}, id="thrown at a thing"),
        pytest.param("set her hair alight", {"physical_harm"}, id="hair set alight"),
        pytest.param("set the shed on fire", {"property_damage"}, id="shed set alight"),
        pytest.param("poured paint over the car", {"property_damage"}, id="paint"),
        pytest.param("put fingers in her", {"sexual_harm"}, id="euphemism"),
        pytest.param("felt his bum", {"sexual_harm"}, id="private parts"),
        pytest.param("ripped her headscarf off", {"hate"}, id="clothes of faith"),
        pytest.param("took his airpods and phone", {"robbery"}, id="taken from the person"),
        pytest.param("jumped by lads for his jacket", {"physical_harm", "robbery"}, id="jumped for a thing"),
    ],
)
def test_harm_is_put_together_from_its_parts(text: str, codes: set[str]) -> None:
    assert harms(text) == codes


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("pushed for an answer", id="pushed for"),
        pytest.param("he broke up with her", id="broke up"),
        pytest.param("she took her own bag home", id="own bag"),
        pytest.param("put her hand up in class", id="hand up"),
        pytest.param("held her hand at the hospital", id="held her hand"),
        pytest.param("he is on the xbox every night", id="xbox"),
        pytest.param("heard of it on tiktok", id="tiktok"),
        pytest.param("keeping a knife under his pillow", id="fear, not a threat"),
        pytest.param("dropped her off at school", id="dropped off"),
        pytest.param("cut off from pals", id="cut off"),
    ],
)
def test_everyday_words_are_no_harm(text: str) -> None:
    assert harms(text) == set()


def test_the_words_shown_reach_from_the_verb_to_what_it_was_done_to() -> None:
    (harm,) = said("lad 15, they split his lip on the bus").harms
    assert harm.words == ("split his lip",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("her boyfriend slapped her", "domestic_abuse", id="partner"),
        pytest.param("boy in foster care, carer's son hit him", "in_care_abuse", id="placement"),
    ],
)
def test_what_follows_from_who_harmed(text: str, code: str) -> None:
    assert code in harms(text)


def test_what_a_partner_takes_is_no_robbery() -> None:
    assert harms("boyfriend pushes her about and took her phone") == {"physical_harm", "domestic_abuse"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("her boyfriend was murdered by a boy of 15", id="partner killed"),
        pytest.param("man 72, boys smashed his car, wife wants somebody to visit", id="partner calls"),
    ],
)
def test_a_partner_who_is_harmed_or_calls_did_not_harm(text: str) -> None:
    assert "partner" not in {each.value for each in said(text).harmed_by}
    assert "domestic_abuse" not in harms(text)


def test_a_brother_or_sister_harmed_by_the_callers_child() -> None:
    understood = said("found out her son (14) has been touching his wee sister, 9")
    assert [each.value for each in understood.harmed_by] == ["sibling"]
    assert understood.same_household is not None
    assert {"safety", "child_protection"} <= {each.value for each in understood.needs}
    assert understood.urgency is not None
    assert understood.urgency.value == "now"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("police have it", "reporting", id="police have it"),
        pytest.param("gave a statement to the polis", "reporting", id="statement given"),
        pytest.param("done wi counselling already", "counselling", id="counselling done"),
        pytest.param("SW involved already", "child_protection", id="social work involved"),
        pytest.param("schools been great", "school", id="school helps"),
        pytest.param("doesnt want him put out", "housing", id="not put out"),
    ],
)
def test_what_is_in_hand_or_done_is_no_need(text: str, code: str) -> None:
    assert code in {each.value for each in said(text).negated}
    assert code not in needs(text)


def test_the_other_childs_threat_to_himself_is_not_hers() -> None:
    assert not {"suicidal", "self_harm"} & needs("ex says he'll hurt himself if she leaves, she is 16")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("14 yr old muslim lassie, hit", {"muslim"}, id="muslim"),
        pytest.param("deaf girl of 13, slapped", {"deaf"}, id="deaf"),
        pytest.param("woman 24 wi a learning disability", {"learning_disability"}, id="not disabled as well"),
        pytest.param("boy 12 in foster care, hit", {"care_experienced"}, id="foster care"),
        pytest.param(
            "unaccompanied Vietnamese lad, 16", {"arrived_alone", "migrant", "black_minority_ethnic"}, id="three"
        ),
        pytest.param("gran is raising her grandson, 8", {"kinship_carer"}, id="kinship"),
        pytest.param("man of 41, abused when he was 9", {"adult_survivor"}, id="survivor"),
        pytest.param("boy of 12, hit when he was 9", set(), id="a child is no adult survivor"),
        pytest.param("she was hit by a deaf boy of 14", set(), id="the other child's"),
    ],
)
def test_groups_are_the_persons_own(text: str, codes: set[str]) -> None:
    assert groups(text) == codes


@pytest.mark.parametrize(
    ("text", "is_worker"),
    [
        pytest.param("SW on duty, Paisley: lad 16, beaten", True, id="social worker"),
        pytest.param("FLO has asked us to call", True, id="family liaison"),
        pytest.param("his tutor's ringing, lad 17 stabbed", True, id="tutor"),
        pytest.param("teacher, 27, punched by a pupil", False, id="a teacher harmed"),
        pytest.param("mum calling, told his teacher", False, id="mum"),
    ],
)
def test_a_worker_who_calls(text: str, is_worker: bool) -> None:
    assert (said(text).professional is not None) is is_worker
