"""Reads where people may come from ("Glasgow and surrounding areas", "City wide", "EH4, EH12") into codes.

It says how sure it is and which words it did not understand. What is not understood stays unknown: never everywhere.
Where a service is based is not the area it serves, and words that say so are not read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from directory.draft import Coverage
from directory.places import areas, codes
from directory.places.reading import fold
from directory.values import Known
from ingest import area_names
from ingest.area_found import DAMPED, Found, without
from ingest.area_names import PART, Kind, Named

LONGEST = 1_000
"""Characters of a text about an area; of a longer one only the beginning is read."""
KEPT = 4_096
"""Readings kept: a feed says the same few areas on every row."""
SEPARATOR = re.compile(
    r"[,;:|/\n()•]+|\s[-–—]\s|(?<!\bSt)\.(?:\s|$)|\bas well as\b|\bplus\b|\bincluding\b|\balso\b", re.IGNORECASE
)
RANGE = re.compile(r"\b([A-Z]{1,2})(\d{1,2})\s*(?:-|–|to)\s*(?:\1)?(\d{1,2})\b", re.IGNORECASE)
WEB_CODE = re.compile(r"\bhttps?://\S*?\b([SK]\d{8})\b\S*|\b[a-z_]+[=:]([SK]\d{8})\b", re.IGNORECASE)
EXCEPT = re.compile(
    r"\b(?:except(?:ing)?(?: for)?|excluding|apart from|but not|not including|other than|not|outwith"
    r"|outside(?: of)?)\b",
    re.IGNORECASE,
)
BASED = re.compile(
    r"\b(?:based|located|situated|registered|premises|venue|(?:head )?offices?|headquarters|hq|meets?|address)\b", re.I
)
SERVES = re.compile(r"\b(?:cover(?:s|ing)?|serv(?:es|ing)|work(?:s|ing)? (?:in|across)|support(?:s|ing)?)\b", re.I)
_FILLERS = """
    the of all whole and in across throughout within for to area areas council councils covers covering serves serving
    people living live residents resident only local authority authorities wide available postcodes postcode region
    county city district or anywhere from entire service services provided is are we any where you must be who mainland
    islands isles town towns boundary boundaries both catchment
"""
FILLERS = frozenset(_FILLERS.split())
"""Words that add nothing to a name beside them."""
COMPASS = frozenset({"north", "south", "east", "west", "central", "mid", "northern", "southern", "eastern", "western",
                     "northeast", "northwest", "southeast", "southwest"})  # fmt: skip
_MORE = """
    surrounding surroundings surrounds neighbouring nearby outlying wider adjacent environs beyond further immediate
    near around vicinity hinterland
