"""Reads the words that a column mapping took out of a row into values of ours, a field each.

What cannot be used is noted without repeating it.
"""

import re
from dataclasses import dataclass, replace

from directory.draft import AgeLimit, Coverage, GenderRule, Hours, Premises
from directory.feeds.mapping import NOT_KNOWN, Said
from directory.places import codes, postcode
from directory.places.reading import fold
from directory.values import Boundary, Known, Visibility
from ingest import age_words, area_words, cells, contacts, fact_terms, hours_words, html_words, phones
from ingest.cells import OLDEST, Notes

LONGEST_DESCRIPTION = 4_000
WHOLLY = 0.995
"""Share of a postcode sector that must lie in one council before an address is said to be there."""
NATION = "SCOTLAND"
PLAIN = 0.9
"""How sure a reading of the area must be for its codes to say all of it."""
STATUSES = {
    **dict.fromkeys(("", "active", "open", "running", "yes", "current", "live"), "active"),
    **dict.fromkeys(("closed", "ended", "defunct", "inactive", "no longer running", "discontinued", "no"), "defunct"),
    **dict.fromkeys(("temporarily closed", "paused", "suspended"), "temporarily closed"),
}
"""Folded words of lists → HSDS status; any other word is taken for active, and not known."""
AS_OF = re.compile(
    r"((?:19|20)\d\d)(?:-(0[1-9]|1[0-2]))?(?:-\d\d)?(?:[ T].*)?|(?:\d\d?/)?(0?[1-9]|1[0-2])/((?:19|20)\d\d)"
)


@dataclass(frozen=True, slots=True)
class Area:
    """The area served. `said` are the list's own words where codes do not say all of them."""

    coverage: Coverage
    said: str = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a row: the first to ring, what to know of it, and where to text."""

    number: str = ""
    note: str = ""
    text: str = ""


def text(said: Said, field: str) -> str:
    """The field's words, plain, without people."""
    cell = said.first(field)
    return contacts.without_people(html_words.plain(cell)) if cell else ""


def description(said: Said, family: str, area: str) -> str:
    """What the list says it does, and the area in its own words where we could not read all of it."""
    found = [
        each for each in (text(said, "description"), f"Area served, as its list says: {area}" if area else "") if each
    ]
    whole = " ".join(each if each.endswith((".", "!", "?")) else f"{each}." for each in found)
    return whole if len(whole) <= LONGEST_DESCRIPTION else f"{whole[:LONGEST_DESCRIPTION].rsplit(' ', 1)[0]} …"


def area(said: Said, council: str, family: str, notes: Notes) -> Area:
    """Where people may come from; unknown when the list does not say, and never taken from where the door is."""
    boundary = fact_terms.BOUNDARIES.get(family, Boundary.RESIDENCE)
    words = text(said, "service_area")
    if not words or fold(words) == NOT_KNOWN:
        return Area(Coverage(boundary=boundary))
    read = area_words.read(words, council)
    if not read.coverage.areas:
        notes.leave_out("service_area", "no area that we know")
    elif NATION in read.coverage.areas and boundary is Boundary.RESIDENCE:
        boundary = Boundary.EITHER
    return Area(replace(read.coverage, boundary=boundary), read.said if read.unread or read.confidence < PLAIN else "")


def numbers(said: Said, notes: Notes) -> Numbers:
    """Numbers to ring and to text, from both fields."""
    found = phones.numbers(html_words.plain(said.first("phone")))
    if said.first("phone") and not found:
        notes.leave_out("phone", "not a number that can be rung in the UK")
    voice = [each for each in found if each.kind == phones.VOICE]
    texts = [each for each in found if each.kind == phones.TEXT]
    texts += phones.numbers(text(said, "text_or_chat"))
    if not voice:
        return Numbers(text=_texted(texts))
    first, *others = voice
    parts = (first.note, f"extension {first.extension}" if first.extension else "", *map(_other, others))
    return Numbers(first.number, "; ".join(part for part in parts if part), _texted(texts))


