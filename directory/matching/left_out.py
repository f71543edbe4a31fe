"""What was left out, and why, on demand: the enquiry asked again without its filters, judged by the same rules.

The engine drops services of another area or age before the ranking sees them, so an ordinary answer cannot count them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from directory.matching import avoiding, eligibility, pathway_choice, retrieve, situation
from directory.matching.candidate import NO_COVER, Cover, Row, cover, rows
from directory.matching.fit import FitTable
from directory.matching.judged import LEAST_NEED
from directory.matching.labels import councils, label
from directory.matching.results import MatchResult
from directory.matching.situation import Situation
from directory.places import areas
from directory.search.columns import AGE_OPEN, SCOTLAND_BIT, Flag, council_bits
from directory.search.document import ServiceDocument
from directory.search.index import Candidates, SearchIndex
from directory.search.query import CoverageFilter
from directory.values import Known, Visibility
from taxonomy import terms
from taxonomy.pathways import Pathways

LOOKED_AT = 1_500
"""Services judged at most, best first; the report says when there were more."""
NAMED = 8
"""Services named of each group, each a document to read."""
GROUPS = 40
FURTHER = "for people living further away"
"""The last group, when there would be more: those are of other areas, each with one or two services."""
AVOIDED = "you asked to keep away from"
TRIED = "tried before, or declined"
LOWER = "fit too, and come after those shown"


@dataclass(frozen=True, slots=True)
class LeftService:
    """One service, with the fact of its own that left it out; a withheld one by name alone."""

    id: str
    name: str
    fact: str


@dataclass(frozen=True, slots=True)
class LeftGroup:
    """Services left out for one reason: "for people living in Fife". `services` are the first few of `count`."""

    reason: str
    count: int
    services: tuple[LeftService, ...]


@dataclass(frozen=True, slots=True)
class LeftOutReport:
    """All that was left out of one answer. `looked_at` of `total` services were judged."""

    groups: tuple[LeftGroup, ...]
    count: int
    looked_at: int
    total: int


@dataclass(frozen=True, slots=True)
class _Left:
    position: int
    reason: str
    is_area: bool
    nearness: int
    """0 own area, 1 next to it, 2 further: groups of the own area and its neighbours are read first."""


async def report(result: MatchResult, index: SearchIndex, pathways: Pathways | None = None) -> LeftOutReport:
    """Services of the families needed that `result` does not show, in groups. `pathways`: those in use, the shipped
    ones when None. Raises NotReady."""
    known = situation.understand(result.enquiry)
    fits = FitTable(known)
    query = replace(
        retrieve.query(known, fits, pathway_choice.chosen(known, pathways)),
        coverage=CoverageFilter(anywhere=True), age=None, avoid=(), exclude=(), for_person_harmed=False,
    )  # fmt: skip
    found = await index.candidates(query, LOOKED_AT, facets=False)
    left, fitting = _judge(found, known, fits)
    left += await _not_by_rule(found, fitting, result)
    groups: dict[str, list[_Left]] = {}
    for one in left:
        groups.setdefault(one.reason, []).append(one)
    chosen = sorted(groups.values(), key=lambda group: (group[0].is_area, group[0].nearness, -len(group)))
    if len(chosen) > GROUPS:
        others = [replace(one, reason=FURTHER) for group in chosen[GROUPS - 1 :] for one in group]
        chosen = [*chosen[: GROUPS - 1], others]
    services = await retrieve.read(found, (one.position for group in chosen for one in group[:NAMED]))
    return LeftOutReport(
        groups=tuple(
            LeftGroup(group[0].reason, len(group), tuple(_service(services[one.position]) for one in group[:NAMED]))
            for group in chosen
        ),
        count=len(left),
        looked_at=len(found.scores),
        total=found.total,
    )


def _judge(found: Candidates, known: Situation, fits: FitTable) -> tuple[list[_Left], list[int]]:
    """Those ruled out, and the positions of those that are not."""
    needed = sum(1 << bit for bit, grade in fits.families().items() if grade >= eligibility.GOOD)
    left: list[_Left] = []
    fitting: list[int] = []
    for position, row in rows(found):
        reach = cover(row, known)
        reason = eligibility.ruled_out(row, reach, known)
        if fits.of(row).value < LEAST_NEED:
            another = reason is eligibility.Out.HARM and row.main_family & needed
            if not (another or reason is eligibility.Out.RESTORATIVE):
                continue  # not made for this, wherever and whoever it is for
        if reason is None:
            fitting.append(position)
        else:
            said = _WORDS[reason](row) if reason in _WORDS else reason.value
            left.append(_Left(position, said, reason is eligibility.Out.AREA, _nearness(row, reach, known)))
    return left, fitting


def _nearness(row: Row, reach: Cover, known: Situation) -> int:
    if reach is not NO_COVER:
        return 0
    return 1 if row.councils & _neighbours(known) else 2


def _neighbours(known: Situation) -> int:
    home = known.enquiry.residence or known.enquiry.harm_place
    bits = council_bits()
    codes = areas.neighbours(home.main_council.gss) if home and home.main_council else ()
    return sum(1 << bits[code] for code in codes)


async def _not_by_rule(found: Candidates, fitting: list[int], result: MatchResult) -> list[_Left]:
    """Those that no rule leaves out: asked to keep away from, tried before, for another part, or lower in the order."""
    enquiry = result.enquiry
    shown = {match.service.id for match in (*result.matches, *result.nearby)}
    shown |= {match.service.id for step in (result.plan.steps if result.plan else ()) for match in step.matches}
    outcodes = set(enquiry.residence.outcodes) if enquiry.residence else set()
    left = []
    for position, service in (await retrieve.read(found, fitting)).items():
        own = service.coverage.outcodes
        if service.id in shown:
            continue
        if avoiding.names(service, enquiry.avoid):
            left.append(_Left(position, AVOIDED, False, 0))
        elif set(enquiry.exclude) & {service.id, service.source_id, *service.also}:
            left.append(_Left(position, TRIED, False, 0))
        elif own and outcodes and not outcodes & set(own):
            left.append(_Left(position, f"for another part of {councils(service.coverage.areas, 'or')}", True, 0))
        else:
            left.append(_Left(position, LOWER, False, 1))
    return left


def _area(row: Row) -> str:
    by = "people harmed in" if row.flags & Flag.HARM_PLACE_DECIDES else "people living in"
    names = {bit: code for code, bit in council_bits().items()}
    codes = tuple(names[bit] for bit in range(SCOTLAND_BIT) if row.councils >> bit & 1)
    if not codes:
        return "for people who live in Scotland"
    return f"for {by} {councils(codes, 'or')}" if len(codes) <= 3 else f"for {by} several other council areas"


def _served(codes: tuple[str, ...]) -> str:
    """ "Fife and Falkirk"; a number from four on."""
    if len(codes) > 3:
        return f"{len(codes)} council areas"
    return councils(codes) or "all of Scotland"


def _age(row: Row) -> str:
    who = "people of" if row.flags & Flag.AGE_OF_PERSON else "a child who harmed of"
    if row.age_max >= AGE_OPEN:
        return f"for {who} {row.age_min} and over"
    return f"for {who} {row.age_min} to {row.age_max}" if row.age_min else f"for {who} {row.age_max} and under"


def _gender(row: Row) -> str:
    return "only for women and girls" if row.flags & Flag.FEMALE_ONLY else "only for men and boys"


def _labels(taxonomy: str, mask: int) -> str:
    labels = [label(taxonomy, code) for code in terms.load()[taxonomy].codes(mask)]
    return " or ".join(labels[:3])


_WORDS: Mapping[eligibility.Out, Callable[[Row], str]] = {
    eligibility.Out.AREA: _area,
    eligibility.Out.AGE: _age,
    eligibility.Out.GENDER: _gender,
    eligibility.Out.HARM: lambda row: f"made only for {_labels('harm', row.harms)}",
    eligibility.Out.GROUP: lambda row: f"made for one group of people: {_labels('group', row.groups)}",
}
"""A reason in the words of the service's own fact, where its columns tell it."""


def _service(service: ServiceDocument) -> LeftService:
    if service.visibility is Visibility.UNDISCLOSED:
        return LeftService(service.id, service.name, "")
    facts = []
    if service.coverage.known is Known.STATED:
        codes = tuple(code for code in service.coverage.areas if code != "SCOTLAND")
        facts.append(f"serves {_served(codes)}{_part(service)}")
    age = service.age
    if age.known is Known.STATED:
        facts.append(f"ages {age.minimum or 0} to {age.maximum}" if age.maximum else f"{age.minimum} and over")
    if service.gender.known is Known.STATED:
        facts.append("women and girls" if service.gender.rule == "female" else "men and boys")
    return LeftService(service.id, service.name, "; ".join(facts))


def _part(service: ServiceDocument) -> str:
    return f", only {', '.join(service.coverage.outcodes)}" if service.coverage.outcodes else ""
