"""The staff's pages of what partners registered: from the queue to a service that people find and referrals reach."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import select
from starlette.routing import Route

from directory import records, runtime
from directory.accounts.tables import Account
from directory.draft import Coverage, Premises
from directory.partners import registrations, service_answers
from directory.partners.registrations import Kept
from directory.referrals.loop import Loop, new_key
from directory.referrals.tables import Need
from directory.search import indexing
from directory.tables import Service
from directory.values import Known, Visibility
from tests.builders import FIFE
from tests.directory.partners.partner_builders import MORAG, OWN_SERVICE, AtDoor, a_partner, a_registration, ask_of
from tests.directory.partners.verifying_builders import FOUND, NEW, WHERE, filled
from tests.directory.referrals import builders
from tests.web.casework import Worker, a_workplace, apart
from tests.web.mail_desk import hidden
from web import app

LIST = "/staff/registrations"
NAME = NEW["name"]
OWN = records.service_id("partner", service_answers.source_id(OWN_SERVICE))
IN_FIFE = Coverage(Known.STATED, (FIFE,))
PUBLIC = (
    f"/services?q={NAME.replace(' ', '+')}", f"/services.json?q={NAME.replace(' ', '+')}", "/services.csv",
    f"/services/{OWN}", f"/services/{OWN}.json", "/about-data", "/changes", "/changes.json",
)  # fmt: skip
ASKED = {"text": "Battered at school, wants to talk to somebody: counselling", "residence": "Methil", "age": "14"}
HIDDEN: dict[str, Any] = {
    "name": "Lighthouse Women", "premises": Premises(Visibility.UNDISCLOSED), "phone": "", "url": "",
    "description": "Help and a safe place for women.", "coverage": IN_FIFE,
}  # fmt: skip


@dataclass(slots=True)
class Office:
    """A workplace with somebody at the partners' door."""

    worker: Worker
    door: AtDoor

    @property
    def loop(self) -> Loop:
        return self.worker.desk.running.loop

    def sent_in(self, claims: str = "", **changes: Any) -> Kept:
        return a_registration(self.loop, self.door.inside, filled(**{"coverage": IN_FIFE, **changes}), claims=claims)

    def page(self, kept: Kept, role: str = "editor") -> str:
        return self.worker.desk.web.get(f"{LIST}/{kept.id}", **self.worker.desk.cookie(role)).text

    def press(self, kept: Kept, role: str, where: str, **form: str) -> tuple[int, str]:
        """A button of the page as it stands; the status, and where it leads or what it says."""
        desk, address = self.worker.desk, f"{LIST}/{kept.id}"
        sent = {"key": new_key(), "version": str(kept.version), **form}
        answer = desk.web.post(f"{address}/{where}", sent, **desk.cookie(role))
        return answer.status_code, answer.headers.get("location", answer.text)

    def check_all(self, kept: Kept, role: str = "worker") -> None:
        call = {"act": "call", "number": FOUND, "found_at": WHERE, "result": "yes"}
        note = {"act": "check", "kind": "charity_number", "charity_number": WHERE, "right": "yes"}
        terms = {"act": "check", "kind": "sharing_terms", "sharing_terms": "2026-11-20", "right": "yes"}
        for form in (call, note, terms):
            assert self.press(kept, role, "check", **form)[1].endswith("?done=checked")

    def agree(self, kept: Kept, role: str) -> tuple[int, str]:
        return self.press(kept, role, "decide", act="approve")

    def drain(self) -> None:
        running = self.worker.desk.running
        apart(anyio.run, indexing.drain, running.database, running.index, running.clock)

    def told(self) -> list[str]:
        """The public pages on which the registered service stands."""
        found = [path for path in PUBLIC if NEW["phone"] in self.worker.desk.web.get(path).text]
        for path in ("/match", "/match.json"):
            form = ASKED
            found += [f"POST {path}"] if NEW["phone"] in self.worker.desk.web.post(path, form).text else []
        return found


