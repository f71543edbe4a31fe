"""Staff who verify a registration, in one line a step: `checked(loop, kept, ann)`, `agreed(loop, kept, ann, bea)`."""

from typing import Any

import msgspec
from sqlalchemy import select

from directory.partners import publishing, registrations, verifying
from directory.partners.answers import Answers
from directory.partners.registrations import Kept
from directory.partners.verifying import Look
from directory.referrals.asking import Ask, Who
from directory.referrals.loop import Loop, new_key
from directory.tables import Outbox, Revision, Service, Source
from tests.directory.partners.partner_builders import (
    AtDoor,
    a_partner,
    a_registration,
    ask_of,
    full_answers,
    kept,
)

FOUND = "01632 960777"
"""A number that stands in no registration."""
WHERE = "The charity register, its contact line"
NEW = {"name": "Seal Watch Listening", "phone": "01632 960003", "url": "https://seals.example/listening"}
"""A service that resembles none of the record."""


def asked(loop: Loop, who: Who, registration: Kept | None = None) -> Ask:
    return Ask(who, loop.clock(), new_key(), registration.version if registration else None)


def filled(**changes: Any) -> Answers:
    """A registration's answers, of a service that the record does not have."""
    return full_answers(**{**NEW, **changes})


def sent_in(loop: Loop, claims: str = "", **changes: Any) -> tuple[AtDoor, Kept]:
    """Somebody at the partners' door, and what they have sent in."""
    door = a_partner(loop)
    return door, a_registration(loop, door.inside, filled(**changes), claims=claims)


def rung(
    loop: Loop, registration: Kept, who: Who, number: str = FOUND, where: str = WHERE, result: str = "passed"
) -> None:
    verifying.called_back(loop, asked(loop, who, registration), registration.id, number, where, result)


def noted(loop: Loop, registration: Kept, who: Who, kind: str, said: str = WHERE, result: str = "passed") -> None:
    verifying.note(loop, asked(loop, who, registration), registration.id, kind, said, result)


def checked(loop: Loop, registration: Kept, who: Who, *more: str) -> None:
    """Everything that is always asked, and `more` kinds."""
    rung(loop, registration, who)
    for kind in (verifying.CHARITY, *more):
        noted(loop, registration, who, kind)


def agrees(loop: Loop, registration: Kept, who: Who) -> bool:
    """Whether this agreement published it."""
    return bool(publishing.approve(loop, asked(loop, who, registration), registration.id)["published"])


def agreed(loop: Loop, registration: Kept, *people: Who) -> None:
    for who in people:
        agrees(loop, registration, who)


def looked(loop: Loop, registration: Kept) -> Look:
    with loop.database.session() as session:
        return verifying.look(session, loop, verifying.row_of(session, registration.id), loop.clock())


def as_it_is(loop: Loop, door: AtDoor, registration: Kept) -> Kept:
    return kept(loop, door.inside, registration.id)


def in_record(loop: Loop, source: str = "partner") -> dict[str, str]:
    """Names of the services that a source tells of → their ids."""
    with loop.database.reading() as session:
        return dict(session.execute(select(Service.name, Service.id).where(Service.source_id == source)).all())


def traces(loop: Loop) -> tuple[int, ...]:
    """How many services, revisions, waiting lines for the index and sources there are."""
    with loop.database.reading() as session:
        return tuple(len(session.scalars(select(table)).all()) for table in (Service, Revision, Outbox, Source))


def of_organization(whole: Answers, **changes: Any) -> Answers:
    """The same answers, of another organization."""
    return msgspec.structs.replace(whole, organization=msgspec.structs.replace(whole.organization, **changes))


def sent_again(loop: Loop, door: AtDoor, registration: Kept, whole: Answers) -> Kept:
    """Taken back, written anew and sent in once more."""
    inside, own = door.inside, registration.id
    registrations.take_back(loop, ask_of(loop, inside, registration.version), inside, own)
    now = as_it_is(loop, door, registration)
    made = registrations.change(loop, ask_of(loop, inside, now.version), inside, own, lambda _: whole, "all")
    registrations.submit(loop, ask_of(loop, inside, made["version"]), inside, own)
    return as_it_is(loop, door, registration)


def of_service(whole: Answers, own: str) -> Answers:
    """The same answers, their one service under another id."""
    return msgspec.structs.replace(whole, services=(msgspec.structs.replace(whole.services[0], own=own),))
