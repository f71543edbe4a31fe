"""A partner to try things with: `a_partner(loop)` has proved a mailbox, `a_registration(loop, inside)` is filled in
whole and, if wanted, sent in."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from directory import rows
from directory.accounts.sessions import new_token
from directory.partners import answers, doors, registrations
from directory.partners.answers import Answers, Contact, Organization, Referrals, ServiceAnswers
from directory.partners.doors import Inside
from directory.partners.registrations import Kept
from directory.referrals.asking import Ask
from directory.referrals.loop import Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.referrals.tables import Notice
from tests.builders import a_draft

MORAG, OTHER, ADDRESS = "morag@harbour.example", "ada@other.example", "192.0.2.7"
OWN_SERVICE = "5e1f0000000040008000000000000001"
"""`ServiceAnswers.own` of the one service of `full_answers()`."""
NOT_TYPED = frozenset({"source", "source_id", "confidence", "source_url", "as_of"})
"""Fields of a draft that no partner fills in."""
SERVICE_PAGES = ("what", "who", "ages", "areas", "place", "contact", "hours", "room", "access")


@dataclass(frozen=True, slots=True)
class AtDoor:
    """Somebody who has proved their mailbox: the browser's cookie, and who they are."""

    cookie: str
    inside: Inside


def codes_to(loop: Loop, email: str, template: str = "partner_code") -> list[str]:
    """The codes on their way to a mailbox, first to last (an empty one for a message of another kind)."""
    with loop.database.reading() as session:
        query = select(PartnerLetter).join(Notice, Notice.partner_letter_id == PartnerLetter.id)
        letters = list(session.scalars(query.where(Notice.template == template).order_by(Notice.id)))
        said = [
            json.loads(loop.own.open(row.fields_sealed, "partner_letter", row.id, "fields"))
            for row in letters
            if row.fields_sealed is not None
        ]
    return [each["code"] for each in said if each["to"] == email]


def a_partner(loop: Loop, email: str = MORAG) -> AtDoor:
    """Somebody who asked for a code and gave it."""
    cookie, fresh = new_token(), new_token()
    doors.ask(loop, email, cookie, ADDRESS)
    doors.enter(loop, cookie, codes_to(loop, email)[-1], fresh, ADDRESS)
    with loop.database.reading() as session:
        return AtDoor(fresh, doors.inside(session, loop, fresh, ADDRESS))


def ask_of(loop: Loop, inside: Inside, version: int | None = None) -> Ask:
    return Ask(inside.who, loop.clock(), str(uuid4()), version)


def service_values(**changes: Any) -> dict[str, Any]:
    """The plain values of a whole service: those of `a_draft(**changes)`."""
    plain = rows.content(a_draft(source="partner", **changes))
    return {name: value for name, value in plain.items() if name not in NOT_TYPED}


def full_answers(*services: ServiceAnswers, email: str = MORAG, **changes: Any) -> Answers:
    """Everything of a registration of one service, `changes` being fields of its draft; or of the services given."""
    own = ServiceAnswers(OWN_SERVICE, service_values(**changes), SERVICE_PAGES)
    return Answers(
        Organization("Harbour Trust", "SC012345", "", "https://harbour.example/", "01632 960001"),
        Contact("Morag Reid", "Manager", "01632 960002"),
        Referrals(email),
        services or (own,),
        ("organization", "contact", "referrals"),
    )


def a_registration(
    loop: Loop, inside: Inside, filled: Answers | None = None, *, sent: bool = True, claims: str = ""
) -> Kept:
    """A registration with these answers (`full_answers()`), sent in unless it is to be a draft."""
    own = registrations.begin(loop, ask_of(loop, inside), inside, claims)["id"]
    whole = filled or full_answers(email=inside.email)
    made = registrations.change(loop, ask_of(loop, inside, 1), inside, own, lambda _: whole, "all")
    if sent:
        registrations.submit(loop, ask_of(loop, inside, made["version"]), inside, own)
    return kept(loop, inside, own)


def kept(loop: Loop, inside: Inside, own_id: str) -> Kept:
    with loop.database.reading() as session:
        return registrations.found(session, loop, inside, own_id)


def as_json(whole: Answers) -> str:
    return answers.to_json(whole)
