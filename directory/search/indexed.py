"""What is indexed of one document, as plain words, terms and numbers that any engine can hold.

`clauses` asks for exactly these; the stored document is kept beside them.
"""

import hashlib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from uuid import UUID

from directory.places import areas
from directory.search import analysis, columns, document
from directory.search.analysis import fold, tokens, words
from directory.search.document import ServiceDocument
from directory.values import Boundary, Known, Visibility
from taxonomy import terms

VERSION = 2
"""Raised whenever fields or terms change: an index of another version is rebuilt."""

TEXT_FIELDS = ("name", "organization", "place", "body", "name_words")
"""Tokens joined by blanks, for a whitespace analyzer; `name_words` are folded and not stemmed, for `suggest`."""
TERM_FIELDS = ("id", "ids", "cover", "family", "delivery", "harm", "flag")
"""Exact terms. `ids` holds the UUID and every source_id."""
COUNTED_FIELDS = ("language", "source")
"""Exact terms that are counted too; families and delivery are counted by their columns."""
NUMBER_FIELDS = ("fit_min", "fit_max")
"""Ages of the person helped that are not ruled out, for filtering by range. The columns come beside them."""

UNKNOWN = "unknown"
SCOTLAND = "SCOTLAND"
NOT_FOR_HARMED = "not_for_harmed"
SCHOOL = "school"
SCHOOLS = "schools"
"""The source whose services are schools."""


def indexed(doc: ServiceDocument) -> dict[str, str | int | list[str]]:
    """All fields of one document but the stored one; columns included (`index.COLUMNS`)."""
    vocabulary = terms.load()
    withheld = doc.visibility is Visibility.UNDISCLOSED
    place = "" if withheld else " ".join((doc.address, doc.city, doc.postal_code))
    labels = [
        vocabulary[name].label(code)
        for name, codes in (("family", doc.families), ("need", doc.needs), ("harm", doc.harms))
        for code in codes
    ]
    body = " ".join((doc.description, doc.kind, "" if withheld else doc.city, *labels))
    youngest, oldest = _fit(doc)
    return {
        "name": " ".join(tokens(doc.name)),
        "organization": " ".join(tokens(doc.organization)),
        "place": " ".join(tokens(place)),
        "body": " ".join(tokens(body)),
        "name_words": " ".join(dict.fromkeys(words(doc.name))),
        "id": doc.id,
        "ids": list(dict.fromkeys((doc.id, doc.source_id, *doc.also))),
        "cover": coverage_terms(doc),
        "harm": list(doc.harms),
        "flag": _flags(doc),
        "family": list(dict.fromkeys(doc.families)),
        "delivery": list(dict.fromkeys(doc.delivery)),
        "language": list(dict.fromkeys(doc.languages)),
        "source": doc.source,
        "fit_min": youngest,
        "fit_max": oldest,
        "order": f"{fold(doc.name)}\0{doc.id}",
        "key": key(doc.id),
        **{column(name): value for name, value in columns.pack(doc).items()},
    }


def column(name: str) -> str:
    """The field of one of `index.COLUMNS`: some share their name with a field of terms."""
    return f"column_{name}"


def stored(doc: ServiceDocument) -> str:
    """The document as JSON. A withheld place is taken out once more, whatever the caller left in."""
    if doc.visibility is Visibility.UNDISCLOSED:
        doc = replace(doc, point=None, address="", city="", postal_code="")
    return doc.to_json()


@cache
def version(schema: int) -> str:
    """Whatever changes this changes what an engine's files mean: then they are made anew."""
    vocabulary = files("taxonomy").joinpath("data/terms.csv").read_bytes()
    councils = " ".join(area.gss for area in areas.councils())
    numbers = f"{document.VERSION}.{VERSION}.{analysis.VERSION}.{schema}"
    return f"{numbers}-{hashlib.sha256(vocabulary + councils.encode()).hexdigest()[:16]}"


def key(service_id: str) -> int:
    """A number for an id, below 2**63: what engines compare faster than a text."""
    try:
        return UUID(service_id).int >> 65
    except ValueError:
        return int.from_bytes(service_id.encode()[:7].ljust(7, b"\0"), "big")


def coverage_terms(doc: ServiceDocument) -> list[str]:
    """Where people may come from, as terms.

    `r:GSS` by residence and `h:GSS` by place of harm; for a service of a part of a council `rp:GSS` and, for each
    outcode, `ro:GSS/EH6` (`hp:`, `ho:` likewise); for one that takes pupils of some schools `rs:GSS` and, for each
    school, `s:8212627`; SCOTLAND; unknown. Where both places must lie in the area the home is asked here.
    """
    coverage = doc.coverage
    if coverage.known is Known.NONE or SCOTLAND in coverage.areas:
        return [SCOTLAND]
    if coverage.known is Known.UNKNOWN or not coverage.areas:
        return [UNKNOWN]
    letters = {Boundary.RESIDENCE: "r", Boundary.HARM_PLACE: "h", Boundary.EITHER: "rh", Boundary.BOTH: "r"}[
        coverage.boundary
    ]
    if coverage.schools:
        return [*(f"rs:{gss}" for gss in coverage.areas), *(f"s:{seed}" for seed in coverage.schools)]
    found: list[str] = []
    for letter in letters:
        for gss in coverage.areas:
            found += area_terms(letter, gss, coverage.outcodes)
    return found


def area_terms(letter: str, gss: str, outcodes: tuple[str, ...]) -> list[str]:
    """The terms of one council area, whole or in part."""
    if not outcodes:
        return [f"{letter}:{gss}"]
    return [f"{letter}p:{gss}", *(f"{letter}o:{gss}/{outcode}" for outcode in outcodes)]


def _fit(doc: ServiceDocument) -> tuple[int, int]:
    """Ages not ruled out. Only a stated limit on the person helped rules anybody out."""
    if doc.age.known is not Known.STATED or doc.age.about != "person_helped":
        return 0, columns.AGE_OPEN
    minimum, maximum = doc.age.minimum, doc.age.maximum
    return (0 if minimum is None else minimum), (columns.AGE_OPEN if maximum is None else maximum)


def _flags(doc: ServiceDocument) -> list[str]:
    marks = ((NOT_FOR_HARMED, doc.not_for_harmed), (SCHOOL, doc.source == SCHOOLS))
    return [mark for mark, holds in marks if holds]
