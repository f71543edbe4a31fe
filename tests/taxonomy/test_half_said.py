"""Half a phrase, and a word that is spelt like one, say nothing; the whole phrase does.

Each was once understood as its other half. They were found by setting what is understood of the made-up enquiries of
`tools/learning/` beside what their authors meant.
"""

import pytest

from taxonomy.words import understand
from tests.taxonomy.phrase_table import lexicon

WORDS = lexicon()


def told(text: str) -> set[str]:
    """Codes of harms, needs, groups and who harmed, and the urgency and relation."""
    found = understand(text, WORDS)
    lists = (*found.harms, *found.needs, *found.groups, *found.harmed_by)
    return {each.value for each in (*lists, *filter(None, (found.urgency, found.relation)))}


@pytest.mark.parametrize(
    ("half", "whole", "code"),
    [
        pytest.param(
            "his trainers were flung on the roof", "she's on the roof and won't come down", "suicidal", id="roof"
        ),
        pytest.param("he hit me for no reason", "there's no reason to go on living", "suicidal", id="no reason"),
        pytest.param("looking for ways to help him", "googling ways to end it", "suicidal", id="ways"),
        pytest.param("her brother took his own life", "he says he'll take his own life", "suicidal", id="died of it"),
        pytest.param("a boy of 13 who wears a kilt", "his pal got kilt", "bereavement_by_crime", id="kilt"),
        pytest.param("my son is on the bus", "my son is on heroin", "substance_family", id="is on"),
        pytest.param("he came out the chippy", "he came out to his mum", "lgbt", id="came out"),
        pytest.param("not out to get him", "she's not out to her mum", "lgbt", id="not out to"),
        pytest.param("she looked after that dog", "a looked after child", "care_experienced", id="looked after"),
        pytest.param("her carer's son took her card", "her foster carer's son hits her", "same_care", id="carer's son"),
        pytest.param("the wee fella is 6", "hit by her fella", "partner", id="fella"),
        pytest.param("she's staying with him till Friday", "she's staying with her pal", "housing", id="staying with"),
        pytest.param("nowhere to put it", "he's got nowhere to stay", "housing", id="nowhere to"),
        pytest.param("took a photo of her at the fair", "took a photo up her skirt", "sexual_harm", id="photo of"),
        pytest.param("picked him up in Ayr", "picked him up in a taxi", "exploitation", id="picked up"),
        pytest.param(
            "she is married to a joiner", "she's to be married off to a cousin", "forced_marriage", id="married"
        ),
        pytest.param("got him to say sorry", "got him to carry packages", "exploitation", id="got him to"),
        pytest.param("they took his xbox", "his photos were shared on the xbox", "online_harm", id="xbox"),
        pytest.param("they should leave him alone", "help to leave him", "refuge", id="leave him"),
        pytest.param("he has just been on the phone", "he has just been stabbed", "now", id="just been"),
        pytest.param("hit at the bus station on Friday", "she's at the bus station", "now", id="bus station"),
        pytest.param("his sister is 12", "his sister is not sleeping", "sibling", id="his sister is"),
        pytest.param("she saw her mum on Sunday", "he saw his mum get battered", "witness", id="saw"),
    ],
)
def test_a_phrase_is_whole(half: str, whole: str, code: str) -> None:
    assert code not in told(half)
    assert code in told(whole)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("found on the bridge last night", "suicidal", id="a bridge"),
        pytest.param("she's sat on the tracks", "suicidal", id="tracks"),
        pytest.param("fleeing tonight with two bags", "refuge", id="fleeing"),
        pytest.param("she needs to escape", "refuge", id="escape"),
    ],
)
def test_where_life_may_be_in_danger_less_is_enough(text: str, code: str) -> None:
    assert code in told(text)
