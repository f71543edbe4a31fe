"""Tellings of harm that no phrase holds, read by words near each other; and everyday words that tell none."""

import pytest

from taxonomy import committed
from taxonomy.words import understand
from tests.taxonomy.phrase_table import lexicon

WORDS = lexicon()


def harms(text: str) -> set[str]:
    return {each.value for each in understand(text, WORDS).harms}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("they held her head under the water at the lido", "physical_harm", id="under water"),
        pytest.param("a gang shut him in a locker at the gym", "physical_harm", id="shut in"),
        pytest.param("her cousin wanted her to touch his privates", "sexual_harm", id="touch"),
        pytest.param("the older lad plays doctors with my girl", "sexual_harm", id="doctors"),
        pytest.param("he says his pals will do me in", "threats", id="pals"),
        pytest.param("the lads keep coming back to our close", "stalking", id="coming back"),
        pytest.param("the girls in her year whisper about her clothes", "bullying", id="whispers"),
        pytest.param("kids chant go home at my Syrian neighbour", "hate", id="go home"),
        pytest.param("her fella decides what she wears", "domestic_abuse", id="a partner who controls"),
        pytest.param(
            "her uncle has bought a one way ticket, there is a man there for her", "forced_marriage", id="ticket"
        ),
        pytest.param("older lads have him holding parcels in his room", "exploitation", id="parcels"),
        pytest.param(
            "a boy of 12 was driven to Leeds and kept in a flat full of plants by men", "trafficking", id="plants"
        ),
        pytest.param("the wee ones are unfed, mum is never in", "neglect", id="unfed"),
        pytest.param("three boys tore up the old man's roses", "property_damage", id="roses"),
        pytest.param("every time I block him he makes a new account", "stalking", id="new accounts"),
        pytest.param("there is bacon on the mosque door", "hate", id="mosque"),
        pytest.param("nobody sits beside her in class", "bullying", id="nobody beside her"),
        pytest.param("he kept going when I said stop", "sexual_harm", id="said stop"),
    ],
)
def test_a_harm_is_read_however_it_is_told(text: str, code: str) -> None:
    assert code in harms(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("he waits for the bus every day", id="bus"),
        pytest.param("the girls laugh together at lunch", id="laughing together"),
        pytest.param("the wind took the roof off the shed", id="weather"),
        pytest.param("she took her own bag home from swimming", id="own bag"),
        pytest.param("they are going to Pakistan for a holiday in summer", id="holiday"),
        pytest.param("her boyfriend is lovely and supportive", id="a kind partner"),
        pytest.param("he won't go to school because of anxiety", id="anxiety"),
    ],
)
def test_everyday_words_tell_no_harm(text: str) -> None:
    assert harms(text) == set()


def test_no_row_holds_words_in_a_row_that_can_never_be_found() -> None:
    """A "*" is read at the end of one word alone, never in words joined by "~"."""
    words = [
        word.strip(" !")
        for row in committed.rows("taxonomy", "together_harms.csv")
        for group in row["words"].split("&")
        for word in group.split("|")
    ]
    assert [word for word in words if "~" in word and "*" in word] == []
