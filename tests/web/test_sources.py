"""The staff's pages of sources: what they tell, adding and changing one, running it, deciding of a run that waits."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from directory import records, runtime
from directory.feeds import requests, runs, sources
from directory.feeds.runs import Kept, Outcome, State
from directory.feeds.sources import SourceSettings
from directory.records import SourceInfo
from directory.tables import Service
from ingest import kinds
from tests.builders import FIFE, NOON, a_draft, a_record, a_withheld_draft, write
from tests.web.desk import Desk
from web import source_form, sparkline
from web.source_form import KINDS

OWN = records.service_id("facts", "f900")
PAGE = "/staff/sources/facts"
FEED = {
    "id": "kingdom", "name": "Kingdom feed", "kind": "oruk", "url": "https://feed.example/services",
    "publisher": "Kingdom Council", "licence": "OGL v3", "attribution": "Contains Kingdom data.", "standing": "feed",
    "every_hours": "168", "council": FIFE,
}  # fmt: skip
DIFFERENCE = {
    "figures": {"made": 1, "changed": 60, "contacts": 2, "unlisted": 1},
    "examples": {
        "made": [{"id": "n", "name": "Brand New Service"}],
        "changed": [{"id": OWN, "name": "Harbour Counselling", "fields": ["age.minimum", "phone"]}],
        "contacts": [
            {"id": OWN, "name": "Harbour Counselling",
             "changes": [{"field": "phone", "before": "01632 960001", "after": "<b>01632 960009</b>"}]},
            {"id": "h", "name": "Lighthouse Women's Aid", "changes": [{"field": "phone", "before": "", "after": ""}]},
        ],
        "unlisted": [{"id": OWN, "name": "Harbour Counselling"}],
    },
}  # fmt: skip


@pytest.fixture
def desk(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Desk]:
    record = a_record(tmp_path)
    write(record, a_draft(), a_withheld_draft())
    with record.session() as session:
        records.ensure_source(session, SourceInfo("facts", "Source facts", "Somebody", "OGL v3", "Facts restated."))
    yield Desk(replace(installation, database=record))
    record.close()


def ran(desk: Desk, state: State = State.DONE, source: str = "facts", **outcome: Any) -> int:
    with desk.running.database.session() as session:
        run = runs.begin(session, source, "schedule", NOON - timedelta(hours=1))
        runs.note_material(session, run, [Kept("services.csv", "ab" * 32, "text/csv")])
        runs.end(session, run, state, NOON, Outcome(**{"made": 2, "unchanged": 3, "refused": 1, **outcome}))
        return run


def held(desk: Desk) -> int:
    return ran(desk, State.HELD, why="It would change contact data of 7 %.", difference=DIFFERENCE)


def add(desk: Desk, role: str = "editor", **changes: str) -> Any:
    return desk.web.post("/staff/sources/add", {**FEED, **changes}, **desk.cookie(role))


def asked(desk: Desk) -> list[tuple[str, int | None]]:
    with desk.running.database.reading() as session:
        return [(each.action, each.run_id) for each in requests.waiting(session)]


def seen(desk: Desk, path: str = PAGE) -> str:
    page = desk.web.get(path, **desk.cookie()).text
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def save(desk: Desk, path: str = PAGE, **typed: str) -> Any:
    form = {"url": "", "every_hours": "", "active": "yes", "seen": seen(desk, path), **typed}
    return desk.web.post(f"{path}/settings", form, **desk.cookie())


def test_the_table_tells_of_every_source(desk: Desk) -> None:
    ran(desk, seconds=75.0)
    page = desk.web.get("/staff/sources", **desk.cookie("analyst")).text
    row = page[page.index("Source facts") :]
    assert "Done" in row
    assert "1 min 15 s" in row
    assert "OGL v3" in row
    assert re.search(r'data-label="Made">2<', row)
    assert re.search(r'data-label="Quality">\d+<', row)
    assert "Made or changed, oldest first: 2" in row
    assert 'href="/staff/sources"' in desk.web.get("/staff", **desk.cookie("analyst")).text
    assert "/staff/sources/add" not in page


def test_a_run_that_waits_stands_above_all(desk: Desk) -> None:
    run = held(desk)
    page = desk.web.get("/staff/sources", **desk.cookie("editor")).text
    assert "waits for a person" in page
    assert f"/staff/sources/facts/runs/{run}" in page
    assert "It would change contact data of 7 %." in page


def test_a_source_is_added_and_due_at_once(desk: Desk) -> None:
    assert add(desk).headers["location"] == "/staff/sources/kingdom?done=added"
    with desk.running.database.reading() as session:
        kept = sources.get(session, "kingdom")
    assert (kept.every_hours, kept.next_run_at, kept.options) == (168, NOON, {"council": FIFE})
    assert kept.made_by == desk.ids["editor"]
    page = desk.web.get("/staff/sources/kingdom?done=added", **desk.cookie("editor")).text
    assert "The source is added." in page
    assert "Due now, every week" in page
    assert "Contains Kingdom data." in page


@pytest.mark.parametrize(
    ("typed", "field", "says", "status"),
    [
        pytest.param({"url": "http://feed.example/"}, "url", "does not start with https", 422, id="not https"),
        pytest.param({"url": ""}, "url", "The address is missing", 422, id="no address"),
        pytest.param({"url": "https://169.254.169.254/x"}, "url", "names a machine by number", 422, id="a number"),
        pytest.param({"url": "https://localhost/x"}, "url", "public server", 422, id="this machine"),
        pytest.param({"url": "https://a:b@feed.example/"}, "url", "user name or password", 422, id="a password"),
        pytest.param({"id": "Fife Council"}, "id", "short name", 422, id="no short name"),
        pytest.param({"id": "links"}, "id", "taken by a page of ours", 422, id="a page of ours"),
        pytest.param({"id": "facts"}, "id", "There is a source", 409, id="there already"),
        pytest.param({"kind": "xcri"}, "kind", "Choose what kind", 422, id="no such kind"),
        pytest.param({"licence": " "}, "licence", "The licence is missing", 422, id="no licence"),
        pytest.param({"attribution": ""}, "attribution", "The attribution is missing", 422, id="no attribution"),
        pytest.param({"standing": "god"}, "standing", "no such standing", 422, id="no such standing"),
        pytest.param({"every_hours": "soon"}, "every_hours", "not a whole number", 422, id="no rhythm"),
        pytest.param({"council": "S99999999"}, "council", "no such council", 422, id="no such council"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(
    desk: Desk, typed: dict[str, str], field: str, says: str, status: int
) -> None:
    answer = add(desk, **{"publisher": "Canary & Co", **typed})
    assert answer.status_code == status
    assert "<title>Error: " in answer.text
    assert f'href="#{field}"' in answer.text
    assert says in answer.text
    assert 'value="Canary &amp; Co"' in answer.text
    with desk.running.database.reading() as session:
        assert [source.id for source in sources.load(session)] == ["facts"]


def test_settings_are_changed(desk: Desk) -> None:
    answer = save(desk, url="https://facts.example/all.csv", every_hours="24", council=FIFE)
    assert answer.headers["location"] == f"{PAGE}?done=saved"
    with desk.running.database.reading() as session:
        kept = sources.get(session, "facts")
    assert (kept.url, kept.every_hours, kept.active) == ("https://facts.example/all.csv", 24, True)
    assert save(desk, url="https://facts.example/all.csv", every_hours="24", active="no").status_code == 303
    assert "Switched off" in desk.web.get(PAGE, **desk.cookie()).text


def test_of_a_shipped_source_the_licence_stays(desk: Desk) -> None:
    save(desk, licence="Mine", name="Mine")
    with desk.running.database.reading() as session:
        assert sources.get(session, "facts").licence == "OGL v3"
    add(desk)
    answer = save(desk, "/staff/sources/kingdom", **{**FEED, "licence": "OGL v2"})
    assert answer.status_code == 303
    with desk.running.database.reading() as session:
        assert sources.get(session, "kingdom").licence == "OGL v2"


def test_of_two_who_change_a_source_the_second_is_told_and_loses_nothing(desk: Desk) -> None:
    before = seen(desk)
    save(desk, url="https://first.example/")
    answer = save(desk, url="https://second.example/", seen=before)
    assert answer.status_code == 409
    assert "Somebody else changed this source meanwhile." in answer.text
    assert 'value="https://second.example/"' in answer.text
    assert save(desk, url="https://second.example/").status_code == 303


def test_running_it_now_is_a_request_that_the_page_tells_of(desk: Desk) -> None:
    assert desk.web.post(f"{PAGE}/run", {"action": "run"}, **desk.cookie()).status_code == 422
    save(desk, url="https://facts.example/")
    assert desk.web.post(f"{PAGE}/run", {"action": "run"}, **desk.cookie()).headers["location"] == f"{PAGE}?done=asked"
    assert asked(desk) == [("run", None)]
    page = desk.web.get(PAGE, **desk.cookie("analyst")).text
    assert "Asked for: Fetch and read it" in page
    assert "waymark work" in page
    assert "Ann Editor" in page
    assert "Asked for" in desk.web.get("/staff/sources", **desk.cookie("analyst")).text


@pytest.mark.parametrize("action", ["", "accept", "delete"])
def test_nothing_else_can_be_asked_of_a_source(desk: Desk, action: str) -> None:
    assert desk.web.post(f"{PAGE}/run", {"action": action}, **desk.cookie()).status_code == 422
    assert asked(desk) == []


def test_a_held_run_tells_what_it_would_change_in_words_and_numbers(desk: Desk) -> None:
    run = held(desk)
    page = desk.web.get(f"{PAGE}/runs/{run}", **desk.cookie()).text
    assert "Services with something changed: <strong>60</strong>" in page
    assert "01632 960001" in page
    assert "&lt;b&gt;01632 960009&lt;/b&gt;" in page
    assert "ages (minimum)" in page
    assert f"/staff/services/{OWN}" in page
    assert page.count("withheld") >= 2
    assert "Nothing of it is in the record" in page


@pytest.mark.parametrize(("action", "words"), [("accept", "Accept"), ("reject", "Reject")])
def test_a_held_run_is_decided_by_a_request(desk: Desk, action: str, words: str) -> None:
    run = held(desk)
    answer = desk.web.post(f"{PAGE}/runs/{run}/decide", {"action": action}, **desk.cookie())
    assert answer.headers["location"] == f"{PAGE}/runs/{run}?done=asked"
    assert asked(desk) == [(action, run)]
    page = desk.web.get(f"{PAGE}/runs/{run}?done=asked", **desk.cookie()).text
    assert f"Asked for: {words} the run that waits" in page
    assert "/decide" not in page


def test_of_two_who_decide_the_second_is_told(desk: Desk) -> None:
    run = held(desk)
    with desk.running.database.session() as session:
        requests.ask(session, "facts", "accept", desk.ids["analyst"], NOON, run_id=run)
    answer = desk.web.post(f"{PAGE}/runs/{run}/decide", {"action": "reject"}, **desk.cookie())
    assert answer.status_code == 409
    assert "Ann Analyst has accepted this run already." in answer.text
    assert asked(desk) == [("accept", run)]


@pytest.mark.parametrize(
    ("action", "status", "says"),
    [
        pytest.param("accept", 409, "does not wait any more", id="it was decided"),
        pytest.param("", 422, "Choose one of the buttons", id="no button"),
        pytest.param("run", 422, "Choose one of the buttons", id="another button"),
    ],
)
def test_what_cannot_be_decided(desk: Desk, action: str, status: int, says: str) -> None:
    answer = desk.web.post(f"{PAGE}/runs/{ran(desk)}/decide", {"action": action}, **desk.cookie())
    assert answer.status_code == status
    assert says in answer.text


def test_a_run_tells_its_reasons(desk: Desk) -> None:
    reasons = [{"field": "phone", "reason": "not a number", "rows": 7}]
    issues = [{"row": 3, "field": "phone", "reason": "not a number", "held": False}]
    run = ran(desk, report={"reasons": reasons, "issues": issues})
    page = desk.web.get(f"{PAGE}/runs/{run}", **desk.cookie("analyst")).text
    assert "Not a number" in page
    assert "Row 3, phone: not a number" in page
    assert "Rows read" in page
    assert "services.csv" in page


@pytest.mark.parametrize("name", ["0", "x", "99999999999999", "-1", "%31%30%30"])
def test_no_such_run(desk: Desk, name: str) -> None:
    assert desk.web.get(f"{PAGE}/runs/{name}", **desk.cookie()).status_code == 404


def test_a_run_of_another_source_is_not_found_here(desk: Desk) -> None:
    add(desk)
    run = ran(desk, source="kingdom")
    assert desk.web.get(f"{PAGE}/runs/{run}", **desk.cookie()).status_code == 404


def test_services_that_vanished_are_listed(desk: Desk) -> None:
    with desk.running.database.session() as session:
        row = session.get_one(Service, OWN)
        row.listing, row.unlisted_at = "unlisted", NOON
    page = desk.web.get(PAGE, **desk.cookie()).text
    assert "1 service is not in this source any more" in page
    assert f'href="/staff/services/{OWN}"' in page


def test_no_such_source(desk: Desk) -> None:
    for name in ("none", "%00", "UPPER"):
        assert desk.web.get(f"/staff/sources/{name}", **desk.cookie()).status_code == 404


@pytest.mark.parametrize("role", ["worker", ""])
def test_who_may_not_sees_nothing(desk: Desk, role: str) -> None:
    headers = desk.cookie(role) if role else {}
    assert desk.web.get("/staff/sources", **headers).status_code == (403 if role else 303)


def test_the_kinds_offered_are_those_that_can_be_read_from_an_address() -> None:
    assert {kind.id: kind.name for kind in kinds.KINDS.values() if kind.id != "spreadsheet"} == KINDS


def test_a_mark_changes_with_a_setting_and_not_with_time() -> None:
    settings = SourceSettings("a", "A", "B", "C", "D")
    assert source_form.mark(replace(settings, next_run_at=NOON)) == source_form.mark(settings)
    assert source_form.mark(replace(settings, url="https://feed.example/")) != source_form.mark(settings)


def test_bars_of_runs_grow_with_what_they_changed(desk: Desk) -> None:
    for made, state in ((0, State.DONE), (5, State.DONE), (10, State.DONE), (3, State.FAILED)):
        ran(desk, state, made=made)
    with desk.running.database.reading() as session:
        bars = sparkline.bars(runs.history(session, "facts"))
    assert [bar.height for bar in bars] == [2, 12, 24, 24]
    assert [bar.said for bar in bars] == ["0", "5", "10", "failed"]
    assert bars[-1].x + sparkline.WIDTH == sparkline.SHOWN * sparkline.WIDTH
