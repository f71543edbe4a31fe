"""A partner's part of the journey: what it types, what staff answer, who belongs to it, what it finds wrong."""

import secrets
from uuid import uuid4

import msgspec

from directory.partners import doors, members, publishing, registrations, review_facts, reviews
from directory.partners.tables import Partner, PartnerService
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop
from tests.directory.partners.partner_builders import AtDoor, ask_of, full_answers
from tests.directory.referrals.builders import SERVICE, Time, ask
from tests.drills.canaries import Journey
from tests.web.partnering import PartnerVisitor
from tests.web.visiting import Door

TYPED = ("ring_name", "ring_role", "sent_back", "member_name", "is_wrong")


def a_partner_writes(journey: Journey) -> None:
    """Plants canaries of its own in the journey's, and leaves a letter on its way."""
    desk, own = journey.worker.desk, journey.canaries.planted
    loop = desk.running.loop
    for name in TYPED:
        own[name] = f"Zyx{''.join(secrets.choice('bcdfghjklmnpqrstvwxz') for _ in range(14))}"
    own["partner_mailbox"] = f"{own['ring_name'].lower()}@partner.example"
    visitor = PartnerVisitor(Door(desk.running, loop, Time(desk.now), desk.web))
    visitor.come_in(own["partner_mailbox"])
    with loop.database.reading() as session:
        cookie = visitor.cookies["waymark-partner"]
        door = AtDoor(cookie, doors.inside(session, loop, cookie))
    _register(visitor, door, loop, journey)
    _say_what_is_wrong(door, loop, own["member_name"], own["is_wrong"])


def _register(visitor: PartnerVisitor, door: AtDoor, loop: Loop, journey: Journey) -> None:
    own, desk = journey.canaries.planted, journey.worker.desk
    visitor.send("/partners/registrations")
    path, made = visitor.path, visitor.path.rpartition("/")[2]
    visitor.get(f"{path}/organization")
    visitor.send("", organization="Harbour Trust", charity_number="SC012345")
    visitor.send("", name=own["ring_name"], role=own["ring_role"], phone="01632 960002")
    visitor.send("")
    services = full_answers().services
    registrations.change(
        loop, ask_of(loop, door.inside), door.inside, made,
        lambda whole: msgspec.structs.replace(whole, services=services), "services",
    )  # fmt: skip
    visitor.get(f"{path}/check")
    assert "It is sent" in visitor.send(f"{path}/do/submit").text
    staff = Who(Actor.WORKER, desk.ids["editor"], frozenset({"editor"}))
    with loop.database.reading() as session:
        seen = registrations.found(session, loop, door.inside, made).version
    publishing.send_back(loop, ask(loop, staff, key=str(uuid4()), version=seen), made, own["sent_back"])
    assert own["sent_back"] in visitor.get(path).text
    journey.urls += [path, visitor.path]


def _say_what_is_wrong(door: AtDoor, loop: Loop, name: str, words: str) -> None:
    """As a member of a partner that keeps a service true."""
    at, partner = loop.clock(), str(uuid4())
    with loop.database.session() as session:
        session.add(Partner(id=partner, name="Harbour Trust", made_at=at))
        session.flush()
        session.add(PartnerService(partner_id=partner, service_id=SERVICE, how="registered", since=at))
        members.first_owner(session, loop, partner, door.inside.email, name, "", at)
    with loop.database.reading() as session:
        seen = review_facts.asked(session, loop, SERVICE).mark
    reviews.tell(loop, ask_of(loop, door.inside), door.inside, SERVICE, seen, {"what": words})
