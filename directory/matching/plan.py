"""A plan: a pathway's steps filled with services for one enquiry, few organizations over many, gaps said aloud."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from directory.matching.results import Match, Note, Plan, PlanStep
from directory.matching.signals import Judged
from directory.matching.situation import Situation
from directory.search.document import ServiceDocument
from taxonomy import pathways, terms

CLOSE = 0.05
"""Two services this close in score count as equal, and the organization already in the plan wins: the person tells
the story once (matching.md, section 3)."""
POOL = 4
"""How many of the best services for a step are read, to choose its few from."""
MINIMUM_NEED = 0.2
"""A step is not filled with a service that is less than a fallback."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A pathway, and for each step positions of candidates, best first: those that could fill it, or do."""

    pathway: pathways.Pathway | None
    steps: tuple[tuple[pathways.Step, tuple[int, ...]], ...] = ()
    scores: Mapping[int, float] = field(default_factory=dict)

    def positions(self) -> tuple[int, ...]:
        """All positions that must be read."""
        return tuple(position for _, pool in self.steps for position in pool)


def draft(situation: Situation, ranked: Sequence[tuple[int, float, Judged]]) -> Draft:
    """The pathway for an enquiry and its steps' pools, from candidates ranked best first."""
    said = situation.enquiry.harms or situation.enquiry.needs
    pathway = pathways.choose(situation.enquiry.harms, situation.who) if said else None
    if pathway is None:
        return Draft(None)
    steps = tuple((step, _pool(step, ranked)) for step in pathway.steps if situation.who.issuperset(step.who))
    return Draft(pathway, steps, {position: score for position, score, _ in ranked})


def _pool(step: pathways.Step, ranked: Sequence[tuple[int, float, Judged]]) -> tuple[int, ...]:
    families = terms.load()["family"].mask(step.families)
    needs = terms.load()["need"].mask(step.needs)
    found = []
    for position, _, judged in ranked:
        row = judged.row
        if row.families & families and (not needs or row.needs & needs) and judged.need >= MINIMUM_NEED:
            found.append(position)
            if len(found) == POOL:
                break
    return tuple(found)


def choose(drafted: Draft, services: Mapping[int, ServiceDocument]) -> Draft:
    """The few that fill each step: none twice, and of two that are close the organization already in the plan."""
    used: set[str] = set()
    shown: set[int] = set()
    steps = []
    for step, pool in drafted.steps:
        picked = _pick([position for position in pool if position not in shown], step.limit, drafted, services, used)
        shown.update(picked)
        if picked or not shown.intersection(pool):
            steps.append((step, tuple(picked)))
    return Draft(drafted.pathway, tuple(steps), drafted.scores)


def _pick(
    left: list[int], limit: int, drafted: Draft, services: Mapping[int, ServiceDocument], used: set[str]
) -> list[int]:
    picked: list[int] = []
    while left and len(picked) < limit:
        least = drafted.scores[left[0]] - CLOSE
        close = (position for position in left if drafted.scores[position] >= least)
        choice = next((position for position in close if services[position].organization in used), left[0])
        picked.append(choice)
        left.remove(choice)
        used.add(services[choice].organization)
    return picked


def fill(chosen: Draft, matches: Mapping[int, Match], situation: Situation) -> Plan | None:
    """The plan, with a sentence for every step that nothing fills. `matches` holds every position chosen."""
    if chosen.pathway is None:
        return None
    steps = tuple(
        PlanStep(
            step.when,
            step.need,
            step.label,
            tuple(matches[position] for position in picked),
            "" if picked else _gap(step, situation),
        )
        for step, picked in chosen.steps
    )
    notes = tuple(Note(note.text, note.source) for note in chosen.pathway.notes)
    return Plan(chosen.pathway.id, chosen.pathway.title, steps, tuple(step.gap for step in steps if step.gap), notes)


def _gap(step: pathways.Step, situation: Situation) -> str:
    residence = situation.enquiry.residence
    where = residence.name if residence else "Scotland as a whole"
    age = situation.enquiry.age
    who = f" for a person of {age.minimum}" if age and age.minimum == age.maximum else ""
    need = terms.load()["need"].label(step.need).lower()
    return f"No service for “{need}”{who} is known that covers {where}."
