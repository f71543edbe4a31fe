"""The page of mail: how it stands, what failed, the switch, and files where nothing leaves."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from directory import outgoing, runtime
from directory.referrals import sending, switches
from directory.referrals.loop import Loop, new_key
from tests.directory.mail_server import Box
from tests.directory.referrals.builders import Time
from tests.directory.referrals.mail_builders import a_sent, notice, queued, sent
from tests.web.desk import Desk
from tests.web.mail_desk import a_mail_desk

PAGE = "/staff/mail"


@pytest.fixture
def made(installation: runtime.Runtime, tmp_path: Path) -> Iterator[tuple[Desk, Loop, Time]]:
    with a_mail_desk(installation, tmp_path) as found:
        yield found


def page(desk: Desk, role: str = "supervisor", address: str = PAGE) -> str:
    return desk.web.get(address, **desk.cookie(role)).text


def press(desk: Desk, act: str, role: str = "supervisor", address: str = PAGE) -> int:
    return desk.web.post(address, {"act": act, "key": new_key()}, **desk.cookie(role)).status_code


def test_what_waits_is_listed_without_an_address(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    queued(loop, a_sent(loop))
    text = page(desk)
    assert "1 message waits" in text
    assert "Harbour Trust" in text
    assert "harbour.example" not in text


def test_the_switch_stops_all_mail_and_says_who_did(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    queued(loop, a_sent(loop))
    assert press(desk, "stop") == 303
    text = page(desk)
    assert "All mail is stopped" in text
    assert "Ann Supervisor" in text
    box = Box()
    assert sent(loop, box)[0].letters == 0
    assert press(desk, "start") == 303
    assert sent(loop, box)[0].letters == 1


@pytest.mark.parametrize("role", ["worker", "editor", "analyst", "liaison"])
def test_mail_is_for_those_who_answer_for_it(made: tuple[Desk, Loop, Time], role: str) -> None:
    desk, _, _ = made
    assert desk.web.get(PAGE, **desk.cookie(role)).status_code == 403


def test_an_auditor_sees_mail_and_cannot_stop_it(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    assert "Stop all mail" not in page(desk, "auditor")
    assert press(desk, "stop", "auditor") == 403
    with loop.database.reading() as session:
        assert not switches.is_on(session, switches.MAIL_STOPPED)


def test_a_button_that_is_not_there_changes_nothing(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    press(desk, "explode")
    with loop.database.reading() as session:
        assert not switches.is_on(session, switches.MAIL_STOPPED)


def test_a_message_that_is_late_is_an_alert(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, time = made
    queued(loop, a_sent(loop))
    time.pass_(minutes=14)
    assert "should have left" not in page(desk)
    time.pass_(minutes=1)
    assert "should have left 24 November 2026 11:00" in page(desk)


def test_what_failed_says_why_and_can_go_again(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    waiting = queued(loop, a_sent(loop))
    sent(loop, Box(rcpt=["550 no"]))
    assert "the mail server would not take it" in page(desk)
    assert press(desk, "", address=f"{PAGE}/{waiting}/again") == 303
    box = Box()
    sent(loop, box)
    assert len(box.letters) == 1
    assert notice(loop, waiting).refused == ""
    assert press(desk, "", address=f"{PAGE}/{waiting}/again") == 409
    assert press(desk, "", address=f"{PAGE}/999999/again") == 404


def test_messages_that_did_not_leave_can_be_read_as_they_would_have(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    waiting = queued(loop, a_sent(loop))
    chosen = desk.running.settings
    anyio.run(sending.drain, loop, outgoing.carrier(chosen))
    text = page(desk)
    assert "Nothing leaves: no mail server is set" in text
    name = f"20261124T110000-{notice(loop, waiting).message_id}.eml"
    assert f"/staff/mail/files/{name}" in text
    letter = page(desk, address=f"{PAGE}/files/{name}")
    assert f"{chosen.public_url}/r/" in letter
    assert "harbour.example" not in text + letter


@pytest.mark.parametrize("name", ["nothing.eml", "..%2Fkey", "20261124T110000-" + "a" * 32 + ".eml", "key"])
def test_no_other_file_can_be_read(made: tuple[Desk, Loop, Time], name: str) -> None:
    desk, _, _ = made
    assert desk.web.get(f"{PAGE}/files/{name}", **desk.cookie("supervisor")).status_code == 404


def test_no_files_are_shown_once_mail_leaves(installation: runtime.Runtime, tmp_path: Path) -> None:
    with a_mail_desk(installation, tmp_path) as (desk, _, _):
        from dataclasses import replace

        live = replace(desk.running.settings, mail_url="smtp://127.0.0.1:9?from=a@b.example", mail_live=True)
        desk.running.settings = live
        text = page(desk)
        assert "Mail leaves by 127.0.0.1" in text
        assert "Written to files" not in text
