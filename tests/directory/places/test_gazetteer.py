"""What people say of a place becomes a Place; what is unknown, mistyped or out of use is said, never guessed."""

import logging
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.errors import PlaceNotFound
from directory.places import codes, names
from directory.places.gazetteer import Gazetteer, UnitPostcode, is_common_word
from directory.places.reading import fold, rows
from directory.values import Place, PlaceKind, Point

EDINBURGH, FIFE, GLASGOW, NORTH_LAN, BORDERS = "S12000036", "S12000047", "S12000049", "S12000050", "S12000026"
GAZETTEER = Gazetteer()
NAMES = sorted(GAZETTEER.names())


def locate(text: str) -> Place:
    return GAZETTEER.locate(text)


def with_units(*units: UnitPostcode) -> Gazetteer:
    return Gazetteer({unit.postcode: unit for unit in units}.get)


def unit(postcode: str, gss: str, point: Point | None = None) -> UnitPostcode:
    return UnitPostcode(postcode, point, gss, "S08000024")


@pytest.mark.parametrize(
    ("said", "kind", "name", "councils", "outcodes"),
    [
        pytest.param("KY8", PlaceKind.OUTCODE, "KY8", (FIFE,), ("KY8",), id="outcode"),
        pytest.param("EH6 5", PlaceKind.SECTOR, "EH6 5", (EDINBURGH,), ("EH6",), id="sector"),
        pytest.param("Leith", PlaceKind.TOWN, "Leith", (EDINBURGH,), ("EH6",), id="town"),
        pytest.param("near Leith", PlaceKind.TOWN, "Leith", (EDINBURGH,), ("EH6",), id="near a town"),
        pytest.param("Leith, Edinburgh", PlaceKind.TOWN, "Leith", (EDINBURGH,), ("EH6",), id="town, city"),
        pytest.param("Leith (EH6)", PlaceKind.TOWN, "Leith", (EDINBURGH,), ("EH6",), id="town (outcode)"),
        pytest.param("Leith EH6", PlaceKind.TOWN, "Leith", (EDINBURGH,), ("EH6",), id="town outcode"),
        pytest.param("leith walk", PlaceKind.TOWN, "Leith Walk", (EDINBURGH,), ("EH6", "EH7"), id="a long street"),
        pytest.param("St. Andrew’s", PlaceKind.TOWN, "St Andrews", (FIFE,), ("KY16",), id="stop and apostrophe"),
        pytest.param("Bo’ness", PlaceKind.TOWN, "Bo'ness", ("S12000014",), ("EH51",), id="curly apostrophe"),
        pytest.param("Easterhouse", PlaceKind.TOWN, "Easterhouse", (GLASGOW,), ("G34",), id="Easterhouse"),
        pytest.param("Wester Hailes", PlaceKind.TOWN, "Wester Hailes", (EDINBURGH,), ("EH14",), id="Wester Hailes"),
        pytest.param("Muirhouse", PlaceKind.TOWN, "Muirhouse", (EDINBURGH,), ("EH4",), id="Muirhouse"),
        pytest.param("the Raploch", PlaceKind.TOWN, "Raploch", ("S12000030",), ("FK8",), id="the Raploch"),
        pytest.param("EK", PlaceKind.TOWN, "East Kilbride", ("S12000029",), ("G74", "G75"), id="EK"),
        pytest.param("Perth", PlaceKind.TOWN, "Perth", ("S12000048",), ("PH1", "PH2"), id="Perth is a town"),
        pytest.param(
            "Musselburgh", PlaceKind.TOWN, "Musselburgh", ("S12000010",), ("EH21",), id="no share of Edinburgh"
        ),
        pytest.param("Milngavie", PlaceKind.TOWN, "Milngavie", ("S12000045",), ("G62",), id="no share of Glasgow"),
        pytest.param("Gigha", PlaceKind.TOWN, "Gigha", ("S12000035",), ("PA41",), id="island"),
        pytest.param("Stirling", PlaceKind.COUNCIL, "Stirling", ("S12000030",), (), id="Stirling is a council"),
        pytest.param("Glasgow", PlaceKind.COUNCIL, "Glasgow City", (GLASGOW,), (), id="Glasgow is a council"),
        pytest.param("Highland", PlaceKind.COUNCIL, "Highland", ("S12000017",), (), id="council before board"),
        pytest.param("Fife area", PlaceKind.COUNCIL, "Fife", (FIFE,), (), id="council area"),
        pytest.param("Western Isles", PlaceKind.COUNCIL, "Na h-Eileanan Siar", ("S12000013",), (), id="Western Isles"),
        pytest.param("S12000015", PlaceKind.COUNCIL, "Fife", (FIFE,), (), id="former code"),
        pytest.param("Caithness", PlaceKind.COUNCIL, "Caithness", ("S12000017",), (), id="old county"),
        pytest.param("Newton, Highland", PlaceKind.TOWN, "Newton, Highland", ("S12000017",), None, id="chosen"),
        pytest.param(
            "Kirkton, Dundee", PlaceKind.TOWN, "Kirkton, Dundee City", ("S12000042",), ("DD3",), id="of a city"
        ),
        pytest.param("Kirkton (DD3)", PlaceKind.TOWN, "Kirkton", ("S12000042",), ("DD3",), id="by its outcode"),
        pytest.param(
            "Dyce, Aberdeenshire", PlaceKind.TOWN, "Dyce, Aberdeenshire", ("S12000034",), ("AB21",), id="edge"
        ),
    ],
)
def test_a_place_is_found(said: str, kind: PlaceKind, name: str, councils: tuple[str, ...], outcodes: object) -> None:
    place = locate(said)
    assert (place.kind, place.name, place.council_codes) == (kind, name, councils)
    assert outcodes is None or place.outcodes == outcodes
    assert not place.choices


