"""Keeps a case from members of staff who know the family: to them it does not exist, whatever their role.

In small places somebody always knows somebody. Who it is kept from stands in rows that only those on the case see.
"""

from collections.abc import Iterable
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import Account
from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.referrals import case_access, case_rows, codes, tasks
from directory.referrals.access_tables import CaseBlock
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import WORKERS, Actor
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import Case

UNTOLD = "untold"


def block(loop: Loop, ask: Ask, case_id: str, account_id: str, because: str) -> Answer:
    """Keeps a case from somebody: by a supervisor, by who works on it, and by anybody from themselves.

    {"id": the block's}. They are taken off the case, and what waited for them is nobody's. Raises NotFound, Forbidden,
    BadInput, Conflict when no supervisor would be left.
    """
    codes.check("blocked_because", because, "because")

    def do(session: Session) -> Answer:
        case = _held(session, ask, case_id)
        on_it = ask.who.kind is Actor.SUPERVISOR or case_access.assigned(session, case.id, ask.who.id)
        if account_id != ask.who.id and not on_it:
            raise Forbidden("Who works on a case, or a supervisor, says from whom it is kept.", "Ask one of them.")
        if any(row.account_id == account_id for row in of_case(session, case.id)):
            raise BadInput("It is kept from them already.", "Choose somebody else.", "account_id")
        return {"id": put(session, ask, case, account_id, because)}

    body = {"case_id": case_id, "account_id": account_id, "because": because}
    return loop.once(ask, "case.block", body, do)


def lift(loop: Loop, ask: Ask, case_id: str, block_id: str) -> Answer:
    """Somebody may know of a case again. {"id"}. Raises NotFound, Forbidden."""

    def do(session: Session) -> Answer:
        case = _held(session, ask, case_id)
        if ask.who.kind is not Actor.SUPERVISOR and not case_access.assigned(session, case.id, ask.who.id):
            raise Forbidden("Who works on a case, or a supervisor, says from whom it is kept.", "Ask one of them.")
        row = session.scalar(select(CaseBlock).where(CaseBlock.id == block_id, CaseBlock.case_id == case.id))
        if row is None:
            raise NotFound(*case_rows.NO_CASE)
        if row.lifted_at is not None:
            raise Conflict("It is lifted already.", "Look at the case again.")
        row.lifted_at, row.lifted_by = ask.at, ask.who.id
        _written(session, ask, case, row, "lift")
        return {"id": row.id}

    return loop.once(ask, "case.block_lift", {"case_id": case_id, "id": block_id}, do)


def put(session: Session, ask: Ask, case: Case, account_id: str, because: str = UNTOLD) -> str:
    """Keeps a case that is held from somebody, in the caller's transaction. Returns the row's id."""
    if session.get(Account, account_id) is None:
        raise BadInput("Choose a member of staff.", "Nothing was changed.", "account_id")
    row = CaseBlock(
        id=str(uuid4()), case_id=case.id, account_id=account_id, reason=because, made_at=ask.at, made_by=ask.who.id
    )
    session.add(row)
    session.flush()
    _leave_a_supervisor(session, case, account_id)
    if case_access.assigned(session, case.id, account_id):
        case_access.taken_off(session, ask, case, account_id)
    tasks.hand_over(session, case.id, account_id, case.lead_worker)  # or it would wait where nobody sees it
    _written(session, ask, case, row, "block")
    return row.id


def put_all(session: Session, ask: Ask, case: Case, accounts: Iterable[str]) -> None:
    """The same for several, when a case is opened."""
    for account_id in dict.fromkeys(accounts):
        put(session, ask, case, account_id)


def of_case(session: Session, case_id: str) -> list[CaseBlock]:
    """From whom a case is kept now, first come first."""
    own = select(CaseBlock).where(CaseBlock.case_id == case_id, CaseBlock.lifted_at.is_(None))
    return list(session.scalars(own.order_by(CaseBlock.made_at, CaseBlock.id)))


def _leave_a_supervisor(session: Session, case: Case, account_id: str) -> None:
    supervisors = case_access.holders(session, case_access.SUPERVISE)
    left = supervisors - {row.account_id for row in of_case(session, case.id)}
    if account_id in supervisors and not left:
        raise Conflict(
            "No supervisor would be left who may see this case.",
            "An administrator makes somebody else a supervisor first; then keep it from this one.",
        )


def _held(session: Session, ask: Ask, case_id: str) -> Case:
    if ask.who.kind not in WORKERS:
        raise NotFound(*case_rows.NO_CASE)
    case = case_rows.known(session, ask.who, case_id, lock=True)
    check_version(case.version, ask, "who works on it, or its facts, changed")
    return case


def _written(session: Session, ask: Ask, case: Case, row: CaseBlock, event: str) -> None:
    case.version += 1
    details = {"account_id": row.account_id, "because": row.reason}
    case_rows.written(session, case, ask, "case_block", row.id, event, details=details)
    session.flush()
