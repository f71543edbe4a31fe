"""The matcher: retrieve up to 300 candidates, rank them exactly, explain the best, and fill a plan."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from directory.errors import BadInput
from directory.matching import eligibility, explain, plan, retrieve, safety, signals, situation
from directory.matching.candidate import Reach, Row, cover
from directory.matching.enquiry import Enquiry
from directory.matching.fit import FitTable
from directory.matching.results import LeftOut, Match, MatchResult
from directory.matching.signals import Judged, Surroundings
from directory.matching.situation import Situation
from directory.search.columns import Flag
from directory.search.document import ServiceDocument
from directory.search.index import COLUMNS, Candidates, SearchIndex
from directory.search.query import CANDIDATES
from taxonomy.words import Understanding

SHOWN = 20
"""Results given at most."""
LEAST_NEED = 0.2
"""Below this a service has nothing to offer here and is not shown."""
REALLY_HELPS = 0.65
IDEAL = 0.95
HELPLINE_PLACES = 10
EXAMPLES = 1
"""Names given of each group of services left out: each is one more document to read."""

Ranked = list[tuple[int, float, Judged]]


async def match(enquiry: Enquiry, understood: Understanding, index: SearchIndex, now: datetime) -> MatchResult:
    """From an enquiry to matches, plan and reasons.

    Raises BadInput when there is nothing to go on, NotReady when the index cannot answer.
    """
    if enquiry.is_empty:
        raise BadInput(
            "There is nothing to match yet.",
            "Say in a few words what happened, how old the person is and where they live.",
            field="text",
        )
    known = situation.understand(enquiry)
    fits = FitTable(known)
    candidates = await index.candidates(retrieve.query(known, fits), CANDIDATES)
    around, judged, out = _judge(candidates, known, fits, int(now.timestamp() // 86400))
    ranked = _rank(judged, around)
    best = [position for position, _, _ in ranked[:SHOWN]]
    draft = plan.draft(known, ranked)
    examples = _examples(out)
    services = await _read(candidates, (*best, *draft.positions(), *examples))
    chosen = plan.choose(draft, services)
    scored = {position: (score, one) for position, score, one in ranked}
    applying = signals.applying(known)
    matches = {
        position: _explained(services[position], *scored[position], around, applying)
        for position in dict.fromkeys((*best, *chosen.positions()))
    }
    return MatchResult(
        enquiry=enquiry,
        understood=understood,
        matches=tuple(matches[position] for position in best),
        plan=plan.fill(chosen, matches, known),
        safety=safety.lines(enquiry),
        facets=candidates.facets,
        left_out=_left_out(out, examples, services),
        notices=_notices(known),
    )


async def _read(candidates: Candidates, positions: Iterable[int]) -> dict[int, ServiceDocument]:
    """The whole documents of these candidates, each read once."""
    wanted = list(dict.fromkeys(positions))
    return dict(zip(wanted, await candidates.load(wanted), strict=True))


def _judge(
    candidates: Candidates, known: Situation, fits: FitTable, today: int
) -> tuple[Surroundings, list[tuple[int, Judged]], list[tuple[int, eligibility.Out]]]:
    bits = eligibility.masks()
    centre = known.enquiry.residence.point if known.enquiry.residence else None
    judged: list[tuple[int, Judged]] = []
    out: list[tuple[int, eligibility.Out]] = []
    local_families = specialists = 0
    columns = [candidates.columns[name] for name in COLUMNS]
    for position, values in enumerate(zip(*columns, candidates.scores, strict=True)):
        if not values[0] & fits.family_mask:
            continue
        row = Row._make(values)
        for_parents = eligibility.parents_only(row, bits)
        fit = fits.of(row, for_parents)
        if fit.value < LEAST_NEED:
            continue
        reach = cover(row, known)
        reason = eligibility.ruled_out(row, reach, known, bits, for_parents)
        if reason is not None:
            out.append((position, reason))
            continue
        top = eligibility.ceiling(row, reach, known, bits, for_parents)
        one = signals.judged(row, fit, reach, top, signals.distance_from(centre, row))
        judged.append((position, one))
        if _helps_locally(one, known):
            local_families |= row.main_family
            specialists += one.need >= IDEAL and not row.main_family & bits.general_help
    judged = [(position, signals.beside_specialists(one, bits, specialists)) for position, one in judged]
    top_text = max((one.row.text for _, one in judged), default=0.0)
    return Surroundings(known, today, local_families, top_text, bits), judged, out


def _helps_locally(judged: Judged, known: Situation) -> bool:
    """Whether a local service really helps; when it is urgent, one whose number is not known does not yet."""
    if not judged.cover.is_local or judged.need < REALLY_HELPS:
        return False
    return known.enquiry.urgency != "now" or bool(judged.row.flags & Flag.HAS_PHONE)


def _rank(judged: list[tuple[int, Judged]], around: Surroundings) -> Ranked:
    """Best first; ties end in distance, then name, then the engine's order, so that pages never repeat."""
    applying = signals.applying(around.situation)
    ranked = [(position, signals.score(one, around, applying), one) for position, one in judged]
    ranked.sort(
        key=lambda item: (
            item[2].cover.reach is Reach.UNKNOWN,  # unknown is not everywhere: after all that do cover
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
        return judged.cover.reach is Reach.NATION and bool(judged.row.flags & Flag.HAS_PHONE) and judged.need >= 0.6

    if any(is_line(judged) for _, _, judged in ranked[:HELPLINE_PLACES]):
        return ranked
    for place, (_, _, judged) in enumerate(ranked[HELPLINE_PLACES:], HELPLINE_PLACES):
        if is_line(judged):
            ranked.insert(HELPLINE_PLACES - 1, ranked.pop(place))
            break
    return ranked


def _explained(
    service: ServiceDocument, score: float, judged: Judged, around: Surroundings, applying: tuple[signals.Signal, ...]
) -> Match:
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


def _notices(known: Situation) -> tuple[str, ...]:
    enquiry = known.enquiry
    found = []
    if not known.placed:
        found.append("No place was given, so only services for all of Scotland are shown. Where do they live?")
    elif enquiry.residence is None:
        found.append("Where do they live? Services of the place of harm are shown; most go by the home.")
    if known.outside_scotland:
        found.append(
            "They live outside Scotland. Shown are services for the place of harm and for all of Scotland. "
            "Record a hand-over to services where they live."
        )
    for place in (enquiry.residence, enquiry.harm_place):
        if place and place.choices:
            found.append(f"{place.name} may be {', or '.join(place.choices)}. Choose one to be sure.")
    if not enquiry.harms and not enquiry.needs:
        found.append("Nothing was said of what happened or what is needed, so the order is general.")
    return tuple(found)
