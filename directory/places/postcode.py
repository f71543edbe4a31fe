"""Reads postcodes, sectors and outcodes as people type them; a mistyped one is never mended in silence.

`uk_postcodes_parsing` is used for one thing: whether a unit is in its copy of the ONS Postcode Directory. Its `parse`
writes what it cannot read to the log, and a person's postcode must not be there; its `lookup_*` want a download.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product

from directory.places.reading import rows

OUTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
UNIT = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
LONGEST = 12
"""Characters of a postcode with odd blanks; longer texts are not looked at."""
SHAPES = ("LD", "LDD", "LDL", "LLD", "LLDD", "LLDL")
"""Outcodes: L a letter, D a digit."""
INCODE = "DLL"
TO_DIGIT = {"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
TO_LETTER = {"0": "O", "1": "IL", "2": "Z", "5": "S", "6": "G", "8": "B"}
MOST_MENDED = 2
"""Characters that may be wrong before we stop offering a mended postcode."""


class PostcodeKind(StrEnum):
    POSTCODE = "postcode"
    SECTOR = "sector"
    OUTCODE = "outcode"


@dataclass(frozen=True, slots=True)
class ParsedPostcode:
    """A text with the shape of a postcode ("EH1 3DG"), a sector ("EH1 3") or an outcode ("EH1"); maybe not in use."""

    kind: PostcodeKind
    value: str
    """Upper case, one space."""

    @property
    def outcode(self) -> str:
        return self.value.partition(" ")[0]

    @property
    def sector(self) -> str:
        """The sector; empty for an outcode."""
        outcode, blank, incode = self.value.partition(" ")
        return f"{outcode} {incode[0]}" if blank else ""

    @property
    def area(self) -> str:
        """The letters it starts with ("EH")."""
        return self.value[:2] if self.value[1].isalpha() else self.value[0]


@dataclass(frozen=True, slots=True)
class PostcodeArea:
    """A postcode area outside Scotland: "CA" is Carlisle's, in England."""

    area: str
    name: str
    nation: str


def parse(text: str) -> ParsedPostcode | None:
    """What the text is, in any case and with odd blanks; None when it has no postcode's shape. Nothing is mended."""
    if len(text) > 200:
        return None
    words = text.upper().split()
    joined = "".join(words)
    if not joined.isascii() or len(joined) > LONGEST:
        return None
    if unit := UNIT.fullmatch(joined):
        return ParsedPostcode(PostcodeKind.POSTCODE, f"{unit[1]} {unit[2]}")
    if len(words) > 1 and len(words[-1]) == 1 and words[-1].isdigit():
        outcode = "".join(words[:-1])
        if OUTCODE.fullmatch(outcode):
            return ParsedPostcode(PostcodeKind.SECTOR, f"{outcode} {words[-1]}")
    if OUTCODE.fullmatch(joined):
        return ParsedPostcode(PostcodeKind.OUTCODE, joined)
    return None


def looks_like(text: str) -> bool:
    """Whether a text that did not parse was meant as a postcode: short, with both letters and digits."""
    joined = "".join(text.split()) if len(text) <= 40 else ""
    plain = joined.isascii() and joined.isalnum() and 2 <= len(joined) <= 8
    return plain and any(c.isdigit() for c in joined) and any(c.isalpha() for c in joined)


def mended(text: str) -> tuple[str, ...]:
    """Unit postcodes a mistyped text may have meant (letter O for nought and the like), fewest changes first.

    For a person to choose from: whether any is in use is the caller's to check.
    """
    joined = "".join(text.upper().split())
    found: dict[str, int] = {}
    for shape in SHAPES:
        if len(joined) == len(shape) + len(INCODE):
            for option, changes in _coerced(joined, shape + INCODE):
                if changes <= MOST_MENDED:
                    found.setdefault(f"{option[:-3]} {option[-3:]}", changes)
    return tuple(sorted(found, key=lambda option: (found[option], option)))


def _coerced(text: str, shape: str) -> Iterator[tuple[str, int]]:
    """Every reading of the text in this shape, with how many characters were changed."""
    choices: list[str] = []
    for char, wanted in zip(text, shape, strict=True):
        fits = char.isdigit() if wanted == "D" else "A" <= char <= "Z"
        table: Mapping[str, str] = TO_DIGIT if wanted == "D" else TO_LETTER
        choices.append(char if fits else table.get(char, ""))
    for letters in product(*choices):
        option = "".join(letters)
        yield option, sum(a != b for a, b in zip(option, text, strict=True))


def area_outside(area: str) -> PostcodeArea | None:
    """The postcode area outside Scotland with these letters; None when it is Scottish or there is none."""
    return _areas().get(area)


def in_ons_directory(postcode: str) -> bool:
    """Whether a normalised unit postcode is in the ONS Postcode Directory of the library's day (February 2025)."""
    from uk_postcodes_parsing import is_in_ons_postcode_directory

    return bool(is_in_ons_postcode_directory(postcode))


@cache
def _areas() -> dict[str, PostcodeArea]:
    return {row["area"]: PostcodeArea(row["area"], row["name"], row["nation"]) for row in rows("postcode_areas.csv")}
