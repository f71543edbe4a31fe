"""The administration's pages: what stands, what may be changed by whom, and every mistake beside its field."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from directory import runtime
from directory.referrals import case_blocks, live_versions, switches, wording_versions
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop, new_key
from directory.referrals.tables import AuditEvent, Case
from tests.directory.referrals.builders import SUPERVISOR, Time, a_case, a_mailbox, ask
from tests.directory.referrals.mail_builders import a_sent, queued
from tests.web.desk import Desk
from tests.web.mail_desk import a_mail_desk, hidden
from web import admin

HOME = "/staff/admin"
PAGES = ("", "/settings", "/settings/silence", "/settings/versions", "/hours", "/wording", "/wording/referral",
         "/wording/agreement-refer", "/retention", "/keys")  # fmt: skip
OTHER_WORDS = {
    "subject": "Reference {reference}: something new for {organization}",
    "body": "Dear colleagues,\n\nplease look by {respond_by}: {link}\n\nThank you. {phone}\n",
}


@pytest.fixture
def made(installation: runtime.Runtime, tmp_path: Path) -> Iterator[tuple[Desk, Loop, Time]]:
    with a_mail_desk(installation, tmp_path) as found:
        yield found


@pytest.fixture
def desk(made: tuple[Desk, Loop, Time]) -> Desk:
    return made[0]


def get(desk: Desk, path: str, role: str = "admin") -> str:
    answer = desk.web.get(HOME + path, **desk.cookie(role))
    assert answer.status_code == 200, answer.text
    return answer.text


def send(desk: Desk, path: str, role: str = "admin", **form: str) -> tuple[int, str]:
    answer = desk.web.post(HOME + path, {"key": new_key(), **form}, **desk.cookie(role))
    return answer.status_code, answer.text


def purposes(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.running.database.reading() as session:
        return [(row.action, row.object_type, row.fields) for row in session.query(AuditEvent)]


def test_every_page_opens_for_an_administrator_and_for_nobody_without_a_part_in_it(desk: Desk) -> None:
    assert {page: "Running it" in get(desk, page) for page in (*PAGES, "/people")} == dict.fromkeys(
        (*PAGES, "/people"), True
    )
    for role in ("worker", "editor", "analyst", "liaison"):
        assert {desk.web.get(HOME + page, **desk.cookie(role)).status_code for page in PAGES} == {403}


def test_who_may_look_may_change_nothing(desk: Desk) -> None:
    for role in ("supervisor", "auditor"):
        assert "Put it in use" not in get(desk, "/settings/silence", role)
        assert send(desk, "/settings/sending", role, **{"sending-hold_minutes": "5"})[0] == 403
        assert send(desk, "/hours", role, **{"hours-first": "8"})[0] == 403
        assert desk.web.get(f"{HOME}/people", **desk.cookie(role)).status_code == 403


def test_a_setting_is_changed_and_in_use_at_once(desk: Desk) -> None:
    version = hidden(get(desk, "/settings/sending"), "version")
    assert send(desk, "/settings/sending", version=version, **{"sending-hold_minutes": "25"})[0] == 303
    assert desk.running.loop.policy.number("sending", "hold_minutes") == 25
    assert "from 10 to <strong>25" in get(desk, "/settings/versions")
    assert ("change", "live_setting", "sending.hold_minutes=10>25") in purposes(desk)


def test_trying_out_keeps_nothing_and_tells_what_would_be(desk: Desk) -> None:
    status, text = send(desk, "/settings/silence", act="try", version="0", **{"timers-acknowledge-routine": "1 day"})
    assert status == 200
    assert "They are not in use yet" in text
    assert "Wednesday" not in text
    assert "25 November 2026 11:00" in text  # the desk's Tuesday 24 November 11:00 and one working day
    assert live_versions.history(desk.running.loop, desk.running.file_rules)[0].number == 0


UNSAFE = (
    ("sending", "sending-hold_minutes", "999", "0 to 60 minutes"),
    ("sending", "sending-hold_minutes", "ten", "whole number"),
    ("silence", "timers-lapse-routine", "soon", "no length of time"),
    ("silence", "timers-lapse-routine", "3 days", "Warning with the next best doors"),
    ("evidence", "evidence-floor", "7", "8 to 50"),
)


def test_what_is_not_safe_is_refused_beside_its_field(desk: Desk) -> None:
    for group, field, typed, said in UNSAFE:
        status, text = send(desk, f"/settings/{group}", version="0", **{field: typed})
        assert status == 422
        assert f'href="#{field}"' in text
        assert f'value="{typed}"' in text
        assert said in text
    assert live_versions.history(desk.running.loop, desk.running.file_rules)[0].number == 0


def test_of_two_who_change_settings_the_second_is_told(desk: Desk) -> None:
    assert send(desk, "/settings/sending", version="0", **{"sending-hold_minutes": "25"})[0] == 303
    status, text = send(desk, "/settings/sending", version="0", **{"sending-chasers": "1"})
    assert status == 409
    assert "Somebody changed the settings meanwhile" in text
    assert 'value="1"' in text


def test_settings_are_taken_back_to_what_the_files_say(desk: Desk) -> None:
    send(desk, "/settings/sending", version="0", **{"sending-hold_minutes": "25"})
    assert send(desk, "/settings/versions", version="1", number="0")[0] == 303
    assert desk.running.loop.policy.number("sending", "hold_minutes") == 10
    assert send(desk, "/settings/versions", version="2", number="7")[0] == 404


def test_a_day_off_moves_what_is_due(desk: Desk) -> None:
    days = {"hours-holidays": "2026-11-25\r\n2026-11-26", "hours-first": "8"}
    status, text = send(desk, "/hours", act="try", version="0", **days)
    assert status == 200
    assert "<strong>1 December 2026 11:00" in text  # two working days, over two days off, a weekend and St Andrew
    assert send(desk, "/hours", version="0", **days)[0] == 303
    assert "2026-11-25\n2026-11-26" in get(desk, "/hours").replace("\r\n", "\n")
    assert "St. Andrew" in text or "Saint Andrew" in text


def test_words_wait_for_a_second_person(desk: Desk) -> None:
    assert send(desk, "/wording/referral", version="0", act="propose", **OTHER_WORDS)[0] == 303
    with desk.running.database.reading() as session:
        waiting = wording_versions.waiting(session)[0]
    assert "Somebody else must approve it" in get(desk, "/wording/referral")
    assert send(desk, f"/wording/referral/{waiting.id}", act="approve")[0] == 403
    assert desk.running.loop.texts.messages["referral"].subject.startswith("A message")
    assert send(desk, f"/wording/referral/{waiting.id}", "supervisor", act="approve")[0] == 303
    assert desk.running.loop.texts.messages["referral"].subject == OTHER_WORDS["subject"]
    assert "Version 1 is in use" in get(desk, "/wording/referral")


def test_words_that_tell_are_refused_beside_their_field(desk: Desk) -> None:
    told = OTHER_WORDS | {"subject": "A victim needs counselling"}
    status, text = send(desk, "/wording/referral", version="0", act="propose", **told)
    assert status == 422
    assert "“victim”" in text
    assert "“counselling”" in text
    assert "A victim needs counselling" in text


def test_a_preview_is_the_same_for_five_harms(desk: Desk) -> None:
    status, text = send(desk, "/wording/referral", version="0", act="look", **OTHER_WORDS)
    assert status == 200
    assert "The same bytes whatever happened" in text
    assert "Nothing is kept yet" in text


def test_retention_counts_first_and_asks_before_it_erases(desk: Desk) -> None:
    assert "What is kept no longer" in get(desk, "/retention", "auditor")
    assert send(desk, "/retention")[0] == 422
    assert send(desk, "/retention", sure="yes")[0] == 303
    assert send(desk, "/retention/hold", act="on")[0] == 303
    assert "A hold is set" in get(desk, "/retention")
    assert send(desk, "/retention/hold", "supervisor", act="off")[0] == 403
    with desk.running.database.reading() as session:
        assert switches.is_on(session, switches.HOLD)


def test_the_page_of_keys_shows_no_key_and_verifies_the_chain(desk: Desk) -> None:
    text = get(desk, "/keys")
    secret = desk.running.settings.key_file.read_text().split()[1]
    assert secret not in text
    assert "Nobody has verified it here yet" in text
    assert "are as they were sealed" in send(desk, "/keys")[1]
    assert "nothing was changed" in get(desk, "/keys")


def test_at_a_glance_tells_of_a_worker_that_never_ran_and_one_at_work(
    made: tuple[Desk, Loop, Time],
) -> None:
    from directory.referrals import sweeps

    desk, loop, time = made
    assert "Nothing has gone its rounds yet" in get(desk, "")
    with sweeps.claimed(loop, "seal", timedelta(seconds=5)):
        pass
    assert "at work" in get(desk, "")
    time.pass_(minutes=9)
    assert "Last at work" in get(desk, "")


def test_mail_is_counted_as_its_reader_may_know_of_it(made: tuple[Desk, Loop, Time]) -> None:
    desk, loop, _ = made
    case_id = a_case(loop)
    queued(loop, a_sent(loop, case_id=case_id, mailbox_id=a_mailbox(loop)))
    with loop.database.session() as session:
        case = session.get_one(Case, case_id)
        case_blocks.put(session, ask(loop, SUPERVISOR), case, desk.ids["admin"])
    told = {role: admin._mail(desk.running, Who(Actor.WORKER, desk.ids[role])) for role in ("admin", "auditor")}
    assert told["admin"] != told["auditor"]
    assert told["admin"].said in get(desk, "")
