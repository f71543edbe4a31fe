"""My work on its pages: counts that are their lists, several lines at once, and the team with who covers for whom."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from directory.referrals.lifecycle import State
from directory.referrals.tables import AuditEvent, Case, Task
from directory.runtime import Runtime
from tests.directory.referrals import builders
from tests.directory.referrals.work_builders import a_hand_in, a_reply, a_task
from tests.web.casework import Worker, a_workplace

ITEM = re.compile(r'name="item" value="([^"]+)"')


@pytest.fixture
def worker(installation: Runtime, tmp_path: Path) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path) as made:
        yield made


def supervisor(worker: Worker) -> Worker:
    return replace(worker, role="supervisor")


def a_referral(worker: Worker, state: State, role: str = "worker") -> str:
    own = worker.desk.ids[role]
    case_id = builders.a_case(worker.desk.running.loop, lead_worker=own)
    return builders.a_referral(worker.desk.running.loop, state, case_id=case_id, worker=own)


def lists(page: str) -> dict[str, int]:
    """Each list's count, by its name in the address."""
    found = re.findall(r'href="/staff/work\?list=(\w+)[^>]*>[^<]* <span class="subnav__count">(\d+)', page)
    return {name: int(count) for name, count in found}


def rows(page: str) -> int:
    return page.count('<th scope="row">')


def test_every_count_is_the_number_of_lines_behind_it(worker: Worker) -> None:
    loop = worker.desk.running.loop
    for state in (State.DECLINED, State.ACCEPTED, State.DRAFT, State.PAUSED, State.UNANSWERED):
        a_referral(worker, state)
    a_reply(loop, a_referral(worker, State.ACCEPTED))
    a_hand_in(loop)
    a_task(loop, "bounced", timedelta(days=-3))
    for address in ("/staff/work", "/staff/work?whose=all", "/staff/work?need=counselling&urgent=yes"):
        counts = lists(worker.get(address).text)
        assert len(counts) == 11
        for name, count in counts.items():
            page = worker.get(f"{address}{'&' if '?' in address else '?'}list={name}").text
            assert rows(page) == count, (address, name)
    assert lists(worker.get("/staff/work").text)["dispose"] == 2


def test_the_names_of_ones_own_cases_are_shown_and_written_down(worker: Worker) -> None:
    a_referral(worker, State.DECLINED)
    page = worker.get("/staff/work?list=dispose").text
    assert "Skye Example" in page
    assert "#doors" in page
    with worker.desk.running.database.reading() as session:
        line = session.scalars(select(AuditEvent).where(AuditEvent.action == "list")).one()
    assert (line.fields, line.actor_id) == ("name", worker.desk.ids["worker"])
    others = supervisor(worker).get("/staff/work?list=dispose&whose=all").text
    assert rows(others) == 1
    assert "Skye Example" not in others


def test_replies_are_looked_at_together(worker: Worker) -> None:
    for _ in range(3):
        a_reply(worker.desk.running.loop, a_referral(worker, State.ACCEPTED))
    page = worker.get("/staff/work?list=replies").text
    answer = several(worker, "/staff/work/do?list=replies", "seen", ITEM.findall(page))
    assert answer.headers["location"] == "/staff/work?list=replies&done=seen&n=3"
    page = worker.get(answer.headers["location"]).text
    assert "3 lines are looked at." in page
    assert "Every reply has been looked at." in page


def several(worker: Worker, path: str, what: str, ticked: list[str], **more: str) -> httpx.Response:
    return worker.post(path, what=what, item=ticked, key="k-several", **more)  # type: ignore[arg-type]


def test_what_fails_is_said_and_stays_ticked(worker: Worker) -> None:
    loop = worker.desk.running.loop
    first, second = (a_reply(loop, a_referral(worker, State.ACCEPTED)) for _ in range(2))
    ticked = ITEM.findall(worker.get("/staff/work?list=replies").text)
    with loop.database.session() as session:
        task = session.get_one(Task, second)
        session.get_one(builders.Referral, task.referral_id).version += 1
    answer = several(worker, "/staff/work/do?list=replies", "seen", ticked)
    assert answer.status_code == 409
    assert "The service has said something else since." in answer.text
    assert "1 line is looked at." in answer.text
    assert rows(answer.text) == 1
    assert f'value="{second}:2:' in answer.text
    assert 'id="tick-1" checked' in answer.text
    assert 'href="#tick-1"' in answer.text
    with loop.database.reading() as session:
        assert session.get_one(Task, first).done_at is not None
        assert session.get_one(Task, second).done_at is None


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"what": "seen"}, "Tick the lines that you mean.", id="nothing ticked"),
        pytest.param({"what": "withdraw", "item": "1:1:"}, "Choose what to do", id="nothing is withdrawn from here"),
        pytest.param({"what": "assign", "item": "1:1:"}, "Choose the colleague.", id="no colleague"),
        pytest.param({"what": "seen", "item": "nonsense"}, "cannot be done from the list", id="no form of ours"),
    ],
)
def test_a_press_that_says_nothing_changes_nothing(worker: Worker, form: dict[str, str], said: str) -> None:
    answer = worker.post("/staff/work/do?list=replies", key="k-none", **form)
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize("query", ["list=everything", "whose=<b>", "sort=name", "need=love", "page=x"])
def test_there_is_no_other_list(worker: Worker, query: str) -> None:
    assert worker.get(f"/staff/work?{query}").status_code == 422


