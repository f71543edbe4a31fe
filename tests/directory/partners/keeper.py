"""A partner that keeps services of the record true: `a_keeper(loop, SERVICE)` is its owner's membership."""

from uuid import uuid4

from directory.partners import members
from directory.partners.members import Membership
from directory.partners.tables import Partner, PartnerMember, PartnerService
from directory.referrals.loop import Loop
from tests.directory.partners.partner_builders import MORAG


def a_keeper(
    loop: Loop, *services: str, email: str = MORAG, role: str = members.OWNER, account_id: str = "",
    name: str = "Harbour Trust", partner_id: str = "",
) -> Membership:  # fmt: skip
    """Somebody who belongs to a partner, a new one unless `partner_id` names it, which keeps these services."""
    at, own = loop.clock(), partner_id or str(uuid4())
    with loop.database.session() as session:
        if not partner_id:
            session.add(Partner(id=own, name=name, charity_number="SC012345", made_at=at))
            session.flush()
        session.add_all(PartnerService(partner_id=own, service_id=each, how="claimed", since=at) for each in services)
        row = members.put(session, loop, own, email, "Morag Reid", role, "somebody", at)
        row.joined_at, row.account_id = at, account_id or None
        session.flush()
        member_id = session.get_one(PartnerMember, row.id).id
    return Membership(member_id, own, name, role, account_id, 1)
