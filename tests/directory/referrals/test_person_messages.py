"""Writing to the person: only as they allowed, the same bytes whoever they are, a signpost for each service told of."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import select

from directory.errors import BadInput, Conflict, Forbidden, WaymarkError
from directory.mail import Files, Letter, message
from directory.referrals import exclusions, person_messages, safe_contacts, sending, shortlists, switches
from directory.referrals.loop import Loop
from directory.referrals.person_messages import MessageSaid
from directory.referrals.safe_contacts import Wish
from directory.referrals.sending import Drained, Outgoing
from directory.referrals.shortlist_tables import PersonMessage
from directory.referrals.tables import Notice, Signpost
from directory.tables import Service
from tests.directory.referrals.builders import SERVICE, Time, a_case, a_loop, a_need, ask
from tests.directory.referrals.case_builders import happened, looking, tasks
from tests.directory.referrals.mail_builders import PUBLIC

BY_MAIL = Wish("email", "skye@person.example")
BY_TEXT = Wish("text", "07700 900123")
BY_PHONE = Wish("phone", "01632 960200", may_text=True)
LINKS = MessageSaid("email", (SERVICE,))
RING_US = MessageSaid("email")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def a_person(loop: Loop, wish: Wish = BY_MAIL) -> str:
    """A case of somebody with one service on the short list of one need."""
    case_id = a_case(loop)
    safe_contacts.set_(loop, ask(loop), case_id, wish)
    shortlists.add(loop, ask(loop), case_id, a_need(loop, case_id), SERVICE)
    return case_id


def send(loop: Loop, case_id: str, said: MessageSaid = LINKS, texts: bool = True) -> dict[str, Any]:
    return person_messages.send(loop, ask(loop), case_id, said, texts)


class Carrier:
    """Keeps what it is handed."""

    leaves = True

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def hand_over(self, letter: Letter) -> None:
        self.letters.append(letter)

    async def close(self) -> None:
        """Nothing is open."""


def drained(loop: Loop, texter: Carrier | None = None) -> tuple[Carrier, Drained]:
    carrier = Carrier()
    return carrier, anyio.run(sending.drain, loop, Outgoing(carrier, PUBLIC, texter))


def test_what_they_asked_for_leaves_and_is_a_signpost(loop: Loop) -> None:
    case_id = a_person(loop)
    day = loop.clock().date() + timedelta(days=7)
    send(loop, case_id, MessageSaid("email", (SERVICE,), day))
    carrier, _ = drained(loop)
    assert [(each.to, each.subject) for each in carrier.letters] == [("skye@person.example", "As we agreed")]
    assert f"{PUBLIC}/services/{SERVICE}" in carrier.letters[0].body
    with looking(loop) as session:
        assert [(row.service_id, row.ask_on) for row in session.scalars(select(Signpost))] == [(SERVICE, day)]
    assert happened(loop, case_id)[-3:] == ["person_message.send", "signpost.give", "need.refresh"]


def test_ring_us_alone_tells_of_no_service_and_is_no_signpost(loop: Loop) -> None:
    case_id = a_person(loop)
    assert send(loop, case_id, RING_US)["signposts"] == 0
    body = drained(loop)[0].letters[0].body
    assert "/services/" not in body
    assert "01632 960100" in body
    assert "signpost.give" not in happened(loop, case_id)


@pytest.mark.parametrize("wish", [BY_TEXT, BY_PHONE], ids=["by text", "by phone, and a text is safe"])
def test_a_text_goes_by_whoever_carries_texts(loop: Loop, wish: Wish) -> None:
    send(loop, a_person(loop, wish), MessageSaid("text", (SERVICE,)))
    texter = Carrier()
    carrier, _ = drained(loop, texter)
    assert carrier.letters == []
    assert [(each.to, each.by_text) for each in texter.letters] == [(wish.value, True)]
    assert len(texter.letters[0].body) < 200


def test_a_text_that_nobody_carries_any_more_is_refused_and_a_worker_asked(loop: Loop) -> None:
    case_id = a_person(loop, BY_TEXT)
    send(loop, case_id, MessageSaid("text"))
    carrier, done = drained(loop)
    assert (carrier.letters, done.reasons) == ([], {"no_texts": 1})
    assert len(tasks(loop, "check_contact", case_id)) == 1


@pytest.mark.parametrize(
    ("wish", "said", "why"),
    [
        pytest.param(Wish("none"), RING_US, "asked not to be contacted", id="do not contact"),
        pytest.param(Wish("phone", "01632 960200"), RING_US, "only so: phone", id="another channel"),
        pytest.param(Wish("phone", "01632 960200"), MessageSaid("text"), "only so: phone", id="no text to that phone"),
        pytest.param(Wish("email", "s@p.example", 18, 20), RING_US, "18:00 to 20:00", id="another hour"),
        pytest.param(Wish("email", "s@p.example", days="MO"), RING_US, "day of the week", id="another day"),
    ],
)
def test_whom_the_rule_silences_is_not_written_to_and_the_reason_is_said(
    loop: Loop, wish: Wish, said: MessageSaid, why: str
) -> None:
    case_id = a_person(loop, wish)
    with pytest.raises(Forbidden, match=why):
        send(loop, case_id, said)
    with looking(loop) as session:
        assert session.scalars(select(Notice)).all() == []


def test_texts_that_are_not_set_up_are_not_offered(loop: Loop) -> None:
    with pytest.raises(Forbidden, match="not set up"):
        send(loop, a_person(loop, BY_TEXT), MessageSaid("text"), texts=False)


def test_where_somebody_must_not_know_it_is_asked_first(loop: Loop) -> None:
    case_id = a_person(loop, Wish("email", "skye@person.example", who_must_not_know="their brother"))
    with pytest.raises(BadInput, match="Somebody must not know") as refused:
        send(loop, case_id)
    assert refused.value.field == "nobody_else_reads"
    assert "brother" not in str(refused.value)
    send(loop, case_id, MessageSaid("email", (SERVICE,), nobody_else_reads=True))


def taken_off(loop: Loop, case_id: str) -> None:
    with looking(loop) as session:
        need_id = shortlists.listed(session, case_id)[0].need_id
    shortlists.remove(loop, ask(loop), case_id, need_id, SERVICE)


def named_unsafe(loop: Loop, case_id: str) -> None:
    exclusions.add(loop, ask(loop), case_id, service_id=SERVICE)


def closed(loop: Loop, case_id: str) -> None:
    with loop.database.session() as session:
        session.get_one(Service, SERVICE).status = "defunct"


def mail_stopped(loop: Loop, case_id: str) -> None:
    switches.turn(loop, ask(loop), switches.MAIL_STOPPED, True)


@pytest.mark.parametrize(
    ("before", "error"),
    [(taken_off, BadInput), (named_unsafe, BadInput), (closed, BadInput), (mail_stopped, Conflict)],
)
def test_what_must_not_be_told_of_is_refused(loop: Loop, before: Any, error: type[WaymarkError]) -> None:
    case_id = a_person(loop)
    before(loop, case_id)
    with pytest.raises(error):
        send(loop, case_id)
    with looking(loop) as session:
        assert session.scalars(select(PersonMessage)).all() == []


def silenced(loop: Loop, case_id: str, time: Time) -> None:
    safe_contacts.set_(loop, ask(loop), case_id, Wish("none"))


def excluded(loop: Loop, case_id: str, time: Time) -> None:
    named_unsafe(loop, case_id)


def late(loop: Loop, case_id: str, time: Time) -> None:
    time.pass_(hours=9)


@pytest.mark.parametrize(("between", "why"), [(silenced, {"silenced": 1}), (excluded, {"excluded": 1}), (late, {})])
def test_all_of_it_is_asked_again_when_it_leaves(loop: Loop, time: Time, between: Any, why: dict[str, int]) -> None:
    case_id = a_person(loop)
    send(loop, case_id)
    between(loop, case_id, time)
    carrier, done = drained(loop)
    assert (carrier.letters, done.reasons) == ([], why)


@pytest.mark.parametrize("said", [LINKS, RING_US, MessageSaid("text", (SERVICE,)), MessageSaid("text")])
def test_the_bytes_are_the_same_whoever_they_are_and_whatever_was_done_to_them(loop: Loop, said: MessageSaid) -> None:
    seen = set()
    wish = BY_MAIL if said.channel == "email" else BY_TEXT
    for harm, need in (("sexual_harm", "counselling"), ("threats", "housing"), ("bullying", "advocacy")):
        case_id = a_case(loop, name=f"Skye {harm}", harms=harm, relation="witness" if harm == "threats" else "")
        safe_contacts.set_(loop, ask(loop), case_id, wish)
        shortlists.add(loop, ask(loop), case_id, a_need(loop, case_id, need), SERVICE)
        with loop.database.session() as session:
            session.get_one(Service, SERVICE).name = f"{harm} {need} service"
        send(loop, case_id, said)
        texter = Carrier()
        carrier, _ = drained(loop, texter)
        letter = (carrier.letters + texter.letters)[0]
        seen.add(bytes(message(Letter(letter.to, letter.subject, letter.body, "0" * 32, letter.at), "m@spoc.example")))
    assert len(seen) == 1


def test_the_words_of_a_message_with_links(loop: Loop) -> None:
    send(loop, a_person(loop))
    assert drained(loop)[0].letters[0].body == (
        "Hello,\n\nYou asked us to write this down for you:\n\n"
        f"{PUBLIC}/services/{SERVICE}\n\n"
        "If there is anything you would like to ask or tell us, ring 01632 960100.\n\n"
        "You need not do anything. If you would rather not hear from us like this, tell us, and we will stop.\n"
    )


def test_a_persons_number_stands_in_no_file(loop: Loop, tmp_path: Path) -> None:
    send(loop, a_person(loop, BY_TEXT), MessageSaid("text"))
    files = Files(tmp_path / "mail")
    anyio.run(sending.drain, loop, Outgoing(files, PUBLIC, files))
    written = [file.read_text() for file in (tmp_path / "mail").iterdir()]
    assert len(written) == 1
    assert "900123" not in written[0].replace(" ", "")
