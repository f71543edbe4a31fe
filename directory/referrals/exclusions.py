"""Who must never be shown to a person, sent to, or offered as next best: what, never why or about whom."""

from uuid import uuid4

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import case_rows, codes, tasks
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import LIVE
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Case, Exclusion, Referral
from directory.tables import Organization, Service


def add(
    loop: Loop, ask: Ask, case_id: str, *, service_id: str = "", organization_id: str = "", named: str = ""
) -> Answer:
    """The person names a service, an organization, or a worker or place in words as unsafe. {"id", "live"}.

    `live` counts referrals that are with an excluded service now: each makes a task. Raises BadInput, NotFound.
    """
    told = {"service_id": service_id, "organization_id": organization_id, "named": named}

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        row = put(session, loop, case, ask, service_id, organization_id, named)
        return {"id": row.id, "live": _tell_of_live(session, case, ask)}

    return loop.once(ask, "exclusion.add", {"case_id": case_id, **case_rows.fingerprint(loop, told)}, do)


def put(
    session: Session,
    loop: Loop,
    case: Case,
    ask: Ask,
    service_id: str = "",
    organization_id: str = "",
    named: str = "",
    origin: str = "person",
) -> Exclusion:
    """The same within a transaction; `origin` "provider" when it said that it cannot safely take this person."""
    codes.check("exclusion_origin", origin, "origin")
    words = case_rows.line(named, "named")
    if sum(map(bool, (service_id, organization_id, words))) != 1:
        raise BadInput("Say one thing: a service, an organisation, or a name.", "Nothing was kept.", "named")
    _check_known(session, service_id, organization_id)
    own = str(uuid4())
    seal = loop.sealer(session, case.subject_id)
    row = Exclusion(
        id=own,
        case_id=case.id,
        subject_id=case.subject_id,
        service_id=service_id,
        organization_id=organization_id,
        named_sealed=seal.seal(words, "exclusion", own, "named"),
        origin=origin,
        made_at=ask.at,
        made_by=ask.who.id,
    )
    session.add(row)
    session.flush()
    case_rows.written(session, case, ask, "exclusion", own, "add", action="create", details={"origin": origin})
    return row


def lift(loop: Loop, ask: Ask, exclusion_id: str) -> Answer:
    """The person no longer wants it. Raises Conflict when it is lifted already."""

    def do(session: Session) -> Answer:
        row = session.get(Exclusion, exclusion_id)
        if row is None:
            raise NotFound(*case_rows.NO_CASE)
        case = case_rows.held(session, ask, row.case_id)
        session.refresh(row)
        if row.lifted_at is not None:
            raise Conflict("This exclusion is lifted already.", "Look at the case again.")
        row.lifted_at = ask.at
        case_rows.written(session, case, ask, "exclusion", row.id, "lift", details={"origin": row.origin})
        return {"id": row.id}

    return loop.once(ask, "exclusion.lift", {"exclusion_id": exclusion_id}, do)


def of_case(session: Session, case_id: str) -> list[Exclusion]:
    """Those that hold, oldest first."""
    query = select(Exclusion).where(Exclusion.case_id == case_id, Exclusion.lifted_at.is_(None))
    return list(session.scalars(query.order_by(Exclusion.made_at, Exclusion.id)))


def ids(session: Session, case_id: str) -> frozenset[str]:
    """Ids of services and organizations that are out: the excluded ones, the services of an excluded organization
    (also where another source lists it under the same name), and every row of the directory that tells of one of them.
    """
    rows = of_case(session, case_id)
    services = {row.service_id for row in rows if row.service_id}
    organizations = {row.organization_id for row in rows if row.organization_id}
    if organizations:
        organizations |= set(session.scalars(_of_the_same_name(organizations)))
        services |= set(session.scalars(select(Service.id).where(Service.organization_id.in_(organizations))))
    if services:
        services |= set(session.scalars(_of_the_same_service(services)))
    return frozenset(services | organizations)


def names(session: Session, loop: Loop, case_id: str) -> tuple[str, ...]:
    """Workers and places as the person named them, for the worker to keep in mind; the caller writes the audit line."""
    return tuple(
        loop.sealer(session, row.subject_id).open(row.named_sealed, "exclusion", row.id, "named")
        for row in of_case(session, case_id)
        if row.named_sealed
    )


def _of_the_same_name(organizations: set[str]) -> Select[str]:
    chosen = select(func.lower(Organization.name)).where(Organization.id.in_(organizations))
    return select(Organization.id).where(func.lower(Organization.name).in_(chosen))


def _of_the_same_service(services: set[str]) -> Select[str]:
    heads = select(func.coalesce(Service.same_as_id, Service.id)).where(Service.id.in_(services))
    head = aliased(Service)
    return select(head.id).where(or_(head.id.in_(heads), head.same_as_id.in_(heads)))


def _check_known(session: Session, service_id: str, organization_id: str) -> None:
    if service_id and session.get(Service, service_id) is None:
        raise NotFound("There is no such service.", "Look it up in the directory.")
    if organization_id and session.get(Organization, organization_id) is None:
        raise NotFound("There is no such organisation.", "Look it up in the directory.")


def _tell_of_live(session: Session, case: Case, ask: Ask) -> int:
    out = ids(session, case.id)
    live = select(Referral).where(
        Referral.case_id == case.id, Referral.service_id.in_(out), Referral.state.in_(sorted(LIVE))
    )
    found = list(session.scalars(live))
    for referral in found:
        tasks.add(session, "excluded_live", ask.at, ask.at, referral=referral)
    return len(found)
