"""Needs told by words that stand near each other, in any order; what keeps such a row from being read."""

import sys
from types import FrameType
from typing import Any

import pytest

from taxonomy.reading_scan import scan
from taxonomy.reading_together import TogetherError, add_together, made_ready, table
from taxonomy.terms import load
from taxonomy.words import understand
from tests.taxonomy.phrase_table import lexicon

WORDS = lexicon()


def needs(text: str) -> set[str]:
    return {each.value for each in understand(text, WORDS).needs}


def row(words: str, within: str = "6") -> list[tuple[str, dict[str, str]]]:
    return [("needs.csv, line 2", {"words": words, "within": within, "kind": "need", "code": "school"})]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("He holds on to the railings, he refuses school", "school", id="will not go in"),
        pytest.param("Cries every night since", "emotional_support", id="distress"),
        pytest.param("he lies starin at the ceiling all night", "sleep", id="awake"),
        pytest.param("the man's been sleepin in the motor wi the wean", "housing", id="in the car"),
        pytest.param("she's hiding in the bathroom, my son is smashing everything", "safety", id="danger now"),
        pytest.param("what do I say to his wee sister, she keeps asking", "family_support", id="a parent asks how"),
        pytest.param("worried a bairn is being hurt next door", "child_protection", id="a neighbour fears"),
        pytest.param("can I say what I saw and keep out of it", "anonymous_report", id="without a name"),
        pytest.param("Could we get round a table with the lad and get an apology", "restorative_justice", id="a table"),
        pytest.param("somebody to come to a meeting at the school and speak for us", "advocacy", id="a voice"),
        pytest.param("a clip of him is still up on tiktok", "content_removal", id="a clip"),
        pytest.param("who gives him extra help in class with reading", "additional_support", id="help in class"),
        pytest.param("third absconding from the unit, not been seen since Friday", "missing", id="missing"),
        pytest.param("group for lads who've had it happen too", "peer_support", id="others the same"),
        pytest.param("is the wound infected, gone septic she thinks", "medical_care", id="still hurt"),
        pytest.param("my mother only speaks Tigrinya", "communication", id="a language"),
        pytest.param("can we claim for his broken teeth", "compensation", id="a claim"),
        pytest.param("can't afford to fix the window", "practical_help", id="a window"),
        pytest.param("needs someone who'll take her side at the council", "advocacy", id="on her side"),
        pytest.param("he has a rope in the van", "suicidal", id="means at hand"),
        pytest.param("she'd like them to come and help build it again", "restorative_justice", id="mending together"),
        pytest.param("stood across the road every night", "safety", id="outside every night"),
        pytest.param("a person who speaks her language", "communication", id="her own language"),
        pytest.param("he owes them and cannae stop carrying for them", "exploitation_support", id="a debt"),
    ],
)
def test_a_need_is_told_by_words_near_each_other(text: str, code: str) -> None:
    assert code in needs(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("doesn't want to sit down with the lad", "restorative_justice", id="refused"),
        pytest.param("no nightmares or bad dreams", "sleep", id="none"),
        pytest.param("My clothes are wet. The bed was new", "emotional_support", id="in two sentences"),
        pytest.param("the bowling club window", "youth_activities", id="a word nobody asks with"),
        pytest.param("boys took the money from the till", "practical_help", id="what was taken"),
        pytest.param("she's a social worker herself, 45", "child_protection", id="what she is"),
        pytest.param("he's dead keen on football", "bereavement", id="not that dead"),
        pytest.param("a dead rat through the door", "bereavement", id="an animal"),
        pytest.param("the tenant from the floor above takes her to his pals", "housing", id="a storey"),
        pytest.param("needs a hand with that more than a chat", "emotional_support", id="the lesser of two"),
    ],
)
def test_such_words_tell_of_no_need(text: str, code: str) -> None:
    assert code not in needs(text)


