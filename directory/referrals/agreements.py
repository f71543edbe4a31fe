"""Agreements: nothing is sent without one for this service, purpose and categories, valid now; ending one ends all.

What is recorded follows referrals.md, section 9; whose agreement counts is in `agreement_rules`. There is no override:
telling without agreement, to keep somebody safe, is another record (`disclosures`) and never a link.
"""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import agreement_rules, case_rows, codes, exclusions, moves, safe_contacts, stopping
from directory.referrals.agreement_rules import AgreementSaid
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import LIVE, TO_DISPOSE, Event, State
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Agreement, Case, Referral
from directory.referrals.working_time import today
from directory.tables import Organization, Service

ENDS = LIVE | TO_DISPOSE | {State.DRAFT}
GROUND_LENGTH = 60
AGREEMENT_WITHDRAWN = "W7"
LABELS = {"recorded": "given", "superseded": "replaced by a newer one", "withdrawn": "withdrawn", "over": "over"}


def record(loop: Loop, ask: Ask, case_id: str, said: AgreementSaid) -> Answer:
    """Writes down what was agreed to; an older agreement for the same service is replaced, for what is under way too.

    Answers {"id", "review_by", "wording"}. Raises BadInput naming the field, Conflict for a service that the person
    named unsafe, NotFound.
    """

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        service, organization = _service(session, said.service_id)
        review_by = agreement_rules.check(said, case.age_band, loop.policy, today(ask.at))
        if {service.id, organization.id} & exclusions.ids(session, case_id):
            raise Conflict("The person named this service as unsafe for them.", "Choose another one.")
        if said.wording_version not in (None, loop.texts.wording(said.wording_format).version):
            advice = "Read the new words out, then write down what they say."
            raise Conflict("The words that are read out were changed meanwhile.", advice)
        contact = safe_contacts.current(session, case_id)
        own = str(uuid4())
        session.execute(
            update(Agreement)
            .where(*_same(case_id, service.id), Agreement.withdrawn_at.is_(None))
            .values(superseded_at=ask.at)
        )
        session.add(_row(loop, ask, case, said, own, organization.name, contact.id if contact else "", review_by))
        session.flush()
        _hand_over(session, case_id, service.id, own)
        told: dict[str, Any] = {"service_id": service.id, "given_by": said.given_by, "purposes": said.purposes}
        told |= {"categories": said.categories, "parent_of_both": said.parent_of_both, "beside": said.beside_parent}
        case_rows.written(
            session, case, ask, "agreement", own, "record", action="create", state_to="recorded", details=told
        )
        return {"id": own, "review_by": review_by.isoformat(), "wording": loop.texts.wording(said.wording_format).mark}

    body = asdict(said) | {"case_id": case_id}
    return loop.once(ask, "agreement.record", body, do)


def withdraw(loop: Loop, ask: Ask, agreement_id: str, how: str, review_on: date | None = None) -> Answer:
    """The person no longer agrees: everything that rests on it stops in this very transaction, and the need rests.

    Links and sessions are dead, what waits to leave is cancelled, each provider that knows is told to stop. Answers the
    receipt: {"id", "withdrawn_at", "referrals": [{"reference", "state", "told"}]}. Raises NotFound, Conflict for one
    that is withdrawn already, saying since when, or replaced.
    """
    codes.check("withdrawn_how", how, "how")

    def do(session: Session) -> Answer:
        row = _held(session, ask, agreement_id)
        if row.withdrawn_at is not None:
            since = f"{utc(row.withdrawn_at):%d %B %Y %H:%M} UTC"
            raise Conflict(f"This agreement was withdrawn on {since}.", "Nothing rests on it any more.")
        if row.superseded_at is not None:
            raise Conflict("This agreement was replaced by a newer one.", "Withdraw the newer one.")
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_how = ask.at, ask.who.id, how
        found = _resting_on(session, row)
        needs = {referral.need_id for referral in found if State(referral.state) in ENDS}
        stopped = [_stop(session, loop, referral, ask) for referral in found]
        for need_id in sorted(needs):
            stopping.rest(session, loop, need_id, ask, review_on)
        told = {"how": how, "referrals": len(stopped), "service_id": row.service_id}
        case = session.get_one(Case, row.case_id)
        case_rows.written(
            session, case, ask, "agreement", row.id, "withdraw", state_from="recorded", state_to="withdrawn",
            details=told,
        )  # fmt: skip
        return {"id": row.id, "withdrawn_at": ask.at.isoformat(), "referrals": stopped}

    return loop.once(ask, "agreement.withdraw", {"id": agreement_id, "how": how, "review_on": review_on}, do)


def current(session: Session, case_id: str, service_id: str, at: datetime) -> Agreement | None:
    """The agreement that holds now for this case and service, if there is one."""
    holding = (Agreement.withdrawn_at.is_(None), Agreement.superseded_at.is_(None))
    query = select(Agreement).where(*_same(case_id, service_id), *holding).order_by(Agreement.recorded_at.desc())
    return next((row for row in session.scalars(query) if is_valid(row, at)), None)


def is_valid(row: Agreement, at: datetime) -> bool:
    """Whether it holds at a moment: begun, not withdrawn, not replaced, not past the day to ask again."""
    ended = row.withdrawn_at is not None or row.superseded_at is not None
    return not ended and utc(row.valid_from) <= at and today(at) <= row.review_by


