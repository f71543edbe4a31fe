"""Postcode sectors and outcodes of Scotland: where each lies, and how its postcodes are shared among councils."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from directory.places.reading import rows
from directory.values import Point


@dataclass(frozen=True, slots=True)
class CodeArea:
    """A sector ("EH6 5") or outcode ("EH6"). `point` is the postcode nearest its middle, so it is on land."""

    code: str
    point: Point
    postcodes: int
    shares: tuple[tuple[str, float], ...]
    """Council GSS code and share of the postcodes; they add up to 1 within the rounding of the table."""


@cache
def sectors() -> Mapping[str, CodeArea]:
    """The 1,139 sectors of Scotland, by code."""
    return {row["sector"]: _area(row["sector"], row) for row in rows("sectors.csv")}


@cache
def outcodes() -> Mapping[str, CodeArea]:
    """The 455 outcodes of Scotland, by code."""
    return {row["outcode"]: _area(row["outcode"], row) for row in rows("outcodes.csv")}


@cache
def scottish_border_postcodes() -> frozenset[str]:
    """The unit postcodes on the Scottish side of the outcodes that England shares (TD12, TD15)."""
    return frozenset(row["postcode"] for row in rows("border_postcodes.csv"))


@cache
def straddling() -> frozenset[str]:
    """Outcodes with postcodes in Scotland and in England."""
    return frozenset(postcode.partition(" ")[0] for postcode in scottish_border_postcodes())


@cache
def council_postcodes() -> Mapping[str, float]:
    """How many postcodes each council area has: the weight of a council within a health board."""
    counts: dict[str, float] = {}
    for area in outcodes().values():
        for gss, share in area.shares:
            counts[gss] = counts.get(gss, 0.0) + share * area.postcodes
    return counts


def _area(code: str, row: Mapping[str, str]) -> CodeArea:
    shares = (pair.partition(":") for pair in row["council_shares"].split("|"))
    return CodeArea(
        code=code,
        point=Point(float(row["lat"]), float(row["lon"])),
        postcodes=int(row["postcodes"]),
        shares=tuple((gss, float(share)) for gss, _, share in shares),
    )