def test_pages_tell_the_whole_number(worker: Worker) -> None:
    for _ in range(53):
        a_task(worker.desk.running.loop, "complaint", timedelta(days=-1))
    page = worker.get("/staff/work?list=overdue").text
    assert "Overdue: 53" in page
    assert rows(page) == 50
    assert rows(worker.get("/staff/work?list=overdue&page=2").text) == 3
    assert rows(worker.get("/staff/work?list=overdue&page=9").text) == 3


def test_an_empty_list_teaches(worker: Worker) -> None:
    page = worker.get("/staff/work?list=overdue").text
    assert "Nothing is overdue." in page
    assert "When a service stays silent it will stand here the day" in page


def test_a_task_is_done_once(worker: Worker) -> None:
    own = a_task(worker.desk.running.loop, "complaint")
    assert (
        worker.post(f"/staff/work/{own}/done?list=later", key="k-a")
        .headers["location"]
        .startswith("/staff/work?list=later")
    )
    assert worker.post(f"/staff/work/{own}/done", key="k-a").status_code == 303
    assert worker.post(f"/staff/work/{own}/done", key="k-b").status_code == 409


def test_a_supervisor_gives_lines_and_cases_to_a_colleague(worker: Worker) -> None:
    own, other = worker.desk.ids["worker"], worker.desk.ids["supervisor"]
    for _ in range(2):
        a_referral(worker, State.DECLINED)
    page = supervisor(worker).get(f"/staff/work?list=dispose&whose={own}").text
    answer = several(supervisor(worker), "/staff/work/do?list=dispose", "assign", ITEM.findall(page)[:1], to=other)
    assert answer.status_code == 303
    member = supervisor(worker).get(f"/staff/team/{own}").text
    assert "1 open case" in member
    given = supervisor(worker).post(f"/staff/team/{own}/give", item=ITEM.findall(member)[0], to=other, key="k-give")
    assert given.status_code == 303
    with worker.desk.running.database.reading() as session:
        assert set(session.scalars(select(Case.lead_worker))) == {other}
    assert several(worker, "/staff/work/do", "assign", ["0:1:" + "c" * 36], to=own).status_code == 409


def test_the_team_says_who_is_away_and_who_covers(worker: Worker) -> None:
    own, other = worker.desk.ids["worker"], worker.desk.ids["supervisor"]
    a_referral(worker, State.DECLINED)
    until = (worker.desk.now + timedelta(days=3)).date().isoformat()
    wrong = supervisor(worker).post(f"/staff/team/{own}/away", until="2020-01-01", by=other, key="k-away-0")
    assert wrong.status_code == 422
    assert 'value="2020-01-01"' in wrong.text
    supervisor(worker).post(f"/staff/team/{own}/away", until=until, by=other, key="k-away")
    page = supervisor(worker).get("/staff/team").text
    assert "away until 25 November 2026" in page
    mine = supervisor(worker).get("/staff/work?list=dispose").text
    assert "what waits for them stands here too" in mine
    assert rows(mine) == 1
    supervisor(worker).post(f"/staff/team/{own}/back", key="k-back")
    assert rows(supervisor(worker).get("/staff/work?list=dispose").text) == 0


def test_the_old_address_leads_here_and_the_team_is_for_supervisors(worker: Worker) -> None:
    assert worker.get("/staff/tasks").headers["location"] == "/staff/work"
    assert worker.get("/staff/team").status_code == 403
    assert supervisor(worker).get("/staff/team/nobody").status_code == 200
    assert supervisor(worker).get(f"/staff/team/{builders.WORKER.id}").status_code == 404


def test_a_record_that_was_checked_needs_no_check(worker: Worker) -> None:
    own = a_task(worker.desk.running.loop, "check_entry", service_id=builders.SERVICE)
    worker.post(f"/staff/services/{builders.SERVICE}/say", word="checked")
    with worker.desk.running.database.reading() as session:
        assert session.get_one(Task, own).done_by == worker.desk.ids["worker"]
