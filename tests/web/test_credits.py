"""Licence and attribution on the pages: of a service its own sources', about the data all there are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from directory import records, runtime
from directory.database import Database
from directory.records import SourceInfo
from tests.builders import NOON, a_draft, a_record, write
from tests.web.conftest import Web
from web.app import create_app

OWN = records.service_id("facts", "f900")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    found = a_record(tmp_path)
    write(found, a_draft())
    write(found, a_draft(source="other", source_id="o1"))
    with found.session() as session:
        told = SourceInfo("facts", "Source facts", "Somebody", "OGL v3", "Contains <b>Fife</b> data.")
        records.ensure_source(session, told)
        records.ensure_source(session, SourceInfo("added", "Added by Ann", "Ann", "CC BY 4.0", "© Ann"))
    yield found
    found.close()


@pytest.fixture
def web(installation: runtime.Runtime, record: Database) -> Web:
    return Web(create_app(replace(installation, database=record)))


def test_a_service_names_the_licence_of_each_source_that_tells_of_it(web: Web, record: Database) -> None:
    page = web.get(f"/services/{OWN}").text
    assert "OGL v3." in page
    assert "Contains &lt;b&gt;Fife&lt;/b&gt; data." in page
    assert "Source other" not in page
    with record.session() as session:
        records.set_same_as(session, records.service_id("other", "o1"), OWN, NOON)
    page = web.get(f"/services/{OWN}").text
    assert page.index("Source facts: OGL v3.") < page.index("Source other: OGL v3.")
    assert "Added by Ann" not in page


def test_about_the_data_names_every_source(web: Web) -> None:
    page = web.get("/about-data").text
    for said in ("Contains &lt;b&gt;Fife&lt;/b&gt; data.", "Source other", "Added by Ann", "CC BY 4.0", "© Ann"):
        assert said in page
