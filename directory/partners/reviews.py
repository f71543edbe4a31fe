"""Whether what the record says of a service is still right, in its partner's own word: a minute once a year.

"All right" confirms the record as a whole; "not right" puts a fact in doubt at once, and staff ring about it. Where a
list has joined somebody else's row to it, neither counts before staff have looked.
"""

import json
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.editing import checking, current, fields, hand
from directory.editing.current import Current
from directory.errors import BadInput, Conflict
from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.partners import edits, members, review_facts, review_rounds, said_wrong
from directory.partners.doors import Inside
from directory.partners.members import Membership
from directory.partners.review_due import BY, HELD, RIGHT, WRONG
from directory.partners.review_tables import ServiceReview
from directory.partners.said_wrong import Told
from directory.partners.tables import PartnerMember
from directory.referrals import audit, tasks, working_time
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop

TABLE = said_wrong.TABLE
LONGEST = 500
"""Characters of what is right instead."""


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
            row = review_rounds.answered(session, loop, service_id, member, ask, HELD)
            _ask_staff(session, loop, ask, now.id, row.id)
            return _written(session, ask, row)
        still = _codes(_standing(session, loop, member, now, service_id))
        said_wrong.settle(session, loop, now.rows, member.id, review_facts.marks(session, now, service_id), ask.at)
        right = review_facts.undoubted(now, still) if still else None
        assurance.say(session, service_id, State.PROVIDER_CONFIRMED, by, ask.at, right)
        row = review_rounds.answered(session, loop, service_id, member, ask, HELD if still else RIGHT)
        return _written(session, ask, row)

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
        row = review_rounds.answered(session, loop, service_id, member, ask, WRONG)
        row.wrong = "|".join(fact.code for fact in review_facts.FACTS if fact.code in wrong)
        said_wrong.keep(loop, row, wrong, review_facts.marks(session, now, service_id))
        _ask_staff(session, loop, ask, now.id, row.id)
        return _written(session, ask, row)

    return loop.once(ask, "review.tell", body, do)


def _doubt(
    session: Session, loop: Loop, ask: Ask, service_id: str, member: Membership, now: Current, wrong: Collection[str]
) -> None:
    """The record says so at once: these facts are in doubt, and the rest is confirmed but for what others doubt."""
    by, doubted = f"{BY}{member.id}", {*wrong, *_codes(_standing(session, loop, member, now, service_id))}
    right = review_facts.undoubted(now, doubted)
    if right:
        assurance.say(session, service_id, State.PROVIDER_CONFIRMED, by, ask.at, right)
    for code in wrong:
        if review_facts.BY_CODE[code].reason:
            assurance.say(session, service_id, State.CONTRADICTED, by, ask.at, reason=review_facts.BY_CODE[code].reason)


def _ask_staff(session: Session, loop: Loop, ask: Ask, service_id: str, row_id: str) -> None:
    due_at = working_time.after(loop.policy, ask.at, loop.policy.span("dispose", urgent=False))
    tasks.add(session, said_wrong.TASK, due_at, ask.at, service_id=service_id, object_id=row_id)


def _standing(session: Session, loop: Loop, member: Membership, now: Current, service_id: str) -> list[Told]:
    return said_wrong.standing(session, loop, now.rows, member.id, review_facts.marks(session, now, service_id))


def _codes(said: Collection[Told]) -> set[str]:
    return {code for each in said for code in each.facts}


def _seen(session: Session, loop: Loop, service_id: str, seen: str) -> Current:
    """The record as it counts, which stays so until the transaction ends. Raises Conflict when they saw another."""
    hand.lock(session, hand.rows_of(session, service_id))
    now = current.read(session, service_id)
    if review_facts.mark_of(now, review_facts.mailbox_host(session, loop, now, service_id)) != seen:
        raise Conflict("This was changed meanwhile.", "Look at what it says now, then answer.")
    return now


def _check(now: Current, wrong: Mapping[str, str]) -> None:
    if not wrong:
        raise BadInput("Nothing is ticked.", "Tick what is not right, or press “All of this is still right”.", "facts")
    for code, words in wrong.items():
        if code not in review_facts.BY_CODE or (now.withheld and code in review_facts.HIDDEN):
            raise BadInput("That is none of the facts here.", "Open the page again.", "facts")
        if len(words) > LONGEST:
            raise BadInput(f"This has {len(words):,} characters.", f"Shorten it to {LONGEST}.", code)
        try:
            checking.text("alert", words, now.withheld)
        except BadInput as error:
            message = error.message.replace(fields.label("alert"), review_facts.BY_CODE[code].label, 1)
            raise BadInput(message, error.advice, code) from None


def _hold_referrals(session: Session, now: Current, service_id: str) -> None:
    """Nothing more is sent to a mailbox that is said to be wrong, before it has been proved anew."""
    for mailbox in review_facts.mailboxes_of(session, now, service_id):
        mailbox.confirmed_at = None


def _digest(loop: Loop, wrong: Mapping[str, str]) -> str:
    """Tells the same words from others without keeping them."""
    return loop.keys.mac("review words", json.dumps(dict(wrong), sort_keys=True))


def _written(session: Session, ask: Ask, row: ServiceReview) -> Answer:
    audit.note(session, ask.who, ask.at, "change", TABLE, row.id, purpose=row.how)
    return {"id": row.id, "how": row.how}
