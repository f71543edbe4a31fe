"""What the index holds of one service: all that a result shows, and nothing that a withheld place would hide.

`build` (in `indexing`) folds the rows that tell of one service into one document; the engines store it as JSON.
"""

import hashlib
from dataclasses import dataclass, fields
from functools import cache

import msgspec

from directory.draft import Access, AgeLimit, Capacity, Coverage, GenderRule, Hours, Registration, SchoolStages
from directory.feeds.assurance import Assured
from directory.track_record import Evidence
from directory.values import Known, Point, Visibility

VERSION = 4
"""Raised whenever the shape changes: an index of another version is rebuilt."""

_STAGES, _REGISTRATION, _HOURS, _CAPACITY, _ACCESS = SchoolStages(), Registration(), Hours(), Capacity(), Access()
_ASSURED = Assured()


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
    stages: SchoolStages = _STAGES
    registration: Registration = _REGISTRATION
    hours: Hours = _HOURS
    hours_as_of: str = ""
    """"2024" or "2024-02": the date of the row that states the hours."""
    capacity: Capacity = _CAPACITY
    access: Access = _ACCESS
    evidence: Evidence | None = None
    """What came of referrals to it; None when nothing is counted."""
    assurance: Assured = _ASSURED
    """How the record stands, whatever the day (`Assured.at`); never who said so."""
    over_wide: bool = False
    """It claims all of Scotland or many councils, and is one small place (`fold.is_over_wide`)."""

    def to_json(self) -> str:
        """Fields that say nothing are left out: every match reads some forty documents."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        silent = {each.name for each in fields(self) if told[each.name] == each.default}
        return msgspec.json.encode({name: value for name, value in told.items() if name not in silent}).decode()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the whole document, in hexadecimal."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    @classmethod
    def from_json(cls, text: str | bytes) -> "ServiceDocument":
        """The document of `to_json`, checked field by field. Raises msgspec.ValidationError for anything else."""
        return _decoder().decode(text)


@cache
def _decoder() -> msgspec.json.Decoder[ServiceDocument]:
    """Seven times quicker than json and our own rebuilding of the values: the ranking reads some forty a match."""
    return msgspec.json.Decoder(ServiceDocument)
