"""What a provider answers through its link, each only with a proved session for this very referral.

An answer that comes when the referral is over is never turned away: it is kept as a late reply, and a worker is asked
to look (`late_replies`). Nobody's words about the person come in here: codes and days only, and the name of a team.
"""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from directory.errors import BadInput
from directory.referrals import agreements, codes, consequences, late_replies, moves, needs, outcomes_said, tasks
from directory.referrals.acting import coming, past, sealed_note
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import OVER, Event, State
from directory.referrals.loop import Answer, Loop
from directory.referrals.outcomes_said import OutcomeSaid
from directory.referrals.provider_replies import add_task, inside, news, reply
from directory.referrals.tables import Referral, ReferralEvent

NAME_LIMIT = 100
MISSED_MOST = 2
"""So many missed contacts, and the person counts as not reached."""


def open_(loop: Loop, ask: Ask, referral_id: str) -> Answer:
    """The code was right and they look at it: sent → received. Any later state stays as it is."""

    def do(session: Session, referral: Referral) -> None:
        if referral.state == State.SENT.value:
            moves.advance(session, referral, Event.OPEN, ask)
            needs.refresh(session, loop, referral.need_id, ask)

    return inside(loop, Ask(ask.who, ask.at, ask.key), referral_id, "open", {}, do)


def ask_info(loop: Loop, ask: Ask, referral_id: str, question: str) -> Answer:
    """They ask us one coded question (list question); a worker answers."""
    codes.check("question", question)

    def then(session: Session, referral: Referral, line: ReferralEvent) -> None:
        add_task(session, loop, referral, ask, "question", "info_reply", {"question": question})

    return reply(loop, ask, referral_id, Event.ASK_INFO, {"question": question}, then)


def accept(loop: Loop, ask: Ask, referral_id: str, first_contact_by: date, team: str = "") -> Answer:
    """They will help, and make first contact by a day. `team`: who receives the person, at most 100 letters."""
    told = {"first_contact_by": coming(first_contact_by, ask, "first_contact_by"), "team": bool(team.strip())}
    _check_name(team)

    def then(session: Session, referral: Referral, line: ReferralEvent) -> None:
        referral.due_on = first_contact_by
        line.note_sealed = sealed_note(session, loop, referral, line.id, team)
        tasks.settle(session, referral.id, ("question", "phone_second", "lapse_warning"), ask.who.id, ask.at)

    return reply(loop, ask, referral_id, Event.ACCEPT, told, then)


def waitlist(loop: Loop, ask: Ask, referral_id: str, wait_band: str, next_update_on: date) -> Answer:
    """They will help later (list wait_band) and tell us again by a day; the person is asked: wait, or elsewhere too."""
    codes.check("wait_band", wait_band)
    span = loop.policy.span("update", urgent=False)
    limit = span.calendar_days or span.days
    told = {"wait_band": wait_band, "next_update_on": coming(next_update_on, ask, "next_update_on", limit)}

    def then(session: Session, referral: Referral, line: ReferralEvent) -> None:
        referral.due_on = next_update_on
        consequences.after_waitlist(session, loop, referral, line)

    return reply(loop, ask, referral_id, Event.WAITLIST, told, then)


def decline(
    loop: Loop,
    ask: Ask,
    referral_id: str,
    reason: str,
    may_contact_again: bool,
    *,
    wait_band: str = "",
    again_on: date | None = None,
) -> Answer:
    """They cannot help (list decline), and say whether we may come back to them about this person.

    `wait_band` goes with D2, `again_on` with D17.
    """
    codes.check("decline", reason, "reason")
    told: dict[str, Any] = {"reason": reason, "may_contact_again": may_contact_again}
    if wait_band:
        told["wait_band"] = codes.check("wait_band", wait_band)
    if again_on is not None:
        told["again_on"] = coming(again_on, ask, "again_on")

    def then(session: Session, referral: Referral, line: ReferralEvent) -> None:
        referral.decline_reason, referral.may_contact_again = reason, may_contact_again
        referral.due_on = None
        consequences.after_decline(session, loop, referral, line)

    return reply(loop, ask, referral_id, Event.DECLINE, told, then)


def schedule(loop: Loop, ask: Ask, referral_id: str, on: date, channel: str) -> Answer:
    """A first contact is fixed, or fixed anew: a day and a channel (list channel), no place."""
    told = {"on": coming(on, ask, "on"), "channel": codes.check("channel", channel)}

    def then(session: Session, referral: Referral, line: ReferralEvent) -> None:
        referral.due_on = on

    return reply(loop, ask, referral_id, Event.SCHEDULE, told, then)