@pytest.fixture
def office(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Office]:
    with a_workplace(installation, tmp_path) as worker:
        yield Office(worker, a_partner(worker.desk.running.loop))


def test_from_the_queue_to_a_service_that_is_found_and_whose_first_referral_waits(office: Office) -> None:
    kept, desk = office.sent_in(), office.worker.desk
    office.drain()
    assert "Harbour Trust" in desk.web.get(LIST, **desk.cookie("worker")).text
    line = f'href="{LIST}/{kept.id}"'
    assert line in desk.web.get("/staff/work?list=later", **desk.cookie("worker")).text
    assert '<section class="panel" aria-labelledby="call">' in office.page(kept, "worker")
    office.check_all(kept)
    done = office.page(kept, "worker")  # folded, so that the decision is near
    for each in ("call", "register", "terms-note"):
        assert f'<details class="panel" id="{each}">' in done
    assert office.agree(kept, "editor") == (303, f"{LIST}/{kept.id}?done=first")
    office.drain()
    assert desk.web.get(f"/services/{OWN}").status_code == 404
    assert office.told() == []
    case_id = office.worker.open_case()
    with office.loop.database.reading() as session:
        need_id = session.scalars(select(Need.id)).one()
    form = {"need_id": need_id, "service_id": OWN, "key": "k-before"}
    assert office.worker.post(f"/staff/cases/{case_id}/referrals", **form).status_code == 404
    assert office.agree(kept, "supervisor") == (303, f"{LIST}/{kept.id}?done=published")
    assert line not in desk.web.get("/staff/work?list=later", **desk.cookie("worker")).text
    office.drain()
    assert {f"/services/{OWN}", PUBLIC[0], "/services.csv", "POST /match", "POST /match.json"} <= set(office.told())
    builders.an_agreement(office.loop, case_id, OWN)
    drafted = office.worker.post(f"/staff/cases/{case_id}/referrals", **{**form, "key": "k-draft"})
    path = drafted.headers["location"].split("?")[0]
    for role, broken in (("worker", True), ("supervisor", False)):
        text = desk.web.get(f"{path}/check", **desk.cookie(role)).text
        assert ("Its address was proved only just now" in text) is broken, role
    version = hidden(office.worker.get(path).text, "version")
    refused = office.worker.post(f"{path}/do/send", version=version, key="k-send")
    assert refused.status_code == 422
    desk.now += timedelta(hours=48)
    assert office.worker.post(f"{path}/do/send", version=version, key="k-later").status_code == 303


def test_no_button_is_shown_to_who_has_agreed_or_may_not_and_pressing_it_is_refused(office: Office) -> None:
    kept = office.sent_in()
    assert "Agree, as the first of two" not in office.page(kept)
    office.check_all(kept, "editor")
    assert "Agree, as the first of two" in office.page(kept)
    assert 'value="approve"' not in office.page(kept, "worker")
    office.agree(kept, "editor")
    assert "Agree: it is public at once" not in office.page(kept)
    assert "You have agreed." in office.page(kept)
    status, text = office.agree(kept, "editor")
    assert (status, "You have agreed to this already" in text) == (409, True)
    assert "Agree: it is public at once" in office.page(kept, "supervisor")
    assert office.agree(kept, "worker")[0] == 403


def test_what_came_from_ones_own_mailbox_has_no_button_at_all(office: Office) -> None:
    with office.loop.database.session() as session:
        session.get_one(Account, office.worker.desk.ids["editor"]).email = MORAG
    kept = office.sent_in()
    office.check_all(kept)
    text = office.page(kept)
    assert "This came from a mailbox of yours" in text
    assert "<button" not in text[text.index('id="who"') :].partition("site-footer")[0]
    for where, form in (("decide", {"act": "approve"}), ("decide", {"act": "refuse", "said": "No"})):
        assert office.press(kept, "editor", where, **form)[0] == 403


MISTAKES = (
    ({"number": "01632 960002"}, "number", "stands in the registration itself"),
    ({"number": "none"}, "number", "no phone number"),
    ({"found_at": ""}, "found_at", "Say where you looked"),
    ({"result": ""}, "result", "Say what they answered"),
)


