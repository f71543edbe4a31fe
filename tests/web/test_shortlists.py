"""Short lists, sheets and messages by their pages: what may be said, to whom, and what never stands on paper."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from directory import runtime
from directory.draft import Hours, Opening
from directory.records import service_id
from directory.referrals import shortlists
from directory.referrals.loop import new_key
from directory.search import assured
from directory.values import Confidence, Known, Visibility
from tests.builders import NOON, a_document
from tests.directory.referrals.builders import SERVICE
from tests.web.casework import Worker, a_workplace
from web import sheets

SECOND = service_id("facts", "f902")
TELLING = re.compile(r"Skye|Physical harm|counsel\w* for|battered|[A-Z]{2}\d{4}[A-Z]{2}|harmed", re.IGNORECASE)
URL = "https://waymark.example"


@pytest.fixture(scope="module")
def worker(installation: runtime.Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path_factory.mktemp("shortlists")) as made:
        yield made


def a_case(worker: Worker, **changes: str) -> tuple[str, str]:
    """The address of a case, and its need's id."""
    href = f"/staff/cases/{worker.open_case(**{'key': new_key()} | changes)}"
    found = re.search(rf"{href}/needs/([0-9a-f-]{{36}})", worker.get(href).text)
    assert found is not None
    return href, found[1]


def put(worker: Worker, href: str, need_id: str, *services: str) -> None:
    for each in services:
        worker.post(f"{href}/shortlist", need_id=need_id, service_id=each, key=new_key())


def on_paper(page: str) -> str:
    """The part of a page that is printed."""
    return page[page.index("<article") : page.index("</article>")]


def test_chosen_on_the_need_and_seen_on_the_case(worker: Worker) -> None:
    href, need_id = a_case(worker)
    page = worker.get(f"{href}/needs/{need_id}").text
    assert page.count('data-key="s"') == 2
    answer = worker.post(f"{href}/shortlist", need_id=need_id, service_id=SERVICE, key=new_key())
    assert answer.headers["location"].endswith(f"/needs/{need_id}?done=shortlisted#s-{SERVICE}")
    page = worker.get(f"{href}/needs/{need_id}").text
    assert "Short list: 1 of at most 10" in page
    assert "Take off the short list" in page
    assert "Sheet to print" in worker.get(href).text
    gone = worker.post(f"{href}/shortlist/remove", need_id=need_id, service_id=SERVICE, back="case", key=new_key())
    assert gone.headers["location"] == f"{href}?done=taken-off"
    assert "Sheet to print" not in worker.get(href).text


def test_a_service_named_unsafe_is_refused_with_the_reason(worker: Worker) -> None:
    href, need_id = a_case(worker)
    worker.post(f"{href}/do/exclude", service_id=SERVICE, key=new_key(), version="1")
    refused = worker.post(f"{href}/shortlist", need_id=need_id, service_id=SERVICE, key=new_key())
    assert refused.status_code == 409
    assert "named as unsafe for this person" in refused.text
    assert "Second Door" in refused.text


@pytest.mark.parametrize("form", ["sheet", "sheet/easy"])
def test_a_sheet_names_services_and_nobody(worker: Worker, form: str) -> None:
    href, need_id = a_case(worker)
    put(worker, href, need_id, SECOND, SERVICE)
    page = worker.get(f"{href}/{form}?need={need_id}").text
    paper = on_paper(page)
    assert paper.index("Second Door") < paper.index("Harbour Counselling")
    assert TELLING.findall(paper) == []
    assert paper.count("01632 960001") >= 2
    assert paper.count("contactscotland-bsl") == 3
    assert paper.count("<svg") == 2
    assert "title>Numbers you asked for" in page


def test_a_sheet_leaves_out_what_was_named_unsafe_since(worker: Worker) -> None:
    href, need_id = a_case(worker)
    put(worker, href, need_id, SECOND, SERVICE)
    worker.post(f"{href}/do/exclude", service_id=SECOND, key=new_key(), version="1")
    page = worker.get(f"{href}/sheet").text
    assert "Second Door" not in on_paper(page)
    assert "Left out, because closed or named as unsafe: Second Door" in page


def test_a_sheet_of_the_plan_and_one_without_a_case(worker: Worker) -> None:
    href, need_id = a_case(worker)
    page = worker.get(f"{href}/sheet?need={need_id}&of=plan").text
    assert "Harbour Counselling" in on_paper(page)
    assert f"{href}/sheet/easy?need={need_id}&amp;of=plan" in page
    page = worker.post("/staff/sheet/easy", service_id=SECOND).text
    assert "Second Door" in on_paper(page)
    assert "Nothing is on this sheet" in worker.get(f"{href}/sheet").text
    assert worker.post("/staff/sheet", service_id="|".join(str(number) for number in range(11))).status_code == 422


