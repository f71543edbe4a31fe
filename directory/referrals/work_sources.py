"""Where the lines of the work list come from: one narrow query for each kind of thing that somebody must do.

Every query goes through `case_rows.visible`, and takes only the columns that a line shows: a list over thousands of
referrals is read while somebody waits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory.accounts.tables import utc
from directory.referrals import case_rows, codes, needs, timers, working_time
from directory.referrals.asking import Who
from directory.referrals.lifecycle import LABELS, State
from directory.referrals.policy import Policy
from directory.referrals.tables import (
    Agreement,
    Case,
    Concern,
    HandIn,
    Mailbox,
    Need,
    Referral,
    Signpost,
    Task,
)
from directory.referrals.timers import URGENT, Does

ENDING_SOON = timedelta(days=14)
"""So long before an agreement must be asked again it is listed."""
COVER = "cover"
"""The task that says who covers for whom (`cover`): no line of its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do. `over`: by how much it is overdue; negative before. `task_id` 0: nothing to tick off, it ends
    when what it asks for is done."""

    kind: str
    words: str
    due_at: datetime
    over: timedelta
    since: datetime
    """When it began to wait."""
    case_id: str = ""
    reference: str = ""
    referral_id: str = ""
    object_id: str = ""
    worker: str = ""
    """An account's id; "": nobody's yet."""
    need: str = ""
    service: str = ""
    service_id: str = ""
    urgent: bool = False
    task_id: int = 0
    version: int = 0
    """Of the referral that it is about, as it stands."""
    for_supervisor: bool = False
    by_clock: bool = False
    """Not in working time: no child waits for Monday."""

    @property
    def is_overdue(self) -> bool:
        return self.over >= timedelta(0)


@dataclass(frozen=True, slots=True)
class Reach:
    """For whom lines are read, and when. `whose` empty: everybody's; `gone`: accounts that no longer work on cases."""

    policy: Policy
    now: datetime
    who: Who
    whose: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        return working_time.today(self.now)

    def cases(self) -> ColumnElement[bool]:
        """Cases that may be known of, and are not erased."""
        return and_(Case.erased_at.is_(None), case_rows.visible(self.who))

    def theirs(self, owner: ColumnElement[str]) -> ColumnElement[bool]:
        return owner.in_({*self.whose, *self.gone, ""}) if self.whose else true()

    def worker(self, owner: str) -> str:
        return "" if owner in self.gone else owner

    def after(self, start: datetime, timer: str, urgent: bool = False) -> datetime:
        return working_time.after(self.policy, start, self.policy.span(timer, urgent))

    def over(self, due_at: datetime) -> timedelta:
        return self.now - due_at