def check_to_send(session: Session, loop: Loop, referral: Referral, at: datetime) -> Agreement:
    """The agreement under which this may be sent now. Raises BadInput, field "agreement", saying what lacks."""
    row = current(session, referral.case_id, referral.service_id, at)
    if row is None:
        raise BadInput(*_why_none(session, referral, at), "agreement")
    if "refer" not in row.purposes.split("|"):
        raise BadInput("The person agreed to something else.", "Ask whether they want to be referred.", "agreement")
    needed = [*agreement_rules.LEAST, *(["notes"] if referral.notes_sealed else [])]
    missing = [name for name in needed if name not in row.categories.split("|")]
    if missing:
        told = codes.label("category", missing[0]).lower()
        raise BadInput(
            f"The person did not agree that this may be told: {told}.", "Ask them, or leave it out.", "agreement"
        )
    return row


def of_case(session: Session, case_id: str) -> list[Agreement]:
    """Every agreement of a case, newest first."""
    own = select(Agreement).where(Agreement.case_id == case_id)
    return list(session.scalars(own.order_by(Agreement.recorded_at.desc(), Agreement.id)))


def standing(row: Agreement, at: datetime) -> str:
    """How an agreement stands, in words."""
    if row.withdrawn_at is not None:
        return LABELS["withdrawn"]
    if row.superseded_at is not None:
        return LABELS["superseded"]
    return LABELS["recorded" if is_valid(row, at) else "over"]


def _row(
    loop: Loop, ask: Ask, case: Case, said: AgreementSaid, own: str, controller: str, contact_id: str, review_by: date
) -> Agreement:
    return Agreement(
        id=own,
        case_id=case.id,
        subject_id=case.subject_id,
        service_id=said.service_id,
        controller=controller,
        about=case.relation,
        given_by=said.given_by,
        evidence_seen=said.evidence_seen,
        capacity_basis=said.capacity_basis,
        child_view=said.child_view,
        how=said.how,
        wording=loop.texts.wording(said.wording_format).mark,
        wording_format=said.wording_format,
        language=said.language,
        purposes=said.purposes,
        categories=said.categories,
        feedback=said.feedback,
        share_back=said.share_back,
        safe_contact_id=contact_id,
        exclusions_checked_at=ask.at,
        article_6=loop.policy.text("adopter", "article_6")[:GROUND_LENGTH],
        article_9=loop.policy.text("adopter", "article_9")[:GROUND_LENGTH],
        article_10=loop.policy.text("adopter", "article_10")[:GROUND_LENGTH],
        valid_from=ask.at,
        review_by=review_by,
        recorded_at=ask.at,
        recorded_by=ask.who.id,
    )


def _service(session: Session, service_id: str) -> tuple[Service, Organization]:
    found = session.get(Service, service_id)
    if found is None:
        raise NotFound("There is no such service.", "Choose it from the plan or the directory.")
    return found, found.organization


def _same(case_id: str, service_id: str) -> tuple[ColumnElement[bool], ...]:
    return Agreement.case_id == case_id, Agreement.service_id == service_id, Agreement.superseded_at.is_(None)


def _held(session: Session, ask: Ask, agreement_id: str) -> Agreement:
    case_id = session.scalar(select(Agreement.case_id).where(Agreement.id == agreement_id))
    if case_id is None:
        raise NotFound(*case_rows.NO_CASE)
    case_rows.held(session, ask, case_id)
    return session.scalars(select(Agreement).where(Agreement.id == agreement_id).with_for_update()).one()


def _hand_over(session: Session, case_id: str, service_id: str, agreement_id: str) -> None:
    """What is under way with this service rests on the new agreement from now on, wider or narrower."""
    own = (Referral.case_id == case_id, Referral.service_id == service_id, Referral.state.in_(sorted(LIVE)))
    session.execute(update(Referral).where(*own).values(agreement_id=agreement_id))


def _resting_on(session: Session, row: Agreement) -> list[Referral]:
    """Whatever this case has with this service, locked; what is over too, for its links must end."""
    own = (Referral.case_id == row.case_id, Referral.service_id == row.service_id)
    return list(session.scalars(select(Referral).where(*own).order_by(Referral.id).with_for_update()))


def _stop(session: Session, loop: Loop, referral: Referral, ask: Ask) -> Answer:
    left = stopping.has_left(session, referral, ask)
    open_still = State(referral.state) in ENDS
    if open_still:
        moves.advance(session, referral, Event.WITHDRAW, Ask(ask.who, ask.at), {"reason": AGREEMENT_WITHDRAWN})
    stopping.stop(session, loop, referral, ask, left and open_still)
    return {"reference": referral.reference, "state": referral.state, "told": left and open_still}


def _why_none(session: Session, referral: Referral, at: datetime) -> tuple[str, str]:
    last = next((row for row in of_case(session, referral.case_id) if row.service_id == referral.service_id), None)
    advice = "Ask the person, read the wording out, and write down what they say."
    if last is None:
        return "Nobody has agreed to this referral yet.", advice
    return f"The agreement to this referral is {standing(last, at)}.", advice
