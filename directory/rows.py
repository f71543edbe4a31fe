"""A draft as rows of the record, pure: ids, hash, limits and columns; `records` only has to write them."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import String

from directory import capacity, opening
from directory.draft import Coverage, ServiceDraft
from directory.places import divisions
from directory.tables import (
    Accessibility,
    Attribute,
    Base,
    Language,
    Location,
    Organization,
    Phone,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
)
from directory.values import REGISTRATIONS, SCHOOL_STAGES, Known, Visibility
from taxonomy import terms

NAMESPACE = UUID("6f3a1d52-93c4-5b0e-8a77-2d1c4e9b6f10").bytes
"""Never changes: every id of the record hangs from it."""
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")

TERM_FIELDS = {
    "family": "families",
    "need": "needs",
    "harm": "harms",
    "relation": "relations",
    "group": "groups",
    "delivery": "delivery",
    "route": "referral_routes",
}
"""Taxonomy → field of a draft whose codes become attributes."""

Rows = dict[type[Base], list[dict[str, Any]]]
"""Table → rows, in the order they must be written."""

PLACE_FIELDS = (
    "phone",
    "phone_note",
    "text_or_chat",
    "url",
    "source_url",
    "description",
    "alert",
    "hours",
    "premises",
)
"""What an earlier, open version of a withheld service may have told of its place."""
PLACE_PARTS = frozenset({"coverage.schools"})
"""The same, of a field that otherwise stays."""


def service_id(source: str, source_id: str) -> str:
    """The id of the service that `source` calls `source_id`."""
    return _uuid5(NAMESPACE, f"{source}:{source_id}")


def organization_id(source: str, name: str) -> str:
    """Organizations are a source's own: two sources' are joined by people, not by spelling."""
    return _uuid5(NAMESPACE, f"organization:{source}:{' '.join(name.casefold().split())}")


def _uuid5(namespace: bytes, name: str) -> str:
    """UUIDv5 as `uuid.uuid5` makes it, several times as fast: a service has a dozen ids (RFC 9562 5.5)."""
    half = bytearray(hashlib.sha1(namespace + name.encode(), usedforsecurity=False).digest()[:16])
    half[6], half[8] = half[6] & 0x0F | 0x50, half[8] & 0x3F | 0x80
    text = half.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def content(draft: ServiceDraft) -> dict[str, Any]:
    """The draft as plain JSON values: what a revision keeps."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(draft))
    return plain


def content_hash(plain: Mapping[str, Any]) -> str:
    """SHA-256 of a draft's content, in hexadecimal."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(field, previous value, new value) of every field that differs, inner ones as `age.minimum`."""
    before, after = dict(_flat(old)), dict(_flat(new))
    for name in dict.fromkeys((*before, *after)):
        if before.get(name, "") != after.get(name, ""):
            yield name, before.get(name, ""), after.get(name, "")


def is_withheld(plain: Mapping[str, Any]) -> bool:
    """Whether a draft's content is that of a service whose place is withheld."""
    return bool(plain["premises"]["visibility"] == Visibility.UNDISCLOSED)


def tells_place(name: str) -> bool:
    """Whether a field, named as in `changed_fields`, may tell where a service is."""
    return name in PLACE_PARTS or name.partition(".")[0] in PLACE_FIELDS


