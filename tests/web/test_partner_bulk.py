"""Many services by a spreadsheet: what comes of each row, what waits, what is kept of none, and a feed asked for."""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import openpyxl
import pytest
from sqlalchemy import select

from directory import runtime
from directory.accounts import sessions
from directory.accounts.tables import Account, AccountRole
from directory.editing import current, proposal_views
from directory.feeds import requests
from directory.feeds.tables import IngestRequest
from directory.partners import feed_requests, members, registrations
from directory.records import service_id
from directory.tables import Service, Source
from ingest.kinds import KINDS
from tests.builders import NOON, a_draft, a_record, write
from tests.directory.partners.keeper import a_keeper
from tests.directory.partners.partner_builders import MORAG, a_partner, ask_of
from tests.directory.referrals.builders import Time, a_loop_over
from tests.web.conftest import Web
from web import partner_sheet
from web.app import create_app

BULK = "/partners/work/bulk"
SERVICE, SECOND, STRANGER = (service_id("facts", each) for each in ("f900", "f902", "f903"))
SECRET = "77 Secret Wynd"


class Office:
    """A partner's owner at their desk, who keeps two of three services."""

    def __init__(self, installation: runtime.Runtime, home: Path) -> None:
        self.record = a_record(home)
        second = a_draft(source_id="f902", name="Second Door", phone="01632 960002", url="https://harbour.example/two")
        other = a_draft(source_id="f903", name="Somebody Else", phone="01632 960003", url="https://else.example/")
        write(self.record, a_draft(), second, other)
        self.loop = a_loop_over(self.record, home, Time())
        running = replace(installation, database=self.record, clock=lambda: NOON)
        running._loop = self.loop
        self.web = Web(create_app(running))
        self.account = self.an_account(MORAG)
        self.own = a_keeper(self.loop, SERVICE, SECOND, account_id=self.account)

    def an_account(self, email: str) -> str:
        own = str(uuid4())
        with self.record.session() as session:
            account = Account(id=own, email=email, full_name="Morag Reid", password_hash="none", created_at=NOON)
            account.password_set_at = NOON
            session.add(account)
            session.flush()
            session.add(AccountRole(account_id=own, role="partner"))
        return own

    def cookie(self, account: str = "") -> dict[str, str]:
        with self.record.session() as session:
            return {"Cookie": f"waymark={sessions.start(session, account or self.account, NOON)}"}

    def get(self, path: str = BULK, account: str = "") -> httpx.Response:
        return self.web.get(path, **self.cookie(account))

    def send(
        self, content: bytes, do: str = "save", key: str = "", account: str = "", name: str = "ours.csv"
    ) -> httpx.Response:
        form = {"key": key or str(uuid4()), "do": do, "partner": self.own.partner_id}
        headers = {"Sec-Fetch-Site": "same-origin", **self.cookie(account)}
        return self.web.send("POST", BULK, files={"file": (name, content)}, data=form, headers=headers)

    def values(self, own: str = SERVICE) -> Mapping[str, Any]:
        with self.record.reading() as session:
            return current.read(session, own).values

    def waiting(self) -> list[tuple[str, ...]]:
        with self.record.reading() as session:
            return [each.fields for each in proposal_views.waiting(session)]

    def registered(self) -> list[registrations.Kept]:
        inside = a_partner(self.loop).inside
        with self.record.reading() as session:
            return registrations.own(session, self.loop, inside)


@pytest.fixture
def office(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Office]:
    made = Office(installation, tmp_path)
    yield made
    made.record.close()


