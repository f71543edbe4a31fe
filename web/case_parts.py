"""The parts of a case's page: which there are, which one a button belongs to, and what was typed into its form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from directory.referrals.case_view import CaseView

PARTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "needs": ("Needs", ("need-", "signpost", "opened")),
    "referrals": ("Referrals", ()),
    "agreements": ("Agreements", ("agreement-", "exclude")),
    "contact": ("Contact", ("contact", "person", "passphrase")),
    "safety": ("Safety", ("concern", "disclosure", "complaint", "plan-", "placement")),
    "people": ("Who sees it", ("take", "assign", "unassign", "block")),
    "timeline": ("Timeline", ()),
    "about": ("About the case", ("facts", "agency", "check-in", "close")),
}
"""Part → its title, and how the names of its buttons (`case_actions.DO`) begin."""
FIRST = "needs"
ACTORS = {"worker": "a worker", "supervisor": "a supervisor", "provider": "the service", "system": "the clock"}
"""Who did something, where no account says it."""


def part_of(asked: str, action: str) -> str:
    """The part to show: that of the button just pressed, else the one asked for, else the first."""
    for part, (_, buttons) in PARTS.items():
        if action and action.startswith(buttons):
            return part
    return asked if asked in PARTS else FIRST


def navigation(view: CaseView, part: str) -> list[dict[str, object]]:
    """Items of the macro `subnav` for one case."""
    counts = {
        "needs": sum(row.state in ("open", "in_hand") for row in view.needs),
        "referrals": len(view.referrals),
        "agreements": sum(row.withdrawn_at is None and row.superseded_at is None for row in view.agreements),
    }
    home = f"/staff/cases/{view.case.id}"
    return [
        {
            "href": home if code == FIRST else f"{home}?part={code}",
            "text": title,
            "current": code == part,
            "count": counts.get(code, ""),
        }
        for code, (title, _) in PARTS.items()
    ]


def history(view: CaseView, people: Mapping[str, str]) -> list[dict[str, object]]:
    """Entries of the macro `timeline`, newest first. `people`: names by account."""
    return [
        {
            "title": f"{entry.words}: {entry.service}" if entry.service else entry.words,
            "when": entry.at,
            "by": people.get(entry.by_id) or ACTORS.get(entry.by, entry.by),
            "body": "\n".join(
                [*(f"{name}: {value}" for name, value in entry.details), *([entry.note] * bool(entry.note))]
            ),
        }
        for entry in reversed(view.timeline)
    ]


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into one of a page's many forms, which comes back with its mistakes and in no other."""

    action: str = ""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)

    def in_form(self, action: str, row: str = "") -> bool:
        """Whether this is the form that was sent: by its button's name, and of rows by the row's id."""
        return self.action == action and (not row or self.values.get("id") == row)

    def said(self, action: str, row: str = "") -> Mapping[str, str]:
        """The form's values; none for every other form."""
        return self.values if self.in_form(action, row) else {}

    def wrong(self, action: str, row: str = "") -> Mapping[str, str]:
        """Field → what is wrong with it, for the form that was sent."""
        return self.errors if self.in_form(action, row) else {}

    def id(self, action: str, name: str, row: str = "") -> str:
        """A field's id: its plain name in the form that was sent, where the list of mistakes leads to."""
        return name if self.in_form(action, row) else "-".join(each for each in (action, name, row[:8]) if each)
