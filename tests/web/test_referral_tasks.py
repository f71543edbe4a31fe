"""A referral written by its list: nothing asked twice, everything to put right said at once, sent, and taken back."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory import runtime
from directory.referrals import sending_guards
from directory.referrals.lifecycle import State
from directory.referrals.tables import Need
from tests.directory.referrals import builders
from tests.directory.referrals.builders import SERVICE
from tests.web.casework import Worker, a_workplace
from tests.web.mail_desk import hidden
from web.referral_tasks import TASK_OF

AGREED = {
    "given_by": "self", "capacity_basis": "presumed_12_over", "how": "phone", "wording_format": "plain",
    "purposes": "refer|feedback", "feedback": "outcome",
    "categories": "identity|contact|need|access|risk_flag|notes",
}  # fmt: skip


@pytest.fixture
def worker(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path) as made:
        yield made


def a_draft(worker: Worker, agreed: bool = False, mailbox: bool = True) -> str:
    """The address of a referral that is being written."""
    case_id = worker.open_case()
    loop = worker.desk.running.loop
    with loop.database.reading() as session:
        need_id = session.scalars(select(Need.id)).one()
    if mailbox:
        builders.a_mailbox(loop)
    if agreed:
        builders.an_agreement(loop, case_id)
    answer = worker.post(f"/staff/cases/{case_id}/referrals", need_id=need_id, service_id=SERVICE, key="k-draft")
    return str(answer.headers["location"].split("?")[0])


def statuses(page: str) -> dict[str, str]:
    """Each task of the list, and how it stands."""
    rows = re.findall(
        r'task-list__row"><div><a[^>]*>([^<]+)</a>.*?task-list__status"[^>]*>(.*?)</div>', page, re.DOTALL
    )
    return {title: re.sub(r"<[^>]+>", "", status).strip() for title, status in rows}


def focused(page: str) -> str:
    """The words of what has the focus when the page comes."""
    found = re.search(r"<(?:a|button|input)[^>]* autofocus[^>]*>([^<]*)", page)
    assert found is not None, page
    return found[1]


def test_every_rule_of_sending_is_put_right_somewhere() -> None:
    assert set(TASK_OF) == set(sending_guards.RULES)


def test_what_is_missing_is_said_at_once_and_the_first_of_it_is_next(worker: Worker) -> None:
    page = worker.get(a_draft(worker, mailbox=False)).text
    assert statuses(page) == {
        "Service and need": "Must be put right",
        "What the person agrees to": "Not started",
        "What the service will be told": "Not started",
        "How the person is reached safely": "Done",
        "How soon, and notes": "Done",
    }
    assert "2 things must be put right first" in page
    assert "Its mailbox for referrals" in page
    assert "Phone, 9:00 to 17:00" in page


def test_with_everything_known_two_presses_send_it(worker: Worker) -> None:
    path = a_draft(worker, agreed=True)
    page = worker.get(path).text
    assert set(statuses(page).values()) == {"Done"}
    assert focused(page) == "Check answers and send"
    page = worker.get(f"{path}/check").text
    assert focused(page) == "Send it"
    for said in (
        "Harbour Counselling",
        "Harbour Trust",
        "Counselling service",
        "Fife",
        "harbour.example",
        "Counselling",
    ):
        assert said in page
    assert "referrals@" not in page
    assert "contactSCOTLAND-BSL" in page
    sent = worker.post(f"{path}/do/send", version=hidden(page, "version"), key="k-send")
    page = worker.get(sent.headers["location"]).text
    assert re.search(r"Sent: reference <strong[^>]*>[A-Z]{2}\d{4}[A-Z]{2}<", page)
    assert "22 November 2026 12:10" in page
    assert "for 10 minutes" in page
    assert focused(page) == "Back to the case"


def test_it_is_taken_back_until_the_time_that_is_said_and_not_after(worker: Worker) -> None:
    path = a_draft(worker, agreed=True)
    for number, (passed, said) in enumerate([(9, "It is a draft again"), (11, "has left already")]):
        version = hidden(worker.get(path).text, "version")
        worker.post(f"{path}/do/send", version=version, key=f"k-send-{number}")
        page = worker.get(path).text
        version = hidden(page, "version", "do/recall")
        worker.desk.now += timedelta(minutes=passed)
        if passed > 10:
            assert "Take it back" not in worker.get(path).text
        answer = worker.post(f"{path}/do/recall", version=version, key=f"k-back-{number}")
        told = worker.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text
        assert said in told


def test_an_urgent_one_says_that_it_went_at_once(worker: Worker) -> None:
    path = a_draft(worker, agreed=True)
    version = hidden(worker.get(f"{path}/details").text, "version")
    worker.post(f"{path}/save", urgency="days", version=version, key="k-save")
    page = worker.get(f"{path}/check").text
    assert "leaves at once" in page
    sent = worker.post(f"{path}/do/send", version=hidden(page, "version"), key="k-send")
    page = worker.get(sent.headers["location"]).text
    assert "It went at once" in page
    assert "Take it back" not in page


def test_what_the_service_will_be_told_is_exactly_what_the_tiers_and_the_agreement_allow(worker: Worker) -> None:
    path = a_draft(worker)
    page = worker.get(f"{path}/told").text.partition("<h1")[2]
    assert "the person has not agreed" in page
    assert "Skye Example" not in page
    worker.post(f"{path}/agreement", **AGREED | {"categories": "identity|contact|need"}, key="k-agree")
    before, _, after = worker.get(f"{path}/told").text.partition("<h1")[2].partition("Once it accepts")
    assert "12 to 15" in before
    assert "Safety flag" not in before + after
    assert "Skye Example" not in before
    assert "Skye Example" in after
    assert "01632 960200" in after


def test_the_agreement_begins_with_what_is_known_and_the_words_are_read_first(worker: Worker) -> None:
    path = a_draft(worker)
    page = worker.get(f"{path}/agreement").text
    assert re.search(r'<option value="presumed_12_over" selected', page)
    assert focused(page).strip() == "I read this to them, and they said yes"
    shown = worker.post(f"{path}/agreement", **AGREED | {"wording_format": "easy_read"}, show="yes", key="k-show").text
    assert "Is this OK?" in shown
    kept = worker.post(f"{path}/agreement", **AGREED, key="k-agree")
    assert worker.get(kept.headers["location"]).status_code == 200
    assert statuses(worker.get(path).text)["What the person agrees to"] == "Done"


def test_a_second_referral_of_the_same_person_asks_only_for_the_new_yes(worker: Worker) -> None:
    path = a_draft(worker, agreed=True)
    loop = worker.desk.running.loop
    row = builders.referral(loop, path.rpartition("/")[2])
    said = {"urgency": "weeks", "notes": "Likes to be rung after school.", "version": "1", "key": "k-save"}
    worker.post(f"{path}/save", **said)
    second = builders.a_referral(loop, State.DRAFT, case_id=row.case_id, need_id=row.need_id, service_id=SERVICE)
    page = worker.get(f"/staff/referrals/{second}/details").text
    assert "Likes to be rung after school." in page
    used = worker.post(f"/staff/referrals/{second}/save", urgency="days", use=row.id, version="1", key="k-use").text
    assert re.search(r"<textarea[^>]*>\s*Likes to be rung after school\.", used)
    assert 'value="days" selected' in used


def test_writing_to_the_same_service_again_goes_on_with_the_draft(worker: Worker) -> None:
    path = a_draft(worker)
    row = builders.referral(worker.desk.running.loop, path.rpartition("/")[2])
    again = worker.post(
        f"/staff/cases/{row.case_id}/referrals", need_id=row.need_id, service_id=SERVICE, key="k-draft-2"
    )
    assert again.headers["location"].startswith(path)


def test_a_call_that_was_noted_stays_noted_when_it_is_saved_again(worker: Worker) -> None:
    path = a_draft(worker, agreed=True)
    said = {"urgency": "now", "phone_hand_over_at": "2026-11-22T11:30", "key": "k-save-1", "version": "1"}
    worker.post(f"{path}/save", **said)
    page = worker.get(f"{path}/details").text
    assert 'value="2026-11-22T11:30"' in page


def test_how_they_are_reached_is_shown_and_can_be_changed_there(worker: Worker) -> None:
    path = a_draft(worker, agreed=True)
    page = worker.get(f"{path}/contact").text
    assert "01632 960200" in page
    assert focused(page) == "It is still right: return"
    wrong = {"channel": "phone", "value": "ring me", "voicemail": "never", "from_hour": "9", "until_hour": "17"}
    refused = worker.post(f"{path}/contact", **wrong, key="k-wrong")
    assert refused.status_code == 422
    assert 'value="ring me"' in refused.text
    kept = worker.post(f"{path}/contact", **wrong | {"value": "01632 960201"}, who_must_not_know="Bilby", key="k-right")
    assert "done=contact" in kept.headers["location"]
    assert "Must not know:</strong> Bilby" in worker.get(f"{path}/contact").text
    worker.post(f"{path}/contact", **wrong | {"channel": "none", "value": ""}, key="k-none")
    page = worker.get(path).text
    assert statuses(page)["How the person is reached safely"] == "Must be put right"
    assert "wants nobody to contact them" in page


def test_pages_of_a_draft_are_closed_once_it_was_sent(worker: Worker) -> None:
    path = a_draft(worker, agreed=True)
    worker.post(f"{path}/do/send", version=hidden(worker.get(path).text, "version"), key="k-send")
    for page in ("check", "told", "details", "contact"):
        answer = worker.get(f"{path}/{page}")
        assert answer.status_code == 409
        assert "no draft any more" in answer.text
