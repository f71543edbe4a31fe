"""The matcher: retrieve up to 300 candidates, rank them exactly, explain the best, and fill a plan."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from directory.errors import BadInput
from directory.matching import (
    avoiding,
    beside,
    eligibility,
    explain,
    graders,
    ladder,
    notices,
    pathway_choice,
    plan,
    retrieve,
    safety,
    scope,
    signals,
    situation,
)
from directory.matching.avoiding import Avoided
from directory.matching.candidate import NATION_REACH, UNKNOWN_REACH, rows
from directory.matching.enquiry import Enquiry
from directory.matching.fit import FitTable
from directory.matching.judged import Judged, judge
from directory.matching.results import LeftOut, Match, MatchResult
from directory.matching.signals import Surroundings
from directory.matching.situation import Situation
from directory.opening import day_of, quarter_of_week
from directory.search.columns import Flag
from directory.search.document import ServiceDocument
from directory.search.index import Candidates, SearchIndex
from directory.search.query import CANDIDATES, ServiceQuery
from taxonomy.pathway import Pathway
from taxonomy.pathways import Pathways
from taxonomy.words import Understanding

SHOWN = 20
"""Results given at most."""
REALLY_HELPS = 0.65
HELPLINE_PLACES = 10
EXAMPLES = 1
"""Names given of each group of services left out: each is one more document to read."""

Ranked = list[tuple[int, float, Judged]]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Retrieved and ranked, not yet explained: positions are those of `candidates`."""

    known: Situation
    query: ServiceQuery
    fits: FitTable
    candidates: Candidates
    around: Surroundings
    ranked: Ranked
    out: "Out"
    pathway: Pathway | None = None


async def rank(
    enquiry: Enquiry, index: SearchIndex, now: datetime, facets: bool = True, pathways: Pathways | None = None
) -> Ranking:
    """Both steps for one enquiry. `pathways`: those in use, the shipped ones when None.

    Raises BadInput when there is nothing to go on, NotReady.
    """
    if enquiry.is_empty:
        raise BadInput(
            "There is nothing to match yet.",
            "Say in a few words what happened, how old the person is and where they live.",
            field="text",
        )
    known = situation.understand(enquiry)
    fits = FitTable(known)
    pathway = pathway_choice.chosen(known, pathways)
    query = retrieve.query(known, fits, pathway)
    candidates = await index.candidates(query, CANDIDATES, facets)
    around, judged, out = _judge(candidates, known, fits, now)
    return Ranking(known, query, fits, candidates, around, ordered(judged, around), out, pathway)


async def match(
    enquiry: Enquiry,
    understood: Understanding,
    index: SearchIndex,
    now: datetime,
    served: scope.Scope | None = None,
    pathways: Pathways | None = None,
) -> MatchResult:
    """From an enquiry to matches, plan and reasons. `served`: whom this installation serves, the shipped setting
    when None. `pathways`: those in use, the shipped ones when None.

    Raises BadInput when there is nothing to go on, NotReady when the index cannot answer.
    """
    found = await rank(enquiry, index, now, pathways=pathways)
    known, candidates, ranked, out, around = found.known, found.candidates, found.ranked, found.out, found.around
    avoided = await avoiding.look(known, found.query, found.fits, index)
    climbed = ladder.Climbed()
    if ladder.falls_short(ranked, known):
        climbed = await ladder.climb(known, [one for _, _, one in ranked], index, around, found.pathway)
    best = [position for position, _, _ in ranked[:SHOWN]]
    draft = plan.draft(known, candidates, ranked, around, found.pathway)
    examples = _examples(out)
    reading = retrieve.read(candidates, (*best, *draft.candidates(), *examples))
    if draft.is_full:
        services = await reading
    else:  # side by side: over a network each is a wait of its own
        draft, services = await asyncio.gather(plan.widened(draft, found.query, index, around), reading)
        services |= draft.services
    chosen = plan.choose(draft, services)
    scored = {position: (score, one) for position, score, one in ranked} | dict(draft.extra)
    applying = signals.applying(known)
    matches = {
        position: explained(services[position], *scored[position], around, applying)
        for position in dict.fromkeys((*best, *chosen.positions()))
    }
    if avoided.organizations:
        matches = {position: _conflicted(match, avoided) for position, match in matches.items()}
    return MatchResult(
        enquiry=enquiry,
        understood=understood,
        matches=_with_duties([matches[position] for position in best], avoided, around),
        plan=plan.fill(chosen, matches, services, known),
        safety=safety.lines(enquiry),
        facets=candidates.facets,
        left_out=_left_out(out, examples, services),
        notices=(*filter(None, (candidates.notice,)), *notices.notices(known, understood)),
        ladder=climbed.steps,
        nearby=tuple(_near(one) for one in climbed.nearby),
        hand_over=scope.hand_overs(enquiry, served or scope.shipped()),
    )


def _conflicted(match: Match, avoided: Avoided) -> Match:
    caution = avoided.caution(match.service)
    return replace(match, cautions=(caution, *match.cautions)) if caution else match


