"""Somebody leaves: their account is shut, and what they worked on waits for a colleague or for nobody; nothing is lost.

All in one transaction, so that no reply comes to somebody who is gone. What they did stays theirs.
"""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts import actions, policy
from directory.accounts.tables import Account, AccountRole
from directory.database import count_changed
from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import audit, case_access, case_rows, tasks
from directory.referrals.access_tables import CaseBlock
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Case, Referral, Task
from directory.referrals.work_sources import COVER

MANAGE = "accounts.manage"


@dataclass(frozen=True, slots=True)
class Left:
    """What became of what they worked on: references of the cases a colleague now leads or goes on with, and of those
    that nobody leads now; and how many open tasks changed hands."""

    account_id: str
    handed_over: tuple[str, ...]
    nobodys: tuple[str, ...]
    tasks: int


def leave(loop: Loop, ask: Ask, account_id: str, to: str = "") -> Left:
    """Shuts an account, ends its sessions, and gives its cases and tasks to the account `to` ("": to nobody).

    A case that is kept from `to` becomes nobody's. Whoever calls this has checked that who asks may manage accounts.
    Raises NotFound, BadInput for `to`, Conflict when nobody would be left who manages accounts, or who supervises a
    case.
    """

    def do(session: Session) -> Answer:
        account = _leaver(session, account_id)
        if to and (to == account_id or to not in case_access.holders(session, case_access.WORK)):
            raise BadInput("Choose a colleague who works on cases.", "Nothing was changed.", "hand_over_to")
        waiting = (Task.assigned_to == account_id, Task.done_at.is_(None))
        many = len(session.scalars(select(Task.id).where(*waiting, Task.kind != COVER)).all())
        _end_covers(session, ask, account_id)
        handed, free = _cases(session, ask, account_id, to)
        _rest(session, ask, account_id, to)
        actions.shut(session, account, ask.at)
        fields = ("disabled_at", "cases", "tasks")
        audit.note(session, ask.who, ask.at, "change", "account", account_id, fields=fields, purpose="leave")
        return {"id": account_id, "handed_over": handed, "nobodys": free, "tasks": many}

    answer = loop.once(ask, "account.leave", {"account_id": account_id, "to": to}, do)
    return Left(account_id, tuple(answer["handed_over"]), tuple(answer["nobodys"]), int(answer["tasks"]))


def _leaver(session: Session, account_id: str) -> Account:
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound("There is no such account.", "See `waymark user list`.")
    managing = case_access.holders(session, MANAGE)
    if managing == {account_id}:
        raise Conflict("Nobody would be left who manages accounts.", "Make another administrator first.")
    check_supervised(session, account_id)
    return account


def check_supervised(session: Session, account_id: str) -> None:
    """Raises Conflict when an open case that is kept from colleagues would lose its last supervisor who may know of it.

    Rows of all supervisors are held: of two who go at once, one is too late.
    """
    giving = [role.code for role in policy.roles().values() if case_access.SUPERVISE in role.permissions]
    session.scalars(select(AccountRole).where(AccountRole.role.in_(giving)).with_for_update()).all()
    supervisors = case_access.holders(session, case_access.SUPERVISE)
    kept: dict[str, set[str]] = {}
    open_ones = (Case.closed_at.is_(None), Case.erased_at.is_(None), CaseBlock.lifted_at.is_(None))
    blocks = select(CaseBlock.case_id, CaseBlock.account_id).join(Case, Case.id == CaseBlock.case_id)
    for case_id, blocked in session.execute(blocks.where(*open_ones)):
        kept.setdefault(case_id, set()).add(blocked)
    if any(supervisors - blocked == {account_id} for blocked in kept.values()):
        raise Conflict(
            "A case that is kept from colleagues would have no supervisor who may know of it.",
            "Make somebody else a supervisor first.",
        )


def _cases(session: Session, ask: Ask, account_id: str, to: str) -> tuple[list[str], list[str]]:
    """Takes them off every case, closed ones too, for a late reply still comes to somebody. References, by what became
    of them."""
    own = select(Case).where(case_rows.assigned_to(account_id), Case.erased_at.is_(None))
    handed: list[str] = []
    free: list[str] = []
    for case in session.scalars(own.order_by(Case.reference).with_for_update(of=Case)).all():
        if case.lead_worker == account_id and _may_take(session, case, to):
            case_access.lead(session, ask, case, to)  # the one before goes on beside them, until the next line
        case_access.taken_off(session, ask, case, account_id)
        (handed if case.lead_worker else free).append(case.reference)
    return handed, free


def _may_take(session: Session, case: Case, to: str) -> bool:
    if not to:
        return False
    try:
        case_access.may_work(session, case, to)
    except BadInput:
        return False  # it is kept from them
    return True


def _rest(session: Session, ask: Ask, account_id: str, to: str) -> None:
    """What waits for them in cases they are not on goes to its lead, or to `to`; what belongs to no case, to `to`."""
    waiting = (Task.assigned_to == account_id, Task.done_at.is_(None))
    found = set(session.scalars(select(Task.case_id).where(*waiting)))
    found |= set(session.scalars(select(Referral.case_id).where(Referral.worker == account_id)))
    for case in session.scalars(select(Case).where(Case.id.in_(found))).all():
        heir = case.lead_worker or (to if _may_take(session, case, to) else "")
        tasks.hand_over(session, case.id, account_id, heir)
    count_changed(session, update(Task).where(*waiting).values(assigned_to=to))


def _end_covers(session: Session, ask: Ask, account_id: str) -> None:
    """They cover for nobody any more, and nobody for them."""
    either = (Task.assigned_to == account_id) | (Task.object_id == account_id)
    own = (Task.kind == COVER, Task.done_at.is_(None), either)
    session.execute(update(Task).where(*own).values(done_at=ask.at, done_by=ask.who.id))
