"""What the index holds of one service: all that a result shows, and nothing that a withheld place would hide.

`build` (in `indexing`) folds the rows that tell of one service into one document; the engines store it as JSON.
"""

import json
from dataclasses import dataclass, fields
from typing import Any

from directory.draft import AgeLimit, Coverage, GenderRule
from directory.values import Boundary, Known, Point, Visibility

VERSION = 2
"""Raised whenever the shape changes: an index of another version is rebuilt."""


@dataclass(frozen=True, slots=True)
class ServiceDocument:
    """One service as search knows it. See `draft.ServiceDraft` for the meaning of shared fields."""

    id: str
    """UUID of the leading row."""
    source: str
    source_id: str
    also: tuple[str, ...]
    """source_ids of the other rows that tell of this service."""
    name: str
    organization: str
    description: str
    kind: str
    families: tuple[str, ...]
    needs: tuple[str, ...]
    harms: tuple[str, ...]
    any_harm: bool
    relations: tuple[str, ...]
    groups: tuple[str, ...]
    delivery: tuple[str, ...]
    referral_routes: tuple[str, ...]
    languages: tuple[str, ...]
    crisis: bool
    age: AgeLimit
    gender: GenderRule
    coverage: Coverage
    visibility: Visibility
    point: Point | None
    address: str
    """One line; empty unless the place is exact."""
    city: str
    postal_code: str
    phone: str
    """Only a number somebody read on a page or in a register; never hearsay, never a withheld service's own."""
    phone_note: str
    """How the number is known ("not confirmed; read on a page of 2020"), or why there is none."""
    text_or_chat: str
    url: str
    status: str
    status_known: Known
    waiting_list: str
    not_for_harmed: bool
    workers_only: bool
    alert: str
    confidence: str
    as_of: str
    source_url: str
    source_name: str
    licence: str

    def to_json(self) -> str:
        return json.dumps(self, default=_fields, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "ServiceDocument":
        raw: dict[str, Any] = json.loads(text)
        age, gender, cover = raw["age"], raw["gender"], raw["coverage"]
        # Looked up, not called: an enum's own lookup takes as long as reading the JSON.
        age["known"], gender["known"] = _KNOWN[age["known"]], _KNOWN[gender["known"]]
        raw["age"], raw["gender"] = AgeLimit(**age), GenderRule(**gender)
        raw["coverage"] = Coverage(
            _KNOWN[cover["known"]], tuple(cover["areas"]), tuple(cover["outcodes"]), _BOUNDARY[cover["boundary"]]
        )
        raw["visibility"] = _VISIBILITY[raw["visibility"]]
        raw["status_known"] = _KNOWN[raw["status_known"]]
        raw["point"] = Point(**raw["point"]) if raw["point"] else None
        for name in _TUPLES:
            raw[name] = tuple(raw[name])
        return cls(**raw)


def _fields(value: Any) -> dict[str, Any]:
    """A frozen value's fields; `dataclasses.asdict` copies them all, which takes most of the time of a rebuild."""
    return {name: getattr(value, name) for name in value.__slots__}


_KNOWN = {known.value: known for known in Known}
_BOUNDARY = {boundary.value: boundary for boundary in Boundary}
_VISIBILITY = {visibility.value: visibility for visibility in Visibility}
_TUPLES = tuple(
    field.name for field in fields(ServiceDocument) if field.type == "tuple[str, ...]" or field.type == tuple[str, ...]
)
