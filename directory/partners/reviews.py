"""Whether what the record says of a service is still right, in its partner's own word: a minute once a year.

"All right" confirms the record as a whole; "not right" puts a fact in doubt at once, and staff ring about it. Where a
list has joined somebody else's row to it, neither counts before staff have looked.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.editing import checking, current, fields, hand
from directory.editing.current import Current
from directory.errors import BadInput, Conflict
from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.keys import Unreadable
from directory.partners import edits, mailbox_codes, members, review_due, said_wrong
from directory.partners.doors import Inside
from directory.partners.members import Membership
from directory.partners.review_due import BY, ELSEWHERE, HELD, RIGHT, WRONG
from directory.partners.review_tables import ServiceReview
from directory.partners.said_wrong import Told
from directory.partners.tables import PartnerMember, PartnerService
from directory.referrals import audit, mailboxes, partner_letters, tasks, working_time
from directory.referrals.asking import SYSTEM, Ask
from directory.referrals.loop import Answer, Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.referrals.tables import Mailbox
from directory.tables import Service

TABLE = said_wrong.TABLE
CALL = "review_call"
LETTERS = ("partner_review_1", "partner_review_2", "partner_review_3")
SEVERAL = "/partners/reviews"
"""The page with every service of somebody's that waits for an answer."""
LONGEST = 500
"""Characters of what is right instead."""


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
    host = _mailbox_host(session, loop, now, service_id)
    shown = [(fact, _words(fact, now, host)) for fact in FACTS if not (now.withheld and fact.code in HIDDEN)]
    return Asked(service_id, now.name, tuple(shown), _mark(now, host), now.withheld)


def is_shared(session: Session, member: Membership, rows: Sequence[str]) -> bool:
    """Whether a row counts in a service that neither its partner nor a person has joined to it: what the partner says
    of the whole is then for staff to look at, and changes nothing by itself. `rows`: all that count in it."""
    return edits.is_shared(session, rows, edits.kept_by(session, member.partner_id))


def still_wrong(session: Session, loop: Loop, member: Membership, service_id: str) -> tuple[Told, ...]:
    """What somebody else of the same partner said is not right, where the record says the same as it did then."""
    now = current.read(session, service_id)
    people = select(PartnerMember.id).where(PartnerMember.partner_id == member.partner_id)
    ours = set(session.scalars(people))
    return tuple(each for each in _standing(session, loop, member, now, service_id) if each.by in ours)


def confirm(loop: Loop, ask: Ask, inside: Inside, service_id: str, seen: str) -> Answer:
    """All of it is still right, as the partner saw it: {"id", "how"}. "held": it counts in part, or not at all, before
    staff have looked, for a colleague said otherwise or somebody else's row counts in it.

    Raises NotFound, Forbidden, and Conflict when the record says something else by now.
    """

    def do(session: Session) -> Answer:
        member = members.member(session, inside, service_id).check(members.EDITS)
        now = _seen(session, loop, service_id, seen)
        by = f"{BY}{member.id}"
        if is_shared(session, member, now.rows):
            row = _answered(session, loop, service_id, member, ask, HELD)
            _ask_staff(session, loop, ask, now.id, row.id)
            return _written(session, ask, row)
        still = _codes(_standing(session, loop, member, now, service_id))
        said_wrong.settle(session, loop, now.rows, member.id, _marks(session, now, service_id), ask.at)
        right = [name for name in _spoken(now) if name not in _doubted(still)] if still else None
        assurance.say(session, service_id, State.PROVIDER_CONFIRMED, by, ask.at, right)
        return _written(session, ask, _answered(session, loop, service_id, member, ask, HELD if still else RIGHT))

    return loop.once(ask, "review.confirm", {"service": service_id, "seen": seen}, do)


def tell(loop: Loop, ask: Ask, inside: Inside, service_id: str, seen: str, wrong: Mapping[str, str]) -> Answer:
    """These facts are not right (code → what is, or ""); the others are. Staff ring about them. {"id", "how"}.

    Raises BadInput naming a fact, NotFound, Forbidden, Conflict.
    """
    body = {"service": service_id, "seen": seen, "wrong": sorted(wrong), "words": _digest(loop, wrong)}

    def do(session: Session) -> Answer:
        member = members.member(session, inside, service_id).check(members.EDITS)
        now = _seen(session, loop, service_id, seen)
        _check(now, wrong)
        if not is_shared(session, member, now.rows):
            _doubt(session, loop, ask, service_id, member, now, wrong)
        if "referrals" in wrong:
            _hold_referrals(session, now, service_id)
        row = _answered(session, loop, service_id, member, ask, WRONG)
        row.wrong = "|".join(fact.code for fact in FACTS if fact.code in wrong)
        said_wrong.keep(loop, row, wrong, _marks(session, now, service_id))
        _ask_staff(session, loop, ask, now.id, row.id)
        return _written(session, ask, row)

    return loop.once(ask, "review.tell", body, do)


