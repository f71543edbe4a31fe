"""One tap says whether there is room: kept until it expires, read by the matcher, from a phone let in once."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.accounts.sessions import new_token
from directory.draft import Capacity
from directory.errors import BadInput, Forbidden, NotFound, NotSignedIn
from directory.partners import doors, members, room, said_wrong
from directory.partners.doors import Inside
from directory.partners.tables import PartnerMember
from directory.records import service_id
from directory.referrals import learning
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent
from directory.search import fold, telling
from directory.search.document import ServiceDocument
from directory.tables import CapacityWord, Service
from tests.builders import a_draft, write
from tests.directory.partners.partner_builders import MORAG, OTHER, AtDoor, a_partner, ask_of
from tests.directory.partners.review_builders import an_owner, keeps, open_tasks
from tests.directory.referrals.builders import SERVICE, Time, a_loop

TODAY = date(2026, 11, 22)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def say(loop: Loop, door: AtDoor, state: str, band: str = "", until: date | None = None) -> None:
    room.say(loop, ask_of(loop, door.inside), door.inside, SERVICE, state, band, until)


def document(loop: Loop) -> ServiceDocument:
    """What the index is told."""
    with loop.database.reading() as session:
        found = fold.fold(telling.read(session, [SERVICE])[SERVICE])
    assert found is not None
    return found


def now(loop: Loop) -> room.Said:
    with loop.database.reading() as session:
        return room.now(session, SERVICE, loop.clock().date())


@pytest.mark.parametrize(
    ("state", "band", "until", "words", "weeks", "expires"),
    [
        pytest.param("open", "", None, "Takes referrals", (None, None), TODAY + timedelta(days=56), id="open"),
        pytest.param(
            "waiting_list", "w12", None, "Waiting list, 5 to 12 weeks", (5, 12), TODAY + timedelta(days=56), id="list"
        ),
        pytest.param(
            "full", "", date(2027, 1, 31), "Full: takes no referrals", (None, None), date(2027, 1, 31), id="full"
        ),
    ],
)
def test_each_answer_reaches_the_index_with_its_last_day(
    loop: Loop,
    state: str,
    band: str,
    until: date | None,
    words: str,
    weeks: tuple[int | None, int | None],
    expires: date,
) -> None:
    say(loop, an_owner(loop), state, band, until)
    kept = document(loop).capacity
    assert (kept.state, kept.minimum_weeks, kept.maximum_weeks) == (state, *weeks)
    assert (kept.as_of, kept.expires) == (TODAY.isoformat(), expires.isoformat())
    assert now(loop).words == f"{words} (said on 22 November 2026)."
    assert now(loop).band == band


def test_what_the_record_says_counts_while_there_is_no_word(loop: Loop) -> None:
    write(loop.database, a_draft(capacity=Capacity("waiting_list", 2, 9, "2026-11-20")))
    assert document(loop).capacity.state == "waiting_list"
    assert now(loop) == room.Said(
        "waiting_list", "Waiting list, 2 to 9 weeks (said on 20 November 2026).", "", date(2026, 11, 20),
        date(2027, 1, 15),
    )  # fmt: skip
    say(loop, an_owner(loop), "open")
    assert now(loop).state == "open"


def test_what_the_record_said_too_long_ago_counts_no_more(loop: Loop, time: Time) -> None:
    write(loop.database, a_draft(capacity=Capacity("full", None, None, "2026-11-20")))
    time.pass_(days=55)
    assert now(loop) == room.Said()


def test_after_its_last_day_it_counts_no_more(loop: Loop, time: Time) -> None:
    say(loop, an_owner(loop), "full", until=TODAY)
    assert now(loop).state == "full"
    time.pass_(days=1)
    assert now(loop) == room.Said()
    learning.learn(loop)
    with loop.database.reading() as session:
        assert session.scalars(select(CapacityWord)).all() == []
    assert document(loop).capacity.state == ""


def test_the_same_button_twice_is_one_word_and_tomorrow_it_is_said_anew(loop: Loop, time: Time) -> None:
    """A page left open on a phone for weeks still works."""
    door = an_owner(loop)
    ask = ask_of(loop, door.inside)
    for state in ("open", "open", "full"):
        room.say(loop, ask, door.inside, SERVICE, state, "", TODAY if state == "full" else None)
    assert now(loop).state == "full"
    token, _ = phone(loop, door)
    time.pass_(days=30)
    with loop.database.reading() as session:
        inside = doors.inside(session, loop, token, kind=doors.PHONE)
    later = ask_of(loop, inside)
    room.say(loop, later, inside, SERVICE, "open")
    assert now(loop).as_of == TODAY + timedelta(days=30)


def test_of_several_taps_on_one_page_the_last_counts(loop: Loop) -> None:
    door = an_owner(loop)
    ask = ask_of(loop, door.inside)
    for state, until in (("full", TODAY), ("open", None), ("full", TODAY), ("full", TODAY)):
        assert not room.say(loop, ask, door.inside, SERVICE, state, "", until)["waits"]
        assert now(loop).state == state
    with loop.database.reading() as session:
        said = session.scalars(select(AuditEvent.purpose).where(AuditEvent.object_type == room.TABLE)).all()
    assert said == ["full", "open", "full"]


def test_where_a_list_has_joined_anothers_row_it_waits_for_staff(loop: Loop) -> None:
    write(loop.database, a_draft(source_id="f902", name="Second Door"))
    theirs = service_id("facts", "f902")
    door = an_owner(loop, service_id=theirs)
    with loop.database.session() as session:
        session.get_one(Service, theirs).same_as_id = SERVICE
    for state, until in (("open", None), ("full", TODAY)):
        assert room.say(loop, ask_of(loop, door.inside), door.inside, theirs, state, "", until)["waits"]
    assert document(loop).capacity.state == ""
    assert open_tasks(loop) == [said_wrong.TASK]
    with loop.database.reading() as session:
        assert session.scalars(select(CapacityWord)).all() == []
        (told,) = said_wrong.told(session, loop, [SERVICE, theirs])
    assert told.room.startswith("Full")


@pytest.mark.parametrize(
    ("state", "band", "until"),
    [
        pytest.param("", "", None, id="nothing"),
        pytest.param("closed", "", None, id="no state of ours"),
        pytest.param("waiting_list", "", None, id="no band"),
        pytest.param("waiting_list", "w99", None, id="no band of ours"),
        pytest.param("full", "", None, id="no day"),
        pytest.param("full", "", TODAY - timedelta(days=1), id="a day that has passed"),
        pytest.param("full", "", TODAY + timedelta(days=400), id="a day far off"),
    ],
)
def test_what_cannot_be_is_not_kept(loop: Loop, state: str, band: str, until: date | None) -> None:
    door = an_owner(loop)
    with pytest.raises(BadInput):
        say(loop, door, state, band, until)
    assert now(loop) == room.Said()


@pytest.mark.parametrize("role", list(members.ROLES))
def test_everybody_of_the_partner_may_say_it_and_nobody_else(loop: Loop, role: str) -> None:
    say(loop, an_owner(loop, role=role), "open")
    with pytest.raises(NotFound):
        say(loop, a_partner(loop, OTHER), "full", until=TODAY)
    assert now(loop).state == "open"


def phone(loop: Loop, door: AtDoor) -> tuple[str, Inside]:
    """The cookie of a phone that was let in."""
    token = new_token()
    assert room.let_phone_in(loop, ask_of(loop, door.inside), door.inside, token)
    with loop.database.reading() as session:
        return token, doors.inside(session, loop, token, kind=doors.PHONE)


def test_a_phone_says_it_for_months_and_is_let_in_nowhere_else(loop: Loop, time: Time) -> None:
    token, inside = phone(loop, an_owner(loop))
    time.pass_(days=179)
    with loop.database.reading() as session:
        assert doors.inside(session, loop, token, kind=doors.PHONE).email == MORAG
        with pytest.raises(NotSignedIn):
            doors.inside(session, loop, token)
    with pytest.raises(Forbidden):
        room.let_phone_in(loop, ask_of(loop, inside), inside, new_token())
    time.pass_(days=1)
    with loop.database.reading() as session, pytest.raises(NotSignedIn):
        doors.inside(session, loop, token, kind=doors.PHONE)


def test_a_form_sent_twice_lets_one_phone_in(loop: Loop) -> None:
    door = an_owner(loop)
    ask, first, second = ask_of(loop, door.inside), new_token(), new_token()
    assert room.let_phone_in(loop, ask, door.inside, first)
    assert not room.let_phone_in(loop, ask, door.inside, second)
    with loop.database.reading() as session:
        assert room.phones(session, loop, door.inside, loop.clock()) == 1
        with pytest.raises(NotSignedIn):
            doors.inside(session, loop, second, kind=doors.PHONE)


def test_a_lost_phone_is_shut_out(loop: Loop) -> None:
    door = an_owner(loop)
    token, _ = phone(loop, door)
    room.shut_phones_out(loop, ask_of(loop, door.inside), door.inside)
    with loop.database.reading() as session:
        assert room.phones(session, loop, door.inside, loop.clock()) == 0
        with pytest.raises(NotSignedIn):
            doors.inside(session, loop, token, kind=doors.PHONE)


def test_a_phone_of_somebody_who_left_says_nothing(loop: Loop, time: Time) -> None:
    partner_id = keeps(loop, MORAG)
    _, inside = phone(loop, a_partner(loop))
    with loop.database.session() as session:
        for row in session.scalars(select(PartnerMember).where(PartnerMember.partner_id == partner_id)):
            row.left_at = time()
    with pytest.raises(NotFound):
        room.say(loop, ask_of(loop, inside), inside, SERVICE, "open")
