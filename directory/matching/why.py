"""Why one service stands where it does, on demand: signals, facts, its neighbours, and what would change the answer.

Every "if" is worked out by ranking again with that one fact changed; nothing is guessed. Not part of `matcher.match`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.errors import NotFound
from directory.matching import beside, eligibility, matcher, signals, suppose
from directory.matching.candidate import Row, cover
from directory.matching.eligibility_facts import EligibilityFact, facts
from directory.matching.enquiry import Enquiry
from directory.matching.judged import LEAST_NEED, Judged, judge
from directory.matching.matcher import Ranking
from directory.matching.results import Match
from directory.search.columns import pack
from directory.search.document import ServiceDocument
from directory.search.index import SearchIndex
from directory.values import Reason
from taxonomy.pathways import Pathways

LEAST_GAP = 0.002
"""A difference in the score that is worth a word."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would change the answer: "If it were known that it takes any gender: place 1 instead of 3."."""

    sentence: str
    place: int | None
    """Its place then; None when it would not be shown."""


@dataclass(frozen=True, slots=True)
class Why:
    """One service under one enquiry. `place` counts from 1 among `of` ranked; None when `left_out` says why not."""

    service: ServiceDocument
    place: int | None
    of: int
    match: Match | None
    left_out: str
    facts: tuple[EligibilityFact, ...]
    beside: tuple[str, ...]
    """What puts it above the next and below the one before it."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Subject:
    """The service that is asked about, with its columns."""

    service: ServiceDocument
    row: Row


async def why(
    enquiry: Enquiry, service_id: str, index: SearchIndex, now: datetime, pathways: Pathways | None = None
) -> Why:
    """Everything about one service's place. `pathways`: those in use, the shipped ones when None.

    Raises BadInput for an empty enquiry, NotFound, NotReady.
    """

    async def rank(asked: Enquiry) -> Ranking:
        return await matcher.rank(asked, index, now, facets=False, pathways=pathways)

    service = await index.get(service_id)
    if service is None:
        raise NotFound("There is no such service.", "Choose one from the list of matches.")
    ranking = await rank(enquiry)
    at = await _position(service, ranking)
    score = ranking.candidates.scores[at] if at is not None else 0.0
    subject = _Subject(service, Row(**pack(service), text=score))
    found = _found(at, ranking)
    left_out = "" if found else _reason(subject, ranking, at)
    return Why(
        service=service,
        place=found[0] if found else None,
        of=len(ranking.ranked),
        match=matcher.explained(service, *found[1:], ranking.around, signals.applying(ranking.known))
        if found
        else None,
        left_out=left_out,
        facts=facts(service, ranking.known),
        beside=await _beside(found[0], ranking) if found else (),
        changes=tuple([change async for change in _changes(subject, ranking, at, rank)]),
    )


async def _position(service: ServiceDocument, ranking: Ranking) -> int | None:
    """The service's position among the candidates."""
    key = pack(service)["name_key"]
    same = [at for at, value in enumerate(ranking.candidates.columns["name_key"]) if value == key]
    found = await ranking.candidates.load(same)
    return next((at for at, each in zip(same, found, strict=True) if each.id == service.id), None)


def _found(at: int | None, ranking: Ranking) -> tuple[int, float, Judged] | None:
    """Its place, score and what was judged of it."""
    places = enumerate(ranking.ranked, 1)
    return next(((place, score, one) for place, (position, score, one) in places if position == at), None)


def _reason(subject: _Subject, ranking: Ranking, at: int | None) -> str:
    known = ranking.known
    out = eligibility.ruled_out(subject.row, cover(subject.row, known), known)
    if out is not None:
        return f"It is left out: {out.value}."
    if ranking.fits.of(subject.row).value < LEAST_NEED:
        return "It is not made for what was said."
    return "It is lower than those looked at." if at is None else "It is left out by a fact of the enquiry."


