"""What is kept of partners no longer: registrations that nobody goes on with, and browsers whose time is over.

The pages promise it to those who write there, so it needs no schedule of the adopter's; a general hold stops it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from directory.keys import Unreadable
from directory.partners import answers, doors
from directory.partners.answers import Contact
from directory.partners.tables import PartnerCode, PartnerSession, Registration, RegistrationCheck
from directory.referrals import audit, partner_letters, sweeps, switches
from directory.referrals.asking import SYSTEM, Who
from directory.referrals.loop import Loop

TABLE = "registration"
EVERY = timedelta(hours=1)
LEFT_ALONE = ("draft", "returned", "refused")
"""States in which a registration waits for nobody of ours."""
OVER = timedelta(days=1)
"""How long a browser's row stays after its time: so much longer its steps can be looked up."""


def look(loop: Loop) -> Iterator[str]:
    """Erases what is due, once an hour, and says in a line how many registrations."""
    with sweeps.claimed(loop, "partners_forgotten", EVERY) as ours:
        if not ours:
            return
        erased = stale(loop)
        if erased:
            yield f"{erased} registrations that nobody went on with were erased."


def stale(loop: Loop) -> int:
    """Erases registrations left alone for [partners] draft_days, whom staff rang about one that was agreed
    [partners] contact_days ago, and rows of browsers; how many registrations."""
    at = loop.clock()
    with loop.database.session() as session:
        if switches.is_on(session, switches.HOLD):
            return 0
        old = at - timedelta(days=loop.policy.number("partners", "draft_days"))
        alone = (Registration.state.in_(LEFT_ALONE), Registration.changed_at <= old, Registration.erased_at.is_(None))
        found = list(session.scalars(select(Registration).where(*alone).order_by(Registration.id).with_for_update()))
        for row in found:
            erase(session, row, SYSTEM, at, "stale")
        _contacts(session, loop, at)
        _browsers(session, loop, at)
        return len(found)


def erase(session: Session, row: Registration, who: Who, at: datetime, why: str) -> None:
    """Takes everything out of a registration but its reference, how it ended and when; its checks say no more than
    that they were made, and no letter about it leaves."""
    row.answers_sealed = row.email_sealed = row.said_sealed = None
    row.email_mac, row.erased_at, row.changed_at, row.version = "", at, at, row.version + 1
    own = update(RegistrationCheck).where(RegistrationCheck.registration_id == row.id)
    session.execute(own.values(found_at="", about_mac=""))
    partner_letters.forget_page(session, page(row))
    audit.note(session, who, at, "erase", TABLE, row.id, purpose=why)


def page(row: Registration) -> str:
    """The path of a registration's own page."""
    return f"/partners/registrations/{row.id}"


def _contacts(session: Session, loop: Loop, at: datetime) -> None:
    """Forgets whom staff rang: what was agreed stands without them. Its row is then newer than its decision."""
    old = at - timedelta(days=loop.policy.number("partners", "contact_days"))
    agreed = (Registration.state == "approved", Registration.erased_at.is_(None), Registration.decided_at <= old)
    query = select(Registration).where(*agreed, Registration.changed_at <= Registration.decided_at)
    for row in session.scalars(query.order_by(Registration.id).with_for_update()):
        try:
            whole = answers.of_json(loop.own.open(row.answers_sealed, TABLE, row.id, "answers"))
        except Unreadable:
            continue
        left = msgspec.structs.replace(whole, contact=Contact())
        row.answers_sealed = loop.own.seal(answers.to_json(left), TABLE, row.id, "answers")
        row.changed_at = at
        audit.note(session, SYSTEM, at, "erase", TABLE, row.id, purpose="contact")


def _browsers(session: Session, loop: Loop, at: datetime) -> None:
    hours, days = loop.policy.number("partners", "hours"), loop.policy.number("partners", "phone_days")
    begun = at - timedelta(hours=hours) - OVER
    is_over = or_(
        PartnerSession.ended_at <= at - OVER,
        and_(PartnerSession.kind == doors.MAILBOX, PartnerSession.started_at <= begun),
        and_(PartnerSession.kind == doors.PHONE, PartnerSession.proved_at <= at - timedelta(days=days) - OVER),
    )
    ids = list(session.scalars(select(PartnerSession.id).where(is_over)))
    session.execute(delete(PartnerCode).where(PartnerCode.session_id.in_(ids)))
    session.execute(delete(PartnerSession).where(PartnerSession.id.in_(ids)))
