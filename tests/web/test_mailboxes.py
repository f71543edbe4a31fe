"""The page of a service's mailbox: from a proposal by one to an address that two people and a call have proved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory import runtime
from directory.referrals import mailboxes
from directory.referrals.loop import Loop, new_key
from tests.directory.referrals.builders import SERVICE, SUPERVISOR, Time, a_mailbox, ask
from tests.web.desk import Desk
from tests.web.mail_desk import a_mail_desk, hidden

PAGE = f"/staff/services/{SERVICE}/mailbox"
NEW = "intake@harbour.example"


@pytest.fixture
def made(installation: runtime.Runtime, tmp_path: Path) -> Iterator[tuple[Desk, Loop, Time]]:
    with a_mail_desk(installation, tmp_path) as found:
        yield found


def send(desk: Desk, role: str, act: str, where: str = "", **fields: str) -> tuple[int, str]:
    text = desk.web.get(PAGE, **desk.cookie(role)).text
    form = {"act": act, "key": new_key(), **fields}
    if act not in ("propose", "nonsense") and "mailbox" not in form:
        after = 'id="waits"' if 'id="waits"' in text else 'id="used"'
        form |= {"mailbox": hidden(text, "mailbox", after), "version": hidden(text, "version", after)}
    answer = desk.web.post(PAGE + where, form, **desk.cookie(role))
    return answer.status_code, answer.headers.get("location", answer.text)


def test_an_address_is_proposed_rung_and_approved_by_two(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    assert "No address is proved" in desk.web.get(PAGE, **desk.cookie("worker")).text
    assert send(desk, "worker", "propose", email=NEW, terms="2026-11-01")[1] == f"{PAGE}?done=propose"
    assert "must be rung" in desk.web.get(PAGE, **desk.cookie("worker")).text
    assert send(desk, "worker", "called", number_found_at="Their own website")[1] == f"{PAGE}?done=called"
    assert send(desk, "supervisor", "approve", "/decide")[1] == f"{PAGE}?done=first"
    text = desk.web.get(PAGE, **desk.cookie("supervisor")).text
    assert "Approve this address" not in text
    assert "Somebody else must look at it" in text
    assert send(desk, "editor", "approve", "/decide")[1] == f"{PAGE}?done=verified"
    text = desk.web.get(PAGE, **desk.cookie("worker")).text
    assert NEW in text
    assert "It may be used from 26 November 2026" in text
    assert "Ann Supervisor and Ann Editor" in text
    with loop.database.reading() as session:
        assert mailboxes.current(session, SERVICE) is not None


def test_the_same_person_cannot_approve_twice_even_without_the_button(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    send(desk, "worker", "propose", email=NEW)
    send(desk, "worker", "called", number_found_at="Their own website")
    send(desk, "supervisor", "approve", "/decide")
    status, text = send(desk, "supervisor", "approve", "/decide")
    assert status == 409
    assert "You have approved this address already" in text
    with loop.database.reading() as session:
        assert mailboxes.current(session, SERVICE) is None


def test_a_worker_cannot_approve_or_remove(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    a_mailbox(loop)
    text = desk.web.get(PAGE, **desk.cookie("worker")).text
    assert "Take it out of use" not in text
    for act in ("approve", "remove"):
        assert send(desk, "worker", act, "/decide")[0] == 403
    assert send(desk, "worker", "approve")[0] == 422


@pytest.mark.parametrize("role", ["analyst", "admin", "auditor", "liaison"])
def test_the_address_is_shown_to_nobody_who_does_not_need_it(made: tuple[Desk, Loop, Time], role: str) -> None:
    desk, loop, _ = made
    a_mailbox(loop)
    answer = desk.web.get(PAGE, **desk.cookie(role))
    assert answer.status_code == 403
    assert "harbour.example" not in answer.text


def test_a_proved_address_is_on_no_other_page_of_the_service(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    a_mailbox(loop)
    own = desk.web.get(f"/staff/services/{SERVICE}", **desk.cookie("worker")).text
    public = desk.web.get(f"/services/{SERVICE}.json").text
    assert "referrals@harbour.example" not in own + public
    assert PAGE in own
    assert PAGE not in desk.web.get(f"/staff/services/{SERVICE}", **desk.cookie("analyst")).text


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        pytest.param("propose", {"email": "nobody"}, "not a usable e-mail address", id="no address"),
        pytest.param("propose", {"email": NEW, "terms": "soon"}, "That is not a day", id="no day"),
        pytest.param("nonsense", {}, "There is no such button", id="no button"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(
    made: tuple[Desk, Loop, Time], act: str, fields: dict[str, str], said: str
) -> None:
    desk, _, _ = made
    status, text = send(desk, "worker", act, **fields)
    assert status == 422
    assert said in text
    assert "<title>Error: " in text
    assert all(f'value="{value}"' in text for value in fields.values())


def test_a_call_without_a_source_for_the_number_is_not_kept(made: tuple[Desk, Loop, Time]) -> None:
    desk, _, _ = made
    send(desk, "worker", "propose", email=NEW)
    status, text = send(desk, "worker", "called", number_found_at=" ")
    assert status == 422
    assert "Say where you found the number" in text


def test_what_somebody_else_changed_meanwhile_is_not_approved(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    send(desk, "worker", "propose", email=NEW)
    send(desk, "worker", "called", number_found_at="Their own website")
    with loop.database.reading() as session:
        own = mailboxes.proposed(session, SERVICE)
        assert own is not None
    mailboxes.called_back(loop, ask(loop, SUPERVISOR), own.id, "Another page")
    status, text = send(desk, "supervisor", "approve", "/decide", mailbox=own.id, version=str(own.version))
    assert status == 409
    assert "Somebody else changed this meanwhile" in text


def test_a_service_that_is_not_there_has_no_page(made: tuple[Desk, Loop, Time]) -> None:
    desk, _, _ = made
    for own in ("00000000-0000-4000-8000-000000000000", "nonsense"):
        assert desk.web.get(f"/staff/services/{own}/mailbox", **desk.cookie("worker")).status_code == 404
