"""Says what came of reading one source: made + changed + unchanged + held + refused = read, and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from directory.values import Issue

KEPT_ISSUES = 200
"""Issues kept in the record; the counts speak for the rest."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run. `seconds` of wall time; `issues` of held and refused rows, and of single fields left out."""

    source: str
    files: tuple[str, ...]
    made: int = 0
    changed: int = 0
    unchanged: int = 0
    held: int = 0
    refused: int = 0
    joined: int = 0
    """Services newly joined to the service they repeat."""
    protected: int = 0
    """Services of other files and sources whose place was withheld because this one withholds it."""
    issues: tuple[Issue, ...] = ()
    seconds: float = 0.0
    dry_run: bool = False
    starter: bool = False

    @property
    def read(self) -> int:
        return self.made + self.changed + self.unchanged + self.held + self.refused

    def to_json(self) -> dict[str, Any]:
        """As kept in the record and printed: reasons only, never a row's words."""
        counts = ("made", "changed", "unchanged", "held", "refused", "joined", "protected")
        return {
            "source": self.source,
            "files": list(self.files),
            "starter": self.starter,
            "dry_run": self.dry_run,
            "read": self.read,
            **{name: getattr(self, name) for name in counts},
            "seconds": round(self.seconds, 2),
            "reasons": [
                {"field": field, "reason": reason, "rows": rows} for (field, reason), rows in _reasons(self.issues)
            ],
            "issues": [
                {"row": issue.row, "field": issue.field, "reason": issue.reason, "held": issue.held}
                for issue in self.issues[:KEPT_ISSUES]
            ],
        }


def _reasons(issues: Iterable[Issue]) -> list[tuple[tuple[str, str], int]]:
    return Counter((issue.field, issue.reason) for issue in issues).most_common()
