"""What waits is done once: requests of people, and sources that are due, in time, later after a failure."""

import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import respx

from directory.database import Database
from directory.errors import NotReady
from directory.feeds import requests, runs, sources
from directory.feeds.runs import Run, State
from directory.feeds.sources import SourceSettings
from ingest import background, lease, schedule
from ingest.means import Means
from ingest.schedule import Schedule
from tests.builders import NOON
from tests.ingest.feed_server import Waiting

URL = "https://lists.example/services.csv"
EDITOR = "11111111-1111-4111-8111-111111111111"
MAPPING = {
    "rules": {
        "id": {"columns": ["Ref"]},
        "name": {"columns": ["Service"]},
        "family": {"constant": "counselling"},
        "service_area": {"columns": ["Area"]},
    }
}
CLUBS = SourceSettings(
    "clubs", "Clubs", "Fife Clubs", "OGL v3.0", "From Fife Clubs.", "spreadsheet", URL, every_hours=24,
    options={"mapping": MAPPING},
)  # fmt: skip


def a_list(count: int) -> bytes:
    """So many clubs, as CSV."""
    return "\n".join(["Ref,Service,Area", *(f"c{n},Harbour Club {n},Fife" for n in range(count))]).encode()


@dataclass(slots=True)
class Desk:
    """A worker, the list it fetches, and the time."""

    record: Database
    home: Path
    server: respx.Route
    today: datetime = field(default=NOON)

    @property
    def schedule(self) -> Schedule:
        home = Means(self.record, lambda: self.today, self.home, "schedule")
        return Schedule(replace(home, surroundings=Waiting().surroundings()), lambda: 0.0)

    def look(self) -> list[str]:
        return list(self.schedule.look())

    def later(self, **passed: float) -> "Desk":
        self.today += timedelta(**passed)
        return self

    def serves(self, count: int) -> None:
        self.server.mock(return_value=httpx.Response(200, content=a_list(count), headers={"Content-Type": "text/csv"}))

    def ask(self, action: str = "run", run_id: int | None = None, digest: str = "") -> int:
        with self.record.session() as session:
            return requests.ask(session, "clubs", action, EDITOR, self.today, run_id, digest, "clubs.csv")

    def said(self) -> str:
        with self.record.reading() as session:
            return requests.recent(session, "clubs", 1)[0].said

    def runs(self) -> tuple[Run, ...]:
        with self.record.reading() as session:
            return runs.history(session, "clubs")

    @property
    def next(self) -> timedelta | None:
        """How long from now till the source runs by itself."""
        with self.record.reading() as session:
            following = sources.get(session, "clubs").next_run_at
        return following - self.today if following else None


@pytest.fixture
def desk(record: Database, tmp_path: Path) -> Iterator[Desk]:
    with record.session() as session:
        sources.add(session, CLUBS, EDITOR, NOON)
    with respx.mock(assert_all_called=False) as router:
        found = Desk(record, tmp_path / "home", router.get(URL))
        found.serves(3)
        yield found


def test_a_source_that_is_due_runs_and_is_not_due_again_till_its_time(desk: Desk) -> None:
    (line,) = desk.look()
    assert line.startswith("clubs: clubs (services.csv): 3 rows read: 3 made")
    assert (desk.runs()[0].state, desk.runs()[0].made_by, desk.next) == (State.DONE, "schedule", timedelta(hours=24))
    assert desk.later(hours=23).look() == []
    assert len(desk.later(hours=1).look()) == 1


def test_after_a_failure_it_is_tried_sooner_and_each_time_later(desk: Desk) -> None:
    desk.server.mock(return_value=httpx.Response(404))
    waits = []
    for _ in range(9):
        assert len(desk.look()) == 1
        waits.append(desk.next)
        desk.later(hours=24)
    quarters = [wait / timedelta(minutes=15) for wait in waits if wait]
    assert quarters == [1, 2, 4, 8, 16, 32, 64, 96, 96]
    assert desk.runs()[0].state is State.FAILED
    assert "404" in desk.runs()[0].why
    desk.serves(3)
    desk.look()
    assert desk.next == timedelta(hours=24)


def test_sources_are_spread_out() -> None:
    daily = replace(CLUBS, every_hours=24)
    assert schedule.next_time(daily, 0, NOON, 1.0) == NOON + timedelta(hours=24, minutes=30)
    assert schedule.next_time(replace(CLUBS, every_hours=1), 0, NOON, 1.0) == NOON + timedelta(minutes=66)
    assert schedule.next_time(replace(CLUBS, active=False), 0, NOON, 1.0) is None
    assert schedule.next_time(replace(CLUBS, url=""), 0, NOON, 1.0) is None


