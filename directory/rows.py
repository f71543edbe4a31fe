"""A draft as rows of the record, pure: ids, hash, limits and columns; `records` only has to write them."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import String

from directory.draft import ServiceDraft
from directory.tables import (
    Attribute,
    Base,
    Language,
    Location,
    Organization,
    Phone,
    Service,
    ServiceArea,
    ServiceAtLocation,
)
from directory.values import Visibility
from taxonomy import terms

NAMESPACE = UUID("6f3a1d52-93c4-5b0e-8a77-2d1c4e9b6f10")
"""Never changes: every id of the record hangs from it."""

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
    "premises",
)
"""What an earlier, open version of a withheld service may have told of its place."""


def service_id(source: str, source_id: str) -> str:
    """The id of the service that `source` calls `source_id`."""
    return str(uuid5(NAMESPACE, f"{source}:{source_id}"))


def organization_id(source: str, name: str) -> str:
    """Organizations are a source's own: two sources' are joined by people, not by spelling."""
    return str(uuid5(NAMESPACE, f"organization:{source}:{' '.join(name.casefold().split())}"))


def content(draft: ServiceDraft) -> dict[str, Any]:
    """The draft as plain JSON values: what a revision keeps."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(draft)))
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
    for name in ("source", "source_id", "name", "organization"):
        if not getattr(draft, name).strip():
            raise ValueError(f"{name}: empty")
    _check_withheld(draft)
    if not re.fullmatch(r"(\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?)?", draft.as_of):
        raise ValueError('as_of: not "2024" or "2024-02"')
    youngest, oldest = draft.age.minimum, draft.age.maximum
    if youngest is not None and oldest is not None and youngest > oldest:
        raise ValueError("age: the lowest is above the highest")
    for taxonomy, field in TERM_FIELDS.items():
        if any(code not in terms.load()[taxonomy] for code in getattr(draft, field)):
            raise ValueError(f"{field}: a code that is not in our {taxonomy} terms")
    for table, table_rows in rows(draft, "", datetime.fromtimestamp(0, UTC)).items():
        for row in table_rows:
            _check_row(table, row)


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
    }
    for name, value in told.items():
        if value:
            raise ValueError(f"{name}: a withheld service may have none in the record")


@cache
def _lengths(table: type[Base]) -> dict[str, int]:
    columns = table.__table__.columns
    return {c.name: c.type.length for c in columns if isinstance(c.type, String) and c.type.length}


def _check_row(table: type[Base], row: Mapping[str, Any]) -> None:
    lengths = _lengths(table)
    for name, value in row.items():
        if not isinstance(value, str):
            continue
        if len(value) > lengths.get(name, len(value)):
            raise ValueError(f"{name}: longer than {lengths[name]} characters")
        if re.search("[\x00\ud800-\udfff]", value):
            raise ValueError(f"{name}: holds a character that cannot be kept")


def rows(draft: ServiceDraft, digest: str, at: datetime) -> Rows:
    """Every row of one draft; `digest` is its content hash, `at` an aware moment in UTC."""
    own = service_id(draft.source, draft.source_id)
    namespace = UUID(own)

    def part(name: str) -> str:
        return str(uuid5(namespace, name))

    found: Rows = {
        Organization: [_organization(draft)],
        Service: [{"id": own, "content_hash": digest, "last_modified": at, **_service(draft)}],
        Location: [],
        ServiceAtLocation: [],
        ServiceArea: [
            {"id": part(f"area:{extent}"), "service_id": own, "position": number, **_area(extent)}
            for number, extent in enumerate(dict.fromkeys((*draft.coverage.areas, *draft.coverage.outcodes)))
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


def _area(extent: str) -> dict[str, Any]:
    if extent == "SCOTLAND":
        return {"name": "Scotland", "extent": extent, "extent_type": "nation"}
    if re.fullmatch(r"[SEWN]\d{8}", extent):
        return {"name": extent, "extent": extent, "extent_type": "gss"}
    return {"name": extent, "extent": extent, "extent_type": "outcode"}
