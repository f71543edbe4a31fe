"""Builds `Place` values: from codes, from names, and from names that a wider place qualifies."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from directory.places import areas, codes, names
from directory.places.distance import haversine_m
from directory.places.names import Town
from directory.places.postcode import ParsedPostcode, PostcodeKind
from directory.places.reading import fold
from directory.values import CouncilShare, Place, PlaceKind, Point

SECTOR_M = 800.0
"""Median distance from a sector's point to its unit postcodes (README of the shared data)."""
OUTCODE_M = 4_000.0
SAME_PLACE_M = 5_000.0
"""Namesakes in two councils this near are one place that a boundary cuts (Harthill, Uddingston)."""
ALIKE = 80.0
"""Likeness, of 100, from which a name is offered for one that is not known."""


def build(
    name: str,
    kind: PlaceKind,
    shares: Mapping[str, float],
    *,
    point: Point | None = None,
    radius_m: float | None = None,
    outcodes: tuple[str, ...] = (),
    choices: tuple[str, ...] = (),
) -> Place:
    """A place in these councils: shares made to add up to 1, the largest first; boards and divisions by name."""
    total = sum(shares.values())
    ordered = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))
    found = [(areas.council(gss), share / total) for gss, share in ordered]
    return Place(
        name=name,
        kind=kind,
        point=point,
        councils=tuple(CouncilShare(area.gss, area.name, share) for area, share in found),
        outcodes=outcodes,
        health_boards=tuple(dict.fromkeys(area.health_board for area, _ in found)),
        police_divisions=tuple(dict.fromkeys(area.police_division for area, _ in found)),
        radius_m=radius_m if point else None,
        choices=choices,
    )


def outside(name: str) -> Place:
    """Elsewhere: no council, no point."""
    return Place(name, PlaceKind.OUTSIDE_SCOTLAND)


def outcode(code: str) -> Place:
    """A whole outcode, with every council it lies in."""
    area = codes.outcodes()[code]
    border = code in codes.straddling()
    return build(
        f"{code} (Scottish part; the rest is in England)" if border else code,
        PlaceKind.OUTCODE,
        dict(area.shares),
        point=area.point,
        radius_m=OUTCODE_M,
        outcodes=(code,),
    )


def sector(code: str, *, of_postcode: bool = False) -> Place:
    """A whole sector; `of_postcode`: it stands for a unit postcode whose own point is not loaded."""
    area = codes.sectors()[code]
    first = code.partition(" ")[0]
    border = first in codes.straddling() and not of_postcode
    note = " (Scottish part; the rest is in England)" if border else " (the sector of the postcode given)"
    return build(
        code + note if of_postcode or border else code,
        PlaceKind.SECTOR,
        dict(area.shares),
        point=area.point,
        radius_m=SECTOR_M,
        outcodes=(first,),
    )


def named(words: str) -> Place | None:
    """The place of a bare name: council, region, health board, nation, town, then elsewhere. None when unknown."""
    key = fold(words)
    if alias := names.aliases().get(key):
        return named(alias) or within(*_split(alias))
    return _wide(key) or _town_or_outside(key)


def within(head: str, qualifiers: Sequence[str]) -> Place | None:
    """The place called `head` in one of the wider places, the last of which counts most. None when there is none."""
    key = fold(head)
    for qualifier in reversed(qualifiers):
        wide = named(qualifier)
        if wide is None:
            continue
        if wide.kind is PlaceKind.OUTSIDE_SCOTLAND:
            known = names.outside().get(key)
            return outside(_elsewhere_name(known)) if known else wide
        inside = set(wide.council_codes)
        namesakes = names.all_towns().get(key, ()), names.towns().get(key, ())
        found = next(filter(None, ([town for town in named if town.gss in inside] for named in namesakes)), None)
        if found:
            return _places(found, qualified=True)
        whole = _wide(key)
        if whole is not None and inside.intersection(whole.council_codes):
            return whole
    return None


def in_outcode(head: str, code: ParsedPostcode) -> Place | None:
    """The place called `head` in an outcode ("Kirkton (DD3)"); None for sectors and units: they say more."""
    if code.kind is not PostcodeKind.OUTCODE:
        return None
    found = [town for town in names.all_towns().get(fold(head), ()) if code.outcode in town.outcodes]
    return _places(found, qualified=False) if found else None


