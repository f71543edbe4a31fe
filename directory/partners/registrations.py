"""Registrations in the record: begun, changed page by page, sent in, taken back, withdrawn.

One that is left alone is erased (`forgetting`). Each step raises the version, so that what two people have agreed is
what was sent that very time.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import Conflict, NotFound
from directory.partners import answers, completeness, forgetting, members, proofs
from directory.partners.answers import Answers, Contact, Referrals
from directory.partners.completeness import Lack
from directory.partners.doors import Inside
from directory.partners.tables import Registration
from directory.referrals import audit, partner_letters, tasks, working_time
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, check_version, new_reference

TABLE = forgetting.TABLE
TASK = "registration"
"""The task of our staff while one waits for them."""
DRAFT, SUBMITTED, RETURNED = "draft", "submitted", "returned"
APPROVED, REFUSED, WITHDRAWN = "approved", "refused", "withdrawn"
OPEN = (DRAFT, RETURNED)
"""They may change it."""
MOST_OPEN = 20
"""Registrations of one mailbox that are not agreed yet: more help nobody, and a machine could go on for ever."""
TOLD_EVERY = timedelta(days=1)
"""So often at most a letter says that it was sent in, however often it is taken back."""
RECEIVED = "partner_received"
AGAIN = "look at what it says now"
GONE = ("There is no such registration.", "Look at your own list.")


@dataclass(frozen=True, slots=True)
class Kept:
    """A registration as it stands. `email` is the mailbox it was begun from; `said` what staff said last."""

    id: str
    reference: str
    email: str
    state: str
    version: int
    answers: Answers
    claims_service_id: str
    partner_id: str
    said: str
    changed_at: datetime
    submitted_at: datetime | None


def begin(loop: Loop, ask: Ask, inside: Inside, claims_service_id: str = "") -> Answer:
    """A new registration of a mailbox that was proved: {"id", "reference", "version"}. Raises Conflict for too many."""

    def do(session: Session) -> Answer:
        mine_now = (Registration.email_mac.in_(inside.macs), Registration.state.in_((*OPEN, SUBMITTED)))
        if len(session.scalars(select(Registration.id).where(*mine_now)).all()) >= MOST_OPEN:
            advice = "Go on with one, or withdraw one."
            raise Conflict(f"{MOST_OPEN} registrations of yours are not agreed yet.", advice)
        row = Registration(
            id=str(uuid4()),
            reference=_reference(session),
            email_mac=inside.mac,
            claims_service_id=claims_service_id,
            state=DRAFT,
            made_at=ask.at,
            changed_at=ask.at,
        )
        row.email_sealed = loop.own.seal(inside.email, TABLE, row.id, "email")
        _put(loop, row, Answers())
        session.add(row)
        session.flush()
        return _written(session, ask, row, "create", "begin")

    return loop.once(ask, "registration.begin", {"claims": claims_service_id}, do)


def own(session: Session, loop: Loop, inside: Inside) -> list[Kept]:
    """The registrations of a mailbox, the one last changed first; those that were agreed for owners alone."""
    query = select(Registration).where(Registration.email_mac.in_(inside.macs), Registration.erased_at.is_(None))
    rows = session.scalars(query.order_by(Registration.changed_at.desc())).all()
    return [_shown(loop, row) for row in rows if _is_still_theirs(session, inside, row)]


def found(session: Session, loop: Loop, inside: Inside, own_id: str) -> Kept:
    """One of them. Raises NotFound, for another's too, and once it was agreed for who is no owner any more."""
    return _shown(loop, mine(session, inside, own_id))


def lacks(session: Session, loop: Loop, inside: Inside, own_id: str) -> tuple[Lack, ...]:
    """What one of them needs before it can be sent. Raises NotFound."""
    row = mine(session, inside, own_id)
    whole = read(loop, row).answers
    return completeness.lacks(whole, proofs.is_proved(session, loop.keys, row, whole.referrals.email))


def read(loop: Loop, row: Registration) -> Kept:
    """A row, opened. Raises Unreadable."""

    def opened(column: str) -> str:
        return loop.own.open(getattr(row, f"{column}_sealed"), TABLE, row.id, column)

    text = opened("answers")
    return Kept(
        id=row.id,
        reference=row.reference,
        email=opened("email"),
        state=row.state,
        version=row.version,
        answers=answers.of_json(text) if text else Answers(),
        claims_service_id=row.claims_service_id,
        partner_id=row.partner_id or "",
        said=opened("said"),
        changed_at=utc(row.changed_at),
        submitted_at=utc(row.submitted_at) if row.submitted_at else None,
    )


def change(
    loop: Loop,
    ask: Ask,
    inside: Inside,
    own_id: str,
    make: Callable[[Answers], Answers],
    page: str,
    said: Mapping[str, str] | None = None,
) -> Answer:
    """Takes one page's answers in; `make` gives the new whole, `said` is what was typed (the same key with other words
    is refused). Raises NotFound, Conflict once it was sent in or changed meanwhile, and what `make` raises."""

    def do(session: Session) -> Answer:
        row = mine(session, inside, own_id, lock=True)
        check_version(row.version, ask, AGAIN)
        if row.state not in OPEN:
            raise Conflict("This was sent in.", "Take it back first if something is wrong in it.")
        before = read(loop, row).answers
        after = make(before)
        if before.services and _first(after) != _first(before):
            row.claims_service_id = ""  # a claim is of the first: with it, it is gone
        _put(loop, row, after)
        row.changed_at, row.version = ask.at, row.version + 1
        return _written(session, ask, row, "change", page)

    digest = loop.keys.mac("registration", json.dumps(dict(said or {}), sort_keys=True))
    body = {"id": own_id, "page": page, "version": ask.version, "said": digest}
    return loop.once(ask, "registration.change", body, do)