@pytest.fixture(scope="module")
def quiet(installation: runtime.Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all that must leave nothing behind."""
    made = Office(installation, tmp_path_factory.mktemp("office"))
    yield made
    made.record.close()


def table(*rows: dict[str, str]) -> bytes:
    """A CSV of these rows, with every column that one of them has."""
    columns = list(dict.fromkeys(["Our number", "Name of the service", *(name for row in rows for name in row)]))
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    return "\r\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode()


def came_of(page: httpx.Response) -> list[str]:
    """The last cell of each row of the report."""
    assert page.status_code == 200, page.text
    cells = re.findall(r'<td class="row-report__\w+">(.*?)</td></tr>', page.text, re.DOTALL)
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", each))).strip() for each in cells]


def test_what_is_downloaded_and_sent_back_changes_nothing(office: Office) -> None:
    file = office.get(f"{BULK}/services.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(file.content))["Services"].iter_rows(values_only=True))
    assert [row[0] for row in rows if row[0]] == ["Our number", SERVICE, SECOND]
    before = office.values()
    page = office.send(file.content, name="ours.xlsx")
    assert came_of(page) == ["As it was.", "As it was."]
    assert office.values() == before
    assert office.waiting() == []


def test_a_name_that_looks_like_a_formula_stays_a_name_in_the_file(quiet: Office) -> None:
    formula = '=HYPERLINK("http://evil.example")'
    values = {**quiet.values(), "name": formula}
    sheet = openpyxl.load_workbook(io.BytesIO(partner_sheet.workbook([(SERVICE, values)])))["Services"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == (formula, "s")


def test_harmless_facts_are_public_at_once_and_what_could_hurt_waits(office: Office) -> None:
    row = {"Our number": SERVICE, "Description": "Talking, by phone.", "Oldest age": "21", "Website": "x.example/two"}
    (came,) = came_of(office.send(table(row)))
    assert "Changed: Description." in came
    assert "Waits for us: Ages, Website." in came
    assert office.values()["description"] == "Talking, by phone."
    assert office.values()["age"]["maximum"] == 18
    assert [set(each) for each in office.waiting()] == [{"Ages", "Website"}]


def test_checking_alone_changes_nothing_and_foretells_the_same(office: Office) -> None:
    row = {"Our number": SERVICE, "Description": "Talking, by phone.", "Oldest age": "21"}
    new = {"Name of the service": "Third Door", "Areas": "Fife"}
    (changed, added) = came_of(office.send(table(row, new), do="check"))
    assert "Would change at once: Description." in changed
    assert "Would wait for us: Ages." in changed
    assert "It would go into a registration." in added
    assert office.values()["age"]["maximum"] == 18
    assert office.values()["description"] != "Talking, by phone."
    assert (office.waiting(), office.registered()) == ([], [])


def test_a_new_service_stands_in_a_registration_and_nowhere_else(office: Office) -> None:
    new = {"Name of the service": "Third Door", "Areas": "Fife; City of Edinburgh", "Youngest age": "any",
           "Families of services": "Counselling", "Monday": "09:00 to 17:00"}  # fmt: skip
    key = str(uuid4())
    (came,) = came_of(office.send(table(new), key=key))
    again = came_of(office.send(table(new), key=key))
    (kept,) = office.registered()
    assert kept.reference in came
    assert again == [came]
    assert (kept.state, kept.answers.organization.name) == ("draft", "Harbour Trust")
    (service,) = kept.answers.services
    assert service.values["coverage"]["areas"] == ["S12000036", "S12000047"]
    with office.record.reading() as session:
        assert session.scalar(select(Service.id).where(Service.name == "Third Door")) is None
    (twice,) = came_of(office.send(table(new)))
    assert "You have a service of this name already" in twice
    assert len(office.registered()) == 1


@pytest.mark.parametrize(
    ("row", "why"),
    [
        pytest.param({"Our number": STRANGER, "Phone": "01632 960009"}, "none of your services", id="another's"),
        pytest.param({"Our number": "12", "Phone": "01632 960009"}, "none of your services", id="no number of ours"),
        pytest.param({"Our number": SERVICE, "Youngest age": "19"}, "The youngest (19) is above", id="ages crossed"),
        pytest.param({"Our number": SERVICE, "Areas": "Leeds"}, "no council area of Scotland", id="an area elsewhere"),
        pytest.param({"Our number": SERVICE, "Monday": "9:00 to 12:00, 11:00 to 13:00"}, "overlap", id="hours overlap"),
        pytest.param({"Our number": SERVICE, "Phone": "12"}, "no phone number of the UK", id="no number"),
        pytest.param({"Our number": SERVICE, "Description": "<script>alert(1)</script>"}, "holds < or >", id="script"),
        pytest.param({"Our number": SERVICE, "Description": "a" * 5_001}, "Shorten it to 5,000", id="too long"),
        pytest.param({"Our number": SERVICE, "Postcode": "ZZ99 9ZZ"}, "postcode", id="a postcode in the sea"),
        pytest.param({"Our number": SERVICE, "Helps with": "Magic"}, "a word is none of ours", id="no word of ours"),
        pytest.param({"Phone": "01632 960009"}, "Write what people call it", id="no name"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_whole_with_what_to_do(quiet: Office, row: dict[str, str], why: str) -> None:
    before = quiet.values()
    fine = {"Our number": SECOND, "Description": "Talking, by phone."}
    (refused, taken) = came_of(quiet.send(table({**row, "Languages": "Polish"} if len(row) > 1 else row, fine)))
    assert "Nothing of this row was taken." in refused
    assert why in refused
    assert "Refused" not in taken
    assert quiet.values() == before
    assert "<script>alert" not in refused


def test_a_service_that_stands_twice_is_taken_once(office: Office) -> None:
    rows = ({"Our number": SERVICE, "Description": text} for text in ("One.", "Two."))
    (first, second) = came_of(office.send(table(*rows)))
    assert ("Changed" in first, "on a row above already" in second) == (True, True)
    assert office.values()["description"] == "One."


@pytest.mark.parametrize("own", [SERVICE, ""], ids=["known", "new"])
def test_of_a_place_made_confidential_nothing_of_the_row_is_kept(
    office: Office, own: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    row = {"Our number": own, "Name of the service": "Quiet House", "Is its place public?": "confidential",
           "Street and number": SECRET, "Postcode": "EH6 5QG", "Town": "Hidlem", "Phone": "01632 960777",
           "Website": "https://hidlem.example/"}  # fmt: skip
    (came,) = came_of(office.send(table(row)))
    assert "Refused" not in came
    found = office.values() if own else office.registered()[0].answers.services[0].values
    assert found["premises"]["visibility"] == "undisclosed"
    assert not any(SECRET in str(found) or word in str(found) for word in ("Hidlem", "960777", "EH6 5QG"))
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert [word for word in (SECRET, "Hidlem", "960777") if word.encode() in written or word in caplog.text] == []


def test_a_place_made_confidential_gives_nobody_another_name(office: Office) -> None:
    row = {"Our number": SERVICE, "Name of the service": "Scottish Child Helpline", "Description": "We listen.",
           "Is its place public?": "confidential"}  # fmt: skip
    (foretold,) = came_of(office.send(table(row), do="check"))
    (came,) = came_of(office.send(table(row)))
    waits = "Name, Organisation, Description."
    assert f"Would wait for us: {waits}" in foretold
    assert f"Waits for us: {waits}" in came
    assert "Scottish Child Helpline" not in str(office.values())
    assert [set(each) for each in office.waiting()] == [{"Name", "Organisation", "Description"}]


def test_free_words_that_lead_people_somewhere_wait_and_that_is_foretold(office: Office) -> None:
    row = {"Our number": SERVICE, "Description": "Ring 07700 900123."}
    (foretold,) = came_of(office.send(table(row), do="check"))
    assert "Would wait for us: Description." in foretold
    (came,) = came_of(office.send(table(row)))
    assert "Waits for us: Description." in came
    assert "07700" not in office.values()["description"]


def test_a_form_for_another_partner_changes_no_row(office: Office) -> None:
    rows = table({"Our number": SERVICE, "Description": "We listen."}, {"Name of the service": "Third Door"})
    form = {"key": str(uuid4()), "do": "save", "partner": "00000000-0000-4000-8000-000000000000"}
    headers = {"Sec-Fetch-Site": "same-origin", **office.cookie()}
    page = office.web.send("POST", BULK, files={"file": ("ours.csv", rows)}, data=form, headers=headers)
    assert page.status_code == 404
    assert office.values()["description"] != "We listen."


def test_new_services_that_cannot_be_taken_leave_the_report_of_the_other_rows(office: Office) -> None:
    inside = a_partner(office.loop).inside
    for _ in range(registrations.MOST_OPEN):
        registrations.begin(office.loop, ask_of(office.loop, inside), inside)
    rows = table({"Our number": SERVICE, "Description": "We listen."}, {"Name of the service": "Third Door"})
    (changed, refused) = came_of(office.send(rows))
    assert "Changed: Description." in changed
    assert "Nothing of this row was taken." in refused


def test_only_owners_and_editors_come_here(office: Office) -> None:
    answerer = office.an_account("ben@harbour.example")
    a_keeper(office.loop, account_id=answerer, email="ben@harbour.example", role=members.ANSWERER,
             partner_id=office.own.partner_id)  # fmt: skip
    row = table({"Our number": SERVICE, "Description": "Other."})
    assert office.get().status_code == 200
    assert office.get(account=answerer).status_code == 403
    assert office.get(f"{BULK}/services.xlsx", account=answerer).status_code == 403
    assert office.send(row, account=answerer).status_code == 403
    assert office.web.get(BULK).status_code == 303
    stranger = office.an_account("ada@other.example")
    own = a_keeper(office.loop, STRANGER, account_id=stranger, email="ada@other.example", name="Other Trust")
    assert own.partner_id != office.own.partner_id
    assert "none of your services" in came_of(office.send(row, account=stranger))[0]
    assert "Other." not in office.values()["description"]


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        pytest.param(b"", "ours.csv", "No file was chosen", id="empty"),
        pytest.param(b"a,b\r\n1,2\r\n", "ours.csv", "not the columns that we read", id="another table"),
        pytest.param(b"PK\x03\x04broken", "ours.xlsx", "not a whole workbook", id="a broken workbook"),
        pytest.param(b"rubbish", "ours.xlsx", "This is no spreadsheet that we can read. Download", id="no workbook"),
        pytest.param(
            b"Our number,Name of the service\r\n", "ours.csv", "a header and no rows. Download the one", id="no rows"
        ),
        pytest.param(b"x" * 950_000, "ours.csv", "The file is over 900 kB", id="too large"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_beside_its_field(
    quiet: Office, content: bytes, name: str, why: str
) -> None:
    page = quiet.send(content, name=name)
    assert page.status_code == 422
    assert page.text.count(why) == 2  # in the summary, and beside the field
    assert 'href="#file"' in page.text


def asked(office: Office, **said: str) -> httpx.Response:
    form = {"key": str(uuid4()), "partner": office.own.partner_id, "url": "https://feeds.harbour.example/oruk",
            "kind": "oruk", "licence": "OGL v3.0", **said}  # fmt: skip
    return office.web.post(f"{BULK}/feed", form, **office.cookie())


def test_a_feed_is_asked_for_and_read_by_nobody_before_a_person_decides(office: Office) -> None:
    page = asked(office)
    assert page.headers["location"] == f"{BULK}?done=asked"
    assert "One of us looks at it; nothing is read before." in office.get().text
    with office.record.reading() as session:
        source = session.scalars(select(Source).where(Source.id.like("partner-%"))).one()
        assert (source.active, source.standing, source.next_run_at) == (False, "feed", None)
        assert requests.for_a_worker(session) == ()
        assert [each.action for each in requests.waiting(session)] == ["asked"]
    assert "Harbour Trust: own feed" not in office.web.get("/about-data").text
    again = asked(office)
    assert again.status_code == 409
    with office.record.session() as session:
        requests.settle(session, source.id, "It is switched on.", NOON)
    assert "It is switched on." in office.get().text
    with office.record.reading() as session:
        assert session.scalars(select(IngestRequest.said)).all() == ["It is switched on."]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        pytest.param({"url": "http://feeds.example/x"}, "url", id="not https"),
        pytest.param({"url": "https://127.0.0.1/x"}, "url", id="our own machine"),
        pytest.param({"url": ""}, "url", id="none"),
        pytest.param({"kind": "spreadsheet"}, "kind", id="no such kind"),
        pytest.param({"licence": ""}, "licence", id="no terms"),
    ],
)
def test_a_feed_that_cannot_be_is_said_at_its_field(quiet: Office, said: dict[str, str], field: str) -> None:
    page = asked(quiet, **said)
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    with quiet.record.reading() as session:
        assert requests.waiting(session) == ()


def test_an_empty_request_is_told_all_that_it_lacks(quiet: Office) -> None:
    page = asked(quiet, url="", kind="", licence="")
    assert page.status_code == 422
    summary = page.text.split("govuk-error-summary", 1)[1].split("</ul>", 1)[0]
    assert re.findall(r'href="#(\w+)"', summary) == ["url", "kind", "licence"]


def test_kinds_of_feeds_are_those_that_ingest_reads() -> None:
    assert set(feed_requests.KINDS) <= set(KINDS)
