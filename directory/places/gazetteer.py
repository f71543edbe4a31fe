"""Turns what a person says of a place into a `Place`; what it does not know it says, and never guesses.

Nothing here is logged, and no message repeats what was typed: it may be somebody's postcode.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from directory.errors import PlaceNotFound
from directory.places import areas, codes, names, postcode, spots
from directory.places.postcode import ParsedPostcode, PostcodeKind
from directory.places.reading import fold
from directory.values import Place, PlaceKind, Point

__all__ = ["Gazetteer", "UnitPostcode", "fold", "is_common_word"]

LONGEST = 120
"""Characters of a place; a longer text is a story, not a place."""
LEAD = re.compile(r"^(?:near to|near|nr|in|at|from|around|close to|next to|by|the)\s+", re.IGNORECASE)
TAIL = re.compile(r"\s+(?:council area|area|city centre|town centre|city|town)$", re.IGNORECASE)
QUALIFIER = re.compile(r"\s*[,;(]\s*")
CODE_AT_END = re.compile(r"(.+?)[\s,(]+([A-Z]{1,2}[0-9][A-Z0-9]?(?:\s*[0-9](?:[A-Z]{2})?)?)\)?", re.IGNORECASE)
"""A name with its code: "Leith EH6", "Kirkton (DD3)", "Kirkcaldy, Fife KY1 1AA"."""


@dataclass(frozen=True, slots=True)
class UnitPostcode:
    """One unit postcode as Code-Point Open has it; `point` is None where it has no grid reference."""

    postcode: str
    point: Point | None
    council_gss: str
    health_board_gss: str


class Gazetteer:
    """Finds places. `unit_postcodes` gives a loaded unit postcode, or None when there is no such one.

    A callable with an attribute `loaded` that is false has no units at all: sectors serve instead.
    """

    def __init__(self, unit_postcodes: Callable[[str], UnitPostcode | None] | None = None) -> None:
        self._unit_postcodes = unit_postcodes

    def locate(self, text: str) -> Place:
        """The place that a postcode, sector, outcode, town, neighbourhood, council, health board or nation names.

        Takes "Leith, Edinburgh", "Leith (EH6)" and "near Leith" too. Raises PlaceNotFound, with suggestions, for what
        is empty, unknown, mistyped or no longer in use.
        """
        words = " ".join(text.split()) if len(text) <= 2 * LONGEST else text
        if not words:
            raise PlaceNotFound("No place was given.", "Give a postcode, a town or a council area.")
        if len(words) > LONGEST:
            raise PlaceNotFound(
                f"That is too long for a place ({len(words):,} characters).",
                "Give a postcode, a town or a council area.",
            )
        found = self._find(words)
        if found is None:
            raise _unknown(words)
        return found

    def names(self) -> Mapping[str, str]:
        """Folded name → the name as written: every name `locate` knows, for the reader of free text."""
        return names.display_names()

    def _find(self, words: str) -> Place | None:
        if parsed := postcode.parse(words):
            return self._code(parsed)
        if found := spots.named(words):
            return found
        if found := self._qualified(words):
            return found
        shorter = TAIL.sub("", LEAD.sub("", words))
        return self._find(shorter) if shorter and shorter != words else None

    def _qualified(self, words: str) -> Place | None:
        """ "Leith, Edinburgh", "Kirkton (DD3)", "EH6 5 (a note of ours)"."""
        if (split := CODE_AT_END.fullmatch(words)) and (parsed := postcode.parse(split[2])):
            return spots.in_outcode(split[1], parsed) or self._code(parsed)
        head, *rest = (part.strip(" )") for part in QUALIFIER.split(words))
        if parsed := postcode.parse(head):
            return self._code(parsed)
        rest = [part for part in rest if part and fold(part) not in {"scotland", "uk", "united kingdom"}]
        if rest:
            street = spots.named(head) is None  # "Princes Street, Edinburgh": no place of ours, but within one
            return spots.within(head, rest) or (self._find(", ".join(rest)) if street else None)
        return self._find(head) if head and head != words else None

    def _code(self, parsed: ParsedPostcode) -> Place:
        """A postcode, sector or outcode. Raises PlaceNotFound when none such is in use."""
        if elsewhere := postcode.area_outside(parsed.area):
            return spots.outside(f"{parsed.outcode}, {elsewhere.nation}")
        if parsed.outcode not in codes.outcodes():
            raise _no_such_outcode(parsed)
        if parsed.kind is PostcodeKind.OUTCODE:
            return spots.outcode(parsed.outcode)
        if parsed.kind is PostcodeKind.POSTCODE and (found := self._unit(parsed)):
            return found
        if parsed.sector not in codes.sectors():
            raise PlaceNotFound(
                f"No postcode in {parsed.sector} is in use in Scotland.",
                f"Check it, or give the first part ({parsed.outcode}) or the town.",
                suggestions=(parsed.outcode,),
            )
        return spots.sector(parsed.sector, of_postcode=parsed.kind is PostcodeKind.POSTCODE)

    def _unit(self, parsed: ParsedPostcode) -> Place | None:
        """The exact place of a unit postcode; None when units are not loaded and its sector must serve."""
        lookup = self._unit_postcodes
        unit = lookup(parsed.value) if lookup else None
        if unit is not None:
            return _exact(unit, parsed)
        loaded = lookup is not None and getattr(lookup, "loaded", True)
        if parsed.outcode in codes.straddling() and parsed.value not in codes.scottish_border_postcodes():
            if postcode.in_ons_directory(parsed.value):
                return spots.outside(f"{parsed.outcode}, England")
            raise PlaceNotFound(
                f"This postcode is not in use, or is new; {parsed.outcode} lies on both sides of the border.",
                'Check it, or give the town ("Berwick-upon-Tweed" when in England).',
            )
        if loaded and parsed.sector in codes.sectors():
            raise PlaceNotFound(
                f"This postcode is not in use: it may be mistyped, new or no longer used ({parsed.sector} is known).",
                f"Check it, or give the sector ({parsed.sector}) or the town.",
                suggestions=(parsed.sector,),
            )
        return None


def is_common_word(folded: str) -> bool:
    """Whether a folded name is an ordinary word or a person's name as well, so that words around it must show it."""
    return folded in names.common_words()


