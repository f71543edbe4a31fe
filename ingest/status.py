"""Says in a terminal how each source stands: its last and next run, what came of it, and how its last runs went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.feeds import listing, runs
from directory.feeds import sources as settings
from directory.feeds.runs import Run, State
from directory.feeds.sources import SourceSettings
from ingest import lease
from ingest.report import READ
from ingest.sources import SOURCES, SourceRow

BARS = "▁▂▃▄▅▆▇█"
RUNS = 12
"""Runs in a sparkline."""
HEADS = ("source", "run", "state", "last run", "next run", "read", *READ, "unlisted", "seconds", "changes")
DESCRIBED = ("id", "name", "publisher", "licence", "attribution", "standing", "url", "every_hours")


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source; `history` latest first. `missing`: services that it does not list now."""

    id: str
    next_run_at: datetime | None
    history: tuple[Run, ...]
    missing: int
    running: bool

    def to_json(self) -> dict[str, Any]:
        """The last run's counts beside the source's name, and the runs before it."""
        last = self.history[0] if self.history else None
        return {
            "source": self.id,
            **(_run(last) if last else {"state": "never"}),
            "next_run": self.next_run_at.isoformat() if self.next_run_at else None,
            "running": self.running,
            "missing": self.missing,
            "history": [_run(run) for run in self.history],
        }

    @property
    def cells(self) -> tuple[str, ...]:
        """As `HEADS` names them."""
        last = self.history[0] if self.history else None
        following = _time(self.next_run_at) if self.next_run_at else "when asked"
        if last is None:
            return (self.id, "", "", "never", following, *[""] * (len(READ) + 4))
        counts = (last.read, *(getattr(last, name) for name in READ), last.unlisted)
        state = last.state.replace("_", " ")
        line = sparkline([run.made + run.changed for run in reversed(self.history[:RUNS])])
        return (
            self.id, str(last.id), state, _time(last.started_at), following, *(f"{count:,}" for count in counts),
            f"{last.seconds:.1f}", line,
        )  # fmt: skip


def all_sources(session: Session, at: datetime) -> tuple[SourceStatus, ...]:
    """Every source: those that come with Waymark in their order, then those that people added."""
    kept = {each.id: each for each in settings.load(session)}
    ids = dict.fromkeys((*(row.id for row in SOURCES), *kept))
    return tuple(_status(session, source_id, kept.get(source_id), at) for source_id in ids)


def described(source: SourceSettings | SourceRow) -> dict[str, Any]:
    """A source as `waymark ingest list --json` prints it."""
    return {name: getattr(source, name) for name in DESCRIBED}


def lines(found: Sequence[SourceStatus]) -> Iterator[str]:
    """A table, then why any last run failed or waits."""
    rows = [HEADS, *(each.cells for each in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for each in found:
        last = each.history[0] if each.history else None
        if last and last.why and last.state is not State.DONE:
            yield f"{each.id}, run {last.id}: {last.why}"
        if last and last.state is State.HELD:
            yield f"    `waymark ingest accept {last.id}` takes it in, `waymark ingest reject {last.id}` turns it down."


def difference_lines(difference: Mapping[str, Any], state: State) -> Iterator[str]:
    """The first services that a run no longer found, and of one that was not written, what else it would change."""
    examples = difference.get("examples", {})
    for each in examples.get("unlisted", ())[:5]:
        yield f"    no longer listed: {each['name']}"
    if state not in (State.DRY_RUN, State.HELD):
        return
    for each in examples.get("contacts", ())[:5]:
        fields = ", ".join(change["field"] for change in each["changes"])
        yield f"    other contact data: {each['name']} ({fields})"
    if state is State.HELD:
        yield "    See the difference on the source's page, then accept or reject the run."


def sparkline(counts: Sequence[int]) -> str:
    """A bar for each count, oldest first, the highest of them full: "▁▁█▂"."""
    highest = max(counts, default=0)
    return "".join(BARS[round(count / highest * (len(BARS) - 1)) if highest else 0] for count in counts)


def _status(session: Session, source_id: str, kept: SourceSettings | None, at: datetime) -> SourceStatus:
    return SourceStatus(
        source_id,
        kept.next_run_at if kept else None,
        runs.history(session, source_id, RUNS),
        listing.count_unlisted(session, source_id),
        lease.is_running(session, source_id, at),
    )


def _run(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "state": str(run.state),
        "last_run": run.started_at.isoformat(),
        "read": run.read,
        **{name: getattr(run, name) for name in READ},
        "unlisted": run.unlisted,
        "seconds": run.seconds,
        "made_by": run.made_by,
        "why": run.why,
    }


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")
