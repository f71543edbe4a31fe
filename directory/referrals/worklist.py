"""What waits for a worker, and for how long: tasks, and everything that time alone makes due, worked out when read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.referrals import case_rows, codes, needs, tasks, timers, working_time
from directory.referrals.asking import Who
from directory.referrals.lifecycle import LABELS, State
from directory.referrals.policy import Policy
from directory.referrals.tables import Agreement, Case, Concern, HandIn, Need, Referral, Signpost
from directory.referrals.timers import Does

ENDING_SOON = timedelta(days=14)
"""So long before an agreement must be asked again it is listed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do. `over`: by how much it is overdue; negative before. `task_id` 0: nothing to tick off, it ends
    when what it asks for is done."""

    kind: str
    words: str
    due_at: datetime
    over: timedelta
    case_id: str = ""
    reference: str = ""
    referral_id: str = ""
    object_id: str = ""
    worker: str = ""
    task_id: int = 0
    for_supervisor: bool = False

    @property
    def is_overdue(self) -> bool:
        return self.over >= timedelta(0)


def lines(session: Session, policy: Policy, now: datetime, who: Who, worker: str = "") -> tuple[Line, ...]:
    """Everything that is due or becomes so, most overdue first; `worker`: only theirs and what is nobody's.

    Of cases that `who` may not know of there is no trace.
    """
    known = select(Case).where(Case.erased_at.is_(None), case_rows.visible(who))
    cases = {row.id: row for row in session.scalars(known)}
    found = [
        *_tasks(session, now),
        *_timers(session, policy, now),
        *_needs(session, policy, now),
        *_others(session, policy, now),
    ]
    named = (_named(line, cases.get(line.case_id)) for line in found if not line.case_id or line.case_id in cases)
    chosen = (line for line in named if not worker or line.worker in ("", worker))
    return tuple(sorted(chosen, key=lambda line: (-line.over, line.kind, line.object_id)))


def overdue(found: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(line for line in found if line.is_overdue)


def _named(line: Line, case: Case | None) -> Line:
    if case is None:
        return line
    return replace(line, reference=case.reference, worker=line.worker or case.lead_worker)


def _tasks(session: Session, now: datetime) -> Iterator[Line]:
    for task in tasks.waiting(session):
        yield Line(
            task.kind,
            codes.label("task", task.kind),
            utc(task.due_at),
            now - utc(task.due_at),
            task.case_id,
            referral_id=task.referral_id,
            object_id=task.object_id or task.service_id,
            worker=task.assigned_to,
            task_id=task.id,
        )


def _timers(session: Session, policy: Policy, now: datetime) -> Iterator[Line]:
    """Of each referral the latest step that is due, or else the next one that will be."""
    referrals = {row.id: row for row in session.scalars(select(Referral).where(Referral.state.in_(timers.WATCHED)))}
    for clock in timers.clocks(session):
        steps = timers.due(policy, clock, now)
        if not steps:
            continue
        step = next((each for each in reversed(steps) if each.at <= now), steps[0])
        own = referrals[clock.referral_id]
        does = step.step.does
        yield Line(
            f"timer_{clock.stage.name}",
            f"{own.service_name}: {LABELS[State(own.state)]}",
            step.at,
            step.over,
            own.case_id,
            referral_id=own.id,
            worker=own.worker,
            for_supervisor=does is Does.SUPERVISOR,
        )


def _needs(session: Session, policy: Policy, now: datetime) -> Iterator[Line]:
    """Resting ones whose day has come, and those that nobody looks after: an error, listed the same day."""
    today = working_time.today(now)
    resting = select(Need).where(Need.state == "resting", Need.review_on <= today)
    for need in session.scalars(resting):
        yield _of_day("need_review", "Ask again: this need was rested", need.review_on, policy, now, need)
    for need in needs.adrift(session, today):
        words = "Nobody looks after this need: no live referral, no question open, no day to look again"
        since = utc(need.opened_at)
        yield Line("need_adrift", words, since, now - since, need.case_id, object_id=need.id)


def _of_day(kind: str, words: str, day: date | None, policy: Policy, now: datetime, row: Need | Signpost) -> Line:
    due_at = timers.end_of(policy, day or working_time.today(now))
    return Line(kind, words, due_at, now - due_at, row.case_id, object_id=row.id)


def _others(session: Session, policy: Policy, now: datetime) -> Iterator[Line]:
    today = working_time.today(now)
    asking = select(Signpost).where(Signpost.state == "given", Signpost.ask_on <= today)
    for signpost in session.scalars(asking):
        words = f"Ask whether they got through to {signpost.service_name}"
        yield _of_day("signpost", words, signpost.ask_on, policy, now, signpost)
    for hand_in in session.scalars(select(HandIn).where(HandIn.state == "waiting")):
        due_at = working_time.after(policy, utc(hand_in.received_at), policy.span("hand_in", False))
        words = f"Handed in by {codes.label('agency', hand_in.agency)}"
        yield Line("hand_in", words, due_at, now - due_at, object_id=hand_in.id)
    for concern in session.scalars(select(Concern).where(Concern.supervisor_told_at.is_(None))):
        span = policy.span("concern", True)  # by the clock: no child waits for Monday
        due_at = utc(concern.recorded_at) + timedelta(hours=span.hours)
        words = "A child may be at risk: make sure a supervisor knows"
        yield Line("concern", words, due_at, now - due_at, concern.case_id, object_id=concern.id, for_supervisor=True)
    yield from _agreements(session, policy, now)


def _agreements(session: Session, policy: Policy, now: datetime) -> Iterator[Line]:
    """Those that must be asked again soon, where something still depends on them."""
    live = select(Referral.agreement_id).where(Referral.state.in_(timers.WATCHED))
    ending = (Agreement.withdrawn_at.is_(None), Agreement.superseded_at.is_(None))
    soon = Agreement.review_by <= working_time.today(now + ENDING_SOON)
    for row in session.scalars(select(Agreement).where(*ending, soon, Agreement.id.in_(live))):
        due_at = timers.end_of(policy, row.review_by)
        yield Line("agreement", "Ask the agreement again", due_at, now - due_at, row.case_id, object_id=row.id)