def elsewhere(head: str, qualifiers: Sequence[str]) -> tuple[str, ...]:
    """What to offer for "Leith, Glasgow" (where Leith is) and for "14 High Street, Leith" (the wider place)."""
    towns = names.all_towns().get(fold(head), ())
    if towns:
        return tuple(sorted(f"{town.name}, {areas.council(town.gss).name}" for town in towns))[:3]
    return tuple(place.name for part in qualifiers if (place := named(part)))[:1]


def alike(words: str) -> tuple[str, ...]:
    """Up to three known names most like the words."""
    from rapidfuzz import fuzz, process

    known = names.display_names()
    hits = process.extract(fold(words), known.keys(), scorer=fuzz.ratio, limit=3, score_cutoff=ALIKE)
    return tuple(dict.fromkeys(known[key] for key, _, _ in hits))


def _split(words: str) -> tuple[str, list[str]]:
    head, *rest = words.split(", ")
    return head, rest


def _wide(key: str) -> Place | None:
    """A council, region, health board or Scotland."""
    if key == "scotland":
        return Place("Scotland", PlaceKind.SCOTLAND)
    try:
        return _council(areas.council(key).gss)
    except KeyError:
        pass
    if region := names.regions().get(key):
        return _region(region)
    try:
        board = areas.health_board(key)
    except KeyError:
        return None
    served = tuple(area.gss for area in areas.health_board_councils(board.gss))
    return build(f"NHS {board.name}", PlaceKind.HEALTH_BOARD, dict(names.weighed(served)))


def _region(region: names.Region) -> Place:
    """Several councils or part of one; an island has outcodes and a point, as a town has, but reaches further."""
    if not region.outcodes:
        return build(region.name, PlaceKind.COUNCIL, dict(region.shares))
    points = [codes.outcodes()[code].point for code in region.outcodes]
    reach = max(haversine_m(points[0], point) for point in points)
    return build(
        region.name,
        PlaceKind.TOWN,
        dict(region.shares),
        point=points[0],
        radius_m=round(reach + OUTCODE_M, -2),
        outcodes=region.outcodes,
    )


@cache
def _council(gss: str) -> Place:
    area = areas.council(gss)
    return build(area.name, PlaceKind.COUNCIL, {gss: 1.0}, point=area.point, radius_m=_reach(gss))


def _town_or_outside(key: str) -> Place | None:
    elsewhere = names.outside().get(key)
    if key not in names.towns() or (elsewhere and elsewhere.plain):
        return outside(_elsewhere_name(elsewhere)) if elsewhere else None
    return _known_town(key)


@cache
def _known_town(key: str) -> Place:
    """Kept once built; only for names in our tables, so that nothing a person typed is kept."""
    elsewhere = names.outside().get(key)
    more = (_elsewhere_name(elsewhere),) if elsewhere else ()
    return _places(names.towns()[key], qualified=False, more=more)


def _elsewhere_name(place: names.Outside) -> str:
    return place.name if place.name == place.nation else f"{place.name}, {place.nation}"


def _places(towns: Sequence[Town], *, qualified: bool, more: tuple[str, ...] = ()) -> Place:
    """One town, or all its namesakes with the readings to choose from."""
    first = min(towns, key=lambda town: (town.radius_m, bool(town.other_councils)))
    if len(towns) == 1:
        name = f"{first.name}, {areas.council(first.gss).name}" if qualified and _has_namesake(first) else first.name
        shares = first.shares
        choices: tuple[str, ...] = ()
    else:
        name = first.name
        shares = dict.fromkeys((town.gss for town in towns), 1.0)
        choices = tuple(sorted(f"{town.name}, {areas.council(town.gss).name}" for town in towns))
    near = all(haversine_m(first.point, town.point) <= SAME_PLACE_M for town in towns)
    return build(
        name,
        PlaceKind.TOWN,
        shares,
        point=first.point if near else None,
        radius_m=first.radius_m,
        outcodes=_joined(town.outcodes for town in towns),
        choices=(*choices, *more),
    )


def _has_namesake(town: Town) -> bool:
    return len(names.all_towns().get(fold(town.name), ())) > 1


def _joined(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for group in groups for code in group))


@cache
def _reach(gss: str) -> float:
    """Metres from a council's point within which nine in ten of its sectors lie."""
    middle = areas.council(gss).point
    away = sorted(haversine_m(middle, area.point) for area in codes.sectors().values() if area.shares[0][0] == gss)
    return round(away[int(0.9 * (len(away) - 1))], -2)
