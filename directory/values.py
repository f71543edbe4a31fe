"""The small values that cross our own borders: three-valued facts, points, places, reasons."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Known(StrEnum):
    """How a fact is known. Unknown is not none, and none is not everywhere."""

    STATED = "stated"
    NONE = "none"
    """The source says there is no such limit."""
    UNKNOWN = "unknown"
    """The source does not say: ask first."""


class Visibility(StrEnum):
    """How much of a service's place anybody may see (matching.md, "Undisclosed places")."""

    EXACT = "exact"
    AREA_ONLY = "area_only"
    """The council area and no more: no address was published."""
    UNDISCLOSED = "undisclosed"
    """Withheld: no point, town, outcode, street, phone or link; ranked by coverage only."""

    def stricter(self, other: "Visibility") -> "Visibility":
        """The more protective of two: across sources it always wins."""
        order = (Visibility.EXACT, Visibility.AREA_ONLY, Visibility.UNDISCLOSED)
        return max(self, other, key=order.index)


class Boundary(StrEnum):
    """Which of a person's two places decides whether a service covers them."""

    RESIDENCE = "residence"
    HARM_PLACE = "harm_place"
    EITHER = "either"
    BOTH = "both"
    """Home and place of harm must both lie in the area."""


SCHOOL_STAGES = (
    "nursery", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "S1", "S2", "S3", "S4", "S5", "S6", "school_leaver",
)  # fmt: skip
"""Stages of school in Scotland, youngest first; their places are bits of `columns`."""
REGISTRATIONS = ("gp", "school")
"""Where a service may ask people to be registered."""
ACCESS_NEEDS = ("step_free", "easy_read", "interpreter", "bsl", "online_only")
"""What a person may need to use a service (matching.md, section 1): codes of the taxonomy "communication"."""


class Confidence(StrEnum):
    """How well a fact is known, worst first."""

    GENERAL_KNOWLEDGE = "general_knowledge"
    """Nobody read a page: hearsay. A phone number known so is shown to nobody."""
    PAGE_READ = "page_read"
    SEVERAL_PAGES = "several_pages"
    REGISTER = "register"
    """Copied from a public register (Care Inspectorate, school roll, council list)."""
    CONFIRMED = "confirmed"
    """The provider or the SPOC has confirmed it."""


@dataclass(frozen=True, slots=True)
class Point:
    """WGS 84, degrees, always (lat, lon)."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class CouncilShare:
    """A council area and the share (0 to 1) of a place's postcodes that lie in it."""

    gss: str
    name: str
    share: float


class PlaceKind(StrEnum):
    POSTCODE = "postcode"
    SECTOR = "sector"
    OUTCODE = "outcode"
    TOWN = "town"
    COUNCIL = "council"
    HEALTH_BOARD = "health_board"
    SCOTLAND = "scotland"
    OUTSIDE_SCOTLAND = "outside_scotland"
    """Elsewhere in the UK: a fact, not an error. No council, no point."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a person lives or was harmed.

    `councils` are sorted by share, largest first, and their shares add up to 1 (empty outside Scotland and for
    Scotland as a whole). `outcodes` are those the place lies in ("EH6"), empty when it is a whole council or wider.
    `radius_m` says how exact the point is, in metres (0: a unit postcode); None without a point.
    `choices` names the readings of an ambiguous name ("Newton, Highland"), for a person to choose from.
    """

    name: str
    kind: PlaceKind
    point: Point | None = None
    councils: tuple[CouncilShare, ...] = ()
    outcodes: tuple[str, ...] = ()
    health_boards: tuple[str, ...] = ()
    police_divisions: tuple[str, ...] = ()
    radius_m: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def council_codes(self) -> tuple[str, ...]:
        return tuple(share.gss for share in self.councils)

    @property
    def main_council(self) -> CouncilShare | None:
        return self.councils[0] if self.councils else None


class Reason(NamedTuple):
    """One signal's say on one service: a value in [0, 1], its weight in the sum, and the sentence shown.

    A plain tuple: a hundred and fifty are made for every enquiry.
    """

    signal: str
    value: float
    weight: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Issue:
    """A row or field of a source that could not be used. It never repeats what a withheld row said."""

    source: str
    row: int
    """Row of the file, counted from 1 after the header; 0 for the file as a whole."""
    field: str
    reason: str
    held: bool = False
    """True: kept aside for a person to look at; False: refused."""