def _doubt(
    session: Session, loop: Loop, ask: Ask, service_id: str, member: Membership, now: Current, wrong: Collection[str]
) -> None:
    """The record says so at once: these facts are in doubt, and the rest is confirmed but for what others doubt."""
    by, doubted = f"{BY}{member.id}", {*wrong, *_codes(_standing(session, loop, member, now, service_id))}
    right = [name for name in _spoken(now) if name not in _doubted(doubted)]
    if right:
        assurance.say(session, service_id, State.PROVIDER_CONFIRMED, by, ask.at, right)
    for code in wrong:
        if BY_CODE[code].reason:
            assurance.say(session, service_id, State.CONTRADICTED, by, ask.at, reason=BY_CODE[code].reason)


def _ask_staff(session: Session, loop: Loop, ask: Ask, service_id: str, row_id: str) -> None:
    due_at = working_time.after(loop.policy, ask.at, loop.policy.span("dispose", urgent=False))
    tasks.add(session, said_wrong.TASK, due_at, ask.at, service_id=service_id, object_id=row_id)


def _standing(session: Session, loop: Loop, member: Membership, now: Current, service_id: str) -> list[Told]:
    return said_wrong.standing(session, loop, now.rows, member.id, _marks(session, now, service_id))


def _codes(said: Collection[Told]) -> set[str]:
    return {code for each in said for code in each.facts}


def settle(session: Session, service_ids: Collection[str], by: str, at: datetime) -> None:
    """Staff have confirmed a record: what was asked about it is over. Call it with all rows of the service."""
    for kind in (CALL, said_wrong.TASK):
        tasks.settle_service(session, service_ids, kind, by, at)
    still = (ServiceReview.service_id.in_(service_ids), ServiceReview.closed_at.is_(None))
    session.execute(update(ServiceReview).where(*still).values(closed_at=at, how=ELSEWHERE))
    said_wrong.settle_all(session, service_ids, by, at)
    for own in service_ids:
        _keep_back(session, own, at)


def end(session: Session, row: ServiceReview, at: datetime) -> None:
    """A round that nobody has to answer any more: somebody else confirmed the record, or nothing is asked of it."""
    row.closed_at, row.how = at, ELSEWHERE
    tasks.settle_service(session, review_due.rows_of(session, row.service_id), CALL, SYSTEM.id, at)
    _keep_back(session, row.service_id, at)


def open_round(session: Session, service_id: str) -> ServiceReview | None:
    """The round about a service that nobody has answered yet."""
    own = (ServiceReview.service_id == service_id, ServiceReview.closed_at.is_(None))
    return session.scalars(select(ServiceReview).where(*own).order_by(ServiceReview.opened_at)).first()


def begin(session: Session, service_id: str, due_on: str, at: datetime) -> ServiceReview:
    row = ServiceReview(id=str(uuid4()), service_id=service_id, due_on=due_on, opened_at=at, reminders=0)
    session.add(row)
    session.flush()
    return row


def _answered(session: Session, loop: Loop, service_id: str, member: Membership, ask: Ask, how: str) -> ServiceReview:
    """The round is over: no reminder leaves any more, and nobody has to ring."""
    session.execute(select(Service.id).where(Service.id == service_id).with_for_update())
    row = open_round(session, service_id) or begin(session, service_id, ask.at.date().isoformat(), ask.at)
    row.closed_at, row.how, row.said_by = ask.at, how, member.id
    tasks.settle_service(session, review_due.rows_of(session, service_id), CALL, member.id, ask.at)
    _keep_back(session, service_id, ask.at)
    session.flush()
    try:
        emails = members.mailboxes_of(session, loop, service_id)
    except Unreadable:  # then a letter too many may leave, but the answer counts
        emails = []
    for email in emails:
        _keep_digests_back(session, loop, email)
    return row


