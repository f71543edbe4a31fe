"""Home read beside a place's name: which of two towns of one name, and the school of a pupil."""

import pytest

from directory.matching.home import with_home
from directory.places.gazetteer import Gazetteer
from taxonomy.lexicon import Lexicon
from taxonomy.words import Understanding, understand

SCHOOLS = (
    "Inverurie Academy",
    "Alness Academy",
    "Barrhead High",
    "Hawick High School",
    "St Andrew's RC Secondary School",
    "Kirkton Primary School",
)
PLACES = Gazetteer()
WORDS = Lexicon.of(["Tarbert", "Harris", "Wick", "Leith", "Edinburgh"], SCHOOLS)


def read(text: str) -> Understanding:
    return with_home(understand(text, WORDS), text, PLACES)


def place(text: str, part: str) -> str | None:
    understood = getattr(read(text), part)
    return None if understood is None else str(understood.value)


@pytest.mark.parametrize(
    ("text", "residence"),
    [
        pytest.param("13yo at Inverurie Academy, punched", "Inverurie", id="academy"),
        pytest.param("Alness Academy S1, 12 yr old lassie bullied", "Alness", id="before the pupil"),
        pytest.param("boy 12, Barrhead High, battered", "Barrhead", id="said without School"),
        pytest.param("girl 14 at Hawick High School was robbed", "Hawick", id="high school"),
        pytest.param("girl 14 at St Andrew's RC Secondary School was robbed", None, id="a saint is no town"),
        pytest.param("boy 9 at Kirkton Primary School was hit", None, id="many places of the name"),
        pytest.param("girl 14, Wick, hit at Hawick High School", "Wick", id="home is said"),
        pytest.param("boy 12 slapped by 2 girls from Barrhead High", None, id="the other children's school"),
        pytest.param("boy 12 slapped, keep away from Alness Academy", None, id="to be avoided"),
        pytest.param("Tarbert, Harris. girl 12 hit", "Tarbert, Harris", id="told apart"),
        pytest.param("Leith, Edinburgh. girl 12 hit", "Leith", id="only one Leith"),
        pytest.param("girl 12 hit", None, id="nothing said"),
    ],
)
def test_home_is_read_from_the_words_beside_a_place(text: str, residence: str | None) -> None:
    assert place(text, "residence") == residence


def test_a_grown_ups_school_is_where_it_happened() -> None:
    text = "teacher at Alness Academy punched by a P7"
    assert place(text, "residence") is None
    assert place(text, "harm_place") == "Alness"


def test_the_words_shown_are_the_callers() -> None:
    home = read("13yo at inverurie  academy, punched").residence
    assert home is not None
    assert home.words == ("inverurie  academy",)