async def _beside(place: int, ranking: Ranking) -> tuple[str, ...]:
    """How the service compares with the one before it and the one after, signal by signal."""
    near = [at for at in (place - 1, place + 1) if 1 <= at <= len(ranking.ranked)]
    services = await ranking.candidates.load([ranking.ranked[at - 1][0] for at in near])
    own = ranking.ranked[place - 1]
    return tuple(
        _compared(own, ranking.ranked[at - 1], service.name, at < place, ranking)
        for at, service in zip(near, services, strict=True)
    )


def _compared(
    own: tuple[int, float, Judged], other: tuple[int, float, Judged], name: str, below: bool, ranking: Ranking
) -> str:
    applying = signals.applying(ranking.known)
    high, low = (other, own) if below else (own, other)
    gaps = [
        (signal.weight * (signal.value(high[2], ranking.around) - signal.value(low[2], ranking.around)), signal.name)
        for signal in applying
    ]
    for_it = [said.replace("_", " ") for gap, said in sorted(gaps, reverse=True) if gap > LEAST_GAP][:2]
    by = f" for its {' and '.join(for_it)}" if for_it else " by name alone: all else is equal"
    if below:
        return f"Below “{name}” ({high[1]:.3f} to {low[1]:.3f}), which comes before it{by}."
    return f"Above “{name}” ({high[1]:.3f} to {low[1]:.3f}){by}."


async def _changes(
    subject: _Subject, ranking: Ranking, at: int | None, rank: Callable[[Enquiry], Awaitable[Ranking]]
) -> AsyncIterator[Change]:
    """Each change that moves the service, worked out by ranking again."""
    found = _found(at, ranking)
    before = found[0] if found else None
    if found is not None and at is not None:
        for what, row in suppose.if_it_were_known(subject.row, ranking.known):
            after = _place_with(row, at, ranking)
            if after != before:
                yield _change(what, before, after)
    for what, asked in list(suppose.if_they(subject.service, ranking.known.enquiry))[: suppose.IFS]:
        again = await rank(asked)
        there = _found(await _position(subject.service, again), again)
        if (after := there[0] if there else None) != before:
            yield _change(what, before, after)


def _change(what: str, before: int | None, after: int | None) -> Change:
    if after is None:
        return Change(f"{what}: it would not be shown.", None)
    if before is None:
        return Change(f"{what}: it would be shown, at place {after}.", after)
    return Change(f"{what}: place {after} instead of {before}.", after)


def _place_with(row: Row, at: int, ranking: Ranking) -> int | None:
    """The place with these columns instead."""
    new = judge(row, ranking.known, ranking.fits)
    if not isinstance(new, Judged):
        return None
    judged = [(position, new if position == at else one) for position, _, one in ranking.ranked]
    order = matcher.ordered(beside.stepped_back(judged, ranking.known), ranking.around)
    return next(place for place, (position, _, _) in enumerate(order, 1) if position == at)


def ahead(first: Match, second: Match) -> str:
    """Why the first of a list is first, from its reasons and the next one's: a sentence for the match page."""
    theirs = {reason.signal: reason.value for reason in second.reasons}
    gaps = sorted(
        (
            (reason.weight * (reason.value - theirs[reason.signal]), reason)
            for reason in first.reasons
            if reason.signal in theirs
        ),
        key=lambda pair: -pair[0],
    )
    lead = [
        f"{reason.signal.replace('_', ' ')}, {reason.value:.2f} to {theirs[reason.signal]:.2f} (“{reason.sentence}”)"
        for gap, reason in gaps[:2]
        if gap > LEAST_GAP
    ]
    if not lead:
        return f"It and “{second.service.name}” fit alike; the order between them is by distance, then name."
    against, other = gaps[-1]
    but = f", although {_theirs(other, theirs)} speaks for that one" if against < -LEAST_GAP else ""
    return f"It comes before “{second.service.name}” by its {', and its '.join(lead)}{but}."


def _theirs(reason: Reason, theirs: Mapping[str, float]) -> str:
    return f"{reason.signal.replace('_', ' ')}, {reason.value:.2f} to {theirs[reason.signal]:.2f},"