"""
MORE = frozenset(_MORE.split())
"""Words that claim more than is named."""


@dataclass(frozen=True, slots=True)
class AreaReading:
    """What a text says of the area served. `confidence` from 0 (nothing read) to 1; `unread`: words not understood."""

    coverage: Coverage
    confidence: float
    unread: str
    said: str


def read(text: str, default_council: str = "") -> AreaReading:
    """The area served, as codes. `default_council` (code or name) is what "city wide" and "North West" are parts of.

    Only councils that the text names are stated, or the default council where the text says so. Raises KeyError for a
    default that is no council.
    """
    return _reading(" ".join(text[:LONGEST].split()), areas.council(default_council).gss if default_council else "")


@lru_cache(maxsize=KEPT)
def _reading(said: str, default: str) -> AreaReading:
    wanted, _, unwanted = (part or "" for part in _parted(said))
    found = _read(wanted, default)
    coverage, sureness = found.coverage(), found.sureness()
    if unwanted:
        coverage, sureness = _without(coverage, sureness, unwanted, default, found)
    unread = found.unread
    if coverage.known is Known.UNKNOWN:
        unread = [*unread, *found.elsewhere] or [said]
    return AreaReading(coverage, round(sureness, 2), "; ".join(unread), said)


def _parted(said: str) -> tuple[str, str, str]:
    """A text before and after "except"."""
    split = EXCEPT.search(said)
    return (said[: split.start()], split[0], said[split.end() :]) if split else (said, "", "")


def _read(said: str, default: str) -> Found:
    found = Found()
    for piece in _pieces(said):
        _read_piece(piece, default, found)
    return found


def _pieces(said: str) -> Iterator[str]:
    """Parts of a text between commas, strokes and stops; what only tells where a service is based comes whole."""
    said = WEB_CODE.sub(lambda code: f", {code[1] or code[2]}, ", said)
    said = re.sub(
        r"\b(north|south|east|west|mid)\s*,\s*(?=(?:north|south|east|west|mid)\b)", r"\1 and ", said, flags=re.I
    )
    for piece in SEPARATOR.split(RANGE.sub(_spelled_out, said)):
        if piece and piece.strip():
            yield piece.strip()


def _spelled_out(found: re.Match[str]) -> str:
    """ "G1-G5" → "G1, G2, G3, G4, G5": those of them that exist."""
    letters, first, last = found[1].upper(), int(found[2]), int(found[3])
    every = [f"{letters}{number}" for number in range(first, min(last, first + 99) + 1)]
    if len(every) < 2 or every[0] not in codes.outcodes() or every[-1] not in codes.outcodes():
        return found[0]
    return f", {', '.join(code for code in every if code in codes.outcodes())}, "


def _read_piece(piece: str, default: str, found: Found) -> None:
    """Longest known names first, from the left; what is left over is fillers or unread."""
    if based := BASED.search(piece):
        serves = SERVES.search(piece, based.end())
        found.unread.append(piece[: serves.start()].strip() if serves else piece)
        piece = piece[serves.end() :] if serves else ""
    words = fold(piece).split()
    left, at = [], 0
    while at < len(words):
        size = _several_sides(words[at:], default, found) or _one_name(words, at, default, found, piece[0].isupper())
        if not size:
            left.append(words[at])
        at += size or 1
    rest = [word for word in left if word not in FILLERS]
    if rest and default and set(rest) <= COMPASS:
        found.add(Named(Kind.PART, PART, (default,)), piece)
    elif rest:
        found.claims_more |= not MORE.isdisjoint(rest)
        found.unread.append(" ".join(left).removeprefix("and ").removesuffix(" and"))


def _several_sides(words: list[str], default: str, found: Found) -> int:
    """How many words "East and Mid Lothian" takes: several sides of one name; 0 when it is no such list."""
    sides, at = [words[0]], 1
    while at + 1 < len(words) and words[at] == "and" and words[at + 1] in COMPASS:
        sides.append(words[at + 1])
        at += 2
    if len(sides) < 2 or words[0] not in COMPASS or at >= len(words):
        return 0
    for side in sides:
        if not (what := area_names.named(f"{side} {words[at]}", default) or _side_of(words[at], default)):
            return 0
        found.add(what, f"{side} {words[at]}")
    return at + 1


def _one_name(words: list[str], at: int, default: str, found: Found, capital: bool) -> int:
    """How many words the longest name that begins here takes, with the side of it that is meant; 0 for none."""
    for size in range(min(area_names.most_words(), len(words) - at), 0, -1):
        key = " ".join(words[at : at + size])
        alone = capital and size == len(words)
        if key in FILLERS or key in COMPASS or not (what := area_names.named(key, default, alone)):
            continue
        before, after = _sides_before(words, at), _sides_after(words, at + size, default)
        if before or after:
            if what.kind is not Kind.COUNCIL:
                return 0
            what = Named(Kind.PART, PART, what.councils)
        found.add(what, key)
        return size + after
    if words[at] in COMPASS and at + 1 < len(words):
        return _side_first(words, at, default, found)
    return 0


def _side_first(words: list[str], at: int, default: str, found: Found) -> int:
    """ "North West Edinburgh", "the north of Glasgow": part of a council; 0 for the side of anything wider."""
    end = at
    while end < len(words) and words[end] in COMPASS:
        end += 1
    start = end + 1 if words[end : end + 1] == ["of"] else end
    for size in range(min(3, len(words) - start), 0, -1):
        key = " ".join(words[start : start + size])
        what = area_names.named(key, default)
        if what and what.kind is Kind.COUNCIL:
            found.add(Named(Kind.PART, PART, what.councils), key)
            return start + size - at
        if what and what.kind in {Kind.NATION, Kind.WIDE}:
            found.unread.append(" ".join(words[at : start + size]))
            return start + size - at
    return 0


def _sides_before(words: list[str], at: int) -> bool:
    return at > 0 and words[at - 1] in COMPASS


def _sides_after(words: list[str], at: int, default: str) -> int:
    """How many words of a side follow a name ("Edinburgh North"), unless another name begins with them."""
    end = at
    while end < len(words) and words[end] in COMPASS:
        end += 1
    begins = any(area_names.named(" ".join(words[at : at + size]), default) for size in (2, 3, 4))
    return 0 if begins and end < len(words) else end - at


def _side_of(name: str, default: str) -> Named | None:
    what = area_names.named(name, default)
    return Named(Kind.PART, PART, what.councils) if what and what.kind is Kind.COUNCIL else None


def _without(coverage: Coverage, sureness: float, unwanted: str, default: str, found: Found) -> tuple[Coverage, float]:
    """The coverage without the councils named after "except"; anything else said there is not read."""
    out = _read(unwanted, default)
    kept = without(coverage, out.whole)
    if not out.only_whole:
        found.unread.append(f"except {unwanted.strip()}")
        sureness *= DAMPED
    return (kept, sureness) if kept.known is Known.STATED else (kept, 0.0)