def without_place(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A revision's content with nothing left that may tell where the service is."""
    return {
        **plain,
        **{name: "" for name in PLACE_FIELDS if isinstance(plain.get(name, ""), str)},
        "hours": {},
        "premises": {"visibility": plain["premises"]["visibility"]},
        "coverage": {name: value for name, value in plain["coverage"].items() if name != "schools"},
    }


def _flat(plain: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in plain.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str):
            yield prefix + name, value
        else:
            yield prefix + name, "" if value is None else json.dumps(value)


def check(draft: ServiceDraft) -> None:
    """Raises ValueError, naming the field and never its words, when a draft cannot be in the record."""
    checked(draft, "", datetime.fromtimestamp(0, UTC))


def checked(draft: ServiceDraft, digest: str, at: datetime) -> Rows:
    """The rows of a draft that can be in the record. Raises ValueError as `check` does."""
    for name in ("source", "source_id", "name", "organization"):
        if not getattr(draft, name).strip():
            raise ValueError(f"{name}: empty")
    _check_withheld(draft)
    if not re.fullmatch(r"(\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?)?", draft.as_of):
        raise ValueError('as_of: not "2024" or "2024-02"')
    youngest, oldest = draft.age.minimum, draft.age.maximum
    if youngest is not None and oldest is not None and youngest > oldest:
        raise ValueError("age: the lowest is above the highest")
    _check_conditions(draft)
    for taxonomy, field in TERM_FIELDS.items():
        if any(code not in terms.load()[taxonomy] for code in getattr(draft, field)):
            raise ValueError(f"{field}: a code that is not in our {taxonomy} terms")
    found = rows(draft, digest, at)
    suspect = _may_be_unkeepable(draft)
    for table, table_rows in found.items():
        for row in table_rows:
            _check_lengths(table, row)
            if suspect:
                _check_signs(row)
    return found


def _check_conditions(draft: ServiceDraft) -> None:
    """What decides whom it takes and when: each list in our own codes, nothing listed that is not stated."""
    listed = {
        "stages": (draft.stages.known, draft.stages.stages, SCHOOL_STAGES),
        "registration": (draft.registration.known, draft.registration.places, REGISTRATIONS),
    }
    for name, (known, codes, choices) in listed.items():
        if any(code not in choices for code in codes):
            raise ValueError(f"{name}: not one of {', '.join(choices)}")
        if bool(codes) != (known is Known.STATED):
            raise ValueError(f"{name}: stated without saying which, or the other way round")
    if any(code not in terms.load()["communication"] for code in (*draft.access.offers, *draft.access.lacks)):
        raise ValueError("access: a code that is not in our communication terms")
    opening.check(draft.hours)
    capacity.check(draft.capacity)
    _check_divisions(draft.coverage)


def _check_divisions(coverage: Coverage) -> None:
    for division in coverage.divisions:
        try:
            councils = divisions.councils(division)
        except KeyError:
            raise ValueError("coverage: a health board or police division that there is not") from None
        if coverage.areas != ("SCOTLAND",) and not set(councils) <= set(coverage.areas):
            raise ValueError("coverage: areas that leave out councils of the division it names")
    if any(not re.fullmatch(r"\d{7}", seed) for seed in coverage.schools):
        raise ValueError("coverage: a school is named by its seed code of seven digits")


def _check_withheld(draft: ServiceDraft) -> None:
    place = draft.premises
    if place.visibility is not Visibility.UNDISCLOSED:
        return
    told = {
        "address_1": place.address_1,
        "address_2": place.address_2,
        "city": place.city,
        "postal_code": place.postal_code,
        "point": place.point,
        "phone": draft.phone,
        "url": draft.url,
        "source_url": draft.source_url,
        "hours": draft.hours.text,
        "schools": draft.coverage.schools,
    }
    for name, value in told.items():
        if value:
            raise ValueError(f"{name}: a withheld service may have none in the record")


@cache
def _lengths(table: type[Base]) -> dict[str, int]:
    columns = table.__table__.columns
    return {c.name: c.type.length for c in columns if isinstance(c.type, String) and c.type.length}


def _may_be_unkeepable(draft: ServiceDraft) -> bool:
    """A quick look at the whole draft: nearly none has such a character."""
    try:
        return b"\\u0000" in msgspec.json.encode(draft)
    except UnicodeEncodeError:
        return True


def _check_lengths(table: type[Base], row: Mapping[str, Any]) -> None:
    for name, most in _lengths(table).items():
        value = row.get(name)
        if isinstance(value, str) and len(value) > most:
            raise ValueError(f"{name}: longer than {most} characters")


def _check_signs(row: Mapping[str, Any]) -> None:
    for name, value in row.items():
        if isinstance(value, str) and UNKEEPABLE.search(value):
            raise ValueError(f"{name}: holds a character that cannot be kept")


def rows(draft: ServiceDraft, digest: str, at: datetime) -> Rows:
    """Every row of one draft; `digest` is its content hash, `at` an aware moment in UTC."""
    own = service_id(draft.source, draft.source_id)
    namespace = UUID(own).bytes

    def part(name: str) -> str:
        return _uuid5(namespace, name)

    found: Rows = {
        Organization: [_organization(draft)],
        Service: [{"id": own, "content_hash": digest, "last_modified": at, **_service(draft)}],
        Location: [],
        ServiceAtLocation: [],
        ServiceArea: [
            {"id": part(f"area:{extent}"), "service_id": own, "position": number, **area}
            for number, (extent, area) in enumerate(_areas(draft.coverage).items())
        ],
        Schedule: [
            {"id": part(f"schedule:{number}"), "service_id": own, "position": number, **schedule}
            for number, schedule in enumerate(_schedules(draft))
        ],
        Accessibility: [
            {"id": part(f"accessibility:{code}"), "service_id": own, "position": number, **_accessibility(code, known)}
            for number, (code, known) in enumerate(_access(draft))
        ],
        Phone: [],
        Language: [
            {"id": part(f"language:{code}"), "service_id": own, "code": code, "position": number}
            for number, code in enumerate(dict.fromkeys(draft.languages))
        ],
        Attribute: [
            {
                "id": part(term),
                "link_id": own,
                "link_type": "service",
                "taxonomy_term_id": term,
                "position": number,
            }
            for number, term in enumerate(_terms(draft))
        ],
    }
    if _has_location(draft):
        found[Location] = [{"id": part("location"), **_location(draft)}]
        link = {"id": part("service_at_location"), "service_id": own, "location_id": part("location")}
        found[ServiceAtLocation] = [link]
    if draft.phone:
        number = {"number": draft.phone, "description": draft.phone_note, "confidence": str(draft.confidence)}
        found[Phone] = [{"id": part("phone"), "service_id": own, **number}]
    return found


def _terms(draft: ServiceDraft) -> dict[str, None]:
    return dict.fromkeys(
        f"{taxonomy}/{code}" for taxonomy, field in TERM_FIELDS.items() for code in getattr(draft, field)
    )


def _organization(draft: ServiceDraft) -> dict[str, Any]:
    return {
        "id": organization_id(draft.source, draft.organization),
        "name": draft.organization,
        "charity_number": draft.charity_number,
    }


def _service(draft: ServiceDraft) -> dict[str, Any]:
    return {
        "organization_id": organization_id(draft.source, draft.organization),
        "source_id": draft.source,
        "source_record_id": draft.source_id,
        "name": draft.name,
        "description": draft.description,
        "kind": draft.kind,
        "url": draft.url,
        "status": draft.status,
        "status_known": str(draft.status_known),
        "minimum_age": draft.age.minimum,
        "maximum_age": draft.age.maximum,
        "age_known": str(draft.age.known),
        "age_about": draft.age.about,
        "gender_rule": draft.gender.rule,
        "gender_known": str(draft.gender.known),
        "coverage_known": str(draft.coverage.known),
        "boundary": str(draft.coverage.boundary),
        "school_stages": "|".join(draft.stages.stages),
        "stages_known": str(draft.stages.known),
        "registration": "|".join(draft.registration.places),
        "registration_known": str(draft.registration.known),
        "hours_known": str(draft.hours.known),
        "capacity_state": draft.capacity.state,
        "minimum_weeks": draft.capacity.minimum_weeks,
        "maximum_weeks": draft.capacity.maximum_weeks,
        "capacity_as_of": draft.capacity.as_of,
        "capacity_expires": draft.capacity.expires,
        "visibility": str(draft.premises.visibility),
        "any_harm": draft.any_harm,
        "crisis": draft.crisis,
        "waiting_list": draft.waiting_list,
        "not_for_harmed": draft.not_for_harmed,
        "workers_only": draft.workers_only,
        "phone_note": draft.phone_note,
        "text_or_chat": draft.text_or_chat,
        "alert": draft.alert,
        "confidence": str(draft.confidence),
        "source_url": draft.source_url,
        "as_of": draft.as_of,
    }


def _has_location(draft: ServiceDraft) -> bool:
    place = draft.premises
    said = (place.address_1, place.address_2, place.city, place.postal_code, place.council, place.point)
    return any(said) or place.visibility is Visibility.UNDISCLOSED


def _location(draft: ServiceDraft) -> dict[str, Any]:
    place = draft.premises
    return {
        "location_type": "physical",
        "visibility": str(place.visibility),
        "latitude": place.point.lat if place.point else None,
        "longitude": place.point.lon if place.point else None,
        "address_1": place.address_1,
        "address_2": place.address_2,
        "city": place.city,
        "postal_code": place.postal_code,
        "state_province": place.council,
    }


def _schedules(draft: ServiceDraft) -> Iterator[dict[str, str]]:
    for each in draft.hours.openings:
        yield {
            "freq": "WEEKLY", "byday": each.byday, "opens_at": each.opens_at, "closes_at": each.closes_at,
            "description": "",
        }  # fmt: skip
    if draft.hours.text:
        yield {"freq": "", "byday": "", "opens_at": "", "closes_at": "", "description": draft.hours.text}


def _access(draft: ServiceDraft) -> Iterator[tuple[str, Known]]:
    yield from ((code, Known.STATED) for code in dict.fromkeys(draft.access.offers))
    yield from ((code, Known.NONE) for code in dict.fromkeys(draft.access.lacks) if code not in draft.access.offers)


def _accessibility(code: str, known: Known) -> dict[str, str]:
    return {"code": code, "known": str(known), "description": terms.load()["communication"].label(code)}


def _areas(coverage: Coverage) -> dict[str, dict[str, Any]]:
    """What each area is called in its row's id → the row."""
    found = {extent: _area(extent) for extent in (*coverage.areas, *coverage.outcodes)}
    for division in coverage.divisions:
        kind, _, name = division.partition(":")
        found[division] = {"name": divisions.in_words(division), "extent": name, "extent_type": kind}
    for seed in coverage.schools:
        found[f"school:{seed}"] = {"name": f"School {seed}", "extent": seed, "extent_type": "school"}
    return found


def _area(extent: str) -> dict[str, Any]:
    if extent == "SCOTLAND":
        return {"name": "Scotland", "extent": extent, "extent_type": "nation"}
    if re.fullmatch(r"[SEWN]\d{8}", extent):
        return {"name": extent, "extent": extent, "extent_type": "gss"}
    return {"name": extent, "extent": extent, "extent_type": "outcode"}
