"""Safety plans: what keeps the person safe, asked for in danger and whenever where somebody lives has changed."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import NotFound
from directory.referrals import case_rows, codes, tasks, working_time
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import Case, SafetyPlan

TASK = "safety_plan"


def ask_for(loop: Loop, ask: Ask, case_id: str, because: str) -> Answer:
    """Asks for a plan (`codes`, list safety_plan_because); one still to be made serves again. {"id"}."""
    codes.check("safety_plan_because", because, "because")

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        return {"id": asked(session, loop, case, because, ask).id}

    return loop.once(ask, "safety_plan.ask", {"case_id": case_id, "because": because}, do)


def asked(session: Session, loop: Loop, case: Case, because: str, ask: Ask) -> SafetyPlan:
    """The same within a transaction that holds the case."""
    waiting = select(SafetyPlan).where(SafetyPlan.case_id == case.id, SafetyPlan.made_at.is_(None))
    row = session.scalars(waiting.order_by(SafetyPlan.asked_at)).first()
    if row is None:
        row = SafetyPlan(
            id=str(uuid4()),
            case_id=case.id,
            subject_id=case.subject_id,
            because=because,
            asked_at=ask.at,
            asked_by=ask.who.id,
            version=1,
        )
        session.add(row)
        session.flush()
    case_rows.written(session, case, ask, "safety_plan", row.id, "ask", action="create", details={"because": because})
    due = working_time.after(loop.policy, ask.at, loop.policy.span("safety_plan", urgent=because == "danger"))
    tasks.add(session, TASK, due, ask.at, case_id=case.id, object_id=row.id, assigned_to=case.lead_worker)
    return row


def make(loop: Loop, ask: Ask, plan_id: str, plan: str) -> Answer:
    """Writes the plan down, or anew; its task is done. Raises BadInput for an empty one. {"id", "version"}."""
    words = case_rows.line(plan, "plan", case_rows.TEXT_LIMIT, needed=True)

    def do(session: Session) -> Answer:
        row = session.get(SafetyPlan, plan_id)
        if row is None:
            raise NotFound(*case_rows.NO_CASE)
        case = case_rows.held(session, ask, row.case_id)
        session.refresh(row)
        check_version(row.version, ask, "this plan was written anew")
        row.plan_sealed = loop.sealer(session, row.subject_id).seal(words, "safety_plan", row.id, "plan")
        row.made_at, row.made_by = ask.at, ask.who.id
        row.version += 1
        case_rows.settle_tasks(session, row.id, TASK, ask)
        case_rows.written(session, case, ask, "safety_plan", row.id, "make", details={"because": row.because})
        return {"id": row.id, "version": row.version}

    return loop.once(ask, "safety_plan.make", {"plan_id": plan_id, **case_rows.fingerprint(loop, {"p": words})}, do)


def of_case(session: Session, case_id: str) -> list[SafetyPlan]:
    """A case's plans, newest first."""
    query = select(SafetyPlan).where(SafetyPlan.case_id == case_id)
    return list(session.scalars(query.order_by(SafetyPlan.asked_at.desc(), SafetyPlan.id)))


def opened(session: Session, loop: Loop, plan: SafetyPlan) -> str:
    """Its words; "" while it is to be made. The caller writes the audit line."""
    return loop.sealer(session, plan.subject_id).open(plan.plan_sealed, "safety_plan", plan.id, "plan")
