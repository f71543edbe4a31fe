"""The one way into an action on a referral: locked, compared with what was seen, done once or not at all.

The case is locked first, whoever acts: everything about one person happens one after the other, and no two
transactions can wait for each other.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import BadInput
from directory.referrals import case_rows, moves, working_time
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import WORKERS
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import Case, Referral

URGENT = frozenset({"now", "days"})
FURTHEST = timedelta(days=400)
"""How far a day that somebody names may lie from today: further is a slip of the pen."""
NOTE_LIMIT = 2_000
Do = Callable[[Session, Referral], None]


def act(
    loop: Loop,
    ask: Ask,
    referral_id: str,
    action: str,
    body: Mapping[str, Any],
    do: Do,
    more: Mapping[str, str] | None = None,
) -> Answer:
    """Does this with the referral held; answers {"id", "case_id", "state", "version"}, and `more` as `do` left it.

    Raises NotFound (also for a case the worker may not know of), Conflict for a version that is stale, and whatever
    `do` raises: nothing is kept then.
    """

    def run(session: Session) -> Answer:
        hold_case(session, ask, referral_id)
        referral = moves.held(session, referral_id)
        check_version(referral.version, ask, moves.standing(session, referral))
        do(session, referral)
        session.flush()
        return answer(referral) | dict(more or {})

    return loop.once(ask, action, {"referral": referral_id, "version": ask.version, **body}, run)


def hold_case(session: Session, ask: Ask, referral_id: str) -> None:
    """Locks the case of a referral. Raises NotFound, also when it is not for this worker to know of."""
    case_id = session.scalar(select(Referral.case_id).where(Referral.id == referral_id))
    if case_id is None:
        moves.held(session, referral_id)  # says that there is none
    elif ask.who.kind in WORKERS:
        case_rows.held(session, ask, case_id)
    else:
        session.execute(select(Case.id).where(Case.id == case_id).with_for_update())


def answer(referral: Referral) -> Answer:
    """What every action on a referral gives back."""
    return {"id": referral.id, "case_id": referral.case_id, "state": referral.state, "version": referral.version}


def is_urgent(referral: Referral) -> bool:
    return referral.urgency in URGENT


def coming(day: date, ask: Ask, field: str, within_days: int | None = None) -> str:
    """A day from today on, in ISO form. Raises BadInput, also when it is later than the rules allow."""
    today = working_time.today(ask.at)
    latest = today + (FURTHEST if within_days is None else timedelta(days=within_days))
    if not today <= day <= latest:
        said = f"Choose a day from today up to {latest.day} {latest:%B %Y}."
        raise BadInput("That day is over, or too far off.", said, field)
    return day.isoformat()


def past(day: date, ask: Ask, field: str) -> str:
    """A day up to today, in ISO form. Raises BadInput."""
    today = working_time.today(ask.at)
    if not today - FURTHEST <= day <= today:
        raise BadInput("That day is still to come, or too long ago.", "Choose the day it happened.", field)
    return day.isoformat()


def sealed_note(session: Session, loop: Loop, referral: Referral, line_id: int, text: str) -> bytes | None:
    """Words that go with an event, sealed for its line. Raises BadInput for too many."""
    if len(text) > NOTE_LIMIT:
        raise BadInput(f"That is longer than {NOTE_LIMIT:,} letters.", "Say it in fewer words.", "note")
    return loop.sealer(session, referral.subject_id).seal(text.strip(), "referral_event", str(line_id), "note")