def test_an_outcode_in_several_councils_stays_several() -> None:
    place = locate("G69")
    assert place.council_codes[:2] == (NORTH_LAN, GLASGOW)
    assert place.councils[0].share == pytest.approx(0.543, abs=0.01)
    assert place.councils[1].share == pytest.approx(0.456, abs=0.01)
    assert locate("Glasgow, G69") == place, "the outcode says more than its post town"


def test_boards_and_divisions_are_named() -> None:
    place = locate("Leith")
    assert (place.health_boards, place.police_divisions) == (("Lothian",), ("Edinburgh",))
    assert locate("NHS Highland").council_codes == ("S12000017", "S12000035")


def test_hamlets_of_one_name_in_one_council_are_not_said_to_be_near() -> None:
    place = locate("Farr")
    assert (place.council_codes, place.outcodes) == (("S12000017",), ("IV1", "KW14", "PH21"))
    assert place.radius_m is not None
    assert place.radius_m > 50_000


def test_a_namesakes_point_is_not_a_towns() -> None:
    place = locate("Tain")
    assert place.point == codes.outcodes()["IV19"].point
    assert place.radius_m == names.APPROXIMATE_M


def test_scotland_is_no_council() -> None:
    assert locate("scotland") == Place("Scotland", PlaceKind.SCOTLAND)


def test_an_ambiguous_name_offers_its_readings() -> None:
    place = locate("Newton")
    assert len(place.councils) == 8
    assert len({share.share for share in place.councils}) == 1
    assert place.point is None
    assert "Newton, Highland" in place.choices
    for choice in place.choices:
        chosen = locate(choice)
        assert chosen.council_codes[0] in place.council_codes
        assert chosen.point is not None


def test_a_name_on_an_edge_puts_its_likeliest_council_first() -> None:
    edge = next(town for named in names.towns().values() for town in named if len(named) == 1 and town.other_councils)
    place = locate(edge.name)
    assert place.main_council is not None
    assert place.main_council.gss == edge.gss
    assert place.main_council.share == pytest.approx(names.MAIN_SHARE)
    assert set(place.council_codes) == {edge.gss, *edge.other_councils}


