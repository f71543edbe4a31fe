"""Whom this single point of contact serves, as data: outside it people still see what fits, and are handed over.

The shipped setting is `taxonomy/data/scope.toml`; an adopter's own is `scope.toml` in WAYMARK_HOME.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from directory.errors import UnusableFile
from directory.matching.enquiry import Enquiry
from directory.matching.results import HandOver
from directory.places import areas
from directory.values import Place, PlaceKind

FILE = "scope.toml"
DECIDING = ("residence", "harm_place", "either")
FAMILY = frozenset({"parent_carer", "sibling", "family"})


@dataclass(frozen=True, slots=True)
class Scope:
    """One setting. `councils` are GSS codes; empty for all of Scotland."""

    place: str
    councils: frozenset[str]
    area_names: tuple[str, ...]
    witnesses: bool
    family: bool
    hand_over_to: str


@cache
def shipped() -> Scope:
    """The setting that comes with Waymark."""
    text = files("taxonomy").joinpath("data", FILE).read_text(encoding="utf-8")
    return _scope(_parsed(text, FILE), text, FILE)


def read(file: Path) -> Scope:
    """An adopter's setting over the shipped one, which alone holds when there is no such file.

    Raises UnusableFile with the file's name and the line at fault.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return shipped()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFile(f"{file} cannot be read.", "Make it a UTF-8 file that Waymark may read.") from error
    whole = files("taxonomy").joinpath("data", FILE).read_text(encoding="utf-8")
    return _scope({**_parsed(whole, FILE), **_parsed(text, str(file))}, text, str(file))


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnusableFile(f"{name} is not TOML: {error}.", "Mend that line.") from error


def _scope(said: Mapping[str, Any], text: str, name: str) -> Scope:
    kinds = {"place": str, "areas": list, "witnesses": bool, "family": bool, "hand_over_to": str}
    for key, value in said.items():
        if key not in kinds:
            raise _wrong(name, text, key, f"there is no setting {key!r}", f"Use {', '.join(kinds)}.")
        if not isinstance(value, kinds[key]):
            says = {str: "words in quotes", list: "a list of names", bool: "true or false"}[kinds[key]]
            raise _wrong(name, text, key, f"{key} is not {says}", f"Write {says}.")
    if said["place"] not in DECIDING:
        raise _wrong(name, text, "place", f"place is {said['place']!r}", f"Use {', '.join(DECIDING)}.")
    if not said["hand_over_to"].strip():
        raise _wrong(name, text, "hand_over_to", "hand_over_to is empty", "Say to whom people are handed over.")
    return Scope(
        place=said["place"],
        councils=_councils(said["areas"], text, name),
        area_names=tuple(map(str, said["areas"])),
        witnesses=said["witnesses"],
        family=said["family"],
        hand_over_to=said["hand_over_to"].strip(),
    )


def _councils(named: list[Any], text: str, name: str) -> frozenset[str]:
    if not named:
        raise _wrong(name, text, "areas", "areas is empty", 'Name council areas, or "Scotland".')
    found: set[str] = set()
    for area in map(str, named):
        if area.casefold() == "scotland":
            return frozenset()
        codes = _area_councils(area)
        if not codes:
            advice = 'Use names or GSS codes of council areas or health boards, or "Scotland".'
            raise _wrong(name, text, "areas", f"no area is called {area!r}", advice)
        found |= codes
    return frozenset(found)


def _area_councils(area: str) -> set[str]:
    """The councils of a council's or a health board's name or code; none when there is no such area."""
    try:
        return {areas.council(area).gss}
    except KeyError:
        pass
    try:
        return {council.gss for council in areas.health_board_councils(area)}
    except KeyError:
        return set()


def _wrong(name: str, text: str, key: str, what: str, advice: str) -> UnusableFile:
    starts = (number for number, line in enumerate(text.splitlines(), 1) if line.partition("=")[0].strip() == key)
    line = next(starts, 1)
    return UnusableFile(f"{name}, line {line}: {what}.", advice)


def hand_overs(enquiry: Enquiry, scope: Scope) -> tuple[HandOver, ...]:
    """Why this person is outside the scope; empty inside it, and while it cannot be known.

    A home outside Scotland is spoken of by the matcher's own notice.
    """
    reasons = []
    if enquiry.relation == "witness" and not scope.witnesses:
        reasons.append("This single point of contact does not serve witnesses in their own right.")
    if enquiry.relation in FAMILY and not scope.family:
        reasons.append("This single point of contact does not serve family members in their own right.")
    if _is_elsewhere(enquiry, scope):
        by = {"residence": "people who live in", "harm_place": "people harmed in"}
        whom = by.get(scope.place, "people who live, or were harmed, in")
        reasons.append(f"This single point of contact serves {whom} {' or '.join(scope.area_names)}.")
    return tuple(HandOver(reason, scope.hand_over_to) for reason in reasons)


def _is_elsewhere(enquiry: Enquiry, scope: Scope) -> bool:
    home, harm = _inside(enquiry.residence, scope), _inside(enquiry.harm_place, scope)
    if scope.place == "residence":
        return home is False
    if scope.place == "harm_place":
        return harm is False
    return home is False and harm is False


def _inside(place: Place | None, scope: Scope) -> bool | None:
    """Whether a place lies in the areas served, in part at least; None when nobody said, or it is too wide to say."""
    if place is None:
        return None
    if place.kind is PlaceKind.OUTSIDE_SCOTLAND:
        return False
    if not scope.councils:
        return True
    if not place.councils:
        return None
    return bool(scope.councils.intersection(place.council_codes))
