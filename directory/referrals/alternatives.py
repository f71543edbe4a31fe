"""Keeps the next best doors beside a referral, ranked and explained as they were, and filters them anew when read.

The matcher is asked outside any transaction; what it says is written in a short one. Whoever was named unsafe since is
left out at reading, so that nothing kept can bring them back.
"""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import BadInput, NotFound, NotReady
from directory.feeds import assurance
from directory.places import areas
from directory.referrals import case_rows, cases, exclusions, moves
from directory.referrals.lifecycle import LIVE, OVER, State
from directory.referrals.loop import Loop
from directory.referrals.next_best import Alternative, Wanted
from directory.referrals.tables import Case, Need, Referral
from directory.tables import Service

LOG = logging.getLogger("waymark.referrals")
CLOSED = ("defunct", "temporarily closed")
KEPT = 8
"""More than are shown: some will be left out when they are read."""
SHOWN = 5
UNLIKE = "D9"
"""The decline that says another kind of help fits better."""
UNSAFE = "D8"
TRIED = tuple(state.value for state in (LIVE | OVER) - {State.CLOSED})
"""A service in one of these for the same need is no next door: it has it, or has said no to it."""


def keep(loop: Loop, referral_id: str, at: datetime) -> bool:
    """Asks for the next best doors and keeps them on the referral. False when the matcher could not be asked now:
    what was kept before stays. Call it outside any transaction. Raises NotFound."""
    with loop.database.reading() as session:
        asked = wanted(session, loop, referral_id)
    try:
        found = loop.next_best(asked, KEPT)
    except NotReady as error:
        LOG.warning("referral %s: its next best doors stay as they were: %s", referral_id, error.message)
        return False
    except BadInput:  # a case of which nothing is known yet that the matcher could use
        found = ()
    with loop.database.session() as session:
        row = moves.held(session, referral_id)
        if row.erased_at is None:
            row.alternatives, row.alternatives_at = [each.as_json() for each in found], at
    return True


def wanted(session: Session, loop: Loop, referral_id: str) -> Wanted:
    """What the matcher is asked for a referral's need. Raises NotFound."""
    row = session.get(Referral, referral_id)
    if row is None:
        raise NotFound(*case_rows.NO_CASE)
    case, need = session.get_one(Case, row.case_id), session.get_one(Need, row.need_id)
    unlike = row.service_id if row.decline_reason == UNLIKE else ""
    return Wanted(facts(session, loop, case), need.need, _out(session, row), unlike)


def shown(session: Session, loop: Loop, referral: Referral) -> tuple[Alternative, ...]:
    """The doors kept, best first, without those that must not or cannot be offered now."""
    kept = [_read(line) for line in referral.alternatives or []]
    out = _out(session, referral)
    query = select(Service.id, Service.organization_id).where(
        Service.id.in_([each.service_id for each in kept]), Service.status.not_in(CLOSED)
    )
    organizations = {row.id: row.organization_id for row in session.execute(query)}
    words = assurance.words(session, list(organizations))
    closed = {own for own, said in words.items() if assurance.is_closed_by_provider(said)}
    return tuple(
        each
        for each in kept
        if (own := organizations.get(each.service_id)) and not {each.service_id, own} & out | {each.service_id} & closed
    )[:SHOWN]


def facts(session: Session, loop: Loop, case: Case) -> dict[str, Any]:
    """A case's facts as the matcher takes them; where nothing was said, what its codes say. Raises Erased."""
    codes = {
        "residence": areas.council_name(case.council),
        "harm_place": areas.council_name(case.harm_council),
        "harms": _listed(case.harms),
        "access": _listed(case.access),
        "language": case.languages.split("|")[0],
    }
    return {name: value for name, value in codes.items() if value} | cases.given(session, loop, case)


def _listed(codes: str) -> list[str]:
    return [code for code in codes.split("|") if code]


def _out(session: Session, referral: Referral) -> frozenset[str]:
    """Whom this person named unsafe, the service itself, and those tried for the same need."""
    own = (Referral.need_id == referral.need_id, Referral.state.in_(TRIED))
    tried = session.scalars(select(Referral.service_id).where(*own))
    return exclusions.ids(session, referral.case_id) | {referral.service_id, *tried} | _unsafe(session, referral)


def _unsafe(session: Session, referral: Referral) -> set[str]:
    """The organizations that cannot safely take this person, with all their services: whom they support is theirs."""
    said = select(Referral.service_id).where(Referral.case_id == referral.case_id, Referral.decline_reason == UNSAFE)
    theirs = set(session.scalars(select(Service.organization_id).where(Service.id.in_(said))))
    return theirs | set(session.scalars(select(Service.id).where(Service.organization_id.in_(theirs))))


def _read(line: dict[str, Any]) -> Alternative:
    return Alternative(
        line["service_id"],
        line["name"],
        line["organization"],
        line["score"],
        tuple(line["reasons"]),
        tuple(line["ask_first"]),
    )
