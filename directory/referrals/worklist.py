"""What waits for a worker, and for how long: one line an obligation, whoever has it, most overdue first.

Tasks say what happened; what time alone makes due is worked out when read (`timers`). `work_sources` reads each kind of
thing, `work_lists` says in which lists a line stands.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import Account
from directory.referrals import case_access, cover, work_sources
from directory.referrals.asking import Who
from directory.referrals.policy import Policy
from directory.referrals.work_sources import Line as Line
from directory.referrals.work_sources import Reach

TWINS: Mapping[str, str] = {
    "declined": "timer_dispose",
    "unanswered": "timer_dispose",
    "question": "timer_question",
    "not_reached": "timer_not_reached",
}
"""Tasks that ask for what the referral's own clock asks for as well: the clock's line stands for both."""


def lines(session: Session, policy: Policy, now: datetime, who: Who, whose: Collection[str] = ()) -> tuple[Line, ...]:
    """Everything that is due or becomes so, most overdue first; `whose`: only these workers' and what is nobody's.

    Of cases that `who` may not know of there is no trace. What a worker has who left is nobody's.
    """
    reach = Reach(policy, now, who, frozenset(whose), _gone(session))
    found = [line for source in work_sources.SOURCES for line in source(session, reach)]
    clocks = {(line.kind, line.referral_id) for line in found if line.kind.startswith("timer_")}
    once = (line for line in found if (TWINS.get(line.kind), line.referral_id) not in clocks)
    return tuple(sorted(once, key=lambda line: (line.due_at, line.kind, line.object_id, line.task_id)))


def whose(session: Session, worker: str, now: datetime) -> frozenset[str]:
    """Whose lines stand in a worker's own list: theirs, and those of whoever they cover for today."""
    return frozenset({worker, *(each.worker for each in cover.now(session, now) if each.by == worker)})


def overdue(found: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(line for line in found if line.is_overdue)


def _gone(session: Session) -> frozenset[str]:
    """Accounts that no longer work on cases: they left, or have another role."""
    return frozenset(session.scalars(select(Account.id))) - case_access.holders(session, case_access.WORK)
