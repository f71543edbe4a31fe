"""What the index holds of one service: all that a result shows, and nothing that a withheld place would hide.

`build` (in `indexing`) folds the rows that tell of one service into one document; the engines store it as JSON.
"""

from dataclasses import dataclass
from functools import cache

import msgspec

from directory.draft import AgeLimit, Coverage, GenderRule
from directory.values import Known, Point, Visibility

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
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "ServiceDocument":
        """The document of `to_json`, checked field by field. Raises msgspec.ValidationError for anything else."""
        return _decoder().decode(text)


@cache
def _decoder() -> msgspec.json.Decoder[ServiceDocument]:
    """Seven times quicker than json and our own rebuilding of the values: the ranking reads some forty a match."""
    return msgspec.json.Decoder(ServiceDocument)