def test_what_a_person_asked_for_is_done_and_answered(desk: Desk) -> None:
    desk.look()
    desk.serves(4)
    desk.later(hours=1).ask()
    (line,) = desk.look()
    assert "1 made, 0 changed, 3 unchanged" in line
    assert desk.said() in line
    assert (desk.runs()[0].made_by, desk.next) == (EDITOR, timedelta(hours=24))
    assert desk.look() == []


def test_a_dry_run_asked_for_writes_nothing(desk: Desk) -> None:
    desk.look()
    desk.serves(5)
    desk.later(hours=1).ask("dry_run")
    desk.look()
    assert "2 made" in desk.said()
    assert desk.said().endswith("Dry run: nothing was written.")
    assert desk.next == timedelta(hours=23)


def test_an_uploaded_file_is_read(desk: Desk) -> None:
    raw = desk.schedule.means.raw
    assert raw
    kept = raw.put(a_list(6))
    desk.ask(digest=kept.digest)
    desk.look()
    assert "clubs (clubs.csv): 6 rows read: 6 made" in desk.said()
    assert desk.runs()[-1].material[0].digest == kept.digest


def test_a_held_run_is_accepted_or_rejected_by_request(desk: Desk) -> None:
    desk.serves(40)
    desk.look()
    desk.serves(20)
    desk.later(hours=24).look()
    held = desk.runs()[0]
    assert held.state is State.HELD
    desk.ask("reject", held.id)
    desk.look()
    assert desk.said() == "Rejected: nothing of it is in the record."
    desk.serves(21)
    desk.later(hours=24).look()
    desk.ask("accept", desk.runs()[0].id)
    desk.look()
    assert "19 no longer listed by their source" in desk.said()
    assert [run.state for run in desk.runs()[:2]] == [State.DONE, State.REJECTED]


def test_a_request_that_cannot_be_done_says_why(desk: Desk) -> None:
    desk.look()
    desk.ask(digest="0" * 64)
    desk.look()
    assert "cannot be read" in desk.said() or "no longer there" in desk.said()


def test_what_another_worker_is_at_waits(desk: Desk) -> None:
    desk.ask()
    with lease.held(desk.record, "clubs", lambda: desk.today):
        assert desk.look() == []
        assert desk.schedule.waits()
    assert len(desk.look()) == 1
    assert not desk.schedule.waits()


def test_one_trouble_does_not_keep_the_others_waiting(desk: Desk) -> None:
    with desk.record.session() as session:
        odd = replace(CLUBS, id="a-feed", kind="no-such-kind", url="https://feeds.example/")
        sources.add(session, odd, EDITOR, NOON)
    said = sorted(desk.look())
    assert "There is no kind of source 'no-such-kind'" in said[0]
    assert "3 made" in said[1]


def test_old_files_are_taken_away_once_a_day(desk: Desk) -> None:
    raw = desk.schedule.means.raw
    assert raw
    old = raw.put(b"long ago").digest
    long_ago = (NOON - timedelta(days=500)).timestamp()

    os.utime(raw.path(old), (long_ago, long_ago))
    desk.look()
    assert not raw.holds(old)


def test_the_pages_do_what_waits_only_when_no_worker_runs(desk: Desk) -> None:
    home = desk.home

    def needed() -> bool:
        return background.is_needed(desk.record, lambda: desk.today, home)

    assert needed()
    with background.working(home), background.working(home):
        assert not needed()
    desk.look()
    assert needed(), "the index has not been told yet"


def test_the_pages_have_it_done_in_a_process_of_its_own(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.home.mkdir(exist_ok=True)
    done = desk.home / "done"
    monkeypatch.setattr(background, "LOOK_S", 0.01)
    monkeypatch.setattr(background, "COMMAND", (sys.executable, "-c", f"open({str(done)!r}, 'x').close()"))
    with background.beside(desk.record, lambda: desk.today, desk.home):
        tries = iter(range(600))
        while not done.exists() and next(tries, None) is not None:
            threading.Event().wait(0.1)
    assert done.exists()


def test_two_workers_run_a_source_once(desk: Desk) -> None:
    start = threading.Barrier(2)
    said: list[str] = []

    def work() -> None:
        schedule = desk.schedule
        start.wait()
        said.extend(schedule.look())

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(said) == len(desk.runs()) == 1


def test_a_record_that_is_lost_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise NotReady("The record cannot be reached.")

    monkeypatch.setattr(requests, "waiting", lost)
    with pytest.raises(NotReady):
        desk.look()
