"""The lists that a worker's day is made of: each line in exactly those it belongs to, each count its list's length.

One `Board` gives both, so that a number on the page can never disagree with what stands behind it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from directory.errors import BadInput
from directory.referrals import working_time, worklist
from directory.referrals.asking import Who
from directory.referrals.policy import Policy
from directory.referrals.worklist import Line

DUE, OVERDUE, REPLIES, DISPOSE, RESTING, UNASSIGNED = "due", "overdue", "replies", "dispose", "resting", "unassigned"
HAND_INS, FAILED, DRAFTS, SUPERVISOR, LATER = "hand_ins", "failed", "drafts", "supervisor", "later"
LISTS = (
    OVERDUE, DUE, REPLIES, DISPOSE, FAILED, HAND_INS, UNASSIGNED, DRAFTS, SUPERVISOR, RESTING, LATER,
)  # fmt: skip
"""In the order of a day."""
KINDS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "reply", "question", "timer_question", "offer_wait", "late_reply", "not_reached", "timer_not_reached",
            "person_returned", "confirm_met", "confirm_ended", "new_need", "new_referral",
        ),
        REPLIES,
    ),
    **dict.fromkeys(("timer_dispose", "declined", "unanswered"), DISPOSE),
    **dict.fromkeys(("need_review", "timer_paused"), RESTING),
    **dict.fromkeys(("case_unassigned", "need_adrift"), UNASSIGNED),
    **dict.fromkeys(("bounced", "undelivered"), FAILED),
    "hand_in": HAND_INS,
    "draft": DRAFTS,
}  # fmt: skip
"""Of each kind of line that has a list of its own: which."""
SORTS: Mapping[str, Callable[[Line], datetime]] = {"due": lambda line: line.due_at, "oldest": lambda line: line.since}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a worker narrowed the lists to: codes only. `whose` empty: everybody's; `alone`: without what is nobody's.

    "" stands for nobody.
    """

    whose: frozenset[str] = frozenset()
    alone: bool = False
    need: str = ""
    urgent: bool = False
    sort: str = "due"

    def takes(self, line: Line) -> bool:
        fits = (not self.need or line.need == self.need) and (not self.urgent or line.urgent)
        return fits and (not self.alone or line.worker in self.whose)


@dataclass(frozen=True, slots=True)
class Board:
    """Every list with its lines. A list that is not there is empty."""

    lists: Mapping[str, tuple[Line, ...]]
    lines: tuple[Line, ...]
    """All of them, once each."""

    def of(self, name: str) -> tuple[Line, ...]:
        """Raises BadInput for a list there is not."""
        if name not in LISTS:
            raise BadInput("There is no such list.", "Choose one of those on the page.", "list")
        return self.lists.get(name, ())

    def count(self, name: str) -> int:
        return len(self.of(name))


def board(session: Session, policy: Policy, now: datetime, who: Who, narrowed: Narrowed = Narrowed()) -> Board:
    """All that waits for these workers and for nobody yet, by list; most overdue first, or what waits longest."""
    found = worklist.lines(session, policy, now, who, narrowed.whose)
    chosen = sorted(filter(narrowed.takes, found), key=SORTS[narrowed.sort])
    lists: dict[str, list[Line]] = {}
    today = working_time.today(now)
    for line in chosen:
        for name in lists_of(line, today):
            lists.setdefault(name, []).append(line)
    return Board({name: tuple(lines) for name, lines in lists.items()}, tuple(chosen))


def lists_of(line: Line, today: date) -> frozenset[str]:
    """The lists that a line stands in: its kind's, the supervisor's, the day's; what is in none is still to come."""
    found = {KINDS[line.kind]} if line.kind in KINDS else set()
    if line.for_supervisor:
        found.add(SUPERVISOR)
    if line.is_overdue:
        found.add(OVERDUE)
    elif working_time.today(line.due_at) == today:
        found.add(DUE)
    return frozenset(found or {LATER})