@pytest.mark.parametrize(
    ("said", "council"),
    [
        pytest.param("Condorrat", "North Lanarkshire", id="a postcode district shared with Falkirk"),
        pytest.param("Milton of Campsie", "East Dunbartonshire", id="not the council of most of its district"),
        pytest.param("Milton of Campsie, East Dunbartonshire", "East Dunbartonshire", id="with its council"),
        pytest.param("Kilwinning", "North Ayrshire", id="not the next Ayrshire"),
    ],
)
def test_a_village_at_an_edge_lies_wholly_in_the_council_it_is_known_to_lie_in(said: str, council: str) -> None:
    place = locate(said)
    assert [(share.name, share.share) for share in place.councils] == [(council, 1.0)]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        pytest.param("Carlisle", "Carlisle, England", id="Carlisle"),
        pytest.param("SW1A 1AA", "SW1A, England", id="postcode: the unit is not kept"),
        pytest.param("CA3", "CA3, England", id="outcode"),
        pytest.param("BT1 5GS", "BT1, Northern Ireland", id="Northern Ireland"),
        pytest.param("Berwick-upon-Tweed", "Berwick-upon-Tweed, England", id="Berwick"),
        pytest.param("England", "England", id="nation"),
        pytest.param("Ireland", "Ireland", id="not the hamlet in Orkney"),
        pytest.param("Preston, England", "Preston, England", id="chosen"),
        pytest.param("Newcastle upon Tyne, England", "Newcastle upon Tyne, England", id="with its nation"),
    ],
)
def test_a_home_elsewhere_is_a_fact(said: str, name: str) -> None:
    assert locate(said) == Place(name, PlaceKind.OUTSIDE_SCOTLAND)
    assert locate(name).kind is PlaceKind.OUTSIDE_SCOTLAND


@pytest.mark.parametrize(
    ("said", "part_of_message", "suggestions"),
    [
        pytest.param("", "No place was given", (), id="nothing"),
        pytest.param(" \t ", "No place was given", (), id="blanks"),
        pytest.param("x" * 10_000, "too long", (), id="10,000 characters"),
        pytest.param("G12OAA", "Did you mean G12 0AA?", ("G12 0AA",), id="letter O for nought"),
        pytest.param("EHI 3DG", "mistyped", ("EH1 3DG",), id="letter I for one"),
        pytest.param("EH6 5A", "not whole", (), id="cut short"),
        pytest.param("ZZ99 9ZZ", "starts with ZZ99", (), id="no such area"),
        pytest.param("EH77", "starts with EH77", (), id="no such outcode"),
        pytest.param("EH65", "Did you mean EH6 5?", ("EH6 5",), id="sector without its blank"),
        pytest.param("EH6 0", "No postcode in EH6 0", ("EH6",), id="no such sector"),
        pytest.param("EH6 0AB", "No postcode in EH6 0", ("EH6",), id="postcode of no such sector"),
        pytest.param("Atlantis", "no place of that name", (), id="no such town"),
        pytest.param("Lieth", "Did you mean Leith?", ("Leith",), id="misspelt town"),
        pytest.param("Leith, Glasgow", "Leith, City of Edinburgh", ("Leith, City of Edinburgh",), id="wrong city"),
        pytest.param("()", "no place of that name", (), id="signs only"),
        pytest.param("0,0", "no place of that name", (), id="nought, nought"),
    ],
)
def test_what_is_not_known_is_said(said: str, part_of_message: str, suggestions: tuple[str, ...]) -> None:
    with pytest.raises(PlaceNotFound) as caught:
        locate(said)
    assert part_of_message in str(caught.value)
    assert caught.value.advice
    assert caught.value.suggestions == suggestions


def test_an_error_does_not_repeat_a_postcode() -> None:
    for said in ("EH6 0AB", "ZZ99 9ZZ", "TD15 9ZZ"):
        with pytest.raises(PlaceNotFound) as caught:
            locate(said)
        assert said not in str(caught.value)


def test_without_units_a_postcode_is_known_to_its_sector() -> None:
    place = locate("eh6 5ab")
    assert place.kind is PlaceKind.SECTOR
    assert place.name == "EH6 5 (the sector of the postcode given)"
    assert place.radius_m
    assert locate(place.name).council_codes == place.council_codes


def test_a_look_up_with_nothing_loaded_falls_back_too() -> None:
    class Empty:
        loaded = False

        def __call__(self, postcode: str) -> UnitPostcode | None:
            return None

    assert Gazetteer(Empty()).locate("EH6 5AB").kind is PlaceKind.SECTOR


def test_a_loaded_unit_postcode_is_exact() -> None:
    point = Point(55.9701, -3.1712)
    place = with_units(unit("EH6 5QG", EDINBURGH, point)).locate("eh65qg")
    assert (place.kind, place.point, place.radius_m) == (PlaceKind.POSTCODE, point, 0.0)
    assert (place.council_codes, place.outcodes) == ((EDINBURGH,), ("EH6",))


def test_a_loaded_unit_without_a_grid_reference_takes_its_sectors_point() -> None:
    place = with_units(unit("EH6 5QG", EDINBURGH)).locate("EH6 5QG")
    assert place.point == codes.sectors()["EH6 5"].point
    assert place.radius_m


