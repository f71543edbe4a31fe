"""What time has made due, worked out from event times whenever it is read: a late scheduler never hides an overdue row.

Each stage of a referral has a clock: when it began, and the steps that follow when nothing is heard (referrals.md,
section 6). `sweeps` carries the steps out; `worklist` shows what is due.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.referrals import working_time
from directory.referrals.lifecycle import Event, State
from directory.referrals.policy import Policy
from directory.referrals.tables import Notice, Referral, ReferralEvent

Chosen = Iterable[str] | Select[str]
URGENT = frozenset({"now", "days"})
WATCHED = tuple(state.value for state in State if state not in {State.DRAFT, State.CLOSED, State.WITHDRAWN, State.VOID})


class Does(StrEnum):
    """What follows when a step is due."""

    CHASER_1 = "chaser_1"
    CHASER_2 = "chaser_2"
    """To the second contact, and a worker is asked to ring."""
    WARN = "warn"
    """The worker sees the next best doors, and asks the person."""
    LAPSE = "lapse"
    ASK_WORKER = "ask_worker"
    WORKER = "worker"
    """Theirs to do; nothing happens by itself."""
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that becomes due in a stage: the timer of the policy, and what follows."""

    timer: str
    does: Does


@dataclass(frozen=True, slots=True)
class Stage:
    """What a referral waits for. `from_due_on`: its clock starts at the day that the provider named, if it did."""

    name: str
    steps: tuple[Step, ...]
    from_due_on: bool = False


ANSWER = Stage(
    "answer",
    (
        Step("acknowledge", Does.CHASER_1),
        Step("decide", Does.CHASER_2),
        Step("lapse_warning", Does.WARN),
        Step("lapse", Does.LAPSE),
    ),
)
OPENED = Stage("answer", ANSWER.steps[1:])
FIRST_CONTACT = Stage(
    "first_contact",
    (
        Step("first_contact", Does.CHASER_1),
        Step("first_contact+decide", Does.CHASER_2),
        Step("first_contact+lapse_warning", Does.WARN),
        Step("first_contact+lapse", Does.LAPSE),
    ),
    from_due_on=True,
)
UPDATE = Stage(
    "update",
    (
        Step("update", Does.CHASER_1),
        Step("update+outcome", Does.CHASER_2),
        Step("update+outcome+outcome", Does.ASK_WORKER),
    ),
    from_due_on=True,
)
STAGES: Mapping[State, Stage] = {
    State.SENT: ANSWER,
    State.RECEIVED: OPENED,
    State.INFO_REQUESTED: Stage("question", (Step("info_reply", Does.SUPERVISOR),)),
    State.ACCEPTED: FIRST_CONTACT,
    State.WAITLISTED: UPDATE,
    State.SCHEDULED: UPDATE,
    State.IN_SERVICE: UPDATE,
    State.NOT_REACHED: Stage("not_reached", (Step("dispose", Does.WORKER),)),
    State.PAUSED: Stage("paused", (Step("review", Does.WORKER),), from_due_on=True),
    State.DECLINED: Stage("dispose", (Step("dispose", Does.SUPERVISOR),)),
    State.UNANSWERED: Stage("dispose", (Step("dispose", Does.SUPERVISOR),)),
}
STARTS = frozenset({Event.SEND, Event.DISPOSE, Event.GIVE_INFO, Event.RESUME})
"""After these an answer is waited for anew."""


class Waiting(NamedTuple):
    """Of a referral what its clock is made of: narrow, for the work list reads thousands."""

    id: str
    state: str
    urgency: str
    review_on: date | None
    due_on: date | None


class Told(NamedTuple):
    """Of an event of a referral the same."""

    referral_id: str
    seq: int
    event: str
    state_from: str
    state_to: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """A referral's stage and since when it runs. `key` names this very run of it, for the budget of chasers."""

    referral_id: str
    state: State
    stage: Stage
    seq: int
    at: datetime
    urgent: bool
    due_on: date | None = None
    waits_for_mail: bool = False
    """Its message has not been handed over yet: the provider cannot be late."""

    @property
    def key(self) -> str:
        return f"{self.stage.name}:{self.seq}"


@dataclass(frozen=True, slots=True)
class Due:
    """One step with its moment; `over` says by how much it is overdue now, and is negative before."""

    referral_id: str
    step: Step
    at: datetime
    over: timedelta


