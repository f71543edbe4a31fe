"""The page of records to look at: its filters, and the button that confirms one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from directory.records import service_id
from directory.runtime import Runtime
from tests.builders import a_draft, a_record, write
from tests.web.desk import Desk

OWN = service_id("facts", "f900")


@pytest.fixture
def desk(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    record = a_record(tmp_path_factory.mktemp("stale"))
    write(record, a_draft(as_of="2020"))
    yield Desk(replace(installation, database=record))
    record.close()


def test_a_record_is_confirmed_from_the_list(desk: Desk) -> None:
    page = desk.web.get("/staff/stale", **desk.cookie())
    assert "Never confirmed" in page.text
    assert f"/staff/services/{OWN}/edit" in page.text
    form = {"service": OWN, "months": "12", "council": "", "family": "", "page": "1"}
    answer = desk.web.post("/staff/stale/confirm", form, **desk.cookie("worker"))
    assert answer.headers["location"].startswith("/staff/stale?")
    assert "Nothing to look at here" in desk.web.get("/staff/stale", **desk.cookie()).text


@pytest.mark.parametrize("query", ["months=x", "council=E06000001", "family=wizardry", "page=0", "page=9999999"])
def test_a_filter_that_cannot_be_used_is_none(desk: Desk, query: str) -> None:
    assert desk.web.get(f"/staff/stale?{query}", **desk.cookie()).status_code == 200


def test_a_service_that_is_not_there_is_told(desk: Desk) -> None:
    for own in ("", "x" * 36):
        assert desk.web.post("/staff/stale/confirm", {"service": own}, **desk.cookie()).status_code == 404
