"""The matcher: retrieve up to 300 candidates, rank them exactly, explain the best, and fill a plan."""

from collections import Counter
from collections.abc import Sequence
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
from directory.search.index import COLUMNS, Candidates, SearchIndex
from directory.search.query import CANDIDATES
from taxonomy.words import Understanding

SHOWN = 20
"""Results given at most."""
LEAST_NEED = 0.2
"""Below this a service has nothing to offer here and is not shown."""
REALLY_HELPS = 0.65
HELPLINE_PLACES = 10
EXAMPLES = 2
"""Names given of each group of services left out."""

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
    chosen = plan.draft(known, ranked)
    wanted = dict.fromkeys([position for position, _, _ in ranked[:SHOWN]])
    wanted.update(dict.fromkeys(chosen.positions() if chosen else ()))
    read = await _explained(candidates, list(wanted), ranked, around)
    return MatchResult(
        enquiry=enquiry,
        understood=understood,
        matches=tuple(read[position] for position, _, _ in ranked[:SHOWN]),
        plan=plan.fill(chosen, read, known) if chosen else None,
        safety=safety.lines(enquiry),
        facets=candidates.facets,
        left_out=await _left_out(candidates, out),
        notices=_notices(known),
    )


def _judge(
    candidates: Candidates, known: Situation, fits: FitTable, today: int
) -> tuple[Surroundings, list[tuple[int, Judged]], list[tuple[int, eligibility.Out]]]:
    bits = eligibility.masks()
    centre = known.enquiry.residence.point if known.enquiry.residence else None
    judged: list[tuple[int, Judged]] = []
    out: list[tuple[int, eligibility.Out]] = []
    local_families = 0
    columns = [candidates.columns[name] for name in COLUMNS]
    for position, values in enumerate(zip(*columns, candidates.scores, strict=True)):
        row = Row._make(values)
        fit = fits.of(row, eligibility.parents_only(row, bits))
        if fit.value < LEAST_NEED:
            continue
        reach = cover(row, known)
        reason = eligibility.ruled_out(row, reach, known, bits)
        if reason is not None:
            out.append((position, reason))
            continue
        top = eligibility.ceiling(row, reach, known, bits)
        one = Judged(row, fit, reach, top, signals.distance_from(centre, row))
        judged.append((position, one))
        if _helps_locally(one, known):
            local_families |= row.main_family
    top_text = max((one.row.text for _, one in judged), default=0.0)
    return Surroundings(known, today, local_families, top_text, bits), judged, out


def _helps_locally(judged: Judged, known: Situation) -> bool:
    """Whether a local service really helps; when it is urgent, one whose number is not known does not yet."""
    local = judged.cover.reach in (Reach.LOCAL, Reach.PART, Reach.REGION)
    reachable = known.enquiry.urgency != "now" or bool(judged.row.flags & Flag.HAS_PHONE)
    return local and reachable and judged.need >= REALLY_HELPS


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


async def _explained(
    candidates: Candidates, positions: Sequence[int], ranked: Ranked, around: Surroundings
) -> dict[int, Match]:
    applying = signals.applying(around.situation)
    by_position = {position: (score, judged) for position, score, judged in ranked}
    services = await candidates.load(positions)
    found = {}
    for position, service in zip(positions, services, strict=True):
        score, judged = by_position[position]
        found[position] = Match(
            service=service,
            score=round(score, 4),
            reasons=explain.reasons(service, judged, around, applying),
            ask_first=explain.ask_first(service, judged, around),
            cautions=explain.cautions(service, around),
            distance_m=judged.distance_m,
            freshness=explain.freshness(service, around.today),
        )
    return found


async def _left_out(candidates: Candidates, out: list[tuple[int, eligibility.Out]]) -> tuple[LeftOut, ...]:
    counts = Counter(reason for _, reason in out)
    examples: dict[eligibility.Out, list[int]] = {}
    for position, reason in out:
        if len(examples.setdefault(reason, [])) < EXAMPLES:
            examples[reason].append(position)
    positions = [position for group in examples.values() for position in group]
    names = dict(zip(positions, await candidates.load(positions), strict=True))
    return tuple(
        LeftOut(reason.value, count, tuple(names[position].name for position in examples[reason]))
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
