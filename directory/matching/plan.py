"""A plan: a pathway's steps filled with services for one enquiry, few organizations over many, gaps said aloud."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from directory.matching import for_steps, gap_sentences, pathway_choice
from directory.matching.candidate import NATION_REACH
from directory.matching.judged import Judged
from directory.matching.results import Match, Note, Plan, PlanStep
from directory.matching.signals import Surroundings
from directory.matching.situation import Situation
from directory.search.columns import Flag
from directory.search.document import ServiceDocument
from directory.search.index import Candidates, SearchIndex
from directory.search.query import ServiceQuery
from taxonomy import terms
from taxonomy.pathway import OWN_GROUP, Pathway, Step

CLOSE = 0.05
"""Two services this close in score count as equal, and the organization that more of the plan can be had from wins: the
person tells the story once (matching.md, section 3)."""
POOL = 4
"""How many of the best services for a step are read, to choose its few from."""
FURTHER_FROM = 0.5
"""The score from which a service is a step's second or third: of those below, two in three were no help to anybody in
the judged enquiries that may be looked at."""
MINIMUM_NEED = 0.2
"""A step is not filled with a service that is less than a fallback."""
NEAR_BY = ("counselling", "domestic_abuse", "rape_crisis", "family_support", "youth", "housing")
"""Families that people expect near home: when only a line for all of Scotland is found, that is a gap and is said."""

Ranked = Sequence[tuple[int, float, Judged]]


@dataclass(frozen=True, slots=True)
class Filled:
    """A step with positions of candidates, best first: those that could fill it, or do.

    `remote` is the nearest thing for all of Scotland when the pool is empty; `again` says in words why a service that
    an earlier step shows stands here too; `near` whether such help is found near home, or need not be.
    """

    step: Step
    pool: tuple[int, ...]
    remote: int | None = None
    again: str = ""
    near: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """A pathway and its steps, and what was worked out of every candidate."""

    pathway: Pathway | None
    steps: tuple[Filled, ...] = ()
    ranked: Mapping[int, tuple[float, Judged]] = field(default_factory=dict)
    """Every candidate that may be shown, best first."""
    extra: Mapping[int, tuple[float, Judged]] = field(default_factory=dict)
    """Those of them that only a step asks for: they are not in the list."""
    services: Mapping[int, ServiceDocument] = field(default_factory=dict)
    """Those of them that were asked for besides and are read already; their positions are below 0."""

    @property
    def is_full(self) -> bool:
        """Whether somebody is found for every step."""
        return all(filled.pool for filled in self.steps)

    def positions(self) -> tuple[int, ...]:
        """All positions of its services."""
        return tuple(position for filled in self.steps for position in filled.pool)

    def candidates(self) -> tuple[int, ...]:
        """The positions of those that must still be read."""
        remote = (filled.remote for filled in self.steps if filled.remote is not None)
        return tuple(position for position in (*self.positions(), *remote) if position not in self.services)


def draft(
    situation: Situation, candidates: Candidates, ranked: Ranked, around: Surroundings, pathway: Pathway | None
) -> Draft:
    """The steps' pools, from candidates ranked best first; for a step that none of them fits, from all the others."""
    said = situation.enquiry.harms or situation.enquiry.needs
    if pathway is None or not (said or pathway.choices):
        return Draft(None)
    usable = _usable(ranked, situation)
    pooled = [_pooled(step, usable) for step in pathway_choice.steps(pathway, situation)]
    steps = tuple(filled for filled in pooled if filled.pool or filled.step.prefers != OWN_GROUP)
    empty = [filled.step for filled in steps if not filled.pool]
    extra = for_steps.ranked(empty, candidates, (position for position, _, _ in ranked), around) if empty else []
    if extra:
        usable = (*usable, *_usable(extra, situation))
        steps = tuple(filled if filled.pool else _pooled(filled.step, usable) for filled in steps)
    return Draft(
        pathway,
        steps,
        {position: (score, judged) for position, score, judged in (*ranked, *extra)},
        {position: (score, judged) for position, score, judged in extra},
    )


async def widened(drafted: Draft, query: ServiceQuery, index: SearchIndex, around: Surroundings) -> Draft:
    """The draft with its empty steps filled from the whole index, so that no gap is said that is none."""
    empty = [filled.step for filled in drafted.steps if not filled.pool]
    found = dict(await for_steps.asked(empty, query, index, around, POOL))
    numbers: dict[str, int] = {}
    extra, services = dict(drafted.extra), {}
    pools: dict[Step, list[int]] = {}
    for step, few in found.items():
        for score, judged, service in few:
            if not _may_fill(judged, around.situation):
                continue
            position = numbers.setdefault(service.id, -1 - len(numbers))
            extra[position], services[position] = (score, judged), service
            pools.setdefault(step, []).append(position)
    steps = (
        Filled(filled.step, tuple(pools[filled.step]), near=_near(filled.step, pools[filled.step], extra))
        if filled.step in pools
        else filled
        for filled in drafted.steps
    )
    return Draft(drafted.pathway, tuple(steps), {**drafted.ranked, **extra}, extra, services)


def _usable(ranked: Ranked, situation: Situation) -> Ranked:
    """Those that a step may be filled with, or that are named in its gap."""
    return [each for each in ranked if _may_fill(each[2], situation)]


def _may_fill(judged: Judged, situation: Situation) -> bool:
    """No less than a fallback; and none for men and boys alone while nobody said whom: it stays in the list."""
    is_guess = judged.row.flags & Flag.MALE_ONLY and situation.enquiry.gender is None
    return judged.need >= MINIMUM_NEED and not is_guess