def missed(loop: Loop, ask: Ask, referral_id: str, who_missed: str) -> Answer:
    """The contact did not happen (list who_missed); after the second the person counts as not reached."""
    codes.check("who_missed", who_missed)

    def then(session: Session, referral: Referral, line: ReferralEvent) -> None:
        if line.state_to == State.NOT_REACHED.value:
            add_task(session, loop, referral, ask, "not_reached", "dispose", {})

    return reply(loop, ask, referral_id, Event.MISSED, {"who_missed": who_missed}, then, _after_missed)


def not_reached(loop: Loop, ask: Ask, referral_id: str, attempts: int, days: int) -> Answer:
    """They tried often enough, on enough days, within the safe-contact rule; a worker checks the contact."""
    least, on = loop.policy.number("sending", "attempts"), loop.policy.number("sending", "attempt_days")
    if attempts < least or days < on or days > attempts:
        raise BadInput(
            f"Try at least {least} times on {on} different days first.", "Then tell us how often.", "attempts"
        )

    def then(session: Session, referral: Referral, line: ReferralEvent) -> None:
        add_task(session, loop, referral, ask, "not_reached", "dispose", {"attempts": attempts, "days": days})

    return reply(loop, ask, referral_id, Event.NOT_REACHED, {"attempts": attempts, "days": days}, then)


def start(loop: Loop, ask: Ask, referral_id: str, on: date) -> Answer:
    """Help has begun."""

    def then(session: Session, referral: Referral, line: ReferralEvent) -> None:
        referral.due_on = None

    return reply(loop, ask, referral_id, Event.START, {"on": past(on, ask, "on")}, then)


def progress(loop: Loop, ask: Ask, referral_id: str, engaged: bool, next_update_on: date) -> Answer:
    """Whether the person still comes, and when we hear again."""
    told = {"engaged": engaged, "next_update_on": coming(next_update_on, ask, "next_update_on")}

    def then(session: Session, referral: Referral, line: ReferralEvent) -> None:
        referral.due_on = next_update_on
        tasks.settle(session, referral.id, ("no_update",), ask.who.id, ask.at)

    return reply(loop, ask, referral_id, Event.PROGRESS, told, then)


def outcome(loop: Loop, ask: Ask, referral_id: str, said: OutcomeSaid) -> Answer:
    """What came of it; said again it is a correction, which after so many days only asks a worker to look."""
    outcomes_said.checked(said)
    body = {name: getattr(said, name) for name in OutcomeSaid.__slots__}

    def do(session: Session, referral: Referral) -> None:
        told = outcomes_said.details(session, referral, said, ask.who.kind)
        late = referral.state in OVER - {State.CLOSED} or not outcomes_said.may_correct(session, loop, referral, ask)
        if late:
            late_replies.land(session, loop, referral, ask, Event.OUTCOME.value, told)
            return
        line = moves.advance(session, referral, Event.OUTCOME, Ask(ask.who, ask.at), told)
        referral.due_on = None
        needs.refresh(session, loop, referral.need_id, ask, contact=False)
        consequences.after_outcome(session, loop, referral, line)
        news(session, loop, referral, ask)

    return inside(loop, ask, referral_id, "outcome", body, do)


def reopen(loop: Loop, ask: Ask, referral_id: str) -> Answer:
    """The person is back with them: closed → in service, a new episode; a worker hears of it.

    When it ended otherwise, or the person's agreement no longer holds, it is kept as a late reply: we ask the person.
    """

    def do(session: Session, referral: Referral) -> None:
        closed = referral.state == State.CLOSED.value
        holds = agreements.current(session, referral.case_id, referral.service_id, ask.at) if closed else None
        if holds is None and referral.state in OVER:
            add_task(session, loop, referral, ask, "person_returned", "dispose", {})
            late_replies.land(session, loop, referral, ask, "start", {})
            return
        if holds is not None:
            referral.agreement_id, referral.episode = holds.id, referral.episode + 1
        moves.advance(session, referral, Event.REOPEN, ask, {"reason": "person_returned"}, State.IN_SERVICE)
        referral.due_on = None
        needs.refresh(session, loop, referral.need_id, ask)
        add_task(session, loop, referral, ask, "person_returned", "dispose", {})

    return inside(loop, ask, referral_id, "reopen", {}, do)


def _after_missed(session: Session, referral: Referral) -> State:
    """Scheduled still after the first, not reached after the second, counted since they last could not be reached."""
    count = 1
    for line in reversed(moves.events(session, referral.id)):
        if line.episode != referral.episode or line.state_to == State.NOT_REACHED.value:
            break
        count += line.event == Event.MISSED.value
    return State.NOT_REACHED if count >= MISSED_MOST else State.SCHEDULED


def _check_name(team: str) -> None:
    if len(team) > NAME_LIMIT:
        raise BadInput(f"That name is longer than {NAME_LIMIT} letters.", "Use a shorter one.", "team")
