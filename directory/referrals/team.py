"""The team as a supervisor sees it: for each worker how much waits, how late the oldest is, and who covers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.referrals import case_rows, cover, work_lists
from directory.referrals.asking import Who
from directory.referrals.cover import Away
from directory.referrals.policy import Policy
from directory.referrals.tables import Case
from directory.referrals.work_lists import DUE, OVERDUE, RESTING
from directory.referrals.worklist import Line


@dataclass(frozen=True, slots=True)
class Member:
    """One worker's share. `account_id` "": what is nobody's yet."""

    account_id: str
    name: str
    open_cases: int
    due: int
    overdue: int
    oldest: Line | None
    """The most overdue line."""
    resting: int
    away: Away | None = None


def members(session: Session, policy: Policy, now: datetime, who: Who) -> tuple[Member, ...]:
    """Everybody who works on cases, by name, then what is nobody's; of cases `who` may not know of no trace."""
    names = cover.workers(session)
    board = work_lists.board(session, policy, now, who)
    away = {each.worker: each for each in cover.now(session, now)}
    cases = _open_cases(session, who)

    def member(own: str, name: str) -> Member:
        overdue = [line for line in board.of(OVERDUE) if _whose(line, names) == own]
        due, resting = (sum(_whose(line, names) == own for line in board.of(each)) for each in (DUE, RESTING))
        held = sum(count for lead, count in cases.items() if (lead if lead in names else "") == own)
        return Member(own, name, held, due, len(overdue), overdue[0] if overdue else None, resting, away.get(own))

    return tuple(member(own, name) for own, name in (*names.items(), ("", "")))


def open_cases(session: Session, who: Who, account_id: str) -> list[tuple[str, str, datetime, int]]:
    """Id, reference, opening and version of each open case that somebody leads, oldest first; with "", of each that
    nobody leads who still works on cases."""
    leads = Case.lead_worker == account_id if account_id else Case.lead_worker.not_in([*cover.workers(session)])
    known = (leads, Case.closed_at.is_(None), Case.erased_at.is_(None), case_rows.visible(who))
    query = select(Case.id, Case.reference, Case.opened_at, Case.version).where(*known)
    found = session.execute(query.order_by(Case.opened_at, Case.id))
    return [(own, reference, utc(opened_at), version) for own, reference, opened_at, version in found]


def _whose(line: Line, names: dict[str, str]) -> str:
    return line.worker if line.worker in names else ""


def _open_cases(session: Session, who: Who) -> dict[str, int]:
    known = (Case.closed_at.is_(None), Case.erased_at.is_(None), case_rows.visible(who))
    query = select(Case.lead_worker, func.count()).where(*known).group_by(Case.lead_worker)
    return dict(session.execute(query).all())