def _first(whole: Answers) -> str:
    return whole.services[0].own if whole.services else ""


def submit(loop: Loop, ask: Ask, inside: Inside, own_id: str) -> Answer:
    """They send it in: nobody finds it yet, two people look at it. A second mailbox that nobody proved is left out.

    Raises NotFound, and Conflict when something is missing, it was sent in before, or changed meanwhile.
    """

    def do(session: Session) -> Answer:
        row = _step(session, ask, inside, own_id, OPEN)
        whole = read(loop, row).answers
        mailbox, second, path = whole.referrals.email, whole.referrals.second, forgetting.page(row)
        if completeness.lacks(whole, proofs.is_proved(session, loop.keys, row, mailbox)):
            raise Conflict("Something is still missing.", "Look at the list: what is missing has a mark.")
        if second and not proofs.is_proved(session, loop.keys, row, second):
            _put(loop, row, msgspec.structs.replace(whole, referrals=Referrals(mailbox)))
        proofs.keep(session, loop.keys, row, mailbox, ask.at)
        row.submitted_at = ask.at
        due_at = working_time.after(loop.policy, ask.at, loop.policy.span("hand_in", urgent=False))
        tasks.add(session, TASK, due_at, ask.at, object_id=row.id)
        if not partner_letters.is_sent_since(session, RECEIVED, path, ask.at - TOLD_EVERY):
            partner_letters.queue(session, loop, RECEIVED, inside.email, ask.at, path=path)
        return _moved(session, ask, row, SUBMITTED, "submit")

    return loop.once(ask, "registration.submit", {"id": own_id, "version": ask.version}, do)


def take_back(loop: Loop, ask: Ask, inside: Inside, own_id: str) -> Answer:
    """They want to change what they sent, before it is agreed: whoever agreed already agreed to another version.

    Raises NotFound, Conflict.
    """

    def do(session: Session) -> Answer:
        return _moved(session, ask, _step(session, ask, inside, own_id, (SUBMITTED,)), DRAFT, "take_back")

    return loop.once(ask, "registration.take_back", {"id": own_id, "version": ask.version}, do)


def withdraw(loop: Loop, ask: Ask, inside: Inside, own_id: str) -> Answer:
    """They want nothing more of it: all that was typed is erased at once. Raises NotFound, Conflict once agreed."""

    def do(session: Session) -> Answer:
        row = _step(session, ask, inside, own_id, (*OPEN, SUBMITTED))
        row.state = WITHDRAWN
        forgetting.erase(session, row, ask.who, ask.at, "withdraw")
        return {"id": row.id, "reference": row.reference, "version": row.version}

    return loop.once(ask, "registration.withdraw", {"id": own_id, "version": ask.version}, do)


def _step(session: Session, ask: Ask, inside: Inside, own_id: str, of: tuple[str, ...]) -> Registration:
    row = mine(session, inside, own_id, lock=True)
    check_version(row.version, ask, AGAIN)
    if row.state not in of:
        raise Conflict("This cannot be done with it now.", "Look at how it stands.")
    tasks.settle_object(session, row.id, TASK, ask.who.id, ask.at)
    return row


def _moved(session: Session, ask: Ask, row: Registration, state: str, purpose: str) -> Answer:
    row.state, row.changed_at, row.version = state, ask.at, row.version + 1
    return _written(session, ask, row, "change", purpose)


def _put(loop: Loop, row: Registration, new: Answers) -> None:
    row.answers_sealed = loop.own.seal(answers.to_json(new), TABLE, row.id, "answers")


def mine(session: Session, inside: Inside, own_id: str, lock: bool = False) -> Registration:
    """The row of one of them, held until the transaction ends if wanted. Raises NotFound, for another's too."""
    query = select(Registration).where(Registration.id == own_id, Registration.email_mac.in_(inside.macs))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None or row.erased_at is not None or not _is_still_theirs(session, inside, row):
        raise NotFound(*GONE)
    return row


def _is_still_theirs(session: Session, inside: Inside, row: Registration) -> bool:
    """Whether they may still see it: one that was agreed is its partner's, and so its owners', not its writer's."""
    if row.state != APPROVED:
        return True
    held = members.partners_of(session, inside)
    return any(each.partner_id == row.partner_id and each.role == members.OWNER for each in held)


def _shown(loop: Loop, row: Registration) -> Kept:
    """As its writer sees it: of one that was agreed without whom we rang and its mailboxes, which are not public."""
    kept = read(loop, row)
    if kept.state != APPROVED:
        return kept
    public = msgspec.structs.replace(kept.answers, contact=Contact(), referrals=Referrals())
    return replace(kept, answers=public)


def _reference(session: Session) -> str:
    while True:
        reference = new_reference()
        if session.scalar(select(Registration.id).where(Registration.reference == reference)) is None:
            return reference


def _written(session: Session, ask: Ask, row: Registration, action: str, purpose: str) -> Answer:
    audit.note(session, ask.who, ask.at, action, TABLE, row.id, purpose=purpose)
    return {"id": row.id, "reference": row.reference, "version": row.version}
