"""What one referral says of the service it went to: at most one line each, of answers by proved sessions only.

How the person fared counts only where they took part. What ended on the person's side is no line at all, so that it
can never lower a service (referrals.md, section 3.8); nor is what a worker wrote down of a service's own word by phone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from directory.accounts.tables import utc
from directory.referrals import codes
from directory.referrals.lifecycle import WORKERS, Actor, Event, State
from directory.referrals.tables import LinkSession, ReferralEvent

ANSWERS = frozenset({Event.ACCEPT, Event.WAITLIST, Event.DECLINE, Event.ASK_INFO, Event.SCHEDULE, Event.START})
TOOK_PART = frozenset({"", "E1", "E2"})
"""Engagements that are not an ending on the person's side; "": the service may not tell us."""
WORTH = {"N1": 1.0, "N2": 0.5, "N3": 0.0}
VIEWS = {"helped": 1.0, "some": 0.5, "no": 0.0}
PERSON_WEIGHS = 2
"""The person's own word against the service's."""
SERVICE_SIDE = frozenset({"provider", "directory"})
"""Sides of a decline that are the service's own."""


@dataclass(frozen=True, slots=True)
class Line:
    """One referral's evidence. `outcome` 0 to 1, and days from sending to first contact; None where not known."""

    service_id: str
    replied: bool
    contact_days: int | None = None
    outcome: float | None = None


def of(service_id: str, events: Sequence[ReferralEvent], sessions: Mapping[str, LinkSession]) -> Line | None:
    """The line of a referral that is over, from its events and its providers' sessions by id, as far as they are kept.

    None when it says nothing of the service: not over, withdrawn, ended on the person's side, or no proved answer.
    """
    run = _over(events)
    if not run or _is_persons(run):
        return None
    silent = any(line.event == Event.TIME_OUT for line in run)
    proved = [line for line in run if _is_proved(line, sessions)]
    if not silent and not any(line.event in ANSWERS for line in proved):
        return None
    return Line(service_id, not silent, _contact_days(run[0], proved), _outcome(run, proved))


def is_person_side(events: Sequence[ReferralEvent]) -> bool:
    """Whether a referral is over and ended on the person's or our own side: they did not come, had the help already."""
    return _is_persons(_over(events))


def _is_persons(run: Sequence[ReferralEvent]) -> bool:
    said = _last(run, Event.OUTCOME)
    if said is not None:
        return _code(said, "engagement") not in TOOK_PART
    code = codes.codes("decline").get(_code(_last(run, Event.DECLINE), "reason"))
    return code is not None and code.side not in SERVICE_SIDE


def _over(events: Sequence[ReferralEvent]) -> list[ReferralEvent]:
    """What happened since it was last sent; nothing while it goes on or when it was stopped."""
    run = _last_run(events)
    return run if run and run[-1].state_to in (State.CLOSED, State.DECLINED, State.UNANSWERED) else []


def _last_run(events: Sequence[ReferralEvent]) -> list[ReferralEvent]:
    """From the last time it was sent."""
    sent = [at for at, line in enumerate(events) if line.state_to == State.SENT and line.state_from != State.SENT]
    return list(events[sent[-1] :]) if sent else []


def _is_proved(line: ReferralEvent, sessions: Mapping[str, LinkSession]) -> bool:
    """Whether a provider did it in a session that had proved itself and had not ended.

    Of a session that retention has let go since, only its id is left: without proof nothing was written (`proved`).
    """
    if line.actor_kind != Actor.PROVIDER or not line.link_session_id:
        return False
    found = sessions.get(line.link_session_id)
    if found is None:
        return True
    if found.proved_at is None or utc(found.proved_at) > utc(line.at):
        return False
    return found.ended_at is None or utc(found.ended_at) >= utc(line.at)


def _contact_days(sent: ReferralEvent, proved: Sequence[ReferralEvent]) -> int | None:
    first = _last(proved, Event.START) or _last(proved, Event.SCHEDULE)
    if first is None:
        return None
    on = _day(str(first.details.get("on", ""))) or utc(first.at).date()
    return max(0, (on - utc(sent.at).date()).days)


def _outcome(run: Sequence[ReferralEvent], proved: Sequence[ReferralEvent]) -> float | None:
    """The service's own word once, and the person's, as a worker has it from them, twice."""
    theirs = _last(proved, Event.OUTCOME)
    said = [WORTH[code] for code in [_code(theirs, "need_result")] if code in WORTH]
    ours = [line for line in run if line.event == Event.OUTCOME and Actor(line.actor_kind) in WORKERS]
    last = ours[-1] if ours else None
    view = VIEWS.get(_code(last, "person_view"))
    if view is None and _code(last, "says") in ("person", "worker"):
        view = WORTH.get(_code(last, "need_result"))
    values = said + [view] * PERSON_WEIGHS if view is not None else said
    return sum(values) / len(values) if values else None


def _code(line: ReferralEvent | None, name: str) -> str:
    return str(line.details.get(name) or "") if line is not None else ""


def _last(lines: Sequence[ReferralEvent], event: Event) -> ReferralEvent | None:
    return next((line for line in reversed(lines) if line.event == event), None)


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
