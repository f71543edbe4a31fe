"""What the matcher answers: matches with reasons, a plan, and what was left out and why."""

from dataclasses import dataclass

from directory.matching.enquiry import Enquiry
from directory.search.document import ServiceDocument
from directory.search.query import Facet
from directory.values import Reason
from taxonomy.words import Understanding


@dataclass(frozen=True, slots=True)
class Match:
    """A service that may help this person, best reason first.

    `score` is the weighted sum of the reasons' values, 0 to 1. `ask_first` are questions to put before relying on it
    ("Does it take a person of 14? Its ages are not stated."). `cautions` are warnings (old, waiting list closed).
    """

    service: ServiceDocument
    score: float
    reasons: tuple[Reason, ...]
    ask_first: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    distance_m: float | None = None
    freshness: str = ""
    """How the facts are known, for people: "Not confirmed. Read on a page of 2020 (stale)."."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Services that were not shown for one reason; `names` are a few of them, never of withheld places' details."""

    reason: str
    count: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SafetyLine:
    """A line for danger or crisis, from `taxonomy/data/safety_lines.csv`, each with its source."""

    name: str
    number: str
    when: str
    source: str


@dataclass(frozen=True, slots=True)
class Note:
    """A legal note, with its source; `check` is what a lawyer must look at before it is relied on."""

    text: str
    source: str
    check: str = ""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of a plan, filled.

    `gap` says in words what is missing near home, and names the nearest by phone. `advice` is what to do beside ringing
    somebody; `again` why a service of an earlier step stands here too.
    """

    when: str
    """now | this_week | later"""
    need: str
    label: str
    matches: tuple[Match, ...]
    gap: str = ""
    advice: str = ""
    again: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A pathway filled with services for one enquiry. `guides` are ids of `taxonomy.guides`."""

    pathway: str
    title: str
    steps: tuple[PlanStep, ...]
    gaps: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    guides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LadderStep:
    """Concerns that no local service meets, and how far the answer was widened for them alike (`ladder.RUNGS`)."""

    concerns: tuple[str, ...]
    """Ids of terms: "need/counselling"."""
    rungs: tuple[str, ...]
    sentence: str
    is_dead_end: bool = False
    """Nothing but the helplines is left: counted in the gap report."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Why a person is outside this single point of contact's scope, and to whom they are handed over."""

    reason: str
    to: str


@dataclass(frozen=True, slots=True)
class MatchResult:
    """The whole answer to one enquiry. `notices` are said above the list ("Where do they live? Only national …")."""

    enquiry: Enquiry
    understood: Understanding
    matches: tuple[Match, ...]
    plan: Plan | None
    safety: tuple[SafetyLine, ...]
    facets: tuple[Facet, ...]
    left_out: tuple[LeftOut, ...]
    notices: tuple[str, ...] = ()
    ladder: tuple[LadderStep, ...] = ()
    nearby: tuple[Match, ...] = ()
    """Services of the wider area, never among `matches`: to be asked first whether they take people from here."""
    hand_over: tuple[HandOver, ...] = ()