def _owner(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Whose it is: the worker named, or else who leads the case."""
    return func.coalesce(func.nullif(column, ""), Case.lead_worker, "")


def _tasks(session: Session, reach: Reach) -> Iterator[Line]:
    owner = _owner(Task.assigned_to)
    told = (Referral.service_name, Referral.urgency, Referral.version, Need.need, Case.reference)
    query = (
        select(
            Task.id, Task.kind, Task.case_id, Task.referral_id, Task.service_id, Task.object_id, Task.made_at,
            Task.due_at, owner.label("owner"), *told,
        )
        .outerjoin(Case, Case.id == Task.case_id)
        .outerjoin(Referral, Referral.id == Task.referral_id)
        .outerjoin(Need, Need.id == Referral.need_id)
        .where(Task.done_at.is_(None), Task.kind != COVER, reach.theirs(owner))
        .where(or_(Task.case_id == "", and_(Case.id.is_not(None), reach.cases())))
    )  # fmt: skip
    for row in session.execute(query):
        due_at = utc(row.due_at)
        yield Line(
            row.kind, codes.label("task", row.kind), due_at, reach.over(due_at), utc(row.made_at), row.case_id,
            row.reference or "", row.referral_id, row.object_id or row.service_id, reach.worker(row.owner),
            row.need or "", row.service_name or "", row.service_id, row.urgency in URGENT, row.id, row.version or 0,
        )  # fmt: skip


def _referrals(session: Session, reach: Reach) -> Iterator[Line]:
    """Of each that time can move the latest step that is due, or else the next that will be; and drafts not sent."""
    owner = _owner(Referral.worker)
    listed = Referral.state.in_([*timers.WATCHED, State.DRAFT.value])
    chosen = (listed, Referral.erased_at.is_(None), reach.cases(), reach.theirs(owner))
    told = (Referral.state, Referral.service_name, Referral.service_id, Referral.urgency, Referral.version)
    query = (
        select(Referral.id, Referral.case_id, Referral.stage_at, owner.label("owner"), Case.reference, Need.need, *told)
        .join(Case, Case.id == Referral.case_id)
        .join(Need, Need.id == Referral.need_id)
        .where(*chosen)
    )
    rows = session.execute(query).all()
    everybodys = select(Referral.id).join(Case, Case.id == Referral.case_id).where(*chosen)
    ids = [row.id for row in rows] if reach.whose else everybodys
    clocks = {clock.referral_id: clock for clock in timers.clocks(session, ids)}
    for row in rows:
        urgent, since, step = row.urgency in URGENT, utc(row.stage_at), None
        if row.state == State.DRAFT:
            kind, words, due_at = (
                "draft",
                "A referral is being written: nothing has left",
                reach.after(since, "dispose", urgent),
            )
        elif row.id in clocks and (step := timers.standing(reach.policy, clocks[row.id], reach.now)):
            kind, due_at = f"timer_{clocks[row.id].stage.name}", step.at
            words = LABELS[State(row.state)]
        else:
            continue
        raised = step is not None and step.step.does is Does.SUPERVISOR and step.at <= reach.now
        yield Line(
            kind, words[:1].upper() + words[1:], due_at, reach.over(due_at), since, row.case_id, row.reference, row.id,
            row.id, reach.worker(row.owner), row.need, row.service_name, row.service_id, urgent, 0, row.version,
            raised,
        )  # fmt: skip


def _needs(session: Session, reach: Reach) -> Iterator[Line]:
    """Resting ones with their day, and those that nobody looks after: an error, listed the same day."""
    told = (Need.id, Need.case_id, Need.need, Need.review_on, Need.opened_at, Case.reference, Case.lead_worker)
    query = (
        select(*told).join(Case, Case.id == Need.case_id).where(reach.cases(), reach.theirs(_owner(Case.lead_worker)))
    )
    for row in session.execute(query.where(Need.state == "resting", Need.review_on.is_not(None))):
        due_at = timers.end_of(reach.policy, row.review_on)
        yield _of_case("need_review", "Resting: ask again on its day", due_at, utc(row.opened_at), reach, row, row.need)
    for row in session.execute(query.where(needs.is_adrift(reach.today))):
        words = "Nobody looks after this need: no live referral, no question open, no day to look again"
        yield _of_case("need_adrift", words, utc(row.opened_at), utc(row.opened_at), reach, row, row.need)


def _cases(session: Session, reach: Reach) -> Iterator[Line]:
    """Open cases that nobody leads."""
    told = (Case.id, Case.id.label("case_id"), Case.opened_at, Case.reference, Case.lead_worker)
    nobodys = or_(Case.lead_worker == "", Case.lead_worker.in_(reach.gone))
    query = select(*told, Case.version).where(Case.closed_at.is_(None), nobodys, reach.cases())
    for row in session.execute(query):
        since = utc(row.opened_at)
        due_at = reach.after(since, "hand_in")
        yield _of_case("case_unassigned", "Nobody leads this case", due_at, since, reach, row, version=row.version)


def _signposts(session: Session, reach: Reach) -> Iterator[Line]:
    told = (Signpost.id, Signpost.case_id, Signpost.ask_on, Signpost.given_at, Signpost.service_name, Need.need)
    query = (
        select(*told, Case.reference, Case.lead_worker)
        .join(Case, Case.id == Signpost.case_id)
        .join(Need, Need.id == Signpost.need_id)
        .where(Signpost.state == "given", Signpost.ask_on.is_not(None))
        .where(reach.cases(), reach.theirs(_owner(Case.lead_worker)))
    )
    for row in session.execute(query):
        due_at = timers.end_of(reach.policy, row.ask_on)
        words = "Ask whether they got through"
        yield _of_case("signpost", words, due_at, utc(row.given_at), reach, row, row.need, row.service_name)


def _concerns(session: Session, reach: Reach) -> Iterator[Line]:
    query = select(Concern.id, Concern.case_id, Concern.recorded_at, Case.reference, Case.lead_worker)
    query = query.join(Case, Case.id == Concern.case_id).where(Concern.supervisor_told_at.is_(None), reach.cases())
    for row in session.execute(query.where(reach.theirs(_owner(Case.lead_worker)))):
        since, words = utc(row.recorded_at), "A child may be at risk: make sure a supervisor knows"
        due_at = since + timedelta(hours=reach.policy.span("concern", True).hours)
        yield _of_case("concern", words, due_at, since, reach, row, for_supervisor=True)


def _agreements(session: Session, reach: Reach) -> Iterator[Line]:
    """Those that must be asked again soon, where something still depends on them."""
    live = select(Referral.agreement_id).where(Referral.state.in_(timers.WATCHED))
    holds = (Agreement.withdrawn_at.is_(None), Agreement.superseded_at.is_(None), Agreement.id.in_(live))
    soon = Agreement.review_by <= working_time.today(reach.now + ENDING_SOON)
    told = (Agreement.id, Agreement.case_id, Agreement.review_by, Agreement.valid_from, Agreement.controller)
    query = select(*told, Case.reference, Case.lead_worker).join(Case, Case.id == Agreement.case_id)
    for row in session.execute(query.where(*holds, soon, reach.cases(), reach.theirs(_owner(Case.lead_worker)))):
        due_at, since = timers.end_of(reach.policy, row.review_by), utc(row.valid_from)
        yield _of_case("agreement", "Ask the agreement again", due_at, since, reach, row, "", row.controller)


def _hand_ins(session: Session, reach: Reach) -> Iterator[Line]:
    query = select(HandIn.id, HandIn.agency, HandIn.received_at).where(HandIn.state == "waiting")
    for row in session.execute(query):
        since = utc(row.received_at)
        due_at, words = reach.after(since, "hand_in"), f"Handed in by {codes.label('agency', row.agency)}"
        yield Line("hand_in", words, due_at, reach.over(due_at), since, object_id=row.id)


def _mailboxes(session: Session, reach: Reach) -> Iterator[Line]:
    """Addresses that somebody rang about, and that still want an approval: a supervisor's or an editor's."""
    rung = (Mailbox.called_back_at.is_not(None), Mailbox.verified_at.is_(None), Mailbox.replaced_at.is_(None))
    for row in session.execute(select(Mailbox.id, Mailbox.service_id, Mailbox.called_back_at).where(*rung)):
        since = utc(row.called_back_at)
        due_at, words = reach.after(since, "dispose"), "Approve an address for referrals"
        yield Line(
            "mailbox", words, due_at, reach.over(due_at), since, object_id=row.id, service_id=row.service_id,
            for_supervisor=True,
        )  # fmt: skip


def _of_case(
    kind: str,
    words: str,
    due_at: datetime,
    since: datetime,
    reach: Reach,
    row: Row[*tuple[Any, ...]],
    need: str = "",
    service: str = "",
    *,
    for_supervisor: bool = False,
    version: int = 0,
) -> Line:
    """A line of a case, from a row with its id, case_id, reference and lead_worker."""
    return Line(
        kind, words, due_at, reach.over(due_at), since, row.case_id, row.reference, object_id=row.id,
        worker=reach.worker(row.lead_worker), need=need, service=service, version=version,
        for_supervisor=for_supervisor, by_clock=kind == "concern",
    )  # fmt: skip


SOURCES: tuple[Callable[[Session, Reach], Iterator[Line]], ...] = (
    _tasks, _referrals, _needs, _cases, _signposts, _concerns, _agreements, _hand_ins, _mailboxes,
)  # fmt: skip
