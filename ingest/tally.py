"""Counts why rows and fields were left out while a source is read, without keeping every one of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from directory.values import Issue

KEPT_ISSUES = 200
"""Issues kept whole; the counts speak for the rest."""
MOST_REASONS = 1000
"""Different reasons counted: an adapter that puts a number into each would otherwise fill memory."""
OTHER = ("", "other reasons")


@dataclass(slots=True)
class Tally:
    """The first issues, and how often each (field, reason) came."""

    issues: list[Issue] = field(default_factory=list)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, issues: Iterable[Issue]) -> None:
        for issue in issues:
            key = (issue.field, issue.reason)
            known = key in self.reasons or len(self.reasons) < MOST_REASONS
            self.reasons[key if known else OTHER] += 1
            if len(self.issues) < KEPT_ISSUES:
                self.issues.append(issue)
