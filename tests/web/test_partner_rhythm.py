"""The pages of the yearly look and of room: who may come, what is kept after a mistake, and what staff then read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.feeds.assurance import State
from directory.partners import members, room
from directory.partners.tables import PartnerMember
from directory.records import service_id
from directory.referrals.loop import Loop
from directory.runtime import Runtime
from directory.search import record_view
from directory.tables import Service
from tests.builders import a_draft, a_record, write
from tests.directory.partners.partner_builders import MORAG, OTHER, a_partner
from tests.directory.partners.review_builders import keeps, tell
from tests.directory.referrals.builders import SERVICE
from tests.web.mail_desk import a_mail_desk
from tests.web.partnering import PartnerVisitor
from tests.web.visiting import Door, a_door

REVIEW, ROOM = f"/partners/services/{SERVICE}/review", f"/partners/services/{SERVICE}/room"
PHONE = "waymark-partner-phone"
LATER, CHECK = "/staff/work?list=later", "Check what the directory says of this service"


@pytest.fixture
def door(installation: Runtime, tmp_path: Path) -> Iterator[Door]:
    record = a_record(tmp_path)
    yield a_door(installation, record, tmp_path)
    record.close()


@pytest.fixture
def visitor(door: Door) -> PartnerVisitor:
    """Somebody who keeps the service, at its review."""
    keeps(door.loop, MORAG)
    found = PartnerVisitor(door)
    found.come_in(next_path=REVIEW)
    return found


def text_of(visitor: PartnerVisitor) -> str:
    assert visitor.shown is not None
    return visitor.shown.text


def stands(loop: Loop) -> State:
    with loop.database.reading() as session:
        return record_view.view(session, SERVICE).assured.state


def test_the_code_leads_straight_to_the_facts_and_one_press_is_enough(visitor: PartnerVisitor, door: Door) -> None:
    assert "Is this still right?" in text_of(visitor)
    for fact in ("12 to 18", "City of Edinburgh", "01632 960001", "Organisation: Harbour Trust"):
        assert fact in text_of(visitor)
    visitor.send(REVIEW, answer="right")
    assert "Checked by the service, November 2026." in text_of(visitor)
    assert stands(door.loop) is State.PROVIDER_CONFIRMED


def test_both_at_once_is_asked_again_and_nothing_is_lost(visitor: PartnerVisitor, door: Door) -> None:
    answer = visitor.send(REVIEW, answer="right", wrong="age", said_hours="Mondays only")
    assert answer.status_code == 422
    assert "You said that something is not right: Ages, Opening hours." in answer.text
    assert "Mondays only" in answer.text
    assert 'value="age" checked' in answer.text
    assert stands(door.loop) is not State.PROVIDER_CONFIRMED


def test_a_form_that_was_open_while_the_record_changed_is_shown_anew(visitor: PartnerVisitor, door: Door) -> None:
    answer = visitor.send(REVIEW, answer="right", seen="0" * 16)
    assert answer.status_code == 409
    assert "This was changed meanwhile." in answer.text


@pytest.mark.parametrize("path", [REVIEW, ROOM, f"{REVIEW}/done"])
def test_a_strangers_pages_are_not_there(door: Door, path: str) -> None:
    keeps(door.loop, MORAG)
    stranger = PartnerVisitor(door)
    stranger.come_in(OTHER)
    assert stranger.get(path).status_code in (404, 200)
    assert "Harbour Counselling" not in text_of(stranger)
    for form in ({"answer": "right", "key": "k"}, {"room": "open", "key": "k"}):
        assert stranger.post(path.removesuffix("/done"), form).status_code in (404, 409, 422)
    assert stands(door.loop) is not State.PROVIDER_CONFIRMED


def test_who_only_answers_referrals_says_whether_there_is_room_and_nothing_else(door: Door) -> None:
    keeps(door.loop, MORAG, role=members.ANSWERER)
    visitor = PartnerVisitor(door)
    assert visitor.come_in(next_path=REVIEW).status_code == 403
    visitor.get(ROOM)
    visitor.send(ROOM, room="open")
    assert "Takes referrals" in text_of(visitor)


def test_a_phone_let_in_once_opens_room_and_no_other_page(visitor: PartnerVisitor, door: Door) -> None:
    visitor.get(ROOM)
    visitor.send(f"{ROOM}/phone")
    assert visitor.cookies[PHONE]
    door.clock.pass_(days=100)
    visitor.cookies.pop("waymark-partner", None)
    visitor.get("/partners/room")
    assert "Is there room?" in text_of(visitor)
    visitor.send(ROOM, room="full:8")
    assert "Full: takes no referrals" in text_of(visitor)
    for path in (REVIEW, "/partners/mine", "/partners/reviews"):
        visitor.get(path)
        assert "Send me a code" in text_of(visitor)
    visitor.get(ROOM)
    visitor.send("/partners/room/leave")
    assert PHONE not in visitor.cookies
    visitor.get(ROOM)
    assert "Send me a code" in text_of(visitor)


def test_a_colleague_reads_what_was_said_and_cannot_lose_it(visitor: PartnerVisitor, door: Door) -> None:
    with door.loop.database.session() as session:
        own = session.scalars(select(PartnerMember)).one()
        row = members.put(session, door.loop, own.partner_id, OTHER, "Ada Orr", members.EDITOR, "", door.clock())
        row.joined_at = door.clock()
    tell(door.loop, a_partner(door.loop, OTHER), age="From 10 to 25 since May.")
    visitor.get(REVIEW)
    assert "From 10 to 25 since May." in text_of(visitor)
    visitor.send(REVIEW, answer="right")
    assert "Not all of it counts yet" in text_of(visitor)
    assert stands(door.loop) is State.CONTRADICTED


def test_where_anothers_entry_counts_in_it_the_pages_say_that_we_look_first(
    visitor: PartnerVisitor, door: Door
) -> None:
    write(door.loop.database, a_draft(source_id="f902", name="Second Door"))
    with door.loop.database.session() as session:
        session.get_one(Service, service_id("facts", "f902")).same_as_id = SERVICE
    visitor.get(REVIEW)
    assert "Another entry counts in this one" in text_of(visitor)
    visitor.get(ROOM)
    visitor.send(ROOM, room="open")
    assert "Nothing has changed yet." in text_of(visitor)
    with door.loop.database.reading() as session:
        assert room.now(session, SERVICE, door.clock().date()) == room.Said()


@pytest.mark.parametrize("pressed", ["", "open house", "waiting_list:w99", "full:9", "full:day", "full:٨"])
def test_a_button_of_nobodys_changes_nothing(visitor: PartnerVisitor, door: Door, pressed: str) -> None:
    visitor.get(ROOM)
    assert visitor.send(ROOM, room=pressed, until="tomorrow").status_code == 422
    with door.loop.database.reading() as session:
        assert room.now(session, SERVICE, door.clock().date()) == room.Said()


def test_staff_read_it_on_the_work_list_and_on_the_services_page_until_they_confirm(
    installation: Runtime, tmp_path: Path
) -> None:
    with a_mail_desk(installation, tmp_path) as (desk, loop, time):
        keeps(loop, MORAG)
        tell(loop, a_partner(loop), age="From 10 to 25 since May.")
        page = f"/staff/services/{SERVICE}"
        assert CHECK in desk.web.get(LATER, **desk.cookie("worker")).text
        shown = desk.web.get(page, **desk.cookie()).text
        assert "Its partner says that this is not right" in shown
        assert "From 10 to 25 since May." in shown
        assert "the service itself, on its own page" in shown
        time.pass_(minutes=2)
        desk.web.post(f"{page}/say", {"word": "checked", "seen": ""}, **desk.cookie())
        assert "From 10 to 25" not in desk.web.get(page, **desk.cookie()).text
        assert CHECK not in desk.web.get(LATER, **desk.cookie("worker")).text
