"""A match in a terminal: what was understood, the plan, and each service with why, what to ask and how it is known."""

from collections.abc import Iterator

from directory.matching.left_out import LeftOutReport
from directory.matching.results import Match, MatchResult, Plan
from directory.matching.why import Why
from directory.values import Visibility
from taxonomy.words import Understanding, Understood

WHEN = {"now": "Now", "this_week": "This week", "later": "Later"}
REASONS = 3
PERHAPS = "perhaps"


def understanding_lines(understood: Understanding) -> Iterator[str]:
    """Each thing understood and the words that gave it."""
    yield "Understood"
    for name, things in _things(understood):
        for thing in things:
            words = " … ".join(thing.words)
            said = f"   “{words}”" if words else "" if name == PERHAPS else "   (given)"
            yield f"  {name:<22} {thing.label}{said}"
    if understood.not_understood:
        yield f"  {'not understood':<22} {', '.join(understood.not_understood)}"


def _things(understood: Understanding) -> Iterator[tuple[str, tuple[Understood, ...]]]:
    names = {
        "age": "age", "other_age": "age who harmed", "relation": "who needs help", "gender": "gender",
        "harms": "what happened", "needs": "needs", "perhaps_harms": PERHAPS, "perhaps_needs": PERHAPS,
        "negated": "not", "residence": "lives",
        "harm_place": "happened", "language": "language", "urgency": "how soon", "harmed_by": "harmed by",
        "same_household": "same household", "avoid": "keep away from", "names": "named",
    }  # fmt: skip
    for field, name in names.items():
        value = getattr(understood, field)
        if value:
            yield name, value if isinstance(value, tuple) else (value,)


def result_lines(result: MatchResult) -> Iterator[str]:
    """The whole answer, for reading."""
    yield from understanding_lines(result.understood)
    for notice in result.notices:
        yield f"! {notice}"
    for hand_over in result.hand_over:
        yield f"! {hand_over.reason} Record a hand-over to {hand_over.to}."
    for line in result.safety:
        yield f"! {line.name}: {line.number} ({line.when})"
    if result.plan:
        yield ""
        yield from _plan(result.plan)
    yield ""
    yield "Services, best first"
    for rank, match in enumerate(result.matches, 1):
        yield from _match(rank, match)
    if not result.matches:
        yield "  None was found. Say more of what happened, or where they live."
    for step in result.ladder:
        yield f"! {step.sentence}"
    if result.nearby:
        yield ""
        yield "In the wider area: ask first whether they take people from here"
        for match in result.nearby:
            yield f"  - {match.service.name}  [{match.service.source_id}]"
    for group in result.left_out:
        yield f"Not shown: {group.count} {group.reason} (such as {', '.join(group.names)})"


def left_out_lines(report: LeftOutReport) -> Iterator[str]:
    """What was left out, and why, for reading."""
    yield ""
    yield f"Left out: {report.count:,} of {report.looked_at:,} services of the kinds needed"
    for group in report.groups:
        yield f"  {group.count:,} not shown: {group.reason}"
        for service in group.services:
            yield f"    - {service.name}" + (f" ({service.fact})" if service.fact else "")
        if group.count > len(group.services):
            yield f"    - and {group.count - len(group.services):,} more"


def why_lines(found: Why) -> Iterator[str]:
    """Why one service stands where it does, for reading."""
    yield ""
    where = f"place {found.place} of {found.of}" if found.place else "not shown"
    yield f"Why {found.service.name}: {where}"
    if found.left_out:
        yield f"  {found.left_out}"
    for reason in found.match.reasons if found.match else ():
        yield f"  {reason.signal:<14} {reason.value:.2f} x {reason.weight:.2f}  {reason.sentence}"
    for sentence in found.beside:
        yield f"  {sentence}"
    for fact in found.facts:
        yield f"  {fact.name:<14} {fact.verdict.value:<12} {fact.sentence}"
    for change in found.changes:
        yield f"  ? {change.sentence}"


def _plan(plan: Plan) -> Iterator[str]:
    yield f"Plan: {plan.title}"
    for step in plan.steps:
        yield f"  {WHEN[step.when]}: {step.label}"
        for match in step.matches:
            yield f"    - {match.service.name}"
        for said in filter(None, (step.again, step.advice)):
            yield f"      {said}"
        if step.gap:
            yield f"    - Gap: {step.gap}"


def _match(rank: int, match: Match) -> Iterator[str]:
    service = match.service
    yield f"{rank:>3}. {service.name}  [{service.source_id}]  {match.score:.2f}"
    if service.organization != service.name:
        yield f"     {service.organization}"
    for reason in match.reasons[:REASONS]:
        yield f"     + {reason.sentence}"
    for question in match.ask_first:
        yield f"     ? {question}"
    for caution in match.cautions:
        yield f"     ! {caution}"
    if service.phone:
        yield f"     Phone {service.phone}. {service.phone_note}"
    elif service.phone_note:
        yield f"     {service.phone_note}"
    if service.visibility is Visibility.UNDISCLOSED:
        yield "     Place withheld for safety."
