"""A plan: a pathway's steps filled with services for one enquiry, few organizations over many, gaps said aloud."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from directory.matching.results import Match, Note, Plan, PlanStep
from directory.matching.signals import Judged
from directory.matching.situation import Situation
from taxonomy import pathways, terms

CLOSE = 0.05
"""Two services this close in score count as equal, and the organization already in the plan wins: the person tells
the story once (matching.md, section 3)."""
POOL = 6
"""How many of the best services for a step are read, to choose its few from."""
MINIMUM_NEED = 0.3
"""A step is not filled with a service that is less than a fallback."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A pathway chosen, with the positions (best first) of the candidates that could fill each step."""

    pathway: pathways.Pathway
    steps: tuple[tuple[pathways.Step, tuple[int, ...]], ...]

    def positions(self) -> Iterable[int]:
        """All positions that must be read."""
        return (position for _, pool in self.steps for position in pool)


def draft(situation: Situation, ranked: Sequence[tuple[int, float, Judged]]) -> Draft | None:
    """The pathway for an enquiry and its steps' pools, from candidates ranked best first; None when none applies."""
    said = situation.enquiry.harms or situation.enquiry.needs
    pathway = pathways.choose(situation.enquiry.harms, situation.who) if said else None
    if pathway is None:
        return None
    steps = tuple((step, _pool(step, ranked)) for step in pathway.steps if situation.who.issuperset(step.who))
    return Draft(pathway, steps)


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


def fill(chosen: Draft, matches: Mapping[int, Match], situation: Situation) -> Plan:
    """The plan. `matches` holds every position of the draft."""
    used: set[str] = set()
    shown: set[str] = set()
    steps = []
    for step, pool in chosen.steps:
        picked = _pick([matches[position] for position in pool], step.limit, used, shown)
        used.update(match.service.organization for match in picked)
        shown.update(match.service.id for match in picked)
        gap = "" if picked or any(matches[p].service.id in shown for p in pool) else _gap(step, situation)
        if picked or gap:
            steps.append(PlanStep(step.when, step.need, step.label, tuple(picked), gap))
    notes = tuple(Note(note.text, note.source) for note in chosen.pathway.notes)
    gaps = tuple(step.gap for step in steps if step.gap)
    return Plan(chosen.pathway.id, chosen.pathway.title, tuple(steps), gaps, notes)


def _pick(pool: list[Match], limit: int, used: set[str], shown: set[str]) -> list[Match]:
    left = [match for match in pool if match.service.id not in shown]
    picked: list[Match] = []
    while left and len(picked) < limit:
        best = left[0].score
        close = [match for match in left if best - match.score <= CLOSE]
        choice = next((match for match in close if match.service.organization in used), left[0])
        picked.append(choice)
        left.remove(choice)
    return picked


def _gap(step: pathways.Step, situation: Situation) -> str:
    residence = situation.enquiry.residence
    where = residence.name if residence else "Scotland as a whole"
    age = situation.enquiry.age
    who = f" for a person of {age.minimum}" if age and age.minimum == age.maximum else ""
    need = terms.load()["need"].label(step.need).lower()
    return f"No service for “{need}”{who} is known that covers {where}."
