"""Islands and shores: travel time is not distance, so a service over the water is never "3 km away".

`data/crossings.csv` names areas by outcode or sector. An island is over the water from everywhere else; a shore only
from the shores it names. Places of no area are mainland, which bridges and causeways join (Skye is).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from directory.places.reading import parts, rows
from directory.values import Place, PlaceKind

MAINLAND = 0
ISLANDS_ONLY = frozenset({"S12000013", "S12000023", "S12000027"})
"""Na h-Eileanan Siar, Orkney and Shetland: whatever place is named there, no mainland service is near."""


@dataclass(frozen=True, slots=True)
class Area:
    """An island or a shore. `number` counts from 1 in the table's order; `across` names shores over the water."""

    number: int
    name: str
    is_island: bool
    codes: tuple[str, ...]
    across: tuple[str, ...]
    crossing: str
    """"ferry", "ferry or plane", "ferry or a long way round by road"."""


@cache
def areas() -> tuple[Area, ...]:
    """All areas, in the table's order."""
    return tuple(
        Area(number, row["area"], row["kind"] == "island", parts(row["codes"]), parts(row["across"]), row["crossing"])
        for number, row in enumerate(rows("crossings.csv"), start=1)
    )


@cache
def _by_code() -> Mapping[str, int]:
    return {code: area.number for area in areas() for code in area.codes}


def number_of(postcode: str) -> int:
    """The area of a postcode, sector or outcode ("KA27 8AJ", "KA27 8", "KA27"); MAINLAND for all others."""
    outcode, _, rest = postcode.partition(" ")
    return _by_code().get(f"{outcode} {rest[:1]}", _by_code().get(outcode, MAINLAND))


@cache
def over_water_from(number: int) -> frozenset[int]:
    """The areas, MAINLAND among them, that can be reached from this one only over water."""
    everywhere = {MAINLAND, *(area.number for area in areas())}
    islands = {area.number for area in areas() if area.is_island}
    if number in islands:
        return frozenset(everywhere - {number})
    named = {name for area in areas() if area.number == number for name in area.across}
    return frozenset(islands | {area.number for area in areas() if area.name in named})


def over_water(place: Place | None) -> frozenset[int]:
    """The areas over the water from a place, whichever part of it the person lives in; for none, no area."""
    if place is None or place.point is None:
        return frozenset()
    return _over_water(place.name if place.kind in _CODED else "", place.outcodes, frozenset(place.council_codes))


_CODED = (PlaceKind.POSTCODE, PlaceKind.SECTOR, PlaceKind.OUTCODE)


@cache
def _over_water(code: str, outcodes: tuple[str, ...], councils: frozenset[str]) -> frozenset[int]:
    numbers = {number_of(code)} if code else {number_of(outcode) for outcode in outcodes}
    if not numbers:
        return frozenset({MAINLAND}) if councils and councils <= ISLANDS_ONLY else over_water_from(MAINLAND)
    return frozenset.intersection(*map(over_water_from, numbers))


def way(number: int, home: Place | None) -> str:
    """How one gets from home to an area over the water: "ferry or plane", "ferry or a long way round by road"."""
    outcodes = home.outcodes if home else ()
    ends = {number, *map(number_of, outcodes)}
    crossed = [area for area in areas() if area.number in ends]
    crossed.sort(key=lambda area: not area.is_island)
    return crossed[0].crossing if crossed else "ferry or plane"