def _with_duties(best: list[Match], avoided: Avoided, around: Surroundings) -> tuple[Match, ...]:
    """The list, and by score in it what only its duty to protect a child keeps there."""
    applying = signals.applying(around.situation)
    for one, service in avoided.duties:
        kept = explained(service, signals.score(one, around, applying), one, around, applying)
        kept = replace(kept, cautions=(avoiding.DUTY_CAUTION, *kept.cautions))
        best.insert(next((at for at, each in enumerate(best) if each.score < kept.score), len(best)), kept)
    return tuple(best[:SHOWN])


def _near(found: ladder.Nearby) -> Match:
    """A service of the wider area, with the question that decides before all others."""
    applying = signals.applying(found.around.situation)
    score = signals.score(found.judged, found.around, applying)
    match = explained(found.service, score, found.judged, found.around, applying)
    return replace(match, ask_first=("Does it take people who live outside its area?", *match.ask_first))


def _judge(
    candidates: Candidates, known: Situation, fits: FitTable, now: datetime
) -> tuple[Surroundings, list[tuple[int, Judged]], list[tuple[int, eligibility.Out]]]:
    judged: list[tuple[int, Judged]] = []
    out: list[tuple[int, eligibility.Out]] = []
    local_families = 0
    helping = [at for at, mask in enumerate(candidates.columns["families"]) if mask & fits.family_mask]
    for position, row in rows(candidates, helping):
        one = judge(row, known, fits)
        if isinstance(one, Judged):
            judged.append((position, one))
            if _helps_locally(one, known):
                local_families |= row.main_family
        elif one is not None:
            out.append((position, one))
    judged = beside.stepped_back(judged, known)
    top_text = max((one.row.text for _, one in judged), default=0.0)
    quarter = quarter_of_week(now) if known.enquiry.urgency == "now" else None
    gains = graders.gains(known)
    return Surroundings(known, day_of(now), local_families, top_text, eligibility.masks(), gains, quarter), judged, out


def _helps_locally(judged: Judged, known: Situation) -> bool:
    """Whether a local service really helps; when it is urgent, one whose number is not known does not yet."""
    if not judged.cover.is_local or judged.need < REALLY_HELPS:
        return False
    return known.enquiry.urgency != "now" or bool(judged.row.flags & Flag.HAS_PHONE)


def ordered(judged: list[tuple[int, Judged]], around: Surroundings) -> Ranked:
    """Best first; ties end in distance, then name, then the engine's order, so that pages never repeat."""
    applying = signals.applying(around.situation)
    ranked = [(position, signals.score(one, around, applying), one) for position, one in judged]
    ranked.sort(
        key=lambda item: (
            item[2].cover.reach is UNKNOWN_REACH,  # unknown is not everywhere: after all that do cover
            -round(item[1], 6),
            item[2].distance_m if item[2].distance_m is not None else float("inf"),
            item[2].row.name_key,
            item[0],
        )
    )
    return _with_helpline(ranked, around)


def _with_helpline(ranked: Ranked, around: Surroundings) -> Ranked:
    """A national line that fits keeps a place among the first ten (matching.md, section 2)."""

    def is_line(judged: Judged) -> bool:
        return judged.cover.reach is NATION_REACH and bool(judged.row.flags & Flag.HAS_PHONE) and judged.need >= 0.6

    if any(is_line(judged) for _, _, judged in ranked[:HELPLINE_PLACES]):
        return ranked
    for place, (_, _, judged) in enumerate(ranked[HELPLINE_PLACES:], HELPLINE_PLACES):
        if is_line(judged):
            ranked.insert(HELPLINE_PLACES - 1, ranked.pop(place))
            break
    return ranked


def explained(
    service: ServiceDocument, score: float, judged: Judged, around: Surroundings, applying: tuple[signals.Signal, ...]
) -> Match:
    """One ranked service with every word that is said of it."""
    return Match(
        service=service,
        score=round(score, 4),
        reasons=explain.reasons(service, judged, around, applying),
        ask_first=explain.ask_first(service, judged, around),
        cautions=explain.cautions(service, around),
        distance_m=judged.distance_m,
        freshness=explain.freshness(service, around.today),
    )


Out = list[tuple[int, eligibility.Out]]


def _examples(out: Out) -> list[int]:
    """Positions of the few services of each group left out that are named."""
    groups: dict[eligibility.Out, list[int]] = {}
    for position, reason in out:
        group = groups.setdefault(reason, [])
        if len(group) < EXAMPLES:
            group.append(position)
    return [position for group in groups.values() for position in group]


def _left_out(out: Out, examples: Sequence[int], services: Mapping[int, ServiceDocument]) -> tuple[LeftOut, ...]:
    reasons = dict(out)
    counts = Counter(reasons.values())
    return tuple(
        LeftOut(
            reason.value, count, tuple(services[position].name for position in examples if reasons[position] is reason)
        )
        for reason, count in counts.most_common()
    )
