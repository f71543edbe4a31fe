"""Asks a person how it went, some time after help ended, if they want that: the answer may open the need again."""

from datetime import date

from sqlalchemy.orm import Session

from directory.referrals import case_rows, tasks
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop

KIND = "check_in"


def ask_on(loop: Loop, ask: Ask, case_id: str, on: date | None) -> Answer:
    """Puts the question on the list for the day that the person chose; one that is open already serves.

    {"case_id", "on"}. Raises BadInput without a day to come, NotFound.
    """
    day = case_rows.day_to_come(on, ask, loop.policy.number("cases", "check_in_days"), "check_in_on")

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        due_at = case_rows.morning_of(loop.policy, day)
        tasks.add(session, KIND, due_at, ask.at, case_id=case.id, assigned_to=case.lead_worker)
        case_rows.written(session, case, ask, "case", case.id, "check_in", details={"on": day.isoformat()})
        return {"case_id": case.id, "on": day.isoformat()}

    return loop.once(ask, "case.check_in", {"case_id": case_id, "on": day.isoformat()}, do)