def test_a_unit_that_is_not_among_the_loaded_ones_is_not_guessed() -> None:
    with pytest.raises(PlaceNotFound, match="not in use") as caught:
        with_units(unit("EH6 5QG", EDINBURGH)).locate("EH6 5ZZ")
    assert caught.value.suggestions == ("EH6 5",)
    assert "EH6 5ZZ" not in str(caught.value)


@pytest.mark.parametrize("gazetteer", [Gazetteer(), with_units(unit("EH6 5QG", EDINBURGH))], ids=["none", "loaded"])
def test_a_postcode_on_the_english_side_of_a_border_outcode_is_in_england(gazetteer: Gazetteer) -> None:
    assert gazetteer.locate("TD15 1AA") == Place("TD15, England", PlaceKind.OUTSIDE_SCOTLAND)


def test_a_postcode_on_the_scottish_side_is_in_the_borders() -> None:
    ours = min(code for code in codes.scottish_border_postcodes() if code.startswith("TD15"))
    assert locate(ours).council_codes == (BORDERS,)
    assert "England" in locate("TD15").name


@settings(deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from([str.upper, str.title, str.lower]), st.integers(1, 4))
def test_case_and_blanks_change_nothing(name: str, case: object, blanks: int) -> None:
    said = GAZETTEER.names()[name]
    assert callable(case)
    assert locate((" " * blanks).join(["", *case(said).split(), ""])) == locate(said)


@settings(deadline=None)
@given(st.sampled_from([*NAMES, *codes.outcodes(), *codes.sectors()]))
def test_shares_add_up_and_points_lie_in_scotland(name: str) -> None:
    place = locate(GAZETTEER.names().get(name, name))
    shares = [council.share for council in place.councils]
    assert shares == sorted(shares, reverse=True)
    assert not shares or sum(shares) == pytest.approx(1.0)
    assert bool(shares) == (place.kind not in {PlaceKind.SCOTLAND, PlaceKind.OUTSIDE_SCOTLAND})
    assert (place.point is None) == (place.radius_m is None)
    if place.point:
        assert 54.6 <= place.point.lat <= 60.9
        assert -8.7 <= place.point.lon <= -0.7


@settings(deadline=None)
@given(st.sampled_from(NAMES))
def test_a_places_name_finds_it_again(name: str) -> None:
    place = locate(GAZETTEER.names()[name])
    again = locate(place.name)
    assert (again.kind, again.council_codes) == (place.kind, place.council_codes)


@settings(deadline=None)
@given(st.text(max_size=150))
def test_any_text_is_a_place_or_a_clear_error(text: str) -> None:
    try:
        said = locate(text).name
    except PlaceNotFound as error:
        said = error.message and error.advice
    assert said


@settings(deadline=None)
@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_names_lead_to_places_and_common_words_are_names() -> None:
    known = GAZETTEER.names()
    assert {"leith", "easterhouse", "carlisle", "clacks", "ek", "skye", "d and g"} <= set(known)
    assert all(fold(display) == key for key, display in known.items() if key not in names.aliases())
    assert known["ek"] == "East Kilbride"
    assert names.common_words() <= set(known)
    assert is_common_word("park")
    assert is_common_word("lewis")
    assert not is_common_word("leith")


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for said in ("EH6 5AB", "G12OAA", "TD15 1AA", "Atlantis"):
            try:
                locate(said)
            except PlaceNotFound:
                continue
    assert not caplog.records


def test_sources_tells_of_every_table_with_its_rows() -> None:
    folder = files("directory.places").joinpath("data")
    told = folder.joinpath("SOURCES.md").read_text(encoding="utf-8")
    tables = [table.name for table in folder.iterdir() if table.name.endswith(".csv")]
    assert len(tables) == 18
    for table in tables:
        assert f"| {table} | {len(rows(table)):,} |" in told, table


def test_neighbourhoods_add_and_never_double() -> None:
    for key, named in names.all_towns().items():
        councils = [town.gss for town in named]
        assert len(councils) == len(set(councils)), key
    assert len(rows("neighbourhoods.csv")) > 150


def test_a_street_is_known_by_its_town() -> None:
    assert Gazetteer().locate("14 Nowhere Street, Leith") == Gazetteer().locate("Leith")