def _near(step: Step, pool: Sequence[int], extra: Mapping[int, tuple[float, Judged]]) -> bool:
    return not _masks(step)[1] or any(extra[position][1].cover.reach is not NATION_REACH for position in pool)


def _pooled(step: Step, usable: Ranked) -> Filled:
    meant, is_local_help = _masks(step)
    pool = for_steps.answering(step, usable)
    if not pool:
        remote = (at for at, _, one in usable if one.row.needs & meant and one.cover.reach is NATION_REACH)
        return Filled(step, (), next(remote, None), near=not is_local_help)
    near = not is_local_help or any(judged.cover.reach is not NATION_REACH for _, _, judged in pool)
    return Filled(step, tuple(position for position, _, _ in pool[:POOL]), near=near)


@lru_cache(maxsize=1024)
def _masks(step: Step) -> tuple[int, bool]:
    """What a step is for as a mask, and whether such help is expected near home."""
    families = terms.load()["family"]
    near = step.prefers != "crisis" and any(
        families.is_a(code, other) for code in step.families[:1] for other in NEAR_BY
    )
    return terms.load()["need"].mask([step.need]), near


def choose(drafted: Draft, services: Mapping[int, ServiceDocument]) -> Draft:
    """The few that fill each step, all steps together.

    Every step first gets one: those that prefer some, then those with the least choice, so that none goes empty for
    another's second; then the steps are filled up in order, with what helps (FURTHER_FROM). Of services that are close,
    one of an organization already in the plan wins, then one of the organization that can fill most steps. None stands
    twice, unless a step would be empty.
    """
    wanted = _organizations(drafted, services)
    picks: list[list[int]] = [[] for _ in drafted.steps]
    used: set[str] = set()
    shown: set[int] = set()

    def pick(number: int, score: float = 0.0) -> bool:
        pool = drafted.steps[number].pool
        left = [position for position in pool if position not in shown and drafted.ranked[position][0] >= score]
        if not left:
            return False
        least = drafted.ranked[left[0]][0] - CLOSE
        close = [position for position in left if drafted.ranked[position][0] >= least]
        names = {position: services[position].organization for position in close}
        choice = max(close, key=lambda position: (names[position] in used, wanted[names[position]]))
        picks[number].append(choice)
        shown.add(choice)
        used.add(services[choice].organization)
        return True

    asked = sorted(enumerate(drafted.steps), key=lambda each: (not each[1].step.prefers, len(each[1].pool)))
    for number, _ in asked:
        pick(number)
    for number, filled in enumerate(drafted.steps):
        while len(picks[number]) < filled.step.limit and pick(number, FURTHER_FROM):
            pass
    order = {position: rank for rank, position in enumerate(drafted.ranked)}
    steps = [
        Filled(filled.step, tuple(sorted(picked, key=order.__getitem__)), filled.remote, near=filled.near)
        for filled, picked in zip(drafted.steps, picks, strict=True)
    ]
    return Draft(
        drafted.pathway,
        tuple(
            filled if filled.pool or not whole.pool else _again(filled.step, whole.pool[0], steps)
            for filled, whole in zip(steps, drafted.steps, strict=True)
        ),
        drafted.ranked,
        drafted.extra,
        drafted.services,
    )


def _organizations(drafted: Draft, services: Mapping[int, ServiceDocument]) -> Counter[str]:
    """In how many steps an organization has a service that is close to the step's best."""
    found: Counter[str] = Counter()
    for filled in drafted.steps:
        best = drafted.ranked[filled.pool[0]][0] if filled.pool else 0.0
        found.update(
            {services[position].organization for position in filled.pool if drafted.ranked[position][0] >= best - CLOSE}
        )
    return found


def _again(step: Step, position: int, steps: Sequence[Filled]) -> Filled:
    other = next(filled.step.label for filled in steps if position in filled.pool)
    return Filled(step, (position,), None, f"The same as under “{other}”: nobody else is known for this.")


def fill(
    chosen: Draft, matches: Mapping[int, Match], services: Mapping[int, ServiceDocument], situation: Situation
) -> Plan | None:
    """The plan, with a sentence for every gap. `matches` and `services` hold every position chosen."""
    if chosen.pathway is None:
        return None
    enquiry = situation.enquiry
    steps = tuple(
        PlanStep(
            when=filled.step.when,
            need=filled.step.need,
            label=filled.step.label,
            matches=tuple(matches[position] for position in filled.pool),
            gap=_gap(filled, services, situation),
            advice=filled.step.advice,
            again=filled.again,
        )
        for filled in chosen.steps
    )
    age, other = pathway_choice.span(enquiry.age), pathway_choice.span(enquiry.other_age)
    notes = tuple(
        Note(note.text, note.source, note.check)
        for note in chosen.pathway.notes
        if note.audience.includes(age, other, enquiry.relation)
    )
    return Plan(
        pathway=chosen.pathway.id,
        title=chosen.pathway.title,
        steps=steps,
        gaps=tuple(step.gap for step in steps if step.gap),
        notes=notes,
        guides=chosen.pathway.guides,
    )


def _gap(filled: Filled, services: Mapping[int, ServiceDocument], situation: Situation) -> str:
    """What is missing near home, in a sentence that names the nearest by phone; empty when nothing is."""
    placed = situation.enquiry.residence is not None and situation.residence_mask
    if filled.pool and (filled.near or not placed):
        return ""
    found = [services[position] for position in (*filled.pool, filled.remote) if position is not None]
    return gap_sentences.sentence(filled.step, found, situation.enquiry)
