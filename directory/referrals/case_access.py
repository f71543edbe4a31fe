"""Who works on a case, and why anybody else opens it: taken, given to a colleague, or looked at with a reason.

The lead is `Case.lead_worker`; colleagues beside them are rows. What somebody may know of is decided in `case_rows`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from directory.accounts import actions, policy
from directory.accounts.tables import Account, AccountRole, utc
from directory.database import Database
from directory.errors import BadInput, Forbidden
from directory.referrals import audit, case_rows, codes, tasks
from directory.referrals.access_tables import SESSION_LENGTH, CaseLook, CaseWorker
from directory.referrals.asking import Ask, Who
from directory.referrals.lifecycle import WORKERS, Actor
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import Case

WORK, SUPERVISE = "cases.work", "cases.supervise"
OTHER = "other"
LINE_LIMIT = 200
"""Characters of what somebody writes beside "something else"."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody who is not on a case said why they open it. `line`: what they wrote beside it."""

    account_id: str
    purpose: str
    said_at: datetime
    line: str = field(default="", repr=False)


def assigned(session: Session, case_id: str, account_id: str) -> bool:
    """Whether somebody works on a case, as its lead or beside them."""
    own = select(Case.id).where(Case.id == case_id, case_rows.assigned_to(account_id))
    return session.scalar(own) is not None


def may_know(loop: Loop, who: Who, case_id: str) -> bool:
    """Whether a case is there for somebody, after what they did to it."""
    with loop.database.reading() as session:
        return session.scalar(select(Case.id).where(Case.id == case_id, case_rows.visible(who))) is not None


def asked_about(loop: Loop, who: Who, case_id: str) -> case_rows.PurposeNeeded:
    """The question for a case, to be asked again. Raises NotFound."""
    with loop.database.reading() as session:
        return case_rows.PurposeNeeded(case_rows.known(session, who, case_id))


def beside(session: Session, case_id: str) -> list[str]:
    """Accounts that work on a case beside its lead, first come first."""
    own = select(CaseWorker.account_id).where(CaseWorker.case_id == case_id)
    return list(session.scalars(own.order_by(CaseWorker.assigned_at, CaseWorker.account_id)))


def take(loop: Loop, ask: Ask, case_id: str) -> Answer:
    """Who asks leads the case from now on: one that nobody leads, or that they work on, or any, for a supervisor.

    {"id", "version"}. Raises NotFound, Forbidden, Conflict.
    """

    def do(session: Session) -> Answer:
        case = _held(session, ask, case_id)
        free = case.lead_worker not in holders(session, WORK) or assigned(session, case.id, ask.who.id)
        if not free and ask.who.kind is not Actor.SUPERVISOR:
            raise Forbidden("A colleague leads this case.", "Ask a supervisor to give it to you.")
        return lead(session, ask, case, ask.who.id)

    return loop.once(ask, "case.take", {"case_id": case_id}, do)


def assign(loop: Loop, ask: Ask, case_id: str, account_id: str, leads: bool = False) -> Answer:
    """A supervisor gives a case to somebody, as its lead or beside them. {"id", "version"}.

    Raises NotFound, Forbidden, Conflict, BadInput for somebody who cannot work on it.
    """

    def do(session: Session) -> Answer:
        case = _held(session, ask, case_id)
        if ask.who.kind is not Actor.SUPERVISOR:
            raise Forbidden("A supervisor gives a case to somebody.", "Ask one of them.")
        may_work(session, case, account_id)
        if leads:
            return lead(session, ask, case, account_id)
        if assigned(session, case.id, account_id):
            raise BadInput("They work on this case already.", "Choose somebody else.", "account_id")
        _add(session, ask, case, account_id)
        return _changed(session, ask, case, "case_worker", "assign", account_id)

    return loop.once(ask, "case.assign", {"case_id": case_id, "account_id": account_id, "leads": leads}, do)


def unassign(loop: Loop, ask: Ask, case_id: str, account_id: str) -> Answer:
    """Somebody works on a case no longer: themselves, or whom a supervisor takes off. {"id", "version"}."""

    def do(session: Session) -> Answer:
        case = _held(session, ask, case_id)
        if account_id != ask.who.id and ask.who.kind is not Actor.SUPERVISOR:
            raise Forbidden("A supervisor takes a colleague off a case.", "Ask one of them.")
        if not assigned(session, case.id, account_id):
            raise BadInput("They do not work on this case.", "Look at who does.", "account_id")
        return taken_off(session, ask, case, account_id)

    return loop.once(ask, "case.unassign", {"case_id": case_id, "account_id": account_id}, do)


def lead(session: Session, ask: Ask, case: Case, account_id: str) -> Answer:
    """Makes somebody the lead of a case that is held; who led it goes on working beside them."""
    before, case.lead_worker = case.lead_worker, account_id
    if before == account_id:
        raise BadInput("They lead this case already.", "Nothing was changed.", "account_id")
    session.execute(delete(CaseWorker).where(CaseWorker.case_id == case.id, CaseWorker.account_id == account_id))
    tasks.hand_over(session, case.id, before, account_id)
    if before:
        _add(session, ask, case, before)
    return _changed(session, ask, case, "case", "lead", account_id)


def taken_off(session: Session, ask: Ask, case: Case, account_id: str) -> Answer:
    """Takes somebody off a case that is held, whatever they were on it."""
    led = case.lead_worker == account_id
    case.lead_worker = "" if led else case.lead_worker
    session.execute(delete(CaseWorker).where(CaseWorker.case_id == case.id, CaseWorker.account_id == account_id))
    tasks.hand_over(session, case.id, account_id, case.lead_worker)
    kind, event = ("case", "unlead") if led else ("case_worker", "unassign")
    return _changed(session, ask, case, kind, event, account_id)


