"""The editor's pages: every field there and back, three values kept apart, errors at their fields, approval by two."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
import pytest

from directory.editing import current, fields
from directory.records import service_id
from directory.runtime import Runtime
from tests.builders import FIFE, a_draft, a_record, a_withheld_draft, write
from tests.web.desk import Desk

OWN, HIDDEN = service_id("facts", "f900"), service_id("facts", "f901")
EDIT = f"/staff/services/{OWN}/edit"
Form = dict[str, Any]


@pytest.fixture
def desk(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    record = a_record(tmp_path_factory.mktemp("editor"))
    write(record, a_draft(), a_withheld_draft())
    yield Desk(replace(installation, database=record))
    record.close()


@pytest.fixture(scope="module")
def untouched(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk for what must change nothing."""
    record = a_record(tmp_path_factory.mktemp("untouched"))
    write(record, a_draft(), a_withheld_draft())
    yield Desk(replace(installation, database=record))
    record.close()


def get(desk: Desk, path: str, role: str = "editor") -> httpx.Response:
    return desk.web.get(path, **desk.cookie(role))


def post(desk: Desk, path: str, form: Form, role: str = "editor") -> httpx.Response:
    return desk.web.post(path, form, **desk.cookie(role))


def held(page: str) -> Form:
    """What the form of a page holds as it is shown."""
    found: Form = {}
    for tag in re.findall(r"<input [^>]*>", page):
        said = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if said.get("type") in {"radio", "checkbox"} and " checked" not in tag:
            continue
        if "name" in said:
            value = unescape(said.get("value", ""))
            found[said["name"]] = [*found.get(said["name"], []), value] if said.get("type") == "checkbox" else value
    for name, words in re.findall(r'<textarea [^>]*name="([a-z_]+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        found[name] = unescape(words)
    for name, options in re.findall(r'<select [^>]*name="([a-z_]+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def values(desk: Desk, own: str = OWN) -> Form:
    with desk.running.database.reading() as session:
        return dict(current.read(session, own).values)


def saved(desk: Desk, group: str, **changes: Any) -> httpx.Response:
    form = held(get(desk, f"{EDIT}/{group}").text)
    return post(desk, f"{EDIT}/{group}", form | changes)


@pytest.mark.parametrize("group", [group.code for group in fields.GROUPS])
@pytest.mark.parametrize("own", [OWN, HIDDEN], ids=["open", "withheld"])
def test_a_page_saved_as_it_is_shown_changes_nothing(untouched: Desk, group: str, own: str) -> None:
    desk = untouched
    before, path = values(desk, own), f"/staff/services/{own}/edit/{group}"
    shown = get(desk, path)
    assert shown.status_code == 200
    answer = post(desk, path, held(shown.text))
    assert answer.headers.get("location", "").endswith("?done=same"), answer.text
    assert values(desk, own) == before


CHANGES = {
    "ages unknown": ("who", {"age_known": "unknown"}, "age", {"known": "unknown"}),
    "any age": ("who", {"age_known": "none"}, "age", {"known": "none"}),
    "ages": ("who", {"age_known": "stated", "minimum": "5", "maximum": ""}, "age", {"known": "stated", "minimum": 5}),
    "girls": ("who", {"gender_known": "female"}, "gender", {"known": "stated", "rule": "female"}),
    "gender unknown": ("who", {"gender_known": "unknown"}, "gender", {"known": "unknown"}),
    "area unknown": ("where", {"coverage_known": "unknown"}, "coverage", {"known": "unknown"}),
    "Scotland": ("where", {"coverage_known": "scotland"}, "coverage", {"known": "stated", "areas": ["SCOTLAND"]}),
    "Fife": ("where", {"areas": [FIFE]}, "coverage", {"known": "stated", "areas": [FIFE]}),
    "number": ("contact", {"phone": " 01632  960002 "}, "phone", "01632 960002"),
}
AT_ONCE = {
    "hours": (
        "contact", {"hours_known": "stated", "hours_MO": "9-17", "hours_TU": "09:00 to 17:00"}, "hours",
        {"known": "stated", "openings": [{"byday": "MO,TU", "opens_at": "09:00", "closes_at": "17:00"}]},
    ),
    "by appointment": ("contact", {"hours_known": "none"}, "hours", {"known": "none"}),
    "step-free": ("access", {"access_step_free": "lacks"}, "access", {"lacks": ["step_free"]}),
    "languages": ("access", {"languages": ["en", "pl"]}, "languages", ["en", "pl"]),
    "website": ("contact", {"url": "new.example/help"}, "url", "https://new.example/help"),
    "closed": ("what", {"status": "temporarily closed"}, "status", "temporarily closed"),
    "full": (
        "room", {"state": "full", "minimum_weeks": "4", "maximum_weeks": "6"}, "capacity",
        {"state": "full", "minimum_weeks": 4, "maximum_weeks": 6, "as_of": "2026-11-22"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("group", "typed", "name", "value"), CHANGES.values(), ids=CHANGES)
def test_what_could_hurt_is_agreed_by_another_person(
    desk: Desk, group: str, typed: Form, name: str, value: object
) -> None:
    before = values(desk)
    assert saved(desk, group, **typed).headers["location"] == f"{EDIT}?done=waits"
    assert values(desk) == before
    own = get(desk, "/staff/proposals/1")
    assert "you cannot approve it" in own.text
    form = {"seen": held(get(desk, "/staff/proposals/1", "supervisor").text)["seen"]}
    assert post(desk, "/staff/proposals/1/approve", form).status_code == 403
    assert post(desk, "/staff/proposals/1/approve", form, "supervisor").status_code == 303
    assert values(desk)[name] == fields.normal(name, value)


@pytest.mark.parametrize(("group", "typed", "name", "value"), AT_ONCE.values(), ids=AT_ONCE)
def test_what_is_harmless_is_there_at_once(desk: Desk, group: str, typed: Form, name: str, value: object) -> None:
    assert saved(desk, group, **typed).headers["location"] == f"{EDIT}?done=live"
    assert values(desk)[name] == fields.normal(name, value)


WRONG = {
    "no name": ("what", {"name": " "}, "name", "nothing is written"),
    "a script in the name": ("what", {"name": "<script>alert(1)</script>"}, "name", "without these signs"),
    "a mailbox": ("what", {"description": "Write to jo@harbour.example"}, "description", "e-mail address"),
    "too long": ("what", {"description": "x" * 5001}, "description", "Shorten it to 5,000"),
    "no family": ("what", {"families": []}, "families", "none is ticked"),
    "no family of ours": ("what", {"families": ["wizardry"]}, "families", "none of ours"),
    "ages crossed": ("who", {"minimum": "18", "maximum": "12"}, "minimum", "(18) is above the oldest (12)"),
    "ages in words": ("who", {"minimum": "twelve"}, "minimum", "not a whole number"),
    "no ages": ("who", {"age_known": "stated", "minimum": "", "maximum": ""}, "minimum", "No age is written"),
    "outside Scotland": ("where", {"areas": ["E06000001"]}, "areas", "no council area of Scotland"),
    "no area": ("where", {"areas": []}, "areas", "No area is ticked"),
    "a door in England": ("where", {"postal_code": "CA1 1AA"}, "postal_code", "not in Scotland"),
    "a postcode in the sea": ("where", {"postal_code": "EH99 9ZZ"}, "postal_code", "in use"),
    "no number": ("contact", {"phone": "12"}, "phone", "no phone number"),
    "no address": ("contact", {"url": "javascript:alert(1)"}, "url", "no web address"),
    "hours overlap": ("contact", {"hours_known": "stated", "hours_MO": "9 to 12, 11 to 14"}, "hours_MO", "overlap"),
    "hours crossed": ("contact", {"hours_known": "stated", "hours_MO": "17 to 9"}, "hours_MO", "before it opens"),
    "hours in words": ("contact", {"hours_known": "stated", "hours_SU": "noonish"}, "hours_SU", "cannot be read"),
    "wait crossed": ("room", {"state": "full", "minimum_weeks": "9", "maximum_weeks": "2"}, "minimum_weeks", "above"),
    "a day gone by": ("room", {"state": "full", "expires": "2020-01-01"}, "expires", "no day to come"),
    "no confidential name": (
        "where", {"visibility": "undisclosed", "public_name": "1 Harbour Row"}, "public_name", "may tell where it is",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("group", "typed", "field", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_at_its_field_and_nothing_is_lost(
    untouched: Desk, group: str, typed: Form, field: str, said: str
) -> None:
    desk = untouched
    before = values(desk)
    answer = saved(desk, group, note="Kept words.", **typed)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert said in unescape(answer.text)
    assert "<script>alert" not in answer.text
    again = held(answer.text)
    assert again["note"] == "Kept words."
    kept = {name: value for name, value in typed.items() if isinstance(value, str)}
    assert {name: again.get(name) for name in kept} == kept
    assert values(desk) == before


def test_five_megabytes_are_refused(desk: Desk) -> None:
    before = values(desk)
    assert saved(desk, "what", description="x" * 5_000_000).status_code == 413
    assert values(desk) == before


def test_what_changed_meanwhile_is_shown_beside_what_was_typed(desk: Desk) -> None:
    form = held(get(desk, f"{EDIT}/what").text)
    assert saved(desk, "what", description="Somebody else's words.").status_code == 303
    answer = post(desk, f"{EDIT}/what", form | {"description": "My own words."})
    assert answer.status_code == 409
    assert "My own words." in answer.text
    assert "Somebody else&#39;s words." in answer.text


def test_a_mistake_put_right_does_not_overwrite_what_changed_meanwhile(desk: Desk) -> None:
    form = held(get(desk, f"{EDIT}/what").text)
    assert saved(desk, "what", description="Somebody else's words.").status_code == 303
    wrong = post(desk, f"{EDIT}/what", form | {"name": ""})
    assert wrong.status_code == 422
    assert post(desk, f"{EDIT}/what", held(wrong.text) | {"name": "Harbour"}).status_code == 409
    assert values(desk)["description"] == "Somebody else's words."


def test_an_endless_number_is_told_at_its_field(untouched: Desk) -> None:
    assert saved(untouched, "who", minimum="0" * 6 + "99").status_code == 422


NEW = {
    "name": "Rowan Youth Help", "organization": "Rowan Trust", "families": ["youth"], "status": "active",
    "harm_known": "any", "relations_known": "unknown", "groups_known": "unknown", "age_known": "none",
    "gender_known": "none", "stages_known": "unknown", "coverage_known": "stated", "areas": [FIFE],
    "boundary": "residence", "about": "person_helped", "visibility": "area_only", "phone": "01632 960005",
    "hours_known": "unknown",
}  # fmt: skip


def test_a_service_is_added_by_two_people(desk: Desk) -> None:
    own = f"h-{uuid4().hex}"
    answer = post(desk, "/staff/services/new", NEW | {"own": own})
    assert answer.headers["location"] == "/staff/proposals/1?done=sent", answer.text
    assert post(desk, "/staff/services/new", NEW | {"own": own}).headers["location"] == "/staff/proposals/1?done=sent"
    new = service_id("staff", own)
    assert get(desk, f"/staff/services/{new}").status_code == 404
    assert post(desk, "/staff/proposals/1/approve", {}, "supervisor").status_code == 303
    page = get(desk, f"/staff/services/{new}")
    assert page.status_code == 200
    assert "Entered by staff" in page.text
    for path in ("/staff/sources", "/staff/sources/staff", "/about-data"):
        assert get(desk, path).status_code == 200
    assert saved_new(desk, new).headers["location"].endswith("?done=live")


def saved_new(desk: Desk, own: str) -> httpx.Response:
    path = f"/staff/services/{own}/edit/what"
    return post(desk, path, held(get(desk, path).text) | {"description": "For young people."})


def test_what_may_be_there_already_is_shown_before_it_is_sent(desk: Desk) -> None:
    same = NEW | {"phone": "01632 960001", "organization": "The Harbour Trust"}
    first = post(desk, "/staff/services/new", same)
    assert first.status_code == 200
    assert "It has the same phone number." in first.text
    assert f"/staff/services/{OWN}" in first.text
    assert 'value="Harbour Trust"' in first.text
    sure = held(first.text) | {"sure": "yes", "provider_sure": "Harbour Trust"}
    assert post(desk, "/staff/services/new", sure).status_code == 303
    assert "<strong>Harbour Trust</strong>" in get(desk, "/staff/proposals/1").text


def test_who_may_not_edit_is_turned_away(desk: Desk) -> None:
    for role in ("worker", "analyst", "auditor", "admin", "liaison"):
        assert get(desk, EDIT, role).status_code == 403
        assert get(desk, "/staff/services/new", role).status_code == 403
    assert post(desk, "/staff/proposals/1/approve", {}, "worker").status_code == 403
    assert get(desk, f"/staff/services/{OWN}", "worker").text.count("/history") == 1


def test_history_tells_who_set_what_and_how_it_stood(desk: Desk) -> None:
    saved(desk, "what", description="New words of Ann.")
    page = get(desk, f"/staff/services/{OWN}/history").text
    assert "changed by Ann Editor" in page
    assert "New words of Ann." in page
    assert "It was not in the record yet." in get(desk, f"/staff/services/{OWN}/history?on=2024-01-01").text
    then = get(desk, f"/staff/services/{OWN}/history?on=2026-11-22")
    assert "On 22 November 2026" in then.text
    for wrong in ("2027-01-01", "soon", "2026-02-30"):
        assert get(desk, f"/staff/services/{OWN}/history?on={wrong}").status_code == 422
