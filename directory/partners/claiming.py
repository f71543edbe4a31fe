"""A service that somebody registers is here already: they say that it is theirs, and nothing is typed again."""

import msgspec
from sqlalchemy.orm import Session

from directory.editing.adding import Likely
from directory.errors import Conflict, NotFound
from directory.partners import answers, claims, registrations, service_answers
from directory.partners.answers import Answers
from directory.partners.doors import Inside
from directory.partners.registrations import AGAIN, OPEN, TABLE, Kept
from directory.referrals import audit
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, check_version


def offered(session: Session, kept: Kept, own: str) -> tuple[Likely, ...]:
    """Services of the record that may be this one, from its name on; none once one was claimed."""
    said = service_answers.values(service_answers.found(kept.answers, own))
    if kept.claims_service_id or not said["name"]:
        return ()
    return claims.offered(session, said)


def claim(loop: Loop, ask: Ask, inside: Inside, own_id: str, own: str, service_id: str) -> Answer:
    """One service of a registration is the one of the record that has this id: {"version"}.

    It takes the first place, as `drafting` reads it, and is checked as every claim is. Raises NotFound for what was not
    offered, Conflict once it was sent in, changed meanwhile, or claims another.
    """

    def do(session: Session) -> Answer:
        row = registrations.mine(session, inside, own_id, lock=True)
        check_version(row.version, ask, AGAIN)
        if row.state not in OPEN:
            raise Conflict("This was sent in.", "Take it back first if something is wrong in it.")
        kept = registrations.read(loop, row)
        if kept.claims_service_id:
            raise Conflict("You said of another service here that it is yours.", "Register this one by itself.")
        if service_id not in {each.id for each in offered(session, kept, own)}:
            raise NotFound("There is no such service here.", "Go on with it as a new one.")
        row.claims_service_id = service_id
        row.answers_sealed = loop.own.seal(answers.to_json(_first(kept.answers, own)), TABLE, row.id, "answers")
        row.changed_at, row.version = ask.at, row.version + 1
        audit.note(session, ask.who, ask.at, "change", TABLE, row.id, purpose="service_claim")
        return {"version": row.version}

    return loop.once(ask, "registration.claim", {"id": own_id, "own": own, "service": service_id}, do)


def _first(whole: Answers, own: str) -> Answers:
    chosen = service_answers.found(whole, own)
    return msgspec.structs.replace(whole, services=(chosen, *(each for each in whole.services if each is not chosen)))
