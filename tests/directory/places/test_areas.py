"""Council areas and health boards: every code and name people use finds the one council."""

import pytest

from directory.places import areas
from directory.places.gazetteer import Gazetteer


def test_there_are_32_councils_in_order_of_code() -> None:
    codes = [area.gss for area in areas.councils()]
    assert len(codes) == len(set(codes)) == 32
    assert codes == sorted(codes)


@pytest.mark.parametrize(
    ("said", "gss"),
    [
        pytest.param("S12000047", "S12000047", id="code"),
        pytest.param("s12000047", "S12000047", id="code in lower case"),
        pytest.param("S12000015", "S12000047", id="Fife's code before 2018"),
        pytest.param("S12000024", "S12000048", id="Perth and Kinross's code before 2018"),
        pytest.param("S12000046", "S12000049", id="Glasgow's code before 2019"),
        pytest.param("S12000043", "S12000049", id="Glasgow's code before that"),
        pytest.param("S12000044", "S12000050", id="North Lanarkshire's code before 2019"),
        pytest.param("S12000009", "S12000045", id="East Dunbartonshire's old code"),
        pytest.param("Clacks", "S12000005", id="short"),
        pytest.param("D&G", "S12000006", id="initials"),
        pytest.param("d and g", "S12000006", id="initials spoken"),
        pytest.param("Western Isles", "S12000013", id="English name"),
        pytest.param("Comhairle nan Eilean Siar", "S12000013", id="Gaelic council"),
        pytest.param("Outer Hebrides", "S12000013", id="geographer's name"),
        pytest.param("DÙN ÈIDEANN", "S12000036", id="Gaelic with accents"),
        pytest.param("dun eideann", "S12000036", id="Gaelic without accents"),
        pytest.param("Edinburgh", "S12000036", id="city without City of"),
        pytest.param("Aberdeen", "S12000033", id="Aberdeen is the city"),
        pytest.param("Fife Council", "S12000047", id="with Council"),
    ],
)
def test_a_council_is_found_by_any_of_its_names(said: str, gss: str) -> None:
    assert areas.council(said).gss == gss


@pytest.mark.parametrize("said", ["S12000099", "Atlantis", "", "E06000057"])
def test_an_unknown_council_is_a_key_error(said: str) -> None:
    with pytest.raises(KeyError):
        areas.council(said)


def test_no_name_belongs_to_two_councils() -> None:
    names = [name.casefold() for area in areas.councils() for name in areas.names(area)]
    assert len(names) == len(set(names))


def test_neighbours_are_mutual_and_take_a_bridge_or_a_ferry() -> None:
    for area in areas.councils():
        assert area.gss not in areas.neighbours(area.gss)
        assert areas.neighbours(area.gss), area.name
        assert all(area.gss in areas.neighbours(other) for other in areas.neighbours(area.gss))
    assert "S12000047" in areas.neighbours("City of Edinburgh")


@pytest.mark.parametrize(
    ("said", "names"),
    [
        pytest.param("NHS Lothian", ["East Lothian", "Midlothian", "City of Edinburgh", "West Lothian"], id="NHS"),
        pytest.param("S08000018", ["Fife"], id="former code"),
        pytest.param("Highland", ["Highland", "Argyll and Bute"], id="Highland has Argyll and Bute"),
        pytest.param("GGC", None, id="initials"),
    ],
)
def test_the_councils_of_a_health_board(said: str, names: list[str] | None) -> None:
    found = [area.name for area in areas.health_board_councils(said)]
    assert found == names if names else len(found) == 6


def test_each_council_lies_in_one_health_board() -> None:
    served = [area for board in areas.health_boards() for area in areas.health_board_councils(board.gss)]
    assert sorted(area.gss for area in served) == [area.gss for area in areas.councils()]
    for area in areas.councils():
        assert areas.health_board(area.health_board_gss).name == area.health_board


def test_every_name_of_a_council_locates_it() -> None:
    gazetteer = Gazetteer()
    for area in areas.councils():
        for name in (area.gss, *area.former_gss, *areas.names(area)):
            assert gazetteer.locate(name).council_codes == (area.gss,), name
