"""What follows by itself from a decline, an outcome and a silence: each code of the lists has its consequence.

All of it happens in the transaction of the move itself, after the need was refreshed. What a person must decide becomes
a task: nobody outside ends a need, and met is said by the person.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.capacity import FULL, WAITING_LIST
from directory.feeds import assurance
from directory.referrals import capacity_words, codes, exclusions, needs, stopping, tasks, working_time
from directory.referrals.following import After
from directory.referrals.lifecycle import LIVE, WORKERS, Actor
from directory.referrals.loop import Loop
from directory.referrals.needs import NeedState
from directory.referrals.tables import Case, Mailbox, Need, Referral, ReferralEvent

PROVIDER = "provider"
"""Who said it, in the directory's own lines: never which person."""
WEEKS: Mapping[str, tuple[int, int | None]] = {
    "w4": (0, 4), "w12": (5, 12), "w26": (13, 26), "w52": (27, 52), "w53": (53, None),
}  # fmt: skip
"""Wait bands (`codes`, list wait_band) in weeks."""
DOUBTED = {
    "check_area": "area_not_served",
    "check_age": "age_not_served",
    "check_need": "need_not_served",
    "check_relation": "relation_not_served",
    "withdraw_listing": assurance.CLOSED_BY_PROVIDER,
    "check_contact_details": "contact_wrong",
}
"""What of the directory's own entry a decline puts in doubt: `assurance.REASONS`."""


def after_decline(session: Session, loop: Loop, referral: Referral, line: ReferralEvent) -> None:
    """What a service's no leads to, also one that comes late. `line.details`: reason (list decline), wait_band with D2,
    again_on ("2026-12-01") with D17. Call it after `needs.refresh`."""
    after = After(session, loop, referral, line)
    then = codes.codes("decline")[after.said("reason")].then
    details: dict[str, Any] = {"then": then}
    if then == "duplicate":
        details["twin"] = _twin(after)
    if then in DOUBTED:
        _doubt(after, then)
    elif then in (DECLINED if not after.is_late else LATE):
        DECLINED[then](after)
    if not after.is_late:
        after.task("declined", **details)


def after_waitlist(session: Session, loop: Loop, referral: Referral, line: ReferralEvent) -> None:
    """A service takes the person later (`wait_band`): the directory says so, and the person is asked what they want."""
    after = After(session, loop, referral, line)
    _offer_wait(after)


def after_outcome(session: Session, loop: Loop, referral: Referral, line: ReferralEvent) -> None:
    """What an outcome, or its correction, leads to. `line.details`: engagement, service, need_result; says and
    person_view where the person was asked. Call it after `needs.refresh`."""
    after = After(session, loop, referral, line)
    if after.said("need_result") == "N5":
        after.task("new_need")
    if after.said("service") == "S6":
        after.task("new_referral")
    engagement = after.said("engagement")
    if engagement in ENGAGED:
        ENGAGED[engagement](after)
    if engagement not in ("E7", "E9"):
        _met_or_not(after)


def after_unanswered(session: Session, loop: Loop, referral: Referral, line: ReferralEvent) -> None:
    """Silence is a task; what it says of the service is counted once, in the weekly batch (`outcomes`)."""
    After(session, loop, referral, line).task("unanswered")


def _full(after: After) -> None:
    if after.is_known:
        last = after.in_days("full_days")
        capacity_words.say(after.session, after.referral.service_id, FULL, after.at, expires=last)


def _offer_wait(after: After) -> None:
    """The list is open: the directory tells how long, and the person chooses to wait, to go elsewhere, or both."""
    low, high = WEEKS.get(after.said("wait_band"), (None, None))
    if after.is_known:
        capacity_words.say(
            after.session, after.referral.service_id, WAITING_LIST, after.at, minimum_weeks=low, maximum_weeks=high,
            expires=after.in_days("full_days"),
        )  # fmt: skip
    if not after.is_late:
        after.task("offer_wait", wait_band=after.said("wait_band"))


def _doubt(after: After, then: str) -> None:
    """The directory's entry is contradicted until somebody has checked it."""
    reason = DOUBTED[then]
    if then == "check_contact_details" and (mailbox := after.session.get(Mailbox, after.referral.mailbox_id)):
        mailbox.confirmed_at = None  # nothing more is sent there before it has been proved anew
    if after.is_known:
        doubt = assurance.State.CONTRADICTED
        assurance.say(after.session, after.referral.service_id, doubt, PROVIDER, after.at, reason=reason)
    after.check_entry(reason)


