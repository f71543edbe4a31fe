"""Opening a case that is not one's own, who works on it, from whom it is kept: through the pages, scripts off."""

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from sqlalchemy import select

from directory import runtime
from directory.accounts import actions
from directory.referrals.access_tables import CaseBlock, CaseLook
from directory.referrals.tables import AuditEvent, Case, Need, Referral
from tests.directory.referrals.builders import SERVICE, a_mailbox
from tests.web.casework import Worker, a_workplace
from tests.web.desk import ROLES

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture(scope="module")
def worker(installation: runtime.Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path_factory.mktemp("access")) as made:
        made.desk.cookie("worker")
        made.desk.ids["colleague"] = made.desk.ids["editor"]  # an editor who has become a worker
        actions.set_roles(made.desk.running.database, "editor@example.org", ["worker"])
        yield made


@pytest.fixture
def colleague(worker: Worker) -> "Signed":
    return Signed(worker, "colleague")


class Signed:
    """Somebody in one session of their own."""

    def __init__(self, worker: Worker, role: str) -> None:
        self.desk, self.cookie = worker.desk, worker.desk.cookie(role)

    def get(self, path: str) -> httpx.Response:
        return self.desk.web.get(path, **self.cookie)

    def post(self, path: str, **form: str) -> httpx.Response:
        return self.desk.web.post(path, form, **self.cookie)


def case(worker: Worker, case_id: str) -> Case:
    with worker.desk.running.database.reading() as session:
        return session.get_one(Case, case_id)


