"""A worker's way through a case by its pages: opened, a service found, agreed to, sent; and every mistake said."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory import runtime
from directory.referrals import lifecycle
from directory.referrals.lifecycle import State
from directory.referrals.tables import AuditEvent, Case, Notice, Referral
from tests.directory.referrals import builders
from tests.web.casework import FORM, Worker, a_workplace
from web import case_actions, case_parts, referral_actions


@pytest.fixture
def worker(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path) as made:
        yield made


def hidden(page: str, name: str) -> str:
    """The first hidden field of this name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def test_a_case_is_opened_and_everything_said_is_there(worker: Worker) -> None:
    case_id = worker.open_case()
    page = "".join(worker.get(f"/staff/cases/{case_id}?part={part}").text for part in case_parts.PARTS)
    for said in ("Skye Example", "01632 960200", "12 to 15", "Fife", "Counselling", "Physical harm"):
        assert said.lower() in page.lower(), said
    assert "Battered by boys" not in page


def test_to_a_referral_that_is_sent(worker: Worker) -> None:
    case_id = worker.open_case()
    page = worker.get(f"/staff/cases/{case_id}").text
    need = re.search(rf"/staff/cases/{case_id}/needs/([0-9a-f-]+)", page)
    assert need is not None
    builders.a_mailbox(worker.desk.running.loop)
    doors = worker.get(need[0])
    assert doors.status_code == 200, doors.text
    assert "Harbour Counselling" in doors.text
    assert "Second Door" in doors.text
    assert "No proved mailbox" in doors.text
    answer = worker.post(
        f"/staff/cases/{case_id}/referrals",
        need_id=need[1],
        service_id=builders.SERVICE,
        urgency="weeks",
        key="k-draft",
    )
    path = answer.headers["location"].split("?")[0]
    page = worker.get(path).text
    assert "Ask, and write down the agreement" in page
    refused = worker.post(f"{path}/do/send", version=hidden(page, "version"), key="k-send-0")
    assert refused.status_code == 422
    assert "agree" in refused.text
    page = worker.get(f"{path}/agreement").text
    assert "Harbour Counselling" in page
    agreed = worker.post(
        f"{path}/agreement", given_by="self", capacity_basis="presumed_12_over", how="phone", wording_format="plain",
        purposes="refer|feedback", categories="identity|contact|need|access|risk_flag|notes", feedback="outcome",
        key="k-agree",
    )  # fmt: skip
    assert agreed.status_code == 303, agreed.text
    page = worker.get(path).text
    assert "Ready to send" in page, page
    assert "harbour.example" in page
    sent = worker.post(f"{path}/do/send", version=hidden(page, "version"), key="k-send")
    assert sent.status_code == 303, sent.text
    page = worker.get(path).text
    assert "sent, not opened yet" in page
    assert "Second Door" in page
    with worker.desk.running.database.reading() as session:
        assert session.scalars(select(Referral.state)).one() == State.SENT
        assert session.scalars(select(Notice.template)).all() == ["referral"]
        assert {"view", "create", "move", "link_issued"} <= set(session.scalars(select(AuditEvent.action)))
    again = worker.post(f"{path}/do/send", version="1", key="k-send-2")
    assert again.status_code == 409
    assert "sent, not opened yet" in again.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"needs": ""}, "What do they need help with?", id="no need"),
        pytest.param({"value": ""}, "How can they be reached safely?", id="no number"),
        pytest.param({"value": "call me"}, "not a phone number", id="no phone number"),
        pytest.param({"residence": "Nowhere at all"}, "Nowhere at all", id="unknown place"),
        pytest.param({"age": "1400"}, "age", id="impossible age"),
        pytest.param({"from_hour": "25"}, "not an hour", id="no hour"),
        pytest.param({"date_of_birth": "30 May"}, "no date", id="no date"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_lost(worker: Worker, changes: dict[str, str], said: str) -> None:
    answer = worker.post("/staff/cases", **(FORM | changes))
    assert answer.status_code == 422
    assert said in answer.text
    assert "Skye Example" in answer.text
    with worker.desk.running.database.reading() as session:
        assert session.scalars(select(Case)).all() == []


def test_every_event_of_a_worker_has_a_button() -> None:
    theirs = {event for event, move in lifecycle.TRANSITIONS.items() if move.actors & lifecycle.WORKERS}
    assert set(referral_actions.DO) == theirs
    assert set(referral_actions.DO) <= set(referral_actions.DONE)
    assert set(case_actions.DO) <= set(case_actions.DONE)


def test_every_button_of_a_case_belongs_to_one_part() -> None:
    owners = {
        action: [part for part, (_, own) in case_parts.PARTS.items() if action.startswith(own)]
        for action in case_actions.DO
    }
    assert {action: parts for action, parts in owners.items() if len(parts) != 1} == {}


def test_a_restricted_case_is_as_if_there_were_none(worker: Worker) -> None:
    case_id = worker.open_case(restricted="yes")
    with worker.desk.running.database.session() as session:
        case = session.get_one(Case, case_id)
        case.lead_worker = case.opened_by = builders.WORKER.id
        reference = case.reference
    assert worker.get(f"/staff/cases/{case_id}").status_code == 404
    assert reference not in worker.get("/staff/cases?whose=all").text
    assert reference not in worker.post("/staff/cases/find", words=reference).text.replace(f'value="{reference}"', "")
    assert replace(worker, role="supervisor").get(f"/staff/cases/{case_id}").status_code == 200


def test_the_way_back_is_on_the_list(worker: Worker) -> None:
    case_id = worker.open_case()
    page = worker.get("/staff/work").text
    assert "Nobody looks after this need" in page
    worker.desk.now += timedelta(days=3)
    assert "2 days 3 hours overdue" in worker.get("/staff/work").text
    assert worker.get(f"/staff/cases/{case_id}").status_code == 200


def test_nobody_else_sees_cases(worker: Worker) -> None:
    case_id = worker.open_case()
    for role in ("editor", "analyst", "admin", "auditor", "liaison"):
        assert replace(worker, role=role).get(f"/staff/cases/{case_id}").status_code == 403


def test_a_liaison_sees_agencies_references_and_nobodys_name(worker: Worker) -> None:
    case_id = worker.open_case()
    worker.post(f"/staff/cases/{case_id}/do/agency", agency="scra", theirs="R-77", key="k-agency")
    liaison = replace(worker, role="liaison")
    listed = liaison.get("/staff/agencies")
    (ours,) = re.findall(r'href="(/staff/agencies/\w+)"', listed.text)
    for page in (listed, liaison.get(ours)):
        assert page.status_code == 200
        assert "Skye" not in page.text


def test_a_worker_opens_a_case_from_a_match_and_nobody_else_is_asked_to(worker: Worker) -> None:
    said = {"text": "14 year old battered in Methil, wants to talk", "residence": "Methil"}
    page = worker.post("/match", **said).text
    assert "Open a case from this" in page
    assert "Open a case from this" not in worker.desk.web.post("/match", said).text
    form = worker.post("/staff/cases/new", **said).text
    assert 'value="14"' in form
    assert "Physical harm" in form


def test_a_passphrase_guards_what_is_opened_again_by_phone(worker: Worker) -> None:
    case_id = worker.open_case()
    page = worker.get(f"/staff/cases/{case_id}").text
    need = re.search(rf"/staff/cases/{case_id}/needs/([0-9a-f-]+)", page)
    assert need is not None
    worker.post(f"/staff/cases/{case_id}/do/passphrase", words="four wise owls", key="k-phrase", version="1")
    worker.post(f"/staff/cases/{case_id}/do/need-met", id=need[1], key="k-met")
    back = f"/staff/cases/{case_id}/do/need-back"
    refused = worker.post(back, id=need[1], passphrase="four wise cats", key="k-back-1")
    assert refused.status_code == 403
    assert "cannot be done on this call" in refused.text
    assert worker.post(back, id=need[1], key="k-back-2").status_code == 403
    assert worker.post(back, id=need[1], passphrase="Four wise owls!", key="k-back-3").status_code == 303


def test_facts_are_put_right(worker: Worker) -> None:
    case_id = worker.open_case()
    page = worker.get(f"/staff/cases/{case_id}?part=about").text
    version = re.search(r'do/facts".*?name="version" value="(\d+)"', page, re.DOTALL)
    assert version is not None
    said = {"age_band": "16_17", "harmed_by_under_12": "yes", "safety_flag": "yes", "key": "k-facts"}
    assert worker.post(f"/staff/cases/{case_id}/do/facts", **said, version=version[1]).status_code == 303
    page = worker.get(f"/staff/cases/{case_id}").text
    assert "The child who harmed</dt><dd>under 12" in page
    assert "Care is needed" in page
    stale = worker.post(f"/staff/cases/{case_id}/do/facts", **(said | {"key": "k-facts-2"}), version=version[1])
    assert stale.status_code == 409
