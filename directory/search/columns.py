"""The numbers the ranking reads instead of stored documents: flags, council bits, packed from one document."""

from datetime import UTC, datetime
from functools import cache, lru_cache

from directory.places import areas
from directory.search.document import ServiceDocument
from directory.values import Boundary, Known, Visibility
from taxonomy import terms

NO_POINT = 2**40
"""No such latitude: the service has no point that may be used."""
AGE_OPEN = 255
SCOTLAND_BIT = 40
"""Bit of `councils` for all of Scotland; the 32 councils take bits 0 to 31 in order of GSS code."""


class Flag:
    """Yes-or-no facts of one service: bits of a plain number, since the ranking tests them thousands of times."""

    AGE_STATED = 1
    AGE_NONE = 1 << 1
    AGE_OF_PERSON = 1 << 2
    FEMALE_ONLY = 1 << 3
    MALE_ONLY = 1 << 4
    GENDER_UNKNOWN = 1 << 5
    COVERAGE_UNKNOWN = 1 << 6
    PART_OF_COUNCIL = 1 << 7
    HARM_PLACE_DECIDES = 1 << 8
    EITHER_DECIDES = 1 << 9
    WITHHELD = 1 << 10
    STATUS_UNKNOWN = 1 << 11
    WAITING_LIST_CLOSED = 1 << 12
    NOT_FOR_HARMED = 1 << 13
    WORKERS_ONLY = 1 << 14
    ANY_HARM = 1 << 15
    CRISIS = 1 << 16
    HAS_PHONE = 1 << 17
    FROM_REGISTER = 1 << 18
    CONFIRMED = 1 << 19
    HEARSAY = 1 << 20
    SCHOOL = 1 << 21
    PRIMARY_SCHOOL = 1 << 22
    SECONDARY_SCHOOL = 1 << 23


@cache
def council_bits() -> dict[str, int]:
    """GSS code → bit, and SCOTLAND → SCOTLAND_BIT."""
    codes = sorted(area.gss for area in areas.councils())
    return {**{code: bit for bit, code in enumerate(codes)}, "SCOTLAND": SCOTLAND_BIT}


def council_mask(codes: tuple[str, ...]) -> int:
    bits = council_bits()
    mask = 0
    for code in codes:
        mask |= 1 << bits[code]
    return mask


def flags(doc: ServiceDocument) -> int:
    """The flags of one document."""
    age, gender, coverage = doc.age, doc.gender, doc.coverage
    facts = {
        Flag.AGE_STATED: age.known is Known.STATED,
        Flag.AGE_NONE: age.known is Known.NONE,
        Flag.AGE_OF_PERSON: age.about == "person_helped",
        Flag.FEMALE_ONLY: gender.rule == "female",
        Flag.MALE_ONLY: gender.rule == "male",
        Flag.GENDER_UNKNOWN: gender.known is Known.UNKNOWN,
        Flag.COVERAGE_UNKNOWN: coverage.known is Known.UNKNOWN,
        Flag.PART_OF_COUNCIL: bool(coverage.outcodes),
        Flag.HARM_PLACE_DECIDES: coverage.boundary is Boundary.HARM_PLACE,
        Flag.EITHER_DECIDES: coverage.boundary is Boundary.EITHER,
        Flag.WITHHELD: doc.visibility is Visibility.UNDISCLOSED,
        Flag.STATUS_UNKNOWN: doc.status_known is Known.UNKNOWN,
        Flag.WAITING_LIST_CLOSED: doc.waiting_list == "closed",
        Flag.NOT_FOR_HARMED: doc.not_for_harmed,
        Flag.WORKERS_ONLY: doc.workers_only,
        Flag.ANY_HARM: doc.any_harm,
        Flag.CRISIS: doc.crisis,
        Flag.HAS_PHONE: bool(doc.phone),
        Flag.FROM_REGISTER: doc.confidence == "register",
        Flag.CONFIRMED: doc.confidence == "confirmed",
        Flag.HEARSAY: doc.confidence == "general_knowledge",
        Flag.SCHOOL: doc.source == "schools",
        Flag.PRIMARY_SCHOOL: doc.source == "schools" and "primary" in doc.kind.casefold(),
        Flag.SECONDARY_SCHOOL: doc.source == "schools" and "secondary" in doc.kind.casefold(),
    }
    return sum(flag for flag, holds in facts.items() if holds)


def pack(doc: ServiceDocument) -> dict[str, int]:
    """Every column of one document: see `index.COLUMNS` for units."""
    vocabulary = terms.load()
    stated = doc.age.known is Known.STATED
    point = doc.point if doc.visibility is Visibility.EXACT else None
    return {
        "families": vocabulary["family"].mask(doc.families),
        "needs": vocabulary["need"].mask(doc.needs),
        "harms": vocabulary["harm"].mask(doc.harms),
        "relations": vocabulary["relation"].mask(doc.relations),
        "delivery": vocabulary["delivery"].mask(doc.delivery),
        "routes": vocabulary["route"].mask(doc.referral_routes),
        "councils": council_mask(doc.coverage.areas),
        "languages": _language_mask(doc.languages),
        "groups": vocabulary["group"].mask(doc.groups),
        "main_family": 1 << vocabulary["family"][doc.families[0]].bit if doc.families else 0,
        "age_min": doc.age.minimum if stated and doc.age.minimum is not None else 0,
        "age_max": doc.age.maximum if stated and doc.age.maximum is not None else AGE_OPEN,
        "flags": flags(doc),
        "lat": round(point.lat * 1_000_000) if point else NO_POINT,
        "lon": round(point.lon * 1_000_000) if point else NO_POINT,
        "as_of_day": as_of_day(doc.as_of),
        "name_key": int.from_bytes(doc.name.casefold().encode()[:7].ljust(7, b"\0"), "big"),
    }


LANGUAGES = ("en", "bsl", "interpreter", "many", "gd", "pl", "ur", "pa", "zh", "fr", "ar", "uk", "ro")


def _language_mask(codes: tuple[str, ...]) -> int:
    return sum(1 << LANGUAGES.index(code) for code in set(codes) if code in LANGUAGES)


@lru_cache(maxsize=1024)
def as_of_day(text: str) -> int:
    """Days from 1970 to the end of "2024" or "2024-02"; 0 when not stated."""
    if not text:
        return 0
    year, _, month = text.partition("-")
    moment = datetime(int(year), int(month[:2] or 12), 28, tzinfo=UTC)
    return int(moment.timestamp() // 86400)