def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(office: Office) -> None:
    kept = office.sent_in()
    for form, field, said in MISTAKES:
        whole = {"act": "call", "number": FOUND, "found_at": WHERE, "result": "yes", **form}
        status, text = office.press(kept, "worker", "check", **whole)
        assert status == 422
        assert f'href="#{field}"' in text
        assert f'id="{field}"' in text
        assert said in text
        assert "<title>Error: " in text
        assert all(f'value="{whole[name]}"' in text for name in ("number", "found_at") if whole[name])


def test_of_a_confidential_place_staff_see_nothing_either(office: Office) -> None:
    kept = office.sent_in(**HIDDEN)
    text = office.page(kept)
    assert "Its place is confidential." in text
    assert "Lighthouse Women" in text
    for word in ("Harbour Row", "EH6 5QG", "Leith"):
        assert word not in text


def test_sent_back_it_is_with_them_and_staff_look_into_it_no_more(office: Office) -> None:
    kept = office.sent_in()
    assert office.press(kept, "editor", "decide", act="send_back", said="Which towns?") == (303, LIST)
    desk = office.worker.desk
    assert "Sent back, and with them" in desk.web.get(LIST, **desk.cookie("editor")).text
    assert desk.web.get(f"{LIST}/{kept.id}", **desk.cookie("editor")).status_code == 404
    with office.loop.database.reading() as session:
        assert registrations.found(session, office.loop, office.door.inside, kept.id).said == "Which towns?"


def test_a_registration_is_opened_by_the_reference_that_is_read_out(office: Office) -> None:
    kept, desk = office.sent_in(), office.worker.desk
    said = f" {kept.reference[:4].lower()} {kept.reference[4:]}"
    answer = desk.web.post(f"{LIST}/find", {"reference": said}, **desk.cookie("worker"))
    assert answer.headers["location"] == f"{LIST}/{kept.id}"
    unknown = desk.web.post(f"{LIST}/find", {"reference": "ZZ0000ZZ"}, **desk.cookie("worker"))
    assert (unknown.status_code, 'value="ZZ0000ZZ"' in unknown.text) == (422, True)


def test_a_claim_shows_what_differs_and_keeps_the_address(office: Office) -> None:
    kept = office.sent_in(claims=builders.SERVICE, description="Listening, by people of the harbour.")
    text = office.page(kept)
    assert "They say that one of our services is theirs" in text
    assert "Listening, by people of the harbour." in text
    office.check_all(kept)
    office.agree(kept, "editor")
    office.agree(kept, "supervisor")
    office.drain()
    page = office.worker.desk.web.get(f"/services/{builders.SERVICE}").text
    assert "Listening, by people of the harbour." in page
    assert f'href="/partners?claim={builders.SERVICE}"' in page
    with office.loop.database.reading() as session:
        assert session.scalars(select(Service.same_as_id).where(Service.source_id == "partner")).all() == [
            builders.SERVICE
        ]


def test_who_does_not_verify_sees_nothing_of_it(office: Office) -> None:
    kept, desk = office.sent_in(), office.worker.desk
    for role in ("analyst", "admin", "auditor", "liaison"):
        for path in (LIST, f"{LIST}/{kept.id}"):
            answer = desk.web.get(path, **desk.cookie(role))
            assert (answer.status_code, MORAG in answer.text) == (403, False), role


def test_every_route_of_it_asks_for_a_permission() -> None:
    routes = [route for route in app.ROUTES if isinstance(route, Route) and route.path.startswith(LIST)]
    assert len(routes) >= 5
    assert all(getattr(route.endpoint, "staff_permission", "") for route in routes)


def test_taken_back_meanwhile_it_cannot_be_agreed(office: Office) -> None:
    kept = office.sent_in()
    office.check_all(kept)
    inside = office.door.inside
    registrations.take_back(office.loop, ask_of(office.loop, inside, kept.version), inside, kept.id)
    assert office.agree(kept, "editor")[0] == 404
