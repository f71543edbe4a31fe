"""Services as feeds send them: HSDS 3 with everything a Scottish service has, each field to be changed by name."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.material import Feed, Part

COUNSELLING = {"taxonomy_term": {"taxonomy": "esdNeeds", "term": "Counselling", "name": "Counselling"}}
FIFE = {"name": "Fife", "uri": "http://statistics.data.gov.uk/id/statistical-geography/S12000047"}


def a_location(**fields: Any) -> dict[str, Any]:
    """A place in Kirkcaldy. An address's own fields are given by name as well."""
    address = {
        "address_1": "12 Quay Lane",
        "city": "Kirkcaldy",
        "state_province": "Fife",
        "postal_code": "KY1 1AA",
        "country": "GB",
        "address_type": "physical",
    }
    address |= {name: fields.pop(name) for name in list(fields) if name in address}
    place = {"location_type": "physical", "name": "Quay House", "latitude": 56.1, "longitude": -3.15}
    return {**place, "addresses": [address], **fields}


def a_service(**fields: Any) -> dict[str, Any]:
    """A counselling service for Fife that is open on weekdays; a field set to ... is left out."""
    service = {
        "id": "0a1b2c3d-0000-4000-8000-000000000001",
        "name": "Kirkhaven Counselling",
        "description": "Counselling after <b>harm</b> of any kind.",
        "status": "active",
        "organization": {"id": "o1", "name": "Kirkhaven Trust", "website": "https://kirkhaven.example"},
        "assured_date": "2026-03-01",
        "phones": [{"number": "01632 960001", "type": "voice"}],
        "schedules": [{"freq": "WEEKLY", "byday": "MO,TU", "opens_at": "09:00:00", "closes_at": "17:00:00"}],
        "service_areas": [FIFE],
        "service_at_locations": [{"location": a_location()}],
        "attributes": [COUNSELLING],
    }
    return {name: value for name, value in {**service, **fields}.items() if value is not ...}


def a_page(services: Sequence[Any], number: int = 1, pages: int = 1, total: int | None = None) -> dict[str, Any]:
    """A page of an Open Referral UK 3.0 feed."""
    return {
        "total_items": len(services) * pages if total is None else total,
        "total_pages": pages,
        "page_number": number,
        "size": len(services),
        "first_page": number == 1,
        "last_page": number == pages,
        "empty": not services,
        "contents": list(services),
    }


def a_page_1(services: Sequence[Any], number: int = 1, pages: int = 1) -> dict[str, Any]:
    """A page of an Open Referral UK 1.x feed."""
    total = len(services) * pages
    flags = {"first": number == 1, "last": number == pages}
    return {"totalElements": total, "totalPages": pages, "number": number, "size": len(services), **flags,
            "content": list(services)}  # fmt: skip


def part_of(folder: Path, value: Any, name: str = "page 1") -> Part:
    """A part that holds this value as JSON; bytes are taken as they are."""
    path = folder / f"{name.replace('/', '_').replace(' ', '-')[:80]}.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return Part(name, path)


def a_feed(url: str = "https://feeds.example/api", **options: Mapping[str, str]) -> Feed:
    return Feed("feed", url, "2026-11-22", options)
