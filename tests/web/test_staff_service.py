"""The staff's page of a service: what it tells, who may say what, what the public then reads, and what is refused."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from sqlalchemy import delete

from directory import records, runtime
from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.feeds.tables import Assurance
from directory.referrals import capacity_words
from directory.search import fold, record_view
from directory.search.document import ServiceDocument
from directory.values import Confidence
from tests.builders import NOON, a_draft, a_record, a_withheld_draft, write
from tests.web.desk import Desk

OWN = records.service_id("facts", "f900")
HIDDEN = records.service_id("facts", "f901")
PAGE = f"/staff/services/{OWN}"
PHONE = "01632 960001"


@pytest.fixture
def desk(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Desk]:
    record = a_record(tmp_path)
    write(record, a_draft(), a_withheld_draft())
    yield Desk(replace(installation, database=record))
    record.close()


def say(desk: Desk, word: str, seen: str = "", page: str = PAGE, role: str = "worker") -> tuple[int, str]:
    answer = desk.web.post(f"{page}/say", {"word": word, "seen": seen}, **desk.cookie(role))
    return answer.status_code, answer.headers.get("location", answer.text)


def shown(desk: Desk) -> ServiceDocument:
    with desk.running.database.reading() as session:
        found = fold.document(session, OWN)
    assert found is not None
    return found


def test_the_page_tells_how_true_the_record_is(desk: Desk) -> None:
    page = desk.web.get(PAGE, **desk.cookie("worker")).text
    assert "Stale: must be confirmed anew, 2024" in page
    assert "It was due to be confirmed by" in page
    assert "Quality: " in page
    assert "Nobody has confirmed it." in page
    assert PHONE in page
    assert "OGL v3" in page


def test_a_confirmation_is_kept_with_date_and_name(desk: Desk) -> None:
    assert say(desk, "checked") == (303, f"{PAGE}?done=said")
    page = desk.web.get(f"{PAGE}?done=said", **desk.cookie("worker")).text
    assert "Confirmed by the single point of contact, November 2026" in page
    assert "By Ann Worker." in page
    assert "Thank you" in page
    assert shown(desk).confidence == Confidence.CONFIRMED
    assert say(desk, "checked") == (303, f"{PAGE}?done=again")


def test_the_public_page_says_it_in_the_same_words(desk: Desk) -> None:
    for word, says in (
        ("service_says", "Checked by the service, November 2026."),
        ("number_dead", "Somebody told us, November 2026, that this number may not work."),
    ):
        say(desk, word, PHONE)
        anyio.run(desk.running.index.put, [shown(desk)])
        assert says in desk.web.get(f"/services/{OWN}").text
    assert PHONE not in desk.web.get(f"/services/{OWN}").text
    assert "Contradicted: not shown" in desk.web.get(PAGE, **desk.cookie("worker")).text
    with desk.running.database.session() as session:
        session.execute(delete(Assurance))
    anyio.run(desk.running.index.put, [shown(desk)])  # the index is shared: as it was


@pytest.mark.parametrize(
    ("word", "seen", "status", "says"),
    [
        pytest.param("", "", 422, "Choose one of the buttons", id="no word"),
        pytest.param("hearsay", "", 422, "Choose one of the buttons", id="another word"),
        pytest.param("number_dead", "01632 960999", 409, "another number by now", id="the number has changed"),
        pytest.param("number_dead", "", 409, "another number by now", id="no number"),
        pytest.param("link_broken", "https://other.example/", 409, "another web address by now", id="another link"),
    ],
)
def test_what_cannot_be_said_is_said_so_and_nothing_is_kept(
    desk: Desk, word: str, seen: str, status: int, says: str
) -> None:
    answered, text = say(desk, word, seen)
    assert answered == status
    assert says in text
    assert "<title>Error: " in text
    assert "Nobody has said anything of it yet" in text


def test_of_a_withheld_place_nothing_is_shown_and_nothing_kept(desk: Desk) -> None:
    write(desk.running.database, a_draft(source="other", source_id="o1", name="Lighthouse Women's Aid", as_of="2025"))
    other = records.service_id("other", "o1")
    with desk.running.database.session() as session:
        records.set_same_as(session, other, HIDDEN, NOON)
    write(
        desk.running.database,
        a_draft(source="other", source_id="o1", name="Lighthouse Women's Aid", phone="01632 960777", as_of="2026"),
    )
    page = desk.web.get(f"/staff/services/{HIDDEN}", **desk.cookie("editor")).text
    assert "Place withheld for safety." in page
    for secret in (PHONE, "01632 960777", "Harbour Row", "EH6", "harbour.example"):
        assert secret not in page
    with desk.running.database.reading() as session:
        found = record_view.view(session, HIDDEN)
    assert [(row.phone, row.url, row.link) for row in found.rows] == [("", "", None)] * 2
    assert {(line.before, line.after) for line in found.changes} == {("", "")}
    answered, text = say(desk, "moved", page=f"/staff/services/{HIDDEN}")
    assert answered == 422
    assert "is withheld" in text


def test_a_follower_leads_to_its_leader(desk: Desk) -> None:
    write(desk.running.database, a_draft(source_id="f902"))
    other = records.service_id("facts", "f902")
    with desk.running.database.session() as session:
        records.set_same_as(session, other, OWN, NOON)
    assert desk.web.get(f"/staff/services/{other}", **desk.cookie("worker")).headers["location"] == PAGE


@pytest.mark.parametrize("name", ["none", "%00", "..%2f..", "x" * 300])
def test_no_such_service(desk: Desk, name: str) -> None:
    assert desk.web.get(f"/staff/services/{name}", **desk.cookie("worker")).status_code == 404


@pytest.mark.parametrize(
    ("facts", "capacity", "field"),
    [
        pytest.param("0", "3", "facts", id="none"),
        pytest.param("a year", "3", "facts", id="words"),
        pytest.param("12", "99", "capacity", id="too long"),
    ],
)
def test_a_rhythm_that_cannot_be_is_said_at_its_field(desk: Desk, facts: str, capacity: str, field: str) -> None:
    answer = desk.web.post(f"{PAGE}/rhythm", {"facts": facts, "capacity": capacity}, **desk.cookie("worker"))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'value="{facts}"' in answer.text


def test_a_rhythm_is_kept(desk: Desk) -> None:
    answer = desk.web.post(f"{PAGE}/rhythm", {"facts": "6", "capacity": "1"}, **desk.cookie("worker"))
    assert answer.headers["location"] == f"{PAGE}?done=rhythm"
    page = desk.web.get(PAGE, **desk.cookie("worker")).text
    assert "To be checked every 6 months (facts)" in page


def test_who_only_looks_has_no_buttons(desk: Desk) -> None:
    page = desk.web.get(PAGE, **desk.cookie("analyst")).text
    assert "/say" not in page
    assert say(desk, "checked", role="analyst")[0] == 403


def test_what_a_service_said_in_answer_to_a_referral_is_seen(desk: Desk) -> None:
    with desk.running.database.session() as session:
        capacity_words.say(session, OWN, "full", NOON)
        assurance.say(session, OWN, State.CONTRADICTED, "provider", NOON, reason="area_not_served")
    page = desk.web.get(PAGE, **desk.cookie("worker")).text
    assert "Full: takes no referrals (said on 22 November 2026). It said so itself." in page
    assert "Somebody must check this entry" in page
    assert "it may not serve all of the area that it says" in page
    assert "the service itself, answering a referral" in page


def test_one_that_said_it_has_closed_is_found_by_nobody_until_checked(desk: Desk) -> None:
    with desk.running.database.session() as session:
        assurance.say(
            session, OWN, State.CONTRADICTED, "provider", NOON - timedelta(hours=1), reason="closed_by_provider"
        )
    assert "it told us that it has closed or changed" in desk.web.get(PAGE, **desk.cookie("worker")).text
    assert say(desk, "checked") == (303, f"{PAGE}?done=said")
    page = desk.web.get(PAGE, **desk.cookie("worker")).text
    assert "Nobody finds this service" not in page
    assert "Somebody must check" not in page
    assert shown(desk).name == "Harbour Counselling"