CALL = "phoning about my lassie, she is at the academy in Wick and it has gone on a good few months now"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        pytest.param("he threatened her", "safety", id="threats"),
        pytest.param("he is stalking her", "emotional_support", id="stalking"),
        pytest.param("she isn't sleeping", "emotional_support", id="not sleeping"),
        pytest.param("a boy punched her", "emotional_support", id="harm and no need told"),
    ],
)
def test_a_need_follows_in_a_whole_call_and_not_in_a_search(told: str, code: str) -> None:
    assert code in needs(f"{CALL}, {told}")
    assert code not in needs(told)


def test_nothing_follows_that_was_ruled_out() -> None:
    assert "emotional_support" not in needs(f"{CALL}, a boy punched her. doesn't want emotional support")


def test_an_injury_asks_for_no_doctor_where_something_else_is_asked() -> None:
    assert "medical_care" not in needs(f"{CALL}, he broke her jaw. How do I report it to the police?")
    assert "medical_care" in needs("he broke her jaw")


@pytest.mark.parametrize(
    ("words", "within", "text", "is_read"),
    [
        pytest.param("refus* & school", "4", "school is what he refuses", True, id="any order, any ending"),
        pytest.param("refus* & school", "2", "school is what he refuses", False, id="too far apart"),
        pytest.param("refus* & school", "9", "he refuses. School is shut", False, id="a sentence between"),
        pytest.param("wont & school & !bus", "9", "wont go near school", True, id="nothing barred"),
        pytest.param("wont & school & !bus", "9", "wont leave her on the bus to school", False, id="barred between"),
        pytest.param("wont & school & !bus", "9", "wont go near the school bus", False, id="barred after"),
        pytest.param("no~place & go", "3", "there is no place to go", True, id="words in a row"),
        pytest.param("no~place & go", "6", "no, place it there and go", True, id="a comma in a row"),
        pytest.param("no~place & go", "6", "He said no. Place it there and go", False, id="a row over a full stop"),
        pytest.param("naewhere", "0", "naewhere tae bide", True, id="one group"),
        pytest.param("dinnae & gang", "3", "i dinna gang there", True, id="Scots is folded"),
        pytest.param("school & !bus", "0", "school", True, id="barred group, first word"),
    ],
)
def test_a_row_is_read(words: str, within: str, text: str, is_read: bool) -> None:
    found = scan(text, WORDS)
    surely = len(found.hits("concept"))
    add_together(found, made_ready(row(words, within)))
    assert (len(found.hits("concept")) > surely) is is_read


@pytest.mark.parametrize(
    ("words", "within"),
    [
        pytest.param("ab* & school", "6", id="a beginning too short"),
        pytest.param("refus* & school", "near", id="no number"),
        pytest.param("!bus", "6", id="only barred words"),
        pytest.param("wont & !bus & !taxi", "6", id="two barred groups"),
        pytest.param("wont & ", "6", id="an empty group"),
        pytest.param("wont*~go", "6", id="an ending inside words in a row"),
    ],
)
def test_a_broken_row_is_refused_with_its_line(words: str, within: str) -> None:
    with pytest.raises(TogetherError, match=r"needs\.csv, line 2"):
        made_ready(row(words, within))


def test_every_row_gives_a_code_there_is() -> None:
    known = {"harm": load()["harm"], "need": load()["need"]}
    assert [each for each in table().rows if each.code not in known[each.kind]] == []


def test_every_need_has_a_row() -> None:
    told = {each.code for each in table().rows if each.kind == "need"}
    assert {term.code for term in load()["need"].current()} == told


def test_the_work_grows_with_the_words() -> None:
    once, twice = (
        steps("she wont go to school and cries every night now. " * 200),
        steps("she wont go to school and cries every night now. " * 400),
    )
    assert twice < 2.2 * once


def steps(text: str) -> int:
    """Lines run while a text is read."""
    found = scan(text, WORDS)
    count = 0

    def line(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += 1
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        add_together(found)
    finally:
        sys.settrace(before)
    return count
