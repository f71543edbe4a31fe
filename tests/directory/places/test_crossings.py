"""Nearness across water is no nearness."""

import pytest

from directory.places import areas, crossings, postcode
from directory.places.gazetteer import Gazetteer
from directory.values import Place


def home(text: str) -> Place:
    return Gazetteer().locate(text)


@pytest.mark.parametrize(
    ("person", "service", "over_water"),
    [
        pytest.param("KA27 8", "KA30 8AA", True, id="Arran and Largs"),
        pytest.param("Brodick", "KA27 8AB", False, id="within Arran"),
        pytest.param("Brodick", "KA22 8AA", True, id="Arran and Ardrossan"),
        pytest.param("Edinburgh", "KY1 1AA", False, id="over a bridge"),
        pytest.param("Kyle of Lochalsh", "IV51 9AA", False, id="Skye has a bridge"),
        pytest.param("Greenock", "PA23 7AA", True, id="Gourock and Dunoon"),
        pytest.param("Dunoon", "PA32 8AA", False, id="Dunoon and Inveraray by road"),
        pytest.param("Stornoway", "HS3 3AA", False, id="Lewis and Harris are one"),
        pytest.param("Lochmaddy", "HS1 2AA", True, id="Uist and Lewis"),
        pytest.param("Orkney", "KW14 7AA", True, id="a whole island council and Thurso"),
        pytest.param("Orkney", "KW15 1AA", False, id="within Orkney, as far as is known"),
    ],
)
def test_over_the_water(person: str, service: str, over_water: bool) -> None:
    assert (crossings.number_of(service) in crossings.over_water(home(person))) is over_water


def test_no_place_has_no_water() -> None:
    assert crossings.over_water(None) == frozenset()


def test_the_table_is_sound() -> None:
    found = crossings.areas()
    names = {area.name: area for area in found}
    codes = [code for area in found for code in area.codes]
    assert len(codes) == len(set(codes))
    assert all(postcode.parse(code) for code in codes)
    assert len(found) < 128  # seven bits of `columns`
    for area in found:
        assert area.is_island or area.across
        assert all(area.name in names[other].across for other in area.across), area.name
    assert {areas.council(gss).name for gss in crossings.ISLANDS_ONLY} == {
        "Na h-Eileanan Siar", "Orkney Islands", "Shetland Islands",
    }  # fmt: skip


def test_how_one_gets_over() -> None:
    assert crossings.way(crossings.number_of("KA27 8AA"), home("Largs")) == "ferry"
    assert crossings.way(crossings.MAINLAND, home("Tiree")) == "ferry or plane"
    assert "long way round" in crossings.way(crossings.number_of("PA23 7AA"), home("Gourock"))