def _keep_digests_back(session: Session, loop: Loop, email: str) -> None:
    """A letter about several services says nothing any more once no answer of theirs is waited for."""
    macs = mailbox_codes.macs(loop.keys, email)
    waits = (
        select(ServiceReview.id)
        .join(PartnerService, PartnerService.service_id == ServiceReview.service_id)
        .join(PartnerMember, PartnerMember.partner_id == PartnerService.partner_id)
        .where(ServiceReview.closed_at.is_(None), PartnerService.ended_at.is_(None), PartnerMember.left_at.is_(None))
    )
    if session.scalar(waits.where(PartnerMember.email_mac.in_(macs)).limit(1)) is None:
        partner_letters.forget_those(
            session, loop, LETTERS, lambda path, fields: path == SEVERAL and fields["to"] == email
        )


def _keep_back(session: Session, service_id: str, at: datetime) -> None:
    """A reminder that has not left yet stays here."""
    own = (PartnerLetter.path == path_of(service_id), PartnerLetter.fields_sealed.is_not(None))
    session.execute(update(PartnerLetter).where(*own).values(until=at))


def path_of(service_id: str) -> str:
    """Of the page on which it is asked."""
    return f"/partners/services/{service_id}/review"


def _seen(session: Session, loop: Loop, service_id: str, seen: str) -> Current:
    """The record as it counts, which stays so until the transaction ends. Raises Conflict when they saw another."""
    hand.lock(session, hand.rows_of(session, service_id))
    now = current.read(session, service_id)
    if _mark(now, _mailbox_host(session, loop, now, service_id)) != seen:
        raise Conflict("This was changed meanwhile.", "Look at what it says now, then answer.")
    return now


def _check(now: Current, wrong: Mapping[str, str]) -> None:
    if not wrong:
        raise BadInput("Nothing is ticked.", "Tick what is not right, or press “All of this is still right”.", "facts")
    for code, words in wrong.items():
        if code not in BY_CODE or (now.withheld and code in HIDDEN):
            raise BadInput("That is none of the facts here.", "Open the page again.", "facts")
        if len(words) > LONGEST:
            raise BadInput(f"This has {len(words):,} characters.", f"Shorten it to {LONGEST}.", code)
        try:
            checking.text("alert", words, now.withheld)
        except BadInput as error:
            message = error.message.replace(fields.label("alert"), BY_CODE[code].label, 1)
            raise BadInput(message, error.advice, code) from None


def _doubted(wrong: Collection[str]) -> set[str]:
    return {assurance.REASONS[BY_CODE[code].reason] for code in wrong if BY_CODE[code].reason}


def _spoken(now: Current) -> list[str]:
    """The facts of which a word can be kept alone."""
    asked_of = [fact for fact in FACTS if not (now.withheld and fact.code in HIDDEN)]
    return [assurance.REASONS[fact.reason] for fact in asked_of if fact.reason]


def _hold_referrals(session: Session, now: Current, service_id: str) -> None:
    """Nothing more is sent to a mailbox that is said to be wrong, before it has been proved anew."""
    for mailbox in _mailboxes(session, now, service_id):
        mailbox.confirmed_at = None


def _mailbox_host(session: Session, loop: Loop, now: Current, service_id: str) -> str:
    found = next(iter(_mailboxes(session, now, service_id)), None)
    return mailboxes.address(loop, found).partition("@")[2] if found else ""


def _mailboxes(session: Session, now: Current, service_id: str) -> list[Mailbox]:
    """Those of the row itself and of what a person has joined to it: no reading of a list makes another's theirs."""
    strange = edits.strangers(session, now.rows, [service_id])
    found = (mailboxes.current(session, own) for own in now.rows if own not in strange)
    return [mailbox for mailbox in found if mailbox is not None]


def _marks(session: Session, now: Current, service_id: str) -> Mapping[str, str]:
    """What each fact says now, as a mark to compare it with later; of the mailbox, which one it is."""
    marks = {fact.code: now.mark(fact.fields) for fact in FACTS if fact.fields}
    ids = sorted(mailbox.id for mailbox in _mailboxes(session, now, service_id))
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


def _mark(now: Current, host: str) -> str:
    shown = {name: now.values[name] for fact in FACTS for name in fact.fields}
    return current.mark({**shown, "referrals": host})


def _digest(loop: Loop, wrong: Mapping[str, str]) -> str:
    """Tells the same words from others without keeping them."""
    return loop.keys.mac("review words", json.dumps(dict(wrong), sort_keys=True))


def _written(session: Session, ask: Ask, row: ServiceReview) -> Answer:
    audit.note(session, ask.who, ask.at, "change", TABLE, row.id, purpose=row.how)
    return {"id": row.id, "how": row.how}
