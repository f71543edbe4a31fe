"""What is asked of an index: one frozen value in, no engine's words in it."""

from dataclasses import dataclass

from directory.errors import BadInput
from directory.values import Point

PAGE_SIZE = 10
CANDIDATES = 100
"""How many services step one (the engine) hands to step two (the ranking). matching.md, section 2, allows 300; with
places kept for each family, 100 give the same answers on the judged enquiries in two thirds of the time."""
RESERVE_FROM = 3.0
"""A family boosted by this much or more keeps a few places among the candidates, however many others pass."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Services with an exact place within `radius_m` metres of `centre`."""

    centre: Point
    radius_m: float


@dataclass(frozen=True, slots=True)
class CoverageFilter:
    """Where the person is. A service passes when it covers one of `residence`, or one of `harm_place` and its own
    boundary rule looks at the place of harm, or all of Scotland, or (if `unknown_too`) states no area.

    `outcodes` narrows services for part of a council: given, only those that serve one of them pass.
    `anywhere` lets all pass (no place was given and the reader is only browsing).
    `schools` are seed codes of the person's school: given, services for pupils of some schools pass for these alone.
    `harm_place_counts` makes the place of harm count for every service (home outside Scotland).
    """

    residence: tuple[str, ...] = ()
    harm_place: tuple[str, ...] = ()
    residence_outcodes: tuple[str, ...] = ()
    harm_outcodes: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()
    unknown_too: bool = True
    anywhere: bool = False
    harm_place_counts: bool = False


@dataclass(frozen=True, slots=True)
class ServiceQuery:
    """One search. All filters combine with AND; the words of one filter combine with OR.

    `text` is free words (analysed by `analysis.tokens`); `boost_families` and `boost_harms` raise the coarse score
    without filtering. `age` is in whole years. Codes are taxonomy codes. `page` counts from 1.
    """

    text: str = ""
    coverage: CoverageFilter = CoverageFilter(anywhere=True)
    age: tuple[int, int] | None = None
    """(youngest, oldest) the person may be; a service ruled out for all of them does not pass."""
    families: tuple[str, ...] = ()
    kinds: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    """Narrows `families`, as a first cut: services of some of them that meet some needs (none: whatever they meet).
    All that are of one of these kinds pass, and perhaps a few that only speak of such a need."""
    delivery: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    near: Circle | None = None
    boost_families: tuple[tuple[str, float], ...] = ()
    boost_harms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Names said in the enquiry (a school, a project): a service so named gets in whatever else it says."""
    avoid: tuple[str, ...] = ()
    """Names or places to keep away from: a service whose name, organization or place holds all the words is out."""
    exclude: tuple[str, ...] = ()
    """source_ids already tried or declined."""
    for_person_harmed: bool = True
    """Leave out services marked not for the person harmed."""
    exclude_schools: bool = False
    """Schools only when named (`names`): nobody is sent to a school they did not ask about."""
    sort: str = "relevance"
    """relevance | name | distance (needs `near`)"""
    page: int = 1
    page_size: int = PAGE_SIZE

    @property
    def is_of_one_person(self) -> bool:
        """Whether it holds what was said of one person alone: its answer is not kept, and would hardly come again."""
        return bool(self.names or self.avoid or self.exclude or self.near or self.coverage.schools)

    def check(self) -> None:
        """Raises BadInput, on every engine alike, for what no page can answer."""
        if self.page < 1 or self.page_size < 1:
            raise BadInput("Pages are counted from 1.", "Start at page 1.", field="page")
        if self.sort not in ("relevance", "name", "distance"):
            raise BadInput("There is no such order.", "Order by relevance, name or distance.", field="sort")
        if self.sort == "distance" and self.near is None:
            raise BadInput("Ordering by distance needs a place.", "Give a place, or order by name.", field="near")


@dataclass(frozen=True, slots=True)
class Facet:
    """How many of the services found have each code of one field, most first."""

    field: str
    counts: tuple[tuple[str, int], ...]
