"""Words about the area served, as codes: what is named is stated, and nothing else."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.draft import Coverage
from directory.places import areas, codes
from directory.values import Known
from ingest.area_words import LONGEST, read

EDINBURGH, GLASGOW, FIFE, HIGHLAND, BORDERS = (
    areas.council(name).gss for name in ("Edinburgh", "Glasgow", "Fife", "Highland", "Borders")
)
EAST, MID, WEST = (
    areas.council(f"{side} Lothian" if side != "Mid" else "Midlothian").gss for side in ("East", "Mid", "West")
)
SCOTLAND = "SCOTLAND"


@pytest.mark.parametrize(
    ("text", "named", "sure"),
    [
        pytest.param("Edinburgh", {EDINBURGH}, 1.0, id="a council"),
        pytest.param("the City of Edinburgh Council area", {EDINBURGH}, 1.0, id="a council, at length"),
        pytest.param("Glasgow, Fife & the Borders", {GLASGOW, FIFE, BORDERS}, 1.0, id="a list"),
        pytest.param("Dumfries and Galloway", {areas.council("D&G").gss}, 1.0, id="a name with and"),
        pytest.param("East and Mid Lothian", {EAST, MID}, 1.0, id="two sides of one name"),
        pytest.param("East, Mid and West Lothian", {EAST, MID, WEST}, 1.0, id="three sides"),
        pytest.param("North & South Lanarkshire", {"S12000050", "S12000029"}, 1.0, id="two sides, ampersand"),
        pytest.param("Edinburgh East Lothian", {EDINBURGH, EAST}, 1.0, id="nothing between"),
        pytest.param("Scotland wide", {SCOTLAND}, 1.0, id="the nation"),
        pytest.param("all 32 local authorities", {SCOTLAND}, 0.95, id="all councils"),
        pytest.param("UK", {SCOTLAND}, 0.9, id="the kingdom"),
        pytest.param("England, Scotland and Wales", {SCOTLAND}, 1.0, id="nations"),
        pytest.param("Nationwide", {SCOTLAND}, 0.5, id="which nation is not said"),
        pytest.param("Lothians", {EDINBURGH, EAST, MID, WEST}, 0.7, id="Lothians"),
        pytest.param("Lothian and Borders", {EDINBURGH, EAST, MID, WEST, BORDERS}, 0.7, id="Lothian and Borders"),
        pytest.param("NHS Lothian", {EDINBURGH, EAST, MID, WEST}, 0.95, id="a health board"),
        pytest.param("Tayside", {"S12000041", "S12000042", "S12000048"}, 0.8, id="a region"),
        pytest.param("Highlands & Islands", {HIGHLAND, "S12000013", "S12000020", "S12000023", "S12000027", "S12000035"},
                     0.7, id="Highlands and Islands"),
        pytest.param("Glasgow & surrounding areas", {GLASGOW}, 0.7, id="more than is named"),
        pytest.param("Livingston and the surrounding area", {WEST}, 0.42, id="around a town"),
        pytest.param("North Edinburgh", {EDINBURGH}, 0.4, id="a side of a council"),
        pytest.param("Edinburgh South", {EDINBURGH}, 0.4, id="a side behind"),
        pytest.param("S12000015", {FIFE}, 1.0, id="a code of old"),
        pytest.param("S37000005", {"S12000005", "S12000030"}, 1.0, id="an integration authority"),
        pytest.param("http://statistics.example/id/S12000036", {EDINBURGH}, 1.0, id="a code in an address"),
        pytest.param("Based in Edinburgh, serving Fife", {FIFE}, 0.7, id="where it is based is not where it serves"),
        pytest.param("Edinburgh (online)", {EDINBURGH}, 0.7, id="words that are no area"),
    ],
)  # fmt: skip
def test_councils(text: str, named: set[str], sure: float) -> None:
    found = read(text)
    assert set(found.coverage.areas) == named
    assert found.coverage.known is Known.STATED
    assert not found.coverage.outcodes
    assert found.confidence == sure


@pytest.mark.parametrize(
    ("text", "outcodes", "sure"),
    [
        pytest.param("EH4, EH12", ("EH4", "EH12"), 0.9, id="outcodes"),
        pytest.param("G1-G3", ("G1", "G2", "G3"), 0.9, id="a run of outcodes"),
        pytest.param("EH1 to 3", ("EH1", "EH2", "EH3"), 0.9, id="a run, the letters once"),
        pytest.param("Leith", ("EH6",), 0.7, id="a neighbourhood"),
        pytest.param("Paisley", ("PA1", "PA2", "PA3"), 0.7, id="a town called like a person"),
        pytest.param("South Queensferry", ("EH30",), 0.7, id="a town with a side in its name"),
    ],
)
def test_parts_of_councils(text: str, outcodes: tuple[str, ...], sure: float) -> None:
    found = read(text)
    assert found.coverage.outcodes == outcodes
    assert found.confidence == sure
    assert not found.unread


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("City wide", 0.95), ("Citywide", 0.95), ("the whole city", 0.95), ("City centre", 0.4), ("North West", 0.4),
        ("Leith", 0.7), ("North West and City Centre", 0.4),
    ],
)  # fmt: skip
def test_words_that_need_the_source_s_own_council(text: str, sure: float) -> None:
    assert set(read(text, "Edinburgh").coverage.areas) == {EDINBURGH}
    assert read(text, "Edinburgh").confidence == sure
    if text != "Leith":
        assert read(text).coverage == Coverage()


@pytest.mark.parametrize(
    "text",
    ["", "Everywhere", "any", "local area", "West of Scotland", "the north of Scotland", "central belt",
     "Based in Edinburgh", "Edinburgh office", "England and Wales", "London", "Newton", "online", "EH postcodes",
     "San Mateo County", "ZZ9",
     "Not Glasgow", '{"type": "Polygon"}', "women and children"],
)  # fmt: skip
def test_unknown_stays_unknown(text: str) -> None:
    found = read(text)
    assert found.coverage == Coverage()
    assert found.confidence == 0.0
    assert found.unread or not text


def test_all_but_one() -> None:
    found = read("Scotland except Glasgow and Fife")
    assert set(found.coverage.areas) == {area.gss for area in areas.councils()} - {GLASGOW, FIFE}
    assert found.confidence == 1.0
    assert GLASGOW not in read("Glasgow and Fife, but not Glasgow").coverage.areas


def test_an_exception_that_cannot_be_told_damps() -> None:
    found = read("Edinburgh except Leith")
    assert found.coverage.areas == (EDINBURGH,)
    assert found.confidence == 0.7
    assert found.unread == "except Leith"


def test_outcodes_never_narrow_a_whole_council() -> None:
    found = read("East Lothian and Leith")
    assert set(found.coverage.areas) == {EAST, EDINBURGH}
    assert not found.coverage.outcodes
    assert found.confidence == 0.6


def test_outcodes_do_not_narrow_beside_words_that_were_not_read() -> None:
    found = read("Abbeyhill and East Craigs")
    assert found.coverage == Coverage(Known.STATED, (EDINBURGH,))
    assert found.unread == "east craigs"


def test_a_health_board_is_kept_as_a_division() -> None:
    assert read("NHS Greater Glasgow & Clyde").coverage.divisions == ("health_board:Greater Glasgow and Clyde",)
    assert not read("Grampian").coverage.divisions


def test_a_namesake_is_the_one_of_the_source_s_own_council() -> None:
    assert read("Newton", "Highland").coverage.areas == (HIGHLAND,)


def test_an_unknown_council_of_the_source_is_a_slip_of_ours() -> None:
    with pytest.raises(KeyError):
        read("City wide", "Atlantis")


WORDS = st.sampled_from(
    ["Glasgow", "Fife", "and", ",", "the", "surrounding", "areas", "North", "East", "of", "all", "wide", "zork",
     "except", "based in", "EH6", "Leith", "covering", "(", ")", "&", "-", "1"]
)  # fmt: skip
NAMES = {"glasgow": {GLASGOW}, "fife": {FIFE}, "leith": {EDINBURGH}, "eh6": {EDINBURGH}}


@given(st.lists(WORDS, max_size=9).map(" ".join))
def test_no_area_that_no_word_named(text: str) -> None:
    """An exception takes away only from what was named; East Fife and Leith are all that sides and towns add."""
    named = {gss for word, councils in NAMES.items() if word in text.lower() for gss in councils}
    assert set(read(text).coverage.areas) <= named
    assert set(read(text, "Moray").coverage.areas) <= named | {areas.council("Moray").gss}


@given(st.text(max_size=LONGEST + 50))
def test_any_text_is_read(text: str) -> None:
    found = read(text)
    assert 0.0 <= found.confidence <= 1.0
    assert (found.confidence > 0) == (found.coverage.known is Known.STATED)
    assert set(found.coverage.outcodes) <= set(codes.outcodes())


@given(
    st.lists(st.sampled_from(areas.councils()), min_size=1, max_size=6, unique=True),
    st.sampled_from([", ", "; ", " and "]),
)
def test_every_list_of_councils(councils: list[areas.CouncilArea], between: str) -> None:
    found = read(between.join(area.name for area in councils))
    assert found.coverage.areas == tuple(sorted(area.gss for area in councils))
    assert found.confidence == 1.0
    assert not found.unread


@pytest.mark.shared_data
def test_real_words_for_areas(shared_data: Path) -> None:
    """Edinburgh's two lists, each against Edinburgh; every council name of the register of care."""
    folder = shared_data / "services"
    said: Counter[bool] = Counter()
    for file, column in (
        ("edinburgh_day_services.csv", "Area served"),
        ("edinburgh_housing_support.csv", "Where is this service available"),
    ):
        for row in _rows(folder / "raw_feeds" / file):
            if (row[column] or "").strip():
                said[EDINBURGH in read(row[column], "Edinburgh").coverage.areas] += 1
    assert said[True] == 124
    assert not said[False]
    for row in _rows(folder / "care_inspectorate_services_2026-05-31.csv"):
        assert read(row["Council_Area_Name"]).confidence == 1.0


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        return list(csv.DictReader(lines))
