"""The Atom feed of changes: valid, complete, paged, conditional, escaped, and silent about withheld places."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import records, runtime
from directory.database import Database
from directory.draft import Coverage
from directory.feeds.changes import Entry, Kind
from directory.records import SourceInfo
from directory.values import Known
from tests.builders import EXACT_PREMISES, FIFE, NOON, a_draft, a_record, a_withheld_draft, write
from tests.web.conftest import Web
from web import changes
from web.app import create_app

A = f"{{{changes.ATOM}}}"
SITE = "http://localhost:8000"
OWN = records.service_id("facts", "f900")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    found = a_record(tmp_path)
    yield found
    found.close()


@pytest.fixture
def web(installation: runtime.Runtime, record: Database) -> Web:
    return Web(create_app(replace(installation, database=record)))


def later(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


def read(answer: httpx.Response) -> ET.Element:
    """The feed, held against the elements that RFC 4287 asks for."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(answer.content)
    check(root)
    return root


def check(root: ET.Element) -> None:
    assert root.tag == f"{A}feed"
    for name in ("id", "title", "updated", "author"):
        assert len(root.findall(A + name)) == 1, name
    assert root.find(f"{A}author/{A}name") is not None
    assert [link.get("rel") for link in root.findall(f"{A}link")].count("self") == 1
    ids = [each.findtext(f"{A}id") for each in root.findall(f"{A}entry")]
    assert len(set(ids)) == len(ids)
    for entry in root.findall(f"{A}entry"):
        for name in ("id", "title", "updated"):
            assert len(entry.findall(A + name)) == 1, name
        assert entry.find(f"{A}content") is not None or entry.find(f"{A}link[@rel='alternate']") is not None
        assert datetime.fromisoformat(entry.findtext(f"{A}updated") or "").tzinfo


def titles(root: ET.Element) -> list[str]:
    return [each.findtext(f"{A}title") or "" for each in root.findall(f"{A}entry")]


def link(root: ET.Element, rel: str) -> str:
    found = root.find(f"{A}link[@rel='{rel}']")
    return "" if found is None else found.get("href", "")


def test_a_service_from_its_making_to_its_end_and_back(web: Web, record: Database) -> None:
    write(record, a_draft())
    write(record, a_draft(phone="01632 960002", name="Harbour Talking"), at=later(1))
    write(record, a_draft(phone="01632 960002", name="Harbour Talking", status="defunct"), at=later(2))
    write(record, a_draft(phone="01632 960002", name="Harbour Talking"), at=later(3))
    root = read(web.get("/changes.atom"))
    assert titles(root) == [
        "Harbour Talking: running again",
        "Harbour Talking: closed, or not running now",
        "Harbour Talking: changed",
        "Harbour Talking: new in the directory",
    ]
    changed = root.findall(f"{A}entry")[2]
    assert changed.findtext(f"{A}content") == (
        "Changed. What changed: name and phone number. Serves City of Edinburgh."
    )
    assert link(changed, "alternate") == f"{SITE}/services/{OWN}"
    assert root.findtext(f"{A}updated") == "2026-11-22T15:00:00Z"
    assert "01632" not in web.get("/changes.atom").text


def test_each_change_says_its_licence_and_attribution(web: Web, record: Database) -> None:
    write(record, a_draft())
    with record.session() as session:
        records.ensure_source(session, SourceInfo("facts", "F", "P", "OGL v3.0", "Contains Fife data."))
    assert read(web.get("/changes.atom")).findtext(f".//{A}rights") == "OGL v3.0. Contains Fife data."


def test_of_a_withheld_place_only_that_something_changed_and_the_council(web: Web, record: Database) -> None:
    fife = Coverage(Known.STATED, (FIFE,), ("KY1",))
    write(record, a_draft(source_id="f901", name="Lighthouse", organization="Lighthouse", coverage=fife))
    write(record, a_withheld_draft(name="Lighthouse", coverage=fife), at=later(1))
    write(record, a_draft(source="other", source_id="o1", name="Lantern", premises=EXACT_PREMISES), at=later(2))
    hidden, other = records.service_id("facts", "f901"), records.service_id("other", "o1")
    with record.session() as session:
        records.set_same_as(session, other, hidden, NOON)
    text = web.get("/changes.atom").text
    root = read(web.get("/changes.atom"))
    assert titles(root)[1:] == [
        "A service in Fife whose place is withheld: changed",
        "A service in Fife whose place is withheld: new in the directory",
    ]
    for secret in ("Lighthouse", "Lantern", "Harbour", "KY1", "EH6", hidden, other, "premises", "phone", "visibility"):
        assert secret not in text


def test_pages_follow_each_other_to_the_end(web: Web, record: Database) -> None:
    write(record, *(a_draft(source_id=f"f{number}", name=f"Service {number:03}") for number in range(205)))
    seen, path, pages = [], "/changes.atom", 0
    while path:
        root = read(web.get(path))
        assert link(root, "self") == SITE + path
        seen += titles(root)
        path, pages = link(root, "next").removeprefix(SITE), pages + 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == 205


def test_an_empty_feed_is_a_feed(web: Web) -> None:
    assert titles(read(web.get("/changes.atom"))) == []


@pytest.mark.parametrize("before", ["x", "-1", "1e9", "٣", "99999999999", "%00"])
def test_a_page_that_cannot_be(web: Web, before: str) -> None:
    answer = web.get(f"/changes.atom?before={before}")
    assert answer.status_code == 422
    assert "Start from /changes.atom" in answer.text


def test_who_has_it_already_is_told_so(web: Web, record: Database) -> None:
    write(record, a_draft())
    first = web.get("/changes.atom")
    etag, since = first.headers["etag"], first.headers["last-modified"]
    assert since == "Sun, 22 Nov 2026 12:00:00 GMT"
    for known in (
        {"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-None-Match": "*"},
        {"If-Modified-Since": since},
    ):  # fmt: skip
        answer = web.get("/changes.atom", **known)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    for other in (
        {"If-None-Match": '"x"'}, {"If-Modified-Since": "Sun, 22 Nov 2026 11:59:59 GMT"},
        {"If-None-Match": '"x"', "If-Modified-Since": since}, {"If-Modified-Since": "yesterday"},
    ):  # fmt: skip
        assert web.get("/changes.atom", **other).status_code == 200
    write(record, a_draft(phone="01632 960002"), at=later(1))
    assert web.get("/changes.atom", **{"If-None-Match": etag}).status_code == 200


def test_every_page_names_the_feed(web: Web) -> None:
    assert '<link rel="alternate" href="/changes.atom" type="application/atom+xml"' in web.get("/accessibility").text
    assert "/changes.atom" in web.get("/about-data").text


words = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@given(st.lists(st.tuples(words, words, words), max_size=3))
def test_whatever_a_source_writes_the_feed_can_be_read(told: list[tuple[str, str, str]]) -> None:
    entries = [
        Entry(number, datetime(2026, 1, 1, tzinfo=UTC), Kind.CHANGED, OWN, name, (field,), (council,), name, field)
        for number, (name, field, council) in enumerate(told)
    ]
    root = ET.fromstring(changes.atom(entries, SITE))
    check(root)
    assert len(root.findall(f"{A}entry")) == len(entries)