def test_a_case_that_is_not_ones_own_is_opened_with_a_reason(worker: Worker, colleague: Signed) -> None:
    own = worker.open_case(key="why-1", name="Skye Bandicoot")
    asked = colleague.get(f"/staff/cases/{own}?part=contact")
    assert (asked.status_code, case(worker, own).reference in asked.text) == (403, True)
    assert "Bandicoot" not in asked.text
    assert "01632" not in asked.text

    wrong = colleague.post(f"/staff/cases/{own}/why", **dict(HIDDEN.findall(asked.text)), purpose="other", line="")
    assert (wrong.status_code, "Say in a few words what it is" in wrong.text) == (422, True)
    form = dict(HIDDEN.findall(wrong.text)) | {"purpose": "call", "line": ""}
    answer = colleague.post(f"/staff/cases/{own}/why", **form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/cases/{own}")
    assert "Bandicoot" in colleague.get(answer.headers["location"]).text

    assert "The person or a service is on the phone" in worker.get(f"/staff/cases/{own}?part=people").text
    report = Signed(worker, "auditor").get("/staff/look-ups").text
    assert "The person or a service is on the phone" in report
    assert Signed(worker, "colleague").get(f"/staff/cases/{own}").status_code == 403  # another session of theirs


def test_a_sheet_and_a_match_on_anothers_case_are_looks_at_it(worker: Worker, colleague: Signed) -> None:
    own = worker.open_case(key="why-look")
    colleague.post(f"/staff/cases/{own}/why", purpose="cover", key="why-look-2")
    with worker.desk.running.database.reading() as session:
        need = session.scalars(select(Need.id).where(Need.case_id == own)).first()
    for path in (f"/staff/cases/{own}/sheet", f"/staff/cases/{own}/needs/{need}"):
        assert colleague.get(path).status_code == 200
    with worker.desk.running.database.reading() as session:
        lines = session.execute(
            select(AuditEvent.action, AuditEvent.fields).where(
                AuditEvent.purpose == "cover", AuditEvent.object_id.in_([own, need])
            )
        )
        assert {(action, fields.partition("|")[0]) for action, fields in lines} >= {
            ("print", "sheet"),
            ("view", "match"),
        }


def test_a_form_sent_without_a_reason_says_that_it_was_not_kept(worker: Worker, colleague: Signed) -> None:
    own = worker.open_case(key="why-2")
    answer = colleague.post(f"/staff/cases/{own}/do/exclude", named="Mr Potoroo", key="why-2-x")
    assert (answer.status_code, "What you sent was not kept" in answer.text) == (403, True)
    assert "Potoroo" not in answer.text


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/services", "/leave"])
def test_the_answer_leads_nowhere_else(worker: Worker, colleague: Signed, onward: str) -> None:
    own = worker.open_case(key=f"why-{onward}")
    answer = colleague.post(f"/staff/cases/{own}/why", next=onward, purpose="cover", key=f"on-{onward}")
    assert answer.headers["location"] == f"/staff/cases/{own}"


def test_what_was_asked_for_as_data_is_refused_as_data(worker: Worker, colleague: Signed) -> None:
    own = worker.open_case(key="why-3")
    colleague.cookie["Accept"] = "application/json"
    answer = colleague.get(f"/staff/cases/{own}")
    assert (answer.status_code, answer.json()["error"]) == (403, "You do not work on this case.")


def test_a_case_is_kept_from_oneself_and_then_is_not_there(worker: Worker, colleague: Signed) -> None:
    own = worker.open_case(key="why-4")
    account = worker.desk.ids["colleague"]
    answer = colleague.post(f"/staff/cases/{own}/do/block", account_id=account, because="relative", key="b4")
    assert answer.headers["location"] == "/staff/cases?done=left"
    assert case(worker, own).reference not in colleague.get("/staff/cases?whose=all").text
    hidden, none = colleague.get(f"/staff/cases/{own}"), colleague.get(f"/staff/cases/{account}")
    assert (hidden.status_code, hidden.content) == (404, none.content)
    assert "They are related" in worker.get(f"/staff/cases/{own}?part=people").text


def test_staff_who_know_the_family_are_named_when_it_is_opened(worker: Worker) -> None:
    form = unescape(worker.get("/staff/cases/new").text)
    assert "Does anybody here know the family?" in form
    assert 'name="kept_from"' in form
    own = worker.open_case(key="know", kept_from=f"{worker.desk.ids['auditor']}|{worker.desk.ids['liaison']}")
    with worker.desk.running.database.reading() as session:
        kept = set(session.scalars(select(CaseBlock.account_id).where(CaseBlock.case_id == own)))
    assert kept == {worker.desk.ids["auditor"], worker.desk.ids["liaison"]}


def test_the_last_supervisor_is_not_kept_from_a_case(worker: Worker) -> None:
    own = worker.open_case(key="last")
    supervisor = worker.desk.ids["supervisor"]
    answer = worker.post(f"/staff/cases/{own}/do/block", account_id=supervisor, because="friend", key="last-b")
    assert (answer.status_code, "No supervisor would be left" in answer.text) == (409, True)


def test_a_supervisor_gives_a_case_to_a_colleague(worker: Worker, colleague: Signed) -> None:
    own, boss = worker.open_case(key="give"), Signed(worker, "supervisor")
    page = boss.get(f"/staff/cases/{own}?part=people")
    assert (page.status_code, "Give it to a colleague" in page.text) == (200, True)
    account = worker.desk.ids["colleague"]
    answer = boss.post(f"/staff/cases/{own}/do/assign", account_id=account, leads="yes", key="give-1")
    assert (answer.status_code, colleague.get(f"/staff/cases/{own}").status_code) == (303, 200)
    assert "Lead worker named" in colleague.get(f"/staff/cases/{own}?part=timeline").text
    assert "Give it to a colleague" not in colleague.get(f"/staff/cases/{own}?part=people").text


def test_fields_that_no_form_has_are_ignored(worker: Worker) -> None:
    """Mass assignment: columns of the rows behind the forms, sent with every one of them (security.md, row 20)."""
    other = worker.desk.ids["analyst"]
    planted = {
        "lead_worker": other, "opened_by": other, "subject_id": "s", "reference": "AA0000AA", "closed_at": "2026-01-01",
        "erased_at": "2026-01-01", "state": "closed", "worker": other, "made_by": other, "agreement_id": "a",
        "episode": "9", "actor_id": other, "roles": "admin", "kind": "system", "account_id": other,
    }  # fmt: skip
    own = worker.open_case(key="mass", **planted)
    worker.post(f"/staff/cases/{own}/do/facts", **planted, safety_flag="yes", key="mass-f")
    a_mailbox(worker.desk.running.loop)
    with worker.desk.running.database.reading() as session:
        need_id = session.scalars(select(Need.id).where(Need.case_id == own)).one()
    sent = worker.post(f"/staff/cases/{own}/referrals", **planted, need_id=need_id, service_id=SERVICE, key="mass-r")
    referral_id = sent.headers["location"].split("?")[0].split("/")[3]
    worker.post(f"/staff/referrals/{referral_id}/save", **planted, urgency="weeks", key="mass-s")

    row, me = case(worker, own), worker.desk.ids["worker"]
    assert (row.lead_worker, row.opened_by, row.closed_at, row.erased_at, row.safety_flag) == (me, me, None, None, True)
    assert row.reference != "AA0000AA"
    with worker.desk.running.database.reading() as session:
        referral = session.get_one(Referral, referral_id)
        assert (referral.state, referral.worker, referral.made_by, referral.episode) == ("draft", me, me, 1)
        assert referral.agreement_id != "a"
        assert referral.subject_id == row.subject_id


def test_every_look_leaves_its_reason_in_the_audit(worker: Worker, colleague: Signed) -> None:
    own = worker.open_case(key="why-5")
    colleague.post(f"/staff/cases/{own}/why", purpose="duty", key="w5")
    colleague.get(f"/staff/cases/{own}")
    Signed(worker, "supervisor").get(f"/staff/cases/{own}")
    worker.get(f"/staff/cases/{own}")
    with worker.desk.running.database.reading() as session:
        views = select(AuditEvent.purpose).where(AuditEvent.object_id == own, AuditEvent.action == "view")
        assert session.scalars(views.order_by(AuditEvent.id)).all() == ["duty", "supervising", "working"]
        assert session.scalars(select(CaseLook.purpose).where(CaseLook.case_id == own)).all() == ["duty"]


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"supervisor", "auditor", "editor"}))
def test_the_report_is_for_a_second_person_alone(worker: Worker, role: str) -> None:
    assert Signed(worker, role).get("/staff/look-ups").status_code == 403


@pytest.mark.parametrize("week", ["", "2026-11-16", "nonsense", "1999-01-01", "2099-01-01", "2026-02-30"])
def test_a_week_of_the_report_is_one_of_the_last_year(worker: Worker, week: str) -> None:
    answer = Signed(worker, "supervisor").get(f"/staff/look-ups?week={week}")
    assert (answer.status_code, "Looks at others’ cases" in answer.text) == (200, True)
