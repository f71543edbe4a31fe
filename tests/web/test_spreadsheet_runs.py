"""A list from a spreadsheet, from the page where it is uploaded to the services that people find; its next versions."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from directory import runtime
from directory.feeds import requests, runs
from directory.tables import Service, ServiceArea
from ingest.means import Means
from ingest.schedule import Schedule
from tests.builders import FIFE, a_record
from tests.web.desk import Desk
from tests.web.test_spreadsheets import TABLE, columns_page, fields_of, post, saved, workbook

SOURCE = "fife-council-youth-services"


@pytest.fixture
def desk(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Desk]:
    record = a_record(tmp_path)
    yield Desk(replace(installation, database=record, settings=replace(installation.settings, home=tmp_path)))
    record.close()


def worked(desk: Desk, confined: bool = False) -> runs.Run:
    """The run that came of what was asked for on the pages."""
    home = desk.running.settings.home
    (said,) = Schedule(Means(desk.running.database, desk.running.clock, home, confined=confined)).look()
    with desk.running.database.reading() as session:
        assert requests.waiting(session) == ()
        (run, *_) = runs.history(session, SOURCE, 5)
    assert run.state is runs.State.DONE, said
    return run


def counts(run: runs.Run) -> tuple[int, int, int, int, int]:
    return run.made, run.changed, run.unchanged, run.held, run.refused


def newer(desk: Desk, table: str | bytes, name: str = "newer.csv") -> None:
    href, page = columns_page(desk, table, name, SOURCE)
    assert post(desk, f"{href}/save", fields_of(page)).status_code == 303


@pytest.mark.parametrize("confined", [False, True], ids=["in one process", "in a process of its own"])
def test_an_upload_becomes_services_and_the_same_again_changes_nothing(desk: Desk, confined: bool) -> None:
    saved(desk)
    assert counts(worked(desk, confined)) == (2, 0, 0, 0, 1)
    with desk.running.database.reading() as session:
        names = set(session.scalars(select(Service.name).where(Service.source_id == SOURCE)))
        areas = set(session.scalars(select(ServiceArea.extent).join(Service).where(Service.source_id == SOURCE)))
    assert names == {"Example Young People’s Project", "Example Listening Room"}
    assert FIFE in areas
    newer(desk, TABLE.replace("Mentoring", "Mentors"))
    assert counts(worked(desk, confined)) == (0, 1, 1, 0, 1)
    newer(desk, TABLE.replace("Mentoring", "Mentors") + "\r\n")
    assert counts(worked(desk, confined)) == (0, 0, 2, 0, 1)


def test_the_next_version_may_be_a_workbook(desk: Desk) -> None:
    saved(desk)
    worked(desk)
    lines: list[list[object]] = [line.replace('"', "").split(",") for line in TABLE.splitlines()]
    newer(desk, workbook(Services=lines), "newer.xlsx")
    assert counts(worked(desk, confined=True)) == (0, 0, 2, 0, 1)
