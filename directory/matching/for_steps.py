"""Services that only a step of the plan asks for: the list goes by what was said, a pathway knows what comes next."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache

from directory.matching import retrieve, signals
from directory.matching.candidate import rows
from directory.matching.fit import FitTable
from directory.matching.judged import Judged, judge
from directory.matching.signals import Surroundings
from directory.search.columns import Flag
from directory.search.document import ServiceDocument
from directory.search.index import Candidates, SearchIndex
from directory.search.query import ServiceQuery
from taxonomy import terms
from taxonomy.pathway import OWN_GROUP, Step

Ranked = list[tuple[int, float, Judged]]
WIDER = 60
"""Candidates asked for when a step is still empty: there are few services of such a kind in any one place."""


async def asked(
    steps: Sequence[Step], query: ServiceQuery, index: SearchIndex, around: Surroundings, most: int
) -> list[tuple[Step, list[tuple[float, Judged, ServiceDocument]]]]:
    """For each step its best few of the whole index, read. One query for all steps, asked only so that no gap is said
    that is none: what a step needs may stand behind a hundred services that the words ask for."""
    families = tuple(dict.fromkeys(code for step in steps for code in step.families))
    kinds = tuple((step.families, step.needs) for step in steps)
    plain = replace(query, text="", families=families, kinds=kinds, boost_families=(), boost_harms=(), names=())
    candidates = await index.candidates(plain, WIDER, facets=False)
    found = ranked(steps, candidates, (), around)
    wanted = {step: answering(step, found)[:most] for step in steps}
    read = await retrieve.read(candidates, (position for few in wanted.values() for position, _, _ in few))
    return [(step, [(score, one, read[position]) for position, score, one in few]) for step, few in wanted.items()]


def answering(step: Step, found: Iterable[tuple[int, float, Judged]]) -> Ranked:
    """Those of a kind that can fill a step, in the same order; where it prefers some of them, those alone. Whoever is
    for a group is judged only for a person of it."""
    families, needs = masks(step)
    all_of_kind = [
        each for each in found if each[2].row.families & families and (not needs or each[2].row.needs & needs)
    ]
    if not step.prefers:
        return all_of_kind
    preferred = [each for each in all_of_kind if _is_preferred(step, each[2])]
    return preferred if preferred or step.prefers == OWN_GROUP else all_of_kind


def _is_preferred(step: Step, judged: Judged) -> bool:
    if step.prefers == "crisis":
        return bool(judged.row.flags & Flag.CRISIS)
    if step.prefers == OWN_GROUP:
        return bool(judged.row.groups)
    return judged.cover.is_local


@lru_cache(maxsize=1024)
def masks(step: Step) -> tuple[int, int]:
    """A step's families and needs."""
    return terms.load()["family"].mask(step.families), terms.load()["need"].mask(step.needs)


def ranked(steps: Sequence[Step], candidates: Candidates, taken: Iterable[int], around: Surroundings) -> Ranked:
    """Candidates that are not `taken` and fit a need of these steps, best first, under the same rules as all others."""
    known, columns = around.situation, candidates.columns
    positions = _may_stand(steps, columns["families"], columns["needs"], set(taken))
    if not positions:
        return []
    wanted = tuple(dict.fromkeys(f"need:{code}" for step in steps for code in (step.need, *step.needs)))
    fits = FitTable(known, wanted)
    applying, found = signals.applying(known), []
    for position, row in rows(candidates, positions):
        one = judge(row, known, fits)
        if isinstance(one, Judged):
            found.append((position, signals.score(one, around, applying), one))
    return sorted(found, key=lambda each: (-round(each[1], 6), each[2].row.name_key, each[0]))


def _may_stand(
    steps: Sequence[Step], families: Sequence[int], needs: Sequence[int], taken: AbstractSet[int]
) -> list[int]:
    """Positions of those that can answer a step, or are for its need at least: the latter are named in a gap.

    By masks alone, since most are neither: only the others are worth making a row of.
    """
    asked = [(*masks(step), terms.load()["need"].mask((step.need,))) for step in steps]
    kinds = 0
    for wanted, _, _ in asked:
        kinds |= wanted
    return [
        position
        for position, mask in enumerate(families)
        if mask & kinds
        and position not in taken
        and any(
            needs[position] & meant or (mask & wanted and (not by_needs or needs[position] & by_needs))
            for wanted, by_needs, meant in asked
        )
    ]
