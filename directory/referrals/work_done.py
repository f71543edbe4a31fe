"""What may be done to several lines of the work list at once, each a write of its own: seen, checked, taken, given.

Nothing here sends, withdraws or disposes of anything: that is done one at a time, on the referral's own page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import audit, case_access, case_rows, tasks
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Case, Referral, Task
from directory.referrals.work_sources import COVER
from directory.referrals.worklist import Line
from directory.tables import UUID_LENGTH

CHECKS = frozenset({"check_entry", "check_contact", "outlier", "listing_gone", "add_codes"})
"""Tasks that ask for no more than that somebody looks: several may be ticked off at once."""
SEEN, DONE, TAKE, ASSIGN = "seen", "done", "take", "assign"


@dataclass(frozen=True, slots=True)
class Item:
    """A line as a form names it. `version` is the referral's that a reply is about, or the case's to be taken."""

    task_id: int
    version: int
    case_id: str

    def __str__(self) -> str:
        return f"{self.task_id}:{self.version}:{self.case_id}"

    @property
    def about(self) -> str:
        """The same whatever was seen of it."""
        return f"{self.task_id}:{self.case_id}"


def item(line: Line) -> Item:
    return Item(line.task_id, line.version, line.case_id)


def read(text: str) -> Item:
    """Raises BadInput for what no form of ours says."""
    task_id, _, rest = text.partition(":")
    version, _, case_id = rest.partition(":")
    numbers = all(each.isascii() and each.isdigit() and len(each) < 10 for each in (task_id, version))
    if not numbers or len(case_id) > UUID_LENGTH or not case_id.isascii():
        raise BadInput("That cannot be done from the list.", "Open the page again.")
    return Item(int(task_id), int(version), case_id)


def may(line: Line) -> str:
    """What may be done to a line together with others: SEEN, DONE, TAKE or ""; ASSIGN besides, where it has a case."""
    if line.kind == tasks.NEWS:
        return SEEN
    if line.kind in CHECKS:
        return DONE
    return TAKE if line.kind == "case_unassigned" else ""


def do(loop: Loop, ask: Ask, what: str, item: Item, to: str = "") -> Answer:
    """Does one thing to one item, under a key of its own; `to`: an account, with ASSIGN.

    Raises BadInput, NotFound, Conflict, Forbidden.
    """
    if what not in DO:
        raise BadInput("Choose what to do with the lines you ticked.", "Nothing was changed.", "what")
    own = item.case_id if what in (TAKE, ASSIGN) else str(item.task_id)
    key = f"{ask.key}:{what}:{own}" if ask.key else ""
    return DO[what](loop, replace(ask, key=key), item, to)


def tick(loop: Loop, ask: Ask, task_id: int) -> Answer:
    """Marks a task as done. {"id"}.

    Raises Conflict, NotFound (also for one of a case they may not know of), PurposeNeeded for a colleague's case, as
    most tasks ask for something to be done in it; BadInput for a reply, which is looked at by its version (SEEN).
    """

    def run(session: Session) -> Answer:
        task = _task(session, ask, task_id)
        if task.kind == tasks.NEWS:
            raise BadInput("A service's reply is looked at first.", "Tick its line in the list, then “Looked at”.")
        if task.case_id and task.kind not in CHECKS:
            case_rows.found(session, ask.who, task.case_id)
        return _ticked(session, ask, task)

    return loop.once(ask, "work.tick", {"task": task_id}, run)


def _seen(loop: Loop, ask: Ask, item: Item, to: str) -> Answer:
    """A reply was looked at: the one that was shown, not one that came since."""

    def run(session: Session) -> Answer:
        task = _task(session, ask, item.task_id)
        if task.kind != tasks.NEWS:
            raise BadInput("This asks for more than to be looked at.", "Open it, and do what it says.")
        if session.get_one(Referral, task.referral_id).version != item.version:
            raise Conflict("The service has said something else since.", "Look at what it says now.")
        return _ticked(session, ask, task)

    return loop.once(ask, "work.seen", {"task": item.task_id, "version": item.version}, run)


def _checked(loop: Loop, ask: Ask, item: Item, to: str) -> Answer:
    def run(session: Session) -> Answer:
        task = _task(session, ask, item.task_id)
        if task.kind not in CHECKS:
            raise BadInput("This is not ticked off with others.", "Open it, and do what it says.")
        return _ticked(session, ask, task)

    return loop.once(ask, "work.done", {"task": item.task_id}, run)


def _take(loop: Loop, ask: Ask, item: Item, to: str) -> Answer:
    """Leads a case that nobody led when it was shown."""
    return case_access.take(loop, replace(ask, version=item.version), item.case_id)


def _assign(loop: Loop, ask: Ask, item: Item, to: str) -> Answer:
    """A supervisor gives the line's case to a colleague, with what waits for its lead in it."""
    return case_access.assign(loop, ask, item.case_id, to, leads=True)


def _task(session: Session, ask: Ask, task_id: int) -> Task:
    """An open task, locked. Raises NotFound, Conflict."""
    task = session.scalar(select(Task).where(Task.id == task_id).with_for_update())
    if task is None or (task.kind == COVER and ask.who.kind is not Actor.SUPERVISOR):
        raise NotFound(*case_rows.NO_CASE)  # who covers for whom is a supervisor's to say
    if task.case_id:
        case_rows.known(session, ask.who, task.case_id)
    if task.done_at is not None:
        raise Conflict("Somebody has done this already.", "Look at the list again.")
    return task


def _ticked(session: Session, ask: Ask, task: Task) -> Answer:
    task.done_at, task.done_by = ask.at, ask.who.id
    subject_id = session.scalar(select(Case.subject_id).where(Case.id == task.case_id)) or ""
    audit.note(session, ask.who, ask.at, "change", "task", str(task.id), subject_id=subject_id, purpose=task.kind)
    return {"id": task.id}


DO: Mapping[str, Callable[[Loop, Ask, Item, str], Answer]] = {
    SEEN: _seen,
    DONE: _checked,
    TAKE: _take,
    ASSIGN: _assign,
}