def _gap(after: After) -> None:
    case, need = _case(after), after.session.get_one(Need, after.referral.need_id)
    after.loop.next_best.missing(after.session, case.council, need.need, after.at)


def _exclude(after: After) -> None:
    """The two must not meet: no reason is asked, and none is kept."""
    case, own = _case(after), after.referral.service_id
    if case.erased_at is None and after.is_known and own not in exclusions.ids(after.session, case.id):
        exclusions.put(after.session, after.loop, case, after.ask, service_id=own, origin=PROVIDER)


def _rest(after: After) -> None:
    """The need rests till the person is asked again, unless another service is at work on it."""
    stopping.rest(after.session, after.loop, after.referral.need_id, after.ask, None)


def _ask_later(after: After) -> None:
    day = date.fromisoformat(after.said("again_on")) if after.said("again_on") else after.in_days("ask_again_days")
    moment = datetime.combine(day, datetime.min.time(), working_time.LOCAL).astimezone(UTC)
    after.task("ask_later", working_time.next_working_moment(after.loop.policy, moment), on=day.isoformat())


def _check_contact(after: After) -> None:
    after.task("check_contact")


def _ended(after: After) -> None:
    """A worker knows that they died; what a service says of it is made sure of first."""
    if Actor(after.line.actor_kind) not in WORKERS:
        after.task("confirm_ended", engagement=after.said("engagement"))
        return
    need = needs.refresh(after.session, after.loop, after.referral.need_id, after.ask, contact=False)
    if need.state != NeedState.ENDED:
        needs.settle(after.session, need, after.ask, NeedState.ENDED, {"reason": "died"}, reason="died")


def _moved(after: After) -> None:
    after.task("confirm_ended", engagement=after.said("engagement"))


def _met_or_not(after: After) -> None:
    """Met is said by the person: a service's word of it is a question to them; a correction takes it back."""
    met = after.said("need_result") == "N1"
    need = needs.refresh(after.session, after.loop, after.referral.need_id, after.ask, contact=False)
    if not met or _said_by_person(after):
        tasks.settle(after.session, after.referral.id, ("confirm_met",), after.ask.who.id, after.at)
    if met and _said_by_person(after):
        if need.state in needs.GOING or need.state == NeedState.RESTING:
            needs.settle(after.session, need, after.ask, NeedState.MET, {})
    elif met and need.state != NeedState.MET:
        after.task("confirm_met")
    elif not met and need.state == NeedState.MET and after.said("need_result") in ("N2", "N3"):
        needs.refresh(after.session, after.loop, need.id, after.ask, contact=True)


def _said_by_person(after: After) -> bool:
    """Whether a worker has it from the person, whose own view does not speak against it."""
    by_worker = Actor(after.line.actor_kind) in WORKERS
    agrees = after.said("person_view") == "helped" or after.said("says") in ("person", "worker")
    return by_worker and agrees and after.said("person_view") not in ("some", "no")


def _case(after: After) -> Case:
    return after.session.get_one(Case, after.referral.case_id)


def _twin(after: After) -> str:
    """The referral that the service has already: its id, or ""."""
    other = select(Referral.id).where(
        Referral.case_id == after.referral.case_id,
        Referral.service_id == after.referral.service_id,
        Referral.id != after.referral.id,
        Referral.state.in_(sorted(LIVE)),
    )
    return after.session.scalars(other).first() or ""


DECLINED: Mapping[str, Callable[[After], None]] = {
    "full": _full,
    "offer_wait": _offer_wait,
    "record_gap": _gap,
    "exclude_pair": _exclude,
    "rest": _rest,
    "check_contact": _check_contact,
    "ask_later": _ask_later,
}
"""By `codes`, list decline, column then. Of the others the worker's task says what to do: better_suited changes which
doors are offered (`alternatives`), review is counted by the week (`outcomes`)."""
LATE = frozenset({"full", "offer_wait", "exclude_pair"})
"""What still follows when the referral was over already."""
ENGAGED: Mapping[str, Callable[[After], None]] = {
    "E4": _check_contact,
    "E7": _rest,
    "E8": _moved,
    "E9": _ended,
    "E10": _check_contact,
}