def _other(number: phones.PhoneNumber) -> str:
    said = " ".join(part for part in (number.note, number.extension and f"extension {number.extension}") if part)
    return f"also {number.number}{f' ({said})' if said else ''}"


def _texted(found: list[phones.PhoneNumber]) -> str:
    return "; ".join(
        f"Text {each.note} to {each.number}" if each.note.isupper() else f"Text {each.number}" for each in found
    )


def premises(said: Said, notes: Notes) -> Premises:
    """Where its door is, as far as the list tells it."""
    written = text(said, "address_1").replace("\n", ", ")
    code, _ = contacts.postcode_in(said.first("postal_code"))
    in_address, shorter = contacts.postcode_in(written)
    if in_address and code in {"", in_address}:
        code, written = in_address, shorter
    if said.first("postal_code") and not code:
        notes.leave_out("postal_code", "not a full postcode")
    lat, _, lon = said.first("point").partition(",")
    lat, lon = said.first("latitude") or lat.strip(), said.first("longitude") or lon.strip()
    return Premises(
        visibility=Visibility.EXACT if written or code else Visibility.AREA_ONLY,
        address_1=contacts.tidy(written),
        city=text(said, "city"),
        postal_code=code,
        council=_council(code),
        point=cells.point_of(lat, lon, "point" if said.first("point") else "latitude", notes),
    )


def _council(code: str) -> str:
    """The council area that a postcode's sector wholly lies in, "" when it lies in several or outside Scotland."""
    parsed = postcode.parse(code)
    area = codes.sectors().get(parsed.sector) if parsed else None
    return next((gss for gss, share in area.shares if share >= WHOLLY), "") if area else ""


def url(said: Said, notes: Notes) -> str:
    """The first web address of the cell: what it links to, or what it says."""
    cell = said.first("url")
    first = next(iter(html_words.links(cell)), "") or next(iter(html_words.plain(cell).split()), "")
    found = contacts.url(first)
    if found is None:
        notes.leave_out("url", "not a web address")
    return found or ""


def age(said: Said, notes: Notes) -> AgeLimit:
    """Ages from the two columns of numbers where they are, else from words."""
    low, high = (_years(said, field, notes) for field in ("minimum_age", "maximum_age"))
    if low is None and high is None:
        return age_words.read(html_words.plain(said.first("age")))
    if low is not None and high is not None and low > high:
        notes.leave_out("minimum_age", "the lowest age is above the highest")
        return AgeLimit()
    return AgeLimit(Known.STATED, low, high)


def _years(said: Said, field: str, notes: Notes) -> int | None:
    cell = said.first(field)
    if cell.isascii() and cell.isdigit() and len(cell) < 4 and int(cell) <= OLDEST:
        return int(cell)
    if cell:
        notes.leave_out(field, f"an age must be a whole number from 0 to {OLDEST}")
    return None


def gender(said: Said) -> GenderRule:
    """A rule for women or men; "any", or both, is no rule; nothing said is unknown."""
    found = set(said.values.get("gender", ()))
    if len(found) == 1 and "any" not in found:
        return GenderRule(Known.STATED, found.pop())
    return GenderRule(Known.NONE) if found else GenderRule()


def hours(said: Said) -> Hours:
    """When it can be reached."""
    return hours_words.read(text(said, "schedule"))


def status(said: Said) -> tuple[str, Known]:
    """HSDS status, and whether it is stated."""
    word = fold(said.first("status"))
    return (STATUSES[word], Known.STATED) if word in STATUSES else ("active", Known.UNKNOWN)


def as_of(said: Said) -> str:
    """ "2024" or "2024-02", "" when no day is given."""
    found = AS_OF.fullmatch(said.first("as_of"))
    if not found:
        return ""
    year, month = (found[1], found[2]) if found[1] else (found[4], found[3])
    return f"{year}-{int(month):02d}" if month else year