def clock(referral: Waiting, events: Sequence[Told], handed_over: Mapping[int, datetime | None]) -> Clock:
    """The clock of a referral from its events. `handed_over`: event seq → when its message was (None: it waits)."""
    state = State(referral.state)
    stage = STAGES[state]
    last = _started(stage, events)
    due_on = referral.review_on if state is State.PAUSED else referral.due_on
    sent = stage.name == "answer" and last.seq in handed_over
    at = handed_over[last.seq] if sent else None
    return Clock(
        referral.id,
        state,
        stage,
        last.seq,
        utc(at) if at else utc(last.at),
        referral.urgency in URGENT,
        due_on if stage.from_due_on else None,
        waits_for_mail=sent and at is None,
    )


def due(policy: Policy, clock: Clock, now: datetime) -> tuple[Due, ...]:
    """Every step of the clock with its moment, first to last; none while its message still waits to leave."""
    if clock.waits_for_mail:
        return ()
    return tuple(
        Due(clock.referral_id, step, moment, now - moment)
        for step in clock.stage.steps
        for moment in [_moment(policy, clock, step.timer)]
    )


def standing(policy: Policy, clock: Clock, now: datetime) -> Due | None:
    """The latest step that is due, or else the first that will be; None while its message still waits to leave."""
    found = None
    for step in reversed(clock.stage.steps if not clock.waits_for_mail else ()):
        moment = _moment(policy, clock, step.timer)
        found = Due(clock.referral_id, step, moment, now - moment)
        if moment <= now:
            break
    return found


def clocks(session: Session, referral_ids: Chosen | None = None) -> list[Clock]:
    """The clocks of all referrals that time can move, or of those named or selected."""
    chosen = [Referral.state.in_(WATCHED)]
    if referral_ids is not None:
        chosen.append(Referral.id.in_(referral_ids if isinstance(referral_ids, Select) else list(referral_ids)))
    ids = select(Referral.id).where(*chosen)
    events, mail = _events(session, ids), _messages(session, ids)
    columns = (Referral.id, Referral.state, Referral.urgency, Referral.review_on, Referral.due_on)
    return [
        clock(each, events[each.id], _handed_over(events[each.id], mail[each.id]))
        for each in map(Waiting._make, session.execute(select(*columns).where(*chosen)))
        if events[each.id]
    ]


def _started(stage: Stage, events: Sequence[Told]) -> Told:
    """The event that the stage's clock runs from: the last move, or for an answer the last time one was asked for."""
    for line in reversed(events):
        if stage.name == "answer":
            if line.event in STARTS and line.state_to in (State.SENT, State.RECEIVED):
                return line
        elif line.state_from != line.state_to or line.event in (Event.PROGRESS, Event.SCHEDULE):
            return line
    return events[-1]


def _moment(policy: Policy, clock: Clock, timers: str) -> datetime:
    """When a step is due: its timers' spans one after the other, from the clock's start or the day that was named."""
    first, *more = timers.split("+")
    if clock.due_on is not None:
        moment = end_of(policy, clock.due_on)
    elif first == "review":
        return clock.at
    else:
        moment = working_time.after(policy, clock.at, policy.span(first, clock.urgent))
    for timer in more:
        moment = working_time.after(policy, moment, policy.span(timer, clock.urgent))
    return moment


def end_of(policy: Policy, day: date) -> datetime:
    """The end of work on a day: what was promised for that day is not late before."""
    last = time(policy.number("hours", "last"))
    return datetime.combine(day, last, working_time.LOCAL).astimezone(UTC)


def _events(session: Session, ids: Select[str]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = defaultdict(list)
    told = (ReferralEvent.event, ReferralEvent.state_from, ReferralEvent.state_to, ReferralEvent.at)
    own = select(ReferralEvent.referral_id, ReferralEvent.seq, *told).where(ReferralEvent.referral_id.in_(ids))
    for line in map(Told._make, session.execute(own.order_by(ReferralEvent.seq))):
        found[line.referral_id].append(line)
    return found


def _messages(session: Session, ids: Select[str]) -> dict[str, list[datetime | None]]:
    """When the messages that told each provider of its referral were handed over, first to last; None: it waits."""
    found: dict[str, list[datetime | None]] = defaultdict(list)
    own = (Notice.referral_id.in_(ids), Notice.template == "referral")
    for referral_id, at in session.execute(
        select(Notice.referral_id, Notice.handed_over_at).where(*own).order_by(Notice.id)
    ):
        found[referral_id].append(at)
    return found


def _handed_over(events: Sequence[Told], messages: Sequence[datetime | None]) -> dict[int, datetime | None]:
    """Each sending's seq → when its message was handed over: the n-th message belongs to the n-th sending."""
    sendings = [
        line.seq for line in events if line.state_to == State.SENT and line.event in (Event.SEND, Event.DISPOSE)
    ]
    return dict(zip(sendings, messages, strict=False))
