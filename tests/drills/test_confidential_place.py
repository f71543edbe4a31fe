"""A place that a partner made confidential is in no page, feed, table, index, log, letter or byte of the record."""

import logging
import sqlite3
from collections.abc import Iterator

import anyio
import pytest
from sqlalchemy import inspect, select

from directory import runtime
from directory.partners.tables import Registration
from directory.referrals.loop import Loop
from directory.search import indexing
from directory.tables import Base
from tests.drills.confidential import NEEDLES, Way
from tests.drills.test_canaries import Log, dumped
from tests.web.casework import a_workplace, apart
from tests.web.conftest import installation
from web import even_time

__all__ = ["installation"]


@pytest.fixture(scope="module")
def walked(installation: runtime.Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Way, list[str]]]:
    log, root = Log(), logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    with pytest.MonkeyPatch.context() as patched, a_workplace(installation, tmp_path_factory.mktemp("place")) as worker:
        patched.setattr(even_time, "STEP_S", 1e-6)
        way = Way(worker)
        way.walk()
        running = worker.desk.running
        apart(anyio.run, indexing.drain, running.database, running.index, running.clock)
        worker.go_round()
        with sqlite3.connect(running.settings.home / "waymark.db", isolation_level=None) as record:
            record.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what was public once stands in its log until then
        yield way, log.lines
    root.removeHandler(log)
    root.setLevel(level)


def hits(text: str | bytes) -> list[str]:
    low = (text if isinstance(text, bytes) else text.encode()).lower()
    return [each for each in NEEDLES if each.encode() in low or each.encode("utf-16-le") in low]


def test_it_is_in_nothing_that_is_written_or_shown(walked: tuple[Way, list[str]]) -> None:
    way, log = walked
    desk = way.worker.desk
    found: dict[str, list[str]] = {}
    owns = (way.service_id, way.second)
    public = [f"/services/{own}{end}" for own in owns for end in ("", ".json")]
    public += [f"/partners/widget/{own}" for own in owns]
    public += [f"/services{end}?q=house" for end in ("", ".json", ".csv")]
    public += [f"/services.json?q={needle}" for needle in NEEDLES if needle.isalpha()]
    public += ["/changes.atom", "/about-data", "/metrics"]
    for path in public:
        page = desk.web.get(path)
        assert page.status_code == 200, path
        asked = path.partition("?q=")[2]
        found[path] = [each for each in hits(page.text) if each != asked]
    for path in (f"/services/{own}" for own in owns):
        assert "Place withheld for safety" in desk.web.get(path).text
    for accept in ("text/html", "application/json"):
        form = {"text": "she was battered and needs a safe place", "residence": "Kirkcaldy", "age": "30"}
        found[f"match {accept}"] = hits(desk.web.post("/match", form, Accept=accept).text)
    for own in owns:
        for role, path in (("editor", f"/staff/services/{own}"), ("editor", f"/staff/services/{own}/history")):
            found[f"{role} {path}"] = hits(desk.web.get(path, **desk.cookie(role)).text)
        for rest in ("card", "widget", "elsewhere", "review", "room"):
            found[f"own {rest} {own}"] = hits(way.get(f"/partners/services/{own}/{rest}").text)
        found[f"work {own}"] = hits(way.get(f"/partners/work/services/{own}").text)
    found["sheet"] = hits(way.get("/partners/work/bulk/services.xlsx").content)
    for path in ("/staff/proposals", f"/staff/registrations/{way.registration}", "/staff/work"):
        found[path] = hits(desk.web.get(path, **desk.cookie("supervisor")).text)
    found["index"] = hits(apart(dumped, desk.running.index))
    found["log"] = hits("\n".join(log))
    files = [file for file in desk.running.settings.home.rglob("*") if file.is_file()]
    found |= {str(file.name): hits(file.read_bytes()) for file in files}
    assert {place: each for place, each in found.items() if each} == {}
    assert {"waymark.db", "waymark.db-wal"} <= {file.name for file in files}
    assert any(file.suffix == ".eml" for file in files)
    assert "Quiet House" in apart(dumped, desk.running.index)


def test_nor_is_it_kept_where_only_we_can_read(walked: tuple[Way, list[str]]) -> None:
    way, _ = walked
    loop = way.worker.desk.running.loop
    opened = list(answers_of(loop))
    assert len(opened) == 2
    assert [each for each in opened if hits(each)] == []
    assert {"registrations what", "work what", "work contact"} <= set(way.refused)


def answers_of(loop: Loop) -> Iterator[str]:
    """All that stands in registrations, opened."""
    with loop.database.reading() as session:
        for row in session.scalars(select(Registration)):
            yield loop.own.open(row.answers_sealed, "registration", row.id, "answers")


def test_no_plain_column_holds_it(walked: tuple[Way, list[str]]) -> None:
    found = {}
    with walked[0].worker.desk.running.database.reading() as session:
        for mapper in Base.registry.mappers:
            for column in inspect(mapper.class_).columns:
                if not column.key.endswith("_sealed"):
                    held = hits(repr(session.scalars(select(column)).all()))
                    if held:
                        found[f"{column.table.name}.{column.key}"] = held
    assert found == {}