def opened_for(session: Session, ask: Ask, case: Case) -> None:
    """Who opens a case for a colleague to lead works on it beside them."""
    if case.lead_worker and case.lead_worker != ask.who.id:
        _add(session, ask, case, ask.who.id)


def say_why(loop: Loop, ask: Ask, case_id: str, purpose: str, line: str = "") -> Answer:
    """A worker who is not on a case says why they open it; it holds for their session. {"id": the case's}.

    `purpose`: one of `purposes()`. Raises NotFound, BadInput.
    """
    if purpose not in purposes():
        raise BadInput("Say why you open this case.", "Choose from the list: it is written down.", "purpose")
    said = case_rows.line(line, "line", LINE_LIMIT)
    if purpose == OTHER and not said:
        raise BadInput("Say in a few words what it is.", "Without names.", "line")

    def do(session: Session) -> Answer:
        if ask.who.kind not in WORKERS:
            raise Forbidden("Cases are for workers of the single point of contact.", "Ask one of them.")
        case = case_rows.known(session, ask.who, case_id)
        row = CaseLook(
            id=str(uuid4()), case_id=case.id, subject_id=case.subject_id, account_id=ask.who.id,
            session=ask.who.session[:SESSION_LENGTH], purpose=purpose, said_at=ask.at,
        )  # fmt: skip
        if said and case.erased_at is None:
            row.line_sealed = loop.sealer(session, case.subject_id).seal(said, "case_look", row.id, "line")
        session.add(row)
        audit.note(session, ask.who, ask.at, "create", "case_look", row.id, subject_id=case.subject_id, purpose=purpose)
        return {"id": case.id}

    told = case_rows.fingerprint(loop, {"purpose": purpose, "line": said})
    return loop.once(ask, "case.say_why", {"case_id": case_id, **told}, do)


def purposes() -> dict[str, str]:
    """Why somebody may open a case they are not on: code → words."""
    return {code.code: code.label for code in codes.codes("seen_for").values() if code.side == "asked"}


def looks(session: Session, loop: Loop, case: Case) -> list[Look]:
    """Who else opened a case and why, newest first; the caller writes the audit line."""
    own = select(CaseLook).where(CaseLook.case_id == case.id).order_by(CaseLook.said_at.desc(), CaseLook.id)
    return [Look(row.account_id, row.purpose, utc(row.said_at), opened_line(session, loop, row)) for row in
            session.scalars(own)]  # fmt: skip


def opened_line(session: Session, loop: Loop, row: CaseLook) -> str:
    """What somebody wrote beside their reason; "" for nothing, and once the person is erased."""
    if row.line_sealed is None:
        return ""
    return loop.sealer(session, row.subject_id).open(row.line_sealed, "case_look", row.id, "line")


def holders(session: Session, permission: str) -> frozenset[str]:
    """Accounts in use whose roles give a permission."""
    giving = [role.code for role in policy.roles().values() if permission in role.permissions]
    query = select(Account.id).join(AccountRole, AccountRole.account_id == Account.id)
    return frozenset(session.scalars(query.where(AccountRole.role.in_(giving), Account.disabled_at.is_(None))))


def reader(database: Database, email: str) -> Who:
    """A member of staff who reads a report that a command writes. Raises NotFound."""
    account = actions.find(database, email)
    with database.reading() as session:
        roles = frozenset(session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id)))
    supervises = policy.may(policy.User(account.id, account.full_name, roles), SUPERVISE)
    return Who(Actor.SUPERVISOR if supervises else Actor.WORKER, account.id, roles)


def may_work(session: Session, case: Case, account_id: str) -> None:
    """Raises BadInput for somebody who cannot work on a case: no such worker, or it is kept from them."""
    if account_id not in holders(session, WORK):
        raise BadInput("Choose a colleague who works on cases.", "Nothing was changed.", "account_id")
    kept = session.scalar(
        select(Case.id).where(Case.id == case.id, Case.id.in_(case_rows.kept_from(_named(account_id))))
    )
    if kept is not None:
        raise BadInput("This case is kept from them.", "Lift that first, or choose somebody else.", "account_id")


def _named(account_id: str) -> Who:
    return Who(Actor.WORKER, account_id)


def _held(session: Session, ask: Ask, case_id: str) -> Case:
    """The case, locked, for who may know of it: who works on it is no secret to them. Raises NotFound, Conflict."""
    if ask.who.kind not in WORKERS:
        raise Forbidden("Cases are for workers of the single point of contact.", "Ask one of them.")
    case = case_rows.known(session, ask.who, case_id, lock=True)
    check_version(case.version, ask, "who works on it, or its facts, changed")
    return case


def _add(session: Session, ask: Ask, case: Case, account_id: str) -> None:
    session.add(CaseWorker(case_id=case.id, account_id=account_id, assigned_at=ask.at, assigned_by=ask.who.id))


def _changed(session: Session, ask: Ask, case: Case, kind: str, event: str, account_id: str) -> Answer:
    case.version += 1
    case_rows.written(session, case, ask, kind, case.id, event, details={"account_id": account_id})
    session.flush()
    return {"id": case.id, "version": case.version}


def options(session: Session, wanted: Iterable[str]) -> list[tuple[str, str]]:
    """Accounts as (id, name), by name."""
    found = session.execute(select(Account.id, Account.full_name).where(Account.id.in_(sorted(wanted))))
    return sorted(((own, name) for own, name in found), key=lambda each: (each[1].casefold(), each[0]))
