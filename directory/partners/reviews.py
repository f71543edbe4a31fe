"""Whether what the record says of a service is still right, in its partner's own word: a minute once a year.

"All right" confirms the record as a whole; "not right" puts a fact in doubt at once, and staff ring about it. What was
typed is sealed: it may name somebody, or a place.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.editing import checking, current, fields
from directory.editing.current import Current
from directory.errors import BadInput, Conflict
from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.partners import members, review_due
from directory.partners.doors import Inside
from directory.partners.members import Membership
from directory.partners.review_due import BY, ELSEWHERE, RIGHT, WRONG
from directory.partners.review_tables import ServiceReview
from directory.referrals import audit, mailboxes, tasks, working_time
from directory.referrals.asking import SYSTEM, Ask
from directory.referrals.loop import Answer, Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.referrals.tables import Task
from directory.tables import Service

TABLE = "service_review"
CALL = "review_call"
TOLD = "check_entry"
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


@dataclass(frozen=True, slots=True)
class Told:
    """What a partner said is not right, for staff: fact → its words ("" where they wrote none)."""

    at: datetime
    facts: Mapping[str, str]


def asked(session: Session, loop: Loop, service_id: str) -> Asked:
    """Every fact of a service as it counts now. Raises NotFound."""
    now = current.read(session, service_id)
    host = _mailbox_host(session, loop, now)
    shown = [(fact, _words(fact, now, host)) for fact in FACTS if not (now.withheld and fact.code in HIDDEN)]
    return Asked(service_id, now.name, tuple(shown), _mark(now, host), now.withheld)


def confirm(loop: Loop, ask: Ask, inside: Inside, service_id: str, seen: str) -> Answer:
    """All of it is still right, as the partner saw it. {"id"}.

    Raises NotFound, Forbidden, and Conflict when the record says something else by now.
    """

    def do(session: Session) -> Answer:
        member = members.member(session, inside, service_id).check(members.EDITS)
        _seen(session, loop, service_id, seen)
        by = f"{BY}{member.id}"
        assurance.say(session, service_id, State.PROVIDER_CONFIRMED, by, ask.at)
        _handled(session, review_due.rows_of(session, service_id), member.id, ask.at)
        return _written(session, ask, _answered(session, service_id, member, ask, RIGHT))

    return loop.once(ask, "review.confirm", {"service": service_id, "seen": seen}, do)


def tell(loop: Loop, ask: Ask, inside: Inside, service_id: str, seen: str, wrong: Mapping[str, str]) -> Answer:
    """These facts are not right (code → what is, or ""); the others are. Staff ring about them. {"id"}.

    Raises BadInput naming a fact, NotFound, Forbidden, Conflict.
    """
    body = {"service": service_id, "seen": seen, "wrong": sorted(wrong), "words": _digest(loop, wrong)}

    def do(session: Session) -> Answer:
        member = members.member(session, inside, service_id).check(members.EDITS)
        now = _seen(session, loop, service_id, seen)
        _check(now, wrong)
        by = f"{BY}{member.id}"
        right = [name for name in _spoken(now) if name not in _doubted(wrong)]
        assurance.say(session, service_id, State.PROVIDER_CONFIRMED, by, ask.at, right)
        for code in wrong:
            if BY_CODE[code].reason:
                reason = BY_CODE[code].reason
                assurance.say(session, service_id, State.CONTRADICTED, by, ask.at, reason=reason)
        if "referrals" in wrong:
            _hold_referrals(session, now)
        row = _answered(session, service_id, member, ask, WRONG)
        row.wrong = "|".join(fact.code for fact in FACTS if fact.code in wrong)
        row.said_sealed = loop.own.seal(json.dumps(dict(wrong)), TABLE, row.id, "said")
        due_at = working_time.after(loop.policy, ask.at, loop.policy.span("dispose", urgent=False))
        tasks.add(session, TOLD, due_at, ask.at, service_id=now.id, object_id=row.id)
        return _written(session, ask, row)

    return loop.once(ask, "review.tell", body, do)


def settle(session: Session, service_ids: Collection[str], by: str, at: datetime) -> None:
    """Staff have confirmed a record: what was asked about it is over. Call it with all rows of the service."""
    for kind in (CALL, TOLD):
        tasks.settle_service(session, service_ids, kind, by, at)
    still = (ServiceReview.service_id.in_(service_ids), ServiceReview.closed_at.is_(None))
    session.execute(update(ServiceReview).where(*still).values(closed_at=at, how=ELSEWHERE))
    _handled(session, service_ids, by, at)
    for own in service_ids:
        _keep_back(session, own, at)


def end(session: Session, row: ServiceReview, at: datetime) -> None:
    """A round that nobody has to answer any more: somebody else confirmed the record, or nothing is asked of it."""
    row.closed_at, row.how = at, ELSEWHERE
    tasks.settle_service(session, review_due.rows_of(session, row.service_id), CALL, SYSTEM.id, at)
    _keep_back(session, row.service_id, at)


def told(session: Session, loop: Loop, service_ids: Collection[str]) -> tuple[Told, ...]:
    """What partners said is not right and nobody has put right yet, newest first. Raises Unreadable."""
    chosen = (ServiceReview.service_id.in_(service_ids), ServiceReview.how == WRONG)
    query = select(ServiceReview).where(*chosen, ServiceReview.handled_at.is_(None))
    rows = session.scalars(query.order_by(ServiceReview.closed_at.desc()))
    return tuple(
        Told(row.closed_at, json.loads(loop.own.open(row.said_sealed, TABLE, row.id, "said")))
        for row in rows
        if row.closed_at is not None and row.said_sealed is not None
    )


def open_round(session: Session, service_id: str) -> ServiceReview | None:
    """The round about a service that nobody has answered yet."""
    own = (ServiceReview.service_id == service_id, ServiceReview.closed_at.is_(None))
    return session.scalars(select(ServiceReview).where(*own).order_by(ServiceReview.opened_at)).first()


def begin(session: Session, service_id: str, due_on: str, at: datetime) -> ServiceReview:
    row = ServiceReview(id=str(uuid4()), service_id=service_id, due_on=due_on, opened_at=at, reminders=0)
    session.add(row)
    session.flush()
    return row


def _answered(session: Session, service_id: str, member: Membership, ask: Ask, how: str) -> ServiceReview:
    """The round is over: no reminder leaves any more, and nobody has to ring."""
    session.execute(select(Service.id).where(Service.id == service_id).with_for_update())
    row = open_round(session, service_id) or begin(session, service_id, ask.at.date().isoformat(), ask.at)
    row.closed_at, row.how, row.said_by = ask.at, how, member.id
    tasks.settle_service(session, review_due.rows_of(session, service_id), CALL, member.id, ask.at)
    _keep_back(session, service_id, ask.at)
    return row


def _keep_back(session: Session, service_id: str, at: datetime) -> None:
    """A reminder that has not left yet stays here."""
    own = (PartnerLetter.path == path_of(service_id), PartnerLetter.fields_sealed.is_not(None))
    session.execute(update(PartnerLetter).where(*own).values(until=at))


def path_of(service_id: str) -> str:
    """Of the page on which it is asked."""
    return f"/partners/services/{service_id}/review"


def _handled(session: Session, service_ids: Collection[str], by: str, at: datetime) -> None:
    """What was said to be wrong is right by now: its task is done, whoever else's question stays."""
    waits = (ServiceReview.service_id.in_(service_ids), ServiceReview.how == WRONG, ServiceReview.handled_at.is_(None))
    for row in session.scalars(select(ServiceReview).where(*waits)):
        row.handled_at = at
        asked_for = (Task.kind == TOLD, Task.object_id == row.id, Task.done_at.is_(None))
        session.execute(update(Task).where(*asked_for).values(done_at=at, done_by=by))


def _seen(session: Session, loop: Loop, service_id: str, seen: str) -> Current:
    now = current.read(session, service_id)
    if _mark(now, _mailbox_host(session, loop, now)) != seen:
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


def _hold_referrals(session: Session, now: Current) -> None:
    """Nothing more is sent to a mailbox that is said to be wrong, before it has been proved anew."""
    for own in now.rows:
        mailbox = mailboxes.current(session, own)
        if mailbox is not None:
            mailbox.confirmed_at = None


def _mailbox_host(session: Session, loop: Loop, now: Current) -> str:
    found = next(filter(None, (mailboxes.current(session, own) for own in now.rows)), None)
    return mailboxes.address(loop, found).partition("@")[2] if found else ""


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
    return {"id": row.id}
