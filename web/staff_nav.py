"""The parts of the staff workspace, in the order of a day: what stands above every staff page, and for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from directory.accounts import policy
from directory.accounts.policy import User

WORK, DIRECTORY, RUNNING = "", "Directory", "Running it"
"""Groups of parts: those of daily work stand in the bar itself, those of the others under one word each."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part, and the permission that opens it. `under`: other addresses that belong to it."""

    permission: str
    href: str
    text: str
    group: str = WORK
    under: tuple[str, ...] = ()

    def length_of(self, path: str) -> int:
        """How much of a page's address this part explains; 0 when the page is not of this part."""
        return max((len(own) for own in (self.href, *self.under) if f"{path}/".startswith(f"{own}/")), default=0)


PARTS = (
    Part("cases.work", "/staff/call", "Call", under=("/staff/calls",)),
    Part("cases.work", "/staff/work", "My work", under=("/staff/tasks",)),
    Part("cases.supervise", "/staff/team", "Team"),
    Part("cases.work", "/staff/cases", "Cases", under=("/staff/referrals",)),
    Part("cases.work", "/staff/hand-ins", "Handed in"),
    Part("agency.work", "/staff/agencies", "Agencies"),
    Part("taxonomy.view", "/staff/vocabulary", "Words", DIRECTORY),
    Part("taxonomy.view", "/staff/pathways", "Pathways", DIRECTORY),
    Part("services.assure", "/staff/stale", "Records", DIRECTORY, ("/staff/services",)),
    Part("services.view", "/staff/proposals", "Changes", DIRECTORY),
    Part("sources.view", "/staff/sources", "Sources", DIRECTORY),
    Part("sources.view", "/staff/duplicates", "Duplicates", DIRECTORY),
    Part("registrations.view", "/staff/registrations", "Partners", DIRECTORY),
    Part("gaps.view", "/staff/gaps", "Gaps", DIRECTORY),
    Part("mail.view", "/staff/mail", "Mail", RUNNING),
    Part("settings.view", "/staff/admin", "At a glance", RUNNING),
    Part("settings.view", "/staff/admin/settings", "Settings", RUNNING),
    Part("settings.view", "/staff/admin/hours", "Days and hours", RUNNING),
    Part("settings.view", "/staff/admin/wording", "Wording", RUNNING),
    Part("settings.view", "/staff/admin/retention", "Retention", RUNNING),
    Part("settings.view", "/staff/admin/keys", "Keys", RUNNING),
    Part("accounts.manage", "/staff/admin/people", "People", RUNNING),
    Part("partner.work", "/partners/work", "Your services"),
    Part("partner.work", "/partners/work/referrals", "Referrals"),
    Part("partner.work", "/partners/work/team", "Your people"),
)
"""Staff home comes first of all and is not of this table."""
Item = dict[str, object]


def bar(user: User | None, path: str) -> list[Item]:
    """The bar above a page: items of the macro `subnav`, where the page belongs marked; none before signing in."""
    if user is None:
        return []
    own, here = _own(user), _here(user, path)
    items: list[Item] = []
    if policy.may(user, "staff.home"):
        items.append({"href": "/staff", "text": "Home", "current": path == "/staff"})
    items += [_item(part, part == here) for part in own if part.group == WORK]
    for group in (DIRECTORY, RUNNING):
        first = next((part for part in own if part.group == group), None)
        if first is not None:
            items.append({"href": first.href, "text": group, "current": here is not None and here.group == group})
    return items


def beside(user: User | None, path: str) -> tuple[str, list[Item]]:
    """The group a page belongs to and the parts of it that this person may use; ("", []) where there is no choice."""
    here = _here(user, path) if user else None
    if user is None or here is None or here.group == WORK:
        return "", []
    return here.group, [_item(part, part == here) for part in _own(user) if part.group == here.group]


def _own(user: User) -> list[Part]:
    return [part for part in PARTS if policy.may(user, part.permission)]


def _here(user: User, path: str) -> Part | None:
    best = max(_own(user), key=lambda part: part.length_of(path), default=None)
    return best if best is not None and best.length_of(path) else None


def _item(part: Part, current: bool) -> Item:
    return {"href": part.href, "text": part.text, "current": current}


class Linked(Protocol):
    """A page that staff home offers."""

    @property
    def permission(self) -> str: ...


Link = TypeVar("Link", bound=Linked)


@dataclass(frozen=True, slots=True)
class Begin:
    """What a role does first of a day, and why."""

    permission: str
    href: str
    text: str
    about: str


BEGIN = (
    Begin("cases.work", "/staff/call", "Take a call", "Type what you hear: services stand beside it as you type."),
    Begin(
        "cases.supervise", "/staff/team", "See the team’s work", "What is overdue, and what nobody has taken up yet."
    ),
    Begin("agency.work", "/staff/agencies", "See what agencies are waited for", "Codes and days only."),
    Begin("services.approve", "/staff/proposals", "See which changes wait", "A second person reads them first."),
    Begin("gaps.view", "/staff/gaps", "See where help is missing", "By council area, need and week."),
)


def first(user: User) -> list[Begin]:
    """What this person begins with, at most two."""
    return [each for each in BEGIN if policy.may(user, each.permission)][:2]


def grouped(links: Iterable[Link]) -> list[tuple[str, list[Link]]]:
    """Links under the headings they belong to."""
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(HEADINGS.get(link.permission.partition(".")[0], RUNNING), []).append(link)
    return [(heading, found[heading]) for heading in (*dict.fromkeys(HEADINGS.values()), RUNNING) if heading in found]


HEADINGS = {
    "cases": "People and their cases", "agency": "People and their cases",
    "services": "The directory", "registrations": "The directory", "taxonomy": "The directory",
    "sources": "The directory", "gaps": "The directory",
}  # fmt: skip
"""How a permission begins → the heading of the staff home that its pages stand under."""
