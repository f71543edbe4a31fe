"""A row of small bars for a table's cell: how much the last runs of a source changed; the same is said as text."""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.feeds.runs import Run, State

SHOWN = 12
WIDTH, HEIGHT, GAP = 8, 24, 2
"""Of one bar, in units of the drawing, which is SHOWN * WIDTH wide."""
LEAST = 2
KINDS = {State.HELD: "held", State.REJECTED: "held", State.REPLACED: "held", State.FAILED: "failed"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One run: where its bar begins, how high it is, its look ("", held, failed) and what is said of it."""

    x: int
    y: int
    height: int
    kind: str
    said: str


def bars(runs: Sequence[Run]) -> tuple[Bar, ...]:
    """The newest SHOWN runs, oldest first and the newest at the right end; the highest bar is as high as the drawing.

    `runs` as `runs.history` gives them, newest first. A run that changed nothing is a line; one that failed or waits
    for a person is as high as the drawing, and marked.
    """
    shown = list(reversed(runs[:SHOWN]))
    most = max((run.made + run.changed for run in shown), default=0) or 1
    found = []
    for place, run in enumerate(shown, start=SHOWN - len(shown)):
        kind = KINDS.get(run.state, "")
        share = 1.0 if kind else (run.made + run.changed) / most
        height = max(round(share * HEIGHT), LEAST)
        found.append(Bar(place * WIDTH, HEIGHT - height, height, kind, _said(run, kind)))
    return tuple(found)


def _said(run: Run, kind: str) -> str:
    return kind or f"{run.made + run.changed:,}"
