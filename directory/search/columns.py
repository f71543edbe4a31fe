"""The numbers the ranking reads instead of stored documents: flags, council bits, packed from one document."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache, lru_cache

from directory import capacity, opening, track_record
from directory.places import areas, crossings
from directory.search.document import ServiceDocument
from directory.values import ACCESS_NEEDS, REGISTRATIONS, SCHOOL_STAGES, Boundary, Known, Visibility
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
    BOTH_DECIDE = 1 << 24
    """Home and place of harm must both lie in its area."""
    BY_DIVISION = 1 << 25
    """Its area is that of a health board or police division."""
    BY_SCHOOL = 1 << 26
    """It takes pupils of the schools it names."""
    OVER_WIDE = 1 << 27


ANY_STAGE = (1 << len(SCHOOL_STAGES)) - 1
"""All stages: a service that says there is no such limit."""
REGISTRATION_SHIFT = 15
NO_REGISTRATION = 1 << REGISTRATION_SHIFT + len(REGISTRATIONS)
TRACK_SHIFT, TRACK_BITS = 18, 31
AREA_SHIFT, AREA_BITS = 23, 127
STATE_SHIFT, STATE_BITS = 30, 3
WEEKS_SHIFT, WEEKS_BITS = 32, 255
EXPIRY_SHIFT, EXPIRY_BITS = 40, 65_535
HOURS_SHIFT = 56
"""Places in the column `conditions`, lowest first: 15 bits of school stages (0: not known), 2 of registrations asked
for and 1 for none, 5 of track record (0: not known, else steps of 0.05 and 1), 7 of the island or shore
(`places.crossings`), and of capacity 2 for its state, 8 for weeks, 16 for the last day it is known; 7 for the last
quarter of a year in which its hours count (`quarter_of_year`)."""
LACKS_SHIFT = 24
ACCESS_SHIFT = 16
"""Places in the column `languages`: what it offers of ACCESS_NEEDS, and what it says it lacks, above the languages."""


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
        Flag.BOTH_DECIDE: coverage.boundary is Boundary.BOTH,
        Flag.BY_DIVISION: bool(coverage.divisions),
        Flag.BY_SCHOOL: bool(coverage.schools),
        Flag.OVER_WIDE: doc.over_wide,
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
    point = doc.point if doc.visibility is Visibility.EXACT and not is_safe_place(doc) else None
    return {
        "families": vocabulary["family"].mask(doc.families),
        "needs": vocabulary["need"].mask(doc.needs),
        "harms": vocabulary["harm"].mask(doc.harms),
        "relations": vocabulary["relation"].mask(doc.relations),
        "delivery": vocabulary["delivery"].mask(doc.delivery),
        "routes": vocabulary["route"].mask(doc.referral_routes),
        "councils": council_mask(doc.coverage.areas),
        "languages": _language_mask(doc.languages) | _access_mask(doc),
        "groups": vocabulary["group"].mask(doc.groups),
        "main_family": 1 << vocabulary["family"][doc.families[0]].bit if doc.families else 0,
        "age_min": doc.age.minimum if stated and doc.age.minimum is not None else 0,
        "age_max": doc.age.maximum if stated and doc.age.maximum is not None else AGE_OPEN,
        "flags": flags(doc),
        "lat": round(point.lat * 1_000_000) if point else NO_POINT,
        "lon": round(point.lon * 1_000_000) if point else NO_POINT,
        "as_of_day": as_of_day(doc.as_of),
        "name_key": int.from_bytes(doc.name.casefold().encode()[:7].ljust(7, b"\0"), "big"),
        "conditions": _conditions(doc),
        "hours": opening.pack(doc.hours),
    }


def is_safe_place(doc: ServiceDocument) -> bool:
    """Refuges and safe accommodation: whatever is published of the place, nearness never ranks or finds them."""
    return "refuge" in doc.needs or ("residential" in doc.delivery and "domestic_abuse" in doc.families)


def _conditions(doc: ServiceDocument) -> int:
    asked, held = doc.registration, doc.capacity
    stages = ANY_STAGE if doc.stages.known is Known.NONE else mask_of(doc.stages.stages, SCHOOL_STAGES)
    wanted = mask_of(asked.places, REGISTRATIONS) << REGISTRATION_SHIFT
    free = NO_REGISTRATION if asked.known is Known.NONE else 0
    waits = capacity.weeks(held)
    weeks = 0 if not held.state else capacity.NO_WEEKS if waits is None else waits
    return (
        stages | wanted | free
        | (_steps(doc.evidence) << TRACK_SHIFT)
        | (crossings.number_of(doc.postal_code) << AREA_SHIFT)
        | (capacity.STATES.index(held.state) << STATE_SHIFT)
        | (weeks << WEEKS_SHIFT)
        | (min(capacity.expiry_day(held), EXPIRY_BITS) << EXPIRY_SHIFT)
        | (_hours_until(doc) << HOURS_SHIFT)
    )  # fmt: skip


FIRST_YEAR, LAST_QUARTER = 2010, 127


@lru_cache(maxsize=1024)
def quarter_of_year(day: int) -> int:
    """Quarters of a year since 2010 of a day since 1970: 1 to 127, the year 2041."""
    date = datetime.fromtimestamp(day * 86_400, UTC)
    return min(LAST_QUARTER, max(0, (date.year - FIRST_YEAR) * 4 + (date.month - 1) // 3) + 1)


def _hours_until(doc: ServiceDocument) -> int:
    if opening.is_always(doc.hours):
        return LAST_QUARTER
    said = as_of_day(doc.hours_as_of)
    return quarter_of_year(said + opening.AGE_DAYS) if said and doc.hours.openings else 0


def mask_of(codes: Iterable[str], order: tuple[str, ...]) -> int:
    """A bit for each of these codes, by its place in `order`. Raises ValueError for a code that is not in it."""
    return sum(1 << order.index(code) for code in set(codes))


def _steps(evidence: track_record.Evidence | None) -> int:
    """Steps of the track record above 0, and 1; 0 when it says nothing."""
    if evidence is None or evidence.referrals < track_record.FLOOR:
        return 0
    return round(track_record.value(evidence) / track_record.STEP) + 1


def _access_mask(doc: ServiceDocument) -> int:
    """What it offers and lacks of ACCESS_NEEDS; `online_only` asks for its ways of working, not for a feature."""
    offered = [code for code in doc.access.offers if code in ACCESS_NEEDS]
    offered += [code for code in ("bsl", "interpreter") if code in doc.languages]
    offered += ["online_only"] if "online" in doc.delivery else []
    lacking = tuple(code for code in doc.access.lacks if code in ACCESS_NEEDS)
    return mask_of(tuple(offered), ACCESS_NEEDS) << ACCESS_SHIFT | mask_of(lacking, ACCESS_NEEDS) << LACKS_SHIFT


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
