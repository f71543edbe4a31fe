"""Says what came of reading one source: made + changed + unchanged + held + refused = read, and why."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.feeds.runs import Outcome, State
from directory.values import Issue

READ = ("made", "changed", "unchanged", "held", "refused")
"""What became of the rows read: each row is one of these."""
COUNTS = (*READ, "unlisted", "relisted", "dropped", "joined", "protected")
MOST_REASONS = 12


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run. `seconds` of wall time; `issues` the first of held and refused rows, and of fields left out."""

    source: str
    files: tuple[str, ...]
    made: int = 0
    changed: int = 0
    unchanged: int = 0
    held: int = 0
    refused: int = 0
    unlisted: int = 0
    """Services that the source no longer lists: not confirmed from now on."""
    relisted: int = 0
    """Services that the source lists again."""
    dropped: int = 0
    """Services unlisted for so long that they are inactive now."""
    joined: int = 0
    """Services newly joined to the service they repeat."""
    protected: int = 0
    """Services of other files and sources whose place was withheld because this one withholds it."""
    issues: tuple[Issue, ...] = ()
    reasons: tuple[tuple[tuple[str, str], int], ...] = ()
    """((field, reason), rows), most frequent first."""
    seconds: float = 0.0
    starter: bool = False
    state: State = State.DONE
    why: str = ""
    """Why it waits for a person, or what else is to be said of the run as a whole."""
    run_id: int = 0
    difference: Mapping[str, Any] = field(default_factory=dict)
    """What it would change, for the person who says yes or no (`compare.Difference`)."""

    @property
    def read(self) -> int:
        return self.made + self.changed + self.unchanged + self.held + self.refused

    @property
    def dry_run(self) -> bool:
        return self.state is State.DRY_RUN

    def to_json(self) -> dict[str, Any]:
        """As kept in the record and printed: reasons only, never a row's words."""
        return {
            "source": self.source,
            "run": self.run_id,
            "state": str(self.state),
            "why": self.why,
            "files": list(self.files),
            "starter": self.starter,
            "dry_run": self.dry_run,
            "read": self.read,
            **{name: getattr(self, name) for name in COUNTS},
            "seconds": round(self.seconds, 2),
            "reasons": [{"field": field, "reason": reason, "rows": rows} for (field, reason), rows in self.reasons],
            "issues": [
                {"row": issue.row, "field": issue.field, "reason": issue.reason, "held": issue.held}
                for issue in self.issues
            ],
        }

    def outcome(self) -> Outcome:
        """As the run's row keeps it."""
        return Outcome(
            self.made, self.changed, self.unchanged, self.held, self.refused, self.unlisted, round(self.seconds, 2),
            self.why, self.to_json(), self.difference,
        )  # fmt: skip


def summary(report: RunReport) -> str:
    """One line: "facts (facts.csv): 294 rows read: 294 made, …"."""
    what = "starter directory" if report.starter else ", ".join(report.files[:3])
    what += f" and {len(report.files) - 3} more" if len(report.files) > 3 else ""
    counts = ", ".join(f"{getattr(report, name):,} {name}" for name in READ)
    also = (
        (report.joined, "joined to the service they repeat"),
        (report.protected, "places told of elsewhere withheld"),
        (report.unlisted, "no longer listed by their source"),
        (report.relisted, "listed again"),
        (report.dropped, "not listed for so long that they are inactive"),
    )
    more = "".join(f"; {count:,} {words}" for count, words in also if count)
    return f"{report.source} ({what}): {report.read:,} rows read: {counts}{more}. {report.seconds:.1f} s.{_end(report)}"


def _end(report: RunReport) -> str:
    why = f" {report.why}" if report.why else ""
    if report.state is State.DRY_RUN:
        return f"{why} Dry run: nothing was written."
    if report.state is State.HELD:
        return f"{why} Run {report.run_id} waits for a person: nothing was written, what was there before stays."
    if report.state in (State.REJECTED, State.REPLACED):
        return f"{why} Nothing was written."
    return why


def reasons(report: RunReport) -> list[str]:
    """A line for each reason why a row or a field was left out, most frequent first; never a row's words."""
    first = report.reasons[:MOST_REASONS]
    lines = [f"    {rows:,} × {field or 'row'}: {reason}" for (field, reason), rows in first]
    more = len(report.reasons) - len(first)
    return lines + ([f"    and {more:,} more reasons"] if more else [])


def failure(error: BaseException) -> str:
    """An unexpected error for a log, without its own words, which may be a source's: "KeyError in _draft:40"."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {frames[-1].name}:{frames[-1].lineno}" if frames else type(error).__name__
