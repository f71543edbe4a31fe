"""A referral that is being written as a list of things to do: how each stands, what is known already, what to mend.

The pattern is GOV.UK's task list, with save and return. What a case, need or other referral holds is shown here and not
asked again; every rule of `sending_guards` that is broken stands under the task where it is mended.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from directory.accounts.tables import utc
from directory.referrals import codes, safe_contacts
from directory.referrals.sending_guards import Broken
from web.referral_view import ReferralView


class Status(StrEnum):
    """How a task stands, in the words of its list."""

    DONE = "Done"
    NOT_STARTED = "Not started"
    TO_MEND = "Must be put right"


KINDS = {Status.DONE: "good", Status.NOT_STARTED: "quiet", Status.TO_MEND: "late"}
TASK_OF: Mapping[str, str] = {
    "case": "service", "need": "service", "service": "service", "exclusion": "service", "live": "service",
    "mailbox": "service", "sharing_terms": "service", "agreement": "agreement", "safe_contact": "contact",
    "eligible": "details", "override_reason": "details", "urgency": "details", "phone_hand_over": "details",
}  # fmt: skip
"""Rule of `sending_guards` → the task in which it is mended."""


@dataclass(frozen=True, slots=True)
class Mend:
    """A rule that is broken, and where it is put right."""

    rule: str
    message: str
    advice: str
    href: str
    link: str


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the list, and what to mend in it. `start`: the words of the link that begins it."""

    code: str
    title: str
    href: str
    known: str
    status: Status
    start: str

    def row(self) -> dict[str, str]:
        """As the macro `task_list` takes it."""
        shown = {"title": self.title, "href": self.href, "hint": self.known}
        return shown | {"status": self.status.value, "status_kind": KINDS[self.status]}


@dataclass(frozen=True, slots=True)
class Writing:
    """The whole list."""

    tasks: tuple[Task, ...]
    mends: tuple[Mend, ...]

    @property
    def next(self) -> Task | None:
        """What to do next; None: nothing is missing."""
        return next((each for each in self.tasks if each.status is not Status.DONE), None)


def writing(view: ReferralView, need: str) -> Writing | None:
    """The list of a draft; None for any other referral. `need`: in words."""
    draft = view.draft
    if draft is None:
        return None
    own = f"/staff/referrals/{view.referral.id}"
    broken = {TASK_OF[each.rule] for each in view.broken}
    agreed = view.agreement is not None and "agreement" not in broken
    return Writing(
        (
            Task(
                "service",
                "Service and need",
                f"/staff/cases/{view.case.id}/needs/{view.need.id}",
                f"{view.referral.service_name}, for {need.lower()}{_mailbox(view)}",
                Status.TO_MEND if "service" in broken else Status.DONE,
                "Look at the other services",
            ),
            Task(
                "agreement",
                "What the person agrees to",
                f"{own}/agreement",
                _agreed(view),
                _status(agreed, draft.asked_before or view.agreement is not None),
                "Ask, and write down the agreement",
            ),
            Task(
                "told",
                "What the service will be told",
                f"{own}/told",
                _told(view) if agreed else "It follows from what the person agrees to",
                Status.DONE if agreed else Status.NOT_STARTED,
                "See what the service will be told",
            ),
            Task(
                "contact",
                "How the person is reached safely",
                f"{own}/contact",
                safe_contacts.words(draft.contact),
                _status("contact" not in broken, draft.contact is not None),
                "Say how they are reached safely",
            ),
            Task(
                "details",
                "How soon, and notes",
                f"{own}/details",
                _details(view),
                Status.TO_MEND if "details" in broken else Status.DONE,
                "Put this right: how soon, notes, and why it may fit",
            ),
        ),
        (*_not_set_up(draft.not_set_up), *(_mend(view, each) for each in view.broken)),
    )


def _status(done: bool, begun: bool) -> Status:
    if done:
        return Status.DONE
    return Status.TO_MEND if begun else Status.NOT_STARTED


def _agreed(view: ReferralView) -> str:
    agreement = view.agreement
    if agreement is None:
        return ""
    told = ", ".join(codes.label("category", each).lower() for each in agreement.categories.split("|") if each)
    return f"They agreed on {_day(agreement.recorded_at)}. It may be told: {told}"


def _mailbox(view: ReferralView) -> str:
    return f". It goes to a mailbox at {view.mailbox_host}" if view.mailbox_host else ""


def _told(view: ReferralView) -> str:
    assert view.draft is not None
    before, after = (len(each.fields) for each in view.draft.told)
    return f"{before} facts before it decides, {after - before} more once it accepts"


def _details(view: ReferralView) -> str:
    own = view.referral
    said = [codes.label("urgency", own.urgency)]
    said += ["rung beforehand"] if own.phone_hand_over_at else []
    said += ["with notes" if view.notes else "no notes"]
    said += [codes.label("override", own.override_reason)] if own.override_reason else []
    return ", ".join(said)


def _not_set_up(why: str) -> list[Mend]:
    return [Mend("set_up", why, "", "", "")] if why else []


def _mend(view: ReferralView, broken: Broken) -> Mend:
    own, case = f"/staff/referrals/{view.referral.id}", f"/staff/cases/{view.case.id}"
    where = {
        "agreement": (f"{own}/agreement", "Ask, and write down the agreement"),
        "contact": (f"{own}/contact", "Say how they are reached safely"),
        "details": (f"{own}/details", "How soon, and notes"),
        "service": (f"{case}/needs/{view.need.id}", "Choose another service"),
    }
    href, link = where[TASK_OF[broken.rule]]
    if broken.rule in ("mailbox", "sharing_terms"):
        href, link = f"/staff/services/{view.referral.service_id}/mailbox", "Its mailbox for referrals"
    elif broken.rule in ("case", "need", "live"):
        href, link = case, "Go to the case"
    return Mend(broken.rule, broken.message, broken.advice, href, link)


def _day(moment: datetime) -> str:
    return f"{utc(moment).day} {utc(moment):%B %Y}"