def _exact(unit: UnitPostcode, parsed: ParsedPostcode) -> Place:
    near = codes.sectors().get(parsed.sector) or codes.outcodes()[parsed.outcode]
    return spots.build(
        unit.postcode,
        PlaceKind.POSTCODE,
        {areas.council(unit.council_gss).gss: 1.0},
        point=unit.point or near.point,
        radius_m=0.0 if unit.point else spots.SECTOR_M,
        outcodes=(parsed.outcode,),
    )


def _no_such_outcode(parsed: ParsedPostcode) -> PlaceNotFound:
    """ZZ99 9ZZ, or EH65 for EH6 5."""
    joined = parsed.value.replace(" ", "")
    close: Iterable[str] = (f"{joined[:-1]} {joined[-1]}",) if joined[-1].isdigit() else ()
    meant = tuple(code for code in close if code in codes.sectors())
    return PlaceNotFound(
        f"No postcode in the UK that we know starts with {parsed.outcode}.",
        f"Did you mean {meant[0]}?" if meant else "Check it, or give the town or council area.",
        suggestions=meant,
    )


def _unknown(words: str) -> PlaceNotFound:
    """What to say of words that name no place: a mistyped postcode, or an unknown name with those most like it."""
    if postcode.looks_like(words):
        meant = _meant(words)
        return PlaceNotFound(
            "This looks like a postcode, but it is mistyped or not whole.",
            f"Did you mean {' or '.join(meant)}?" if meant else "Check it, or give the first part (EH6) or the town.",
            suggestions=meant,
        )
    head, *rest = (part.strip(" )") for part in QUALIFIER.split(words))
    alike = (spots.elsewhere(head, rest) if rest else ()) or spots.alike(words)
    return PlaceNotFound(
        "We know no place of that name in Scotland.",
        f"Did you mean {' or '.join(alike)}?" if alike else "Give a postcode, a nearby town or the council area.",
        suggestions=alike,
    )


def _meant(words: str) -> tuple[str, ...]:
    """Up to three postcodes that a mistyped one may have been: Scottish ones, or else those of the UK's directory."""
    options = postcode.mended(words)
    parsed = ((option, postcode.parse(option)) for option in options)
    here = tuple(option for option, code in parsed if code and code.sector in codes.sectors())
    return here[:3] or tuple(option for option in options if postcode.in_ons_directory(option))[:3]
