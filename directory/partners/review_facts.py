"""What a partner is asked of a service once a year: the facts of the record in words, and a mark of what they say."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from directory.editing import current, fields
from directory.editing.current import Current
from directory.feeds import assurance
from directory.partners import edits, said_wrong
from directory.referrals import mailboxes
from directory.referrals.loop import Loop
from directory.referrals.tables import Mailbox


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is asked: the fields of the record behind it, and why the record is in doubt when it is wrong.

    `reason` "": no reader is told of the doubt, but staff are.
    """

    code: str
    label: str
    fields: tuple[str, ...]
    reason: str = ""


FACTS = (
    Fact("runs", "Whether it runs", ("status",), assurance.CLOSED_BY_PROVIDER),
    Fact("name", "Name", ("name", "organization")),
    Fact("what", "What it does", ("kind", "description", "families")),
    Fact("needs", "What it helps with", ("needs", "any_harm", "harms"), "need_not_served"),
    Fact("relations", "Whom it helps", ("relations", "groups", "not_for_harmed"), "relation_not_served"),
    Fact("age", "Ages", ("age", "stages"), "age_not_served"),
    Fact("gender", "Women, men, or anybody", ("gender",), "gender_not_served"),
    Fact("coverage", "Areas it serves", ("coverage", "registration"), "area_not_served"),
    Fact("premises", "Its door", ("premises", "delivery"), "moved"),
    Fact("phone", "Phone", ("phone", "phone_note", "text_or_chat"), "number_dead"),
    Fact("url", "Website", ("url",), "link_broken"),
    Fact("hours", "Opening hours", ("hours",), "hours_wrong"),
    Fact("routes", "Who can refer", ("referral_routes",)),
    Fact("referrals", "Where referrals go", (), "contact_wrong"),
    Fact("access", "Languages and access", ("languages", "access")),
)
BY_CODE: Mapping[str, Fact] = {fact.code: fact for fact in FACTS}
HIDDEN = frozenset({"premises", "phone", "url"})
"""Not asked of a service whose place is confidential: there is nothing of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A service with its facts in words. `mark` says what they are, to be sent back with the answer."""

    service_id: str
    name: str
    facts: tuple[tuple[Fact, str], ...]
    mark: str
    withheld: bool


def asked(session: Session, loop: Loop, service_id: str) -> Asked:
    """Every fact of a service as it counts now. Raises NotFound."""
    now = current.read(session, service_id)
    host = mailbox_host(session, loop, now, service_id)
    shown = [(fact, _words(fact, now, host)) for fact in FACTS if not (now.withheld and fact.code in HIDDEN)]
    return Asked(service_id, now.name, tuple(shown), mark_of(now, host), now.withheld)


def undoubted(now: Current, wrong: Collection[str]) -> list[str]:
    """The facts of which a word can be kept alone, but for those that these doubt."""
    doubted = {assurance.REASONS[BY_CODE[code].reason] for code in wrong if BY_CODE[code].reason}
    asked_of = [fact for fact in FACTS if not (now.withheld and fact.code in HIDDEN)]
    kept = [assurance.REASONS[fact.reason] for fact in asked_of if fact.reason]
    return [name for name in kept if name not in doubted]


def mailbox_host(session: Session, loop: Loop, now: Current, service_id: str) -> str:
    """Behind the @ of where its referrals go; "" where they go nowhere."""
    found = next(iter(mailboxes_of(session, now, service_id)), None)
    return mailboxes.address(loop, found).partition("@")[2] if found else ""


def mailboxes_of(session: Session, now: Current, service_id: str) -> list[Mailbox]:
    """Those of the row itself and of what a person has joined to it: no reading of a list makes another's theirs."""
    strange = edits.strangers(session, now.rows, [service_id])
    found = (mailboxes.current(session, own) for own in now.rows if own not in strange)
    return [mailbox for mailbox in found if mailbox is not None]


def marks(session: Session, now: Current, service_id: str) -> Mapping[str, str]:
    """What each fact says now, as a mark to compare it with later; of the mailbox, which one it is."""
    marks = {fact.code: now.mark(fact.fields) for fact in FACTS if fact.fields}
    ids = sorted(mailbox.id for mailbox in mailboxes_of(session, now, service_id))
    return marks | {said_wrong.REFERRALS: current.mark({"mailboxes": ids})}


def _words(fact: Fact, now: Current, host: str) -> str:
    """What the record says of it, a line a field; the fields beside the first say what they are."""
    if not fact.fields:
        return f"To a mailbox at {host}" if host else "We have no mailbox of yours for referrals"
    first = fact.fields[0]
    stated = [name for name in fact.fields if now.values[name] != fields.default(name)]
    lines = [fields.in_words(first, now.values[first])] if first in stated or not stated else []
    lines += [f"{fields.label(name)}: {fields.in_words(name, now.values[name])}" for name in stated if name != first]
    return "\n".join(lines)


def mark_of(now: Current, host: str) -> str:
    """Says what all facts say: another one means that the record, or the mailbox, is another."""
    shown = {name: now.values[name] for fact in FACTS for name in fact.fields}
    return current.mark({**shown, "referrals": host})