@pytest.mark.parametrize("confidence", [each for each in Confidence if each is not Confidence.GENERAL_KNOWLEDGE])
def test_a_number_is_marked_unless_somebody_has_checked_it(confidence: Confidence) -> None:
    note = assured.freshness(confidence, "2026-05")
    told = sheets.entry(a_document(phone_note=note), URL, NOON)
    assert (told.phone_note == "") is (confidence in (Confidence.CONFIRMED, Confidence.REGISTER))


def test_a_withheld_place_says_nothing_of_where_it_is() -> None:
    hours = Hours(Known.STATED, (Opening("MO,TU", "09:00", "17:00"),))
    doc = a_document(visibility=Visibility.UNDISCLOSED, phone="", phone_note="Ask social work.", hours=hours)
    told = sheets.entry(doc, URL, NOON)
    assert (told.place, told.phone, told.phone_note) == ("", "", "Ask social work.")
    told = sheets.entry(replace(doc, visibility=Visibility.EXACT), URL, NOON)
    assert told.place == "12 Harbour Row, Leith, EH6 5QG"


def test_old_hours_are_not_printed_as_todays_and_languages_are_a_line() -> None:
    hours = Hours(Known.STATED, (Opening("MO,TU", "09:00", "17:00"), Opening("SA", "10:00", "12:00")))
    doc = a_document(
        hours=hours, hours_as_of="2026-10", languages=("en", "bsl", "pl"), referral_routes=("professional",)
    )
    told = sheets.entry(doc, URL, NOON)
    assert told.hours == ("Monday and Tuesday 9am to 5pm", "Saturday 10am to noon")
    assert (told.signs, told.languages, told.by_self) == (True, ("Polish",), False)
    assert sheets.entry(replace(doc, hours_as_of="2019"), URL, NOON).hours == ()


def test_a_qr_code_holds_the_public_page_alone() -> None:
    assert sheets.qr(f"{URL}/services/{SERVICE}") == sheets.qr(f"{URL}/services/{SERVICE}")
    assert "style=" not in sheets.qr(URL)
    assert 'width="' not in sheets.qr(URL).partition("<path")[0]


def test_what_they_asked_for_is_sent_as_they_allowed(worker: Worker) -> None:
    href, need_id = a_case(worker, channel="email", value="skye@person.example")
    put(worker, href, need_id, SERVICE)
    page = worker.get(f"{href}/message").text
    assert "By text message: not now.</strong> Text messages are not set up here." in page
    assert "Nothing leaves" in page
    assert "You asked us to write this down for you" in page
    sent = worker.post(f"{href}/message", channel="email", service_ids=SERVICE, key=new_key())
    assert sent.headers["location"] == f"{href}?done=message"
    worker.go_round()
    assert f"/services/{SERVICE}" in worker.letters()[-1]
    assert "Told of Harbour Counselling" in worker.get(href).text


def test_whoever_wants_no_contact_is_not_offered_any(worker: Worker) -> None:
    href, _ = a_case(worker, channel="none", value="")
    page = worker.get(f"{href}/message").text
    assert "not to be written to now" in page
    assert 'name="channel"' not in page
    refused = worker.post(f"{href}/message", channel="email", key=new_key())
    assert refused.status_code == 403
    assert "asked not to be contacted" in refused.text


def test_a_mistake_keeps_what_was_chosen(worker: Worker) -> None:
    href, need_id = a_case(worker, channel="email", value="s@p.example", who_must_not_know="their brother")
    put(worker, href, need_id, SERVICE)
    refused = worker.post(f"{href}/message", channel="email", service_ids=SERVICE, ask_on="2026-12-01", key=new_key())
    assert refused.status_code == 422
    assert "Ask the person who else sees what comes there" in refused.text
    assert 'value="2026-12-01"' in refused.text
    assert re.search(rf'value="{SERVICE}"[^>]* checked', refused.text)


def test_nobody_without_cases_reaches_any_of_it(worker: Worker) -> None:
    href, need_id = a_case(worker)
    other = replace(worker, role="editor")
    for path in (f"{href}/sheet", f"{href}/sheet/easy", f"{href}/message", f"{href}/needs/{need_id}"):
        assert other.get(path).status_code == 403
    with worker.desk.running.database.reading() as session:
        assert shortlists.listed(session, href.rpartition("/")[2]) == ()
