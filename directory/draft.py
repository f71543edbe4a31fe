"""What a source claims about one service, in our words: adapters make it, `records` writes it.

Field names are HSDS 3's where HSDS has one. Nothing here may name a person.
"""

from dataclasses import dataclass, field

from directory.values import Boundary, Confidence, Known, Point, Visibility


@dataclass(frozen=True, slots=True)
class AgeLimit:
    """Ages in whole years, both ends included; None at an end is open. `about` says whose age it is."""

    known: Known = Known.UNKNOWN
    minimum: int | None = None
    maximum: int | None = None
    about: str = "person_helped"
    """person_helped | child_who_harmed | child_concerned (a parent's service) | child_bereaved"""


@dataclass(frozen=True, slots=True)
class GenderRule:
    """`rule` is female or male when `known` is stated; NONE is "any gender"."""

    known: Known = Known.UNKNOWN
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where people may come from. `areas` are council GSS codes, or ("SCOTLAND",); `outcodes` narrow them to a part."""

    known: Known = Known.UNKNOWN
    areas: tuple[str, ...] = ()
    outcodes: tuple[str, ...] = ()
    boundary: Boundary = Boundary.RESIDENCE
    divisions: tuple[str, ...] = ()
    """Health boards and police divisions it names its area by ("health_board:Lothian", "police_division:Fife"), which
    `places.divisions` resolves to the councils in `areas`."""
    schools: tuple[str, ...] = ()
    """Seed codes of the schools whose pupils it takes (catchment); empty: it does not go by school."""


@dataclass(frozen=True, slots=True)
class SchoolStages:
    """Stages of school it takes, in the order of `values.SCHOOL_STAGES`; NONE: at any stage, or none."""

    known: Known = Known.UNKNOWN
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """Where a person must be registered to be taken: "gp" (a practice of the area), "school" (on a school's roll)."""

    known: Known = Known.UNKNOWN
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """One weekly row of HSDS schedule: `byday` "MO,TU", times "09:00" to "24:00", Scottish time, closing after opening
    (what runs past midnight is two rows)."""

    byday: str
    opens_at: str
    closes_at: str


@dataclass(frozen=True, slots=True)
class Hours:
    """When it can be reached. `text` is what could not be read as openings; NONE: by appointment, no fixed hours."""

    known: Known = Known.UNKNOWN
    openings: tuple[Opening, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Whether it takes referrals: `state` "" (not known), open, waiting_list or full; a wait is a band in weeks.

    Dates are "2026-11-22"; after `expires` it is not known again (`capacity.known_at`).
    """

    state: str = ""
    minimum_weeks: int | None = None
    maximum_weeks: int | None = None
    as_of: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Codes of the taxonomy "communication" that it offers, and those that it says it lacks; any other is unknown."""

    offers: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Premises:
    """Where the service is. An undisclosed place has nothing but its visibility."""

    visibility: Visibility = Visibility.AREA_ONLY
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    postal_code: str = ""
    council: str = ""
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """One service as one source gives it. Codes are terms of `taxonomy/data/terms.csv`; empty means not stated."""

    source: str
    source_id: str
    name: str
    organization: str
    description: str
    families: tuple[str, ...]
    """Main family first."""
    kind: str = ""
    """What the source calls it, in plain words ("Secondary school", "Housing support service")."""
    needs: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    any_harm: bool = False
    """Open whatever the harm; `harms` then says what it is known for."""
    relations: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Groups of people that the service is only for ("muslim", "deaf"); empty: not made for one group."""
    delivery: tuple[str, ...] = ()
    referral_routes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    crisis: bool = False
    age: AgeLimit = field(default_factory=AgeLimit)
    gender: GenderRule = field(default_factory=GenderRule)
    coverage: Coverage = field(default_factory=Coverage)
    stages: SchoolStages = field(default_factory=SchoolStages)
    registration: Registration = field(default_factory=Registration)
    hours: Hours = field(default_factory=Hours)
    capacity: Capacity = field(default_factory=Capacity)
    access: Access = field(default_factory=Access)
    premises: Premises = field(default_factory=Premises)
    phone: str = ""
    phone_note: str = ""
    text_or_chat: str = ""
    url: str = ""
    charity_number: str = ""
    status: str = "active"
    """HSDS: active | inactive | defunct | temporarily closed"""
    status_known: Known = Known.STATED
    waiting_list: str = ""
    """"closed" when an old page said so: ask again."""
    not_for_harmed: bool = False
    """For the child who harms, or for adults after prison: never offered to the person harmed."""
    workers_only: bool = False
    """Advice for professionals; a family cannot use it."""
    alert: str = ""
    """A short warning shown to workers, in our own words."""
    same_as: str = ""
    """source_id of the service of the same source that this row repeats."""
    confidence: Confidence = Confidence.GENERAL_KNOWLEDGE
    source_url: str = ""
    """The page the fact was read on; empty for withheld services."""
    as_of: str = ""
    """"2024" or "2024-02": how old the fact is; empty when the page does not say."""
