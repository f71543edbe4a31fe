"""Draws the referral's machine from its table, for docs/referrals.md: what is drawn is what is carried out."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from directory.referrals.lifecycle import LABELS, LIVE, TRANSITIONS, Event, State, Transition

BEGIN, END = "<!-- made by directory.referrals.diagram: do not edit between these lines -->", "<!-- end -->"
EVERYWHERE = frozenset({Event.WITHDRAW, Event.PAUSE})
"""Drawn once, from all live states together: arrow by arrow they would hide the rest."""


def mermaid() -> str:
    """A Mermaid state diagram: each arrow says its events and who may."""
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for move in TRANSITIONS.values():
        for source, target in _arrows(move):
            arrows[source, target].append(move.event.replace("_", " "))
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    lines += [f"    {source} --> {target}: {', '.join(events)}" for (source, target), events in sorted(arrows.items())]
    lines += ["    state live {", *(f"        {state}" for state in State if state in LIVE - {State.PAUSED}), "    }"]
    lines += ["    live --> paused: pause", "    paused --> live: resume", "    live --> withdrawn: withdraw"]
    return "\n".join([*lines, "    live --> void: void, as any other", "    void --> [*]"])


def states() -> str:
    """A Markdown table: each state, what it means, and what can happen next."""
    rows = ["| State | This referral is | What can happen next |", "|---|---|---|"]
    for state in State:
        events = [event.replace("_", " ") for event, move in TRANSITIONS.items() if state in move.sources]
        rows.append(f"| `{state}` | {LABELS[state]} | {', '.join(events) or 'nothing'} |")
    return "\n".join(rows)


def moves() -> str:
    """A Markdown table: each event, from where to where, who may, and what must be said."""
    rows = ["| Event | From | To | Who | Must say |", "|---|---|---|---|---|"]
    for event, move in TRANSITIONS.items():
        sources = "any but void" if len(move.sources) == len(State) - 1 else ", ".join(_in_order(move.sources))
        targets = ", ".join(_in_order(move.targets)) or "stays"
        said = ", ".join(name.replace("_", " ") for name in move.needs)
        rows.append(
            f"| {event.replace('_', ' ')} | {sources} | {targets} | {', '.join(sorted(move.actors))} | {said} |"
        )
    return "\n".join(rows)


def drawn() -> str:
    """Everything that is made from the table, as it stands in docs/referrals.md between its two marks."""
    return f"{BEGIN}\n\n```mermaid\n{mermaid()}\n```\n\n{states()}\n\n{moves()}\n\n{END}"


def put_into(page: str) -> str:
    """The page with what is between its marks drawn anew. Raises ValueError when it has no marks."""
    before, mark, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError("the page has lost the marks between which the diagram stands")
    return f"{before}{drawn()}{after}"


def _arrows(move: Transition) -> Iterator[tuple[str, str]]:
    """Those drawn one by one. A pause goes back to where it was; only what was closed comes back in service."""
    if move.event is Event.VOID:
        return
    for source in _in_order(move.sources):
        if move.event is Event.RESUME:
            yield from [(source, State.ACCEPTED.value)] if source == State.NOT_REACHED else []
        elif not (move.event in EVERYWHERE and source in LIVE):
            for target in _in_order(move.targets) or [source]:
                if not (move.event is Event.REOPEN and target == State.IN_SERVICE and source != State.CLOSED):
                    yield source, target


def _in_order(chosen: Collection[State]) -> list[str]:
    return [state.value for state in State if state in chosen]
