"""A registration as a list of things to do: how each stands, what is known already, and where it is put right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.partners import completeness, service_answers
from directory.partners.answers import Answers, ServiceAnswers
from directory.partners.completeness import Lack
from directory.partners.registrations import Kept
from web import partner_words

STATES: Mapping[str, str] = {
    "draft": "You are writing it",
    "submitted": "Sent: we look at it",
    "returned": "Sent back to you",
    "approved": "Agreed: people can find it",
    "refused": "Not agreed",
    "withdrawn": "Withdrawn",
}
DONE: Mapping[str, str] = {
    "submit": "It is sent. Thank you.",
    "take_back": "You have it back. Send it again when it is right.",
    "withdraw": "It is withdrawn, and what you wrote is erased.",
    "saved": "It is kept.",
}
OWN_PAGES: Mapping[str, str] = {
    completeness.ORGANIZATION: "Your organisation",
    completeness.CONTACT: "Whom we ring",
    completeness.REFERRALS: "The mailbox for referrals",
}


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is missing: a sentence, and where it is put right."""

    said: str
    href: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A service of a registration. `href`: where its pages begin; `facts`: page title, its address, field → words."""

    own: str
    name: str
    href: str
    facts: tuple[tuple[str, str, Mapping[str, str]], ...]


def linked(kept: Kept, lacks: Sequence[Lack]) -> list[ToDo]:
    """What is missing, each with its page."""
    return [ToDo(lack.said, _href(kept, lack.page)) for lack in lacks]


def rows(kept: Kept, lacks: Sequence[Lack]) -> list[dict[str, str]]:
    """The list: entries of the macro `tasks`."""
    missing = {lack.page for lack in lacks}
    known, own = _known(kept.answers), []
    for code, title in OWN_PAGES.items():
        unproved = code == completeness.REFERRALS and completeness.MAILBOX in missing
        page = completeness.MAILBOX if unproved else code
        own.append(_row(title, _href(kept, page), known[code], page not in missing, code in kept.answers.done))
    for service in kept.answers.services:
        at = f"{completeness.SERVICES}/{service.own}"
        lacking = [lack for lack in lacks if lack.page.startswith(f"{at}/")]
        pages, done = len(service_answers.PAGES), len({*service.done} & {*service_answers.BY_CODE})
        hint = f"{done} of {pages} pages" if done < pages else "All pages are written"
        page = lacking[0].page if lacking else f"{at}/{service_answers.FIRST}"
        title = f"Service: {service_answers.named(service)}"
        own.append(_row(title, _href(kept, page), hint, not lacking, bool(service.done)))
    return own


def services(kept: Kept) -> list[Shown]:
    """Its services with all that is written of them, in the order of their pages."""
    return [_shown(kept, service) for service in kept.answers.services]


def next_page(kept: Kept, lacks: Sequence[Lack]) -> str:
    """Where to go on: the first page of its own that is still to write, or the list."""
    first = next((lack.page for lack in lacks if lack.page in OWN_PAGES), "")
    return _href(kept, first)


def _shown(kept: Kept, service: ServiceAnswers) -> Shown:
    values = service_answers.values(service)
    href = f"/partners/registrations/{kept.id}/services/{service.own}"
    facts = []
    for page in service_answers.PAGES:
        if page.code in service.done:
            facts.append((page.title, f"{href}/{page.code}", dict(partner_words.lines(page.names, values))))
    return Shown(service.own, service_answers.named(service), href, tuple(facts))


def _row(title: str, href: str, hint: str, is_done: bool, is_begun: bool) -> dict[str, str]:
    status = "Done" if is_done else "Not finished" if is_begun else "Not started"
    kind = "good" if is_done else "late" if is_begun else "quiet"
    return {"title": title, "href": href, "hint": hint, "status": status, "kind": kind}


def _known(answers: Answers) -> Mapping[str, str]:
    return {
        completeness.ORGANIZATION: answers.organization.name,
        completeness.CONTACT: answers.contact.name,
        completeness.REFERRALS: answers.referrals.email,
    }


def _href(kept: Kept, page: str) -> str:
    """The address of a page of the registration; that of its list for what has none of its own."""
    base = f"/partners/registrations/{kept.id}"
    return base if page in {"", completeness.SERVICES} else f"{base}/{page}"
