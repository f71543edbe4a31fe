"""A run is kept to its end, what vanishes is not confirmed, and what looks wrong waits for a person."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from directory import records
from directory.database import Database
from directory.errors import Conflict, NotFound, UnusableFile
from directory.feeds import listing, runs
from directory.feeds.runs import State
from directory.search import fold
from directory.tables import Outbox, Service
from ingest import guards, lease, pipeline
from ingest.lease import Busy
from ingest.means import Means, Order
from ingest.report import RunReport
from tests.builders import NOON
from tests.ingest.lists import counts, schools, schools_of
from tests.ingest.tables import a_fact, a_refuge, a_school, file_of

FIRST = records.service_id("schools", "school:9000000")


@dataclass(slots=True)
class Registry:
    """The school roll as its publisher hands it over, read on one day after the other."""

    record: Database
    folder: Path
    today: datetime = field(default=NOON)

    @property
    def means(self) -> Means:
        return Means(self.record, lambda: self.today, self.folder / "home")

    def later(self, days: float) -> "Registry":
        self.today += timedelta(days=days)
        return self

    def read(self, path: Path, order: Order | None = None) -> RunReport:
        return pipeline.run_files(self.means, "schools", [path], order)

    def run(self, run_id: int) -> runs.Run:
        with self.record.reading() as session:
            return runs.get(session, run_id)

    def service(self, service_id: str = FIRST) -> Service:
        with self.record.reading() as session:
            return session.get_one(Service, service_id)

    def listings(self) -> dict[str, int]:
        with self.record.reading() as session:
            return dict(session.execute(select(Service.listing, func.count()).group_by(Service.listing)).all())  # type: ignore[arg-type]

    def told(self) -> int:
        """Lines for the index so far."""
        with self.record.reading() as session:
            return session.scalar(select(func.count(Outbox.id))) or 0


@pytest.fixture
def registry(record: Database, tmp_path: Path) -> Iterator[Registry]:
    return Registry(record, tmp_path)


@pytest.fixture
def known(registry: Registry, tmp_path: Path) -> Registry:
    """A source of forty schools that was read once."""
    registry.read(schools(tmp_path, 40))
    registry.later(1)
    return registry


def test_a_run_is_kept_with_what_it_read(registry: Registry, tmp_path: Path) -> None:
    path = schools(tmp_path, 3)
    report = registry.read(path)
    run = registry.run(report.run_id)
    assert (run.state, run.read, run.made, run.made_by, run.started_at) == (State.DONE, 3, 3, "command", NOON)
    assert [part.name for part in run.material] == [path.name]
    assert registry.means.raw
    assert registry.means.raw.read(run.material[0].digest) == path.read_bytes()
    assert run.report["read"] == 3
    assert "Kirkhaven" not in str(run.report), "reasons only"


def test_a_run_that_fails_says_why(known: Registry, tmp_path: Path) -> None:
    broken = file_of(tmp_path, {"SeedCode": "1"}, name="broken.csv")
    with pytest.raises(UnusableFile):
        known.read(broken)
    with known.record.reading() as session:
        run = runs.last(session, "schools")
    assert run
    assert run.state is State.FAILED
    assert "broken.csv has no column" in run.why
    assert known.listings() == {"listed": 40}


def test_the_next_run_finds_one_that_died(known: Registry, tmp_path: Path) -> None:
    with known.record.session() as session:
        dead = runs.begin(session, "schools", "schedule", known.today)
    known.read(schools(tmp_path, 40))
    assert known.run(dead).state is State.FAILED
    assert known.run(dead).why == runs.DIED


def test_a_source_is_run_once_at_a_time(known: Registry, tmp_path: Path) -> None:
    with lease.held(known.record, "schools", lambda: known.today), pytest.raises(Busy):
        known.read(schools(tmp_path, 40))
    assert known.read(schools(tmp_path, 40)).unchanged == 40


def test_another_run_of_a_source_may_not_write_once_a_slow_one_has_lost_it(known: Registry) -> None:
    with lease.held(known.record, "schools", lambda: known.today) as slow:
        later = known.today + lease.LENGTH + timedelta(seconds=1)
        taken = lease.held(known.record, "schools", lambda: later)
        lost = pytest.raises(Conflict, match="took this source over")
        with taken, known.record.session() as session, lost:
            slow.confirm(session, later)


def test_a_source_that_loses_much_waits_for_a_person(known: Registry, tmp_path: Path) -> None:
    told = known.told()
    report = known.read(schools(tmp_path, 31))
    assert (report.state, report.unlisted) == (State.HELD, 9)
    assert "no longer lists 9 of its 40 services" in report.why
    assert known.listings() == {"listed": 40}
    assert known.told() == told, "nothing for the index to do"
    run = known.run(report.run_id)
    assert (run.state, run.difference["figures"]["unlisted"]) == (State.HELD, 9)
    assert {each["name"] for each in run.difference["examples"]["unlisted"]} == {
        f"Kirkhaven {number} Primary" for number in range(31, 40)
    }


def test_numbers_that_change_all_over_wait_for_a_person(known: Registry, tmp_path: Path) -> None:
    rows = [
        a_school(SeedCode=f"{9000000 + n}", SchoolName=f"Kirkhaven {n} Primary", Phone="01315 519 206")
        for n in range(5)
    ]
    rows += [a_school(SeedCode=f"{9000000 + n}", SchoolName=f"Kirkhaven {n} Primary") for n in range(5, 40)]
    report = known.read(file_of(tmp_path, *rows))
    assert report.state is State.HELD
    assert "changes the contact data of 5 of 40" in report.why
    changes = known.run(report.run_id).difference["examples"]["contacts"][0]["changes"]
    assert [change["field"] for change in changes] == ["phone"]
    assert changes[0]["before"] != changes[0]["after"]


def test_nothing_at_all_waits_for_a_person(registry: Registry, tmp_path: Path) -> None:
    registry.read(schools(tmp_path, 2))
    report = registry.read(schools(tmp_path, 1, LACode="nowhere"))
    assert (report.state, report.why) == (
        State.HELD, "The source handed over no service that can be used, and it had 2."
    )  # fmt: skip


def test_an_accepted_run_takes_in_just_what_was_read(known: Registry, tmp_path: Path) -> None:
    path = schools(tmp_path, 31)
    held = known.read(path)
    path.unlink()
    done = pipeline.accept(known.later(1).means, held.run_id)
    assert (done.state, done.run_id, done.unlisted, done.unchanged) == (State.DONE, held.run_id, 9, 31)
    assert known.run(held.run_id).state is State.DONE
    assert known.listings() == {"listed": 31, "unlisted": 9}
    with pytest.raises(Conflict, match="does not wait any more"):
        pipeline.accept(known.means, held.run_id)


def test_a_rejected_run_leaves_everything(known: Registry, tmp_path: Path) -> None:
    held = known.read(schools(tmp_path, 31))
    assert pipeline.reject(known.record, held.run_id, lambda: known.today).state is State.REJECTED
    assert known.listings() == {"listed": 40}
    for refused in (
        lambda: pipeline.accept(known.means, held.run_id),
        lambda: pipeline.reject(known.record, 999, known.means.clock),
    ):
        with pytest.raises((Conflict, NotFound)):
            refused()


def test_the_same_again_is_not_asked_twice(known: Registry, tmp_path: Path) -> None:
    path = schools(tmp_path, 31)
    held = known.read(path)
    again = known.later(1).read(path)
    assert (again.state, known.run(held.run_id).state) == (State.REPLACED, State.HELD)
    assert f"same as run {held.run_id}" in again.why
    pipeline.reject(known.record, held.run_id, known.means.clock)
    assert known.later(1).read(path).state is State.REJECTED


def test_a_newer_run_takes_the_place_of_one_that_waits(known: Registry, tmp_path: Path) -> None:
    first, second = known.read(schools(tmp_path, 31)), known.read(schools(tmp_path, 30))
    assert (known.run(first.run_id).state, known.run(second.run_id).state) == (State.REPLACED, State.HELD)
    mended = known.read(schools(tmp_path, 40))
    assert (mended.state, known.run(second.run_id).state) == (State.DONE, State.REPLACED)


def test_a_dry_run_says_what_would_wait(known: Registry, tmp_path: Path) -> None:
    report = known.read(schools(tmp_path, 31), Order(dry_run=True))
    assert (report.state, known.run(report.run_id).state) == (State.DRY_RUN, State.DRY_RUN)
    assert "It would wait for a person." in report.why
    assert report.difference["figures"]["unlisted"] == 9
    assert known.listings() == {"listed": 40}


def test_what_the_source_no_longer_lists_is_not_confirmed_and_comes_back(known: Registry, tmp_path: Path) -> None:
    missed_at = known.today
    report = known.read(schools_of(tmp_path, range(1, 40)))
    assert (report.state, report.unlisted, report.unchanged) == (State.DONE, 1, 39)
    missed = known.service()
    assert (missed.listing, missed.unlisted_at) == ("unlisted", missed_at.replace(tzinfo=None))
    with known.record.reading() as session:
        assert [each.id for each in listing.unlisted_by(session, report.run_id)] == [FIRST]
        assert [(each.name, each.since) for each in listing.unlisted(session, "schools")] == [
            ("Kirkhaven 0 Primary", missed_at)
        ]
        assert fold.document(session, FIRST), "it is still found"
    told = known.told()
    assert known.later(1).read(schools(tmp_path, 40)).relisted == 1
    assert known.listings() == {"listed": 40}
    assert known.told() == told + 1
    assert known.service().unlisted_at is None


def test_what_is_missing_for_four_weeks_is_dropped_and_never_deleted(known: Registry, tmp_path: Path) -> None:
    shorter = schools_of(tmp_path, range(1, 40))
    known.read(shorter)
    assert known.later(27).read(shorter).dropped == 0
    report = known.later(1).read(shorter)
    assert (report.dropped, known.listings()) == (1, {"listed": 39, "dropped": 1})
    with known.record.reading() as session:
        assert fold.document(session, FIRST) is None
    assert known.later(1).read(schools(tmp_path, 40)).relisted == 1
    with known.record.reading() as session:
        assert fold.document(session, FIRST)


def test_a_row_that_cannot_be_used_now_is_not_missing(known: Registry, tmp_path: Path) -> None:
    report = known.read(schools(tmp_path, 40, LACode="nowhere"))
    assert counts(report) == {"unchanged": 39, "held": 1}
    assert known.listings() == {"listed": 40}


def test_one_file_of_several_misses_nothing(record: Database, tmp_path: Path) -> None:
    registry = Registry(record, tmp_path)
    both = [
        file_of(tmp_path, a_fact(id=f"f{900 + n}") if n % 2 else a_refuge(id=f"f{900 + n}"), name=name)
        for n, name in enumerate(("scotland_service_facts.csv", "scotland_service_facts_more.csv"))
    ]
    assert pipeline.run_files(registry.means, "facts", both).made == 2
    assert pipeline.run_files(registry.means, "facts", both[:1]).unlisted == 0
    both[0] = file_of(tmp_path, a_refuge(id="f950"), name=both[0].name)
    assert pipeline.run_files(registry.means, "facts", both).unlisted == 1


def test_the_starter_directory_is_no_whole_reading(record: Database, tmp_path: Path) -> None:
    registry = Registry(record, tmp_path)
    pipeline.run_starter(record, registry.means.clock)
    assert pipeline.run_starter(record, registry.later(1).means.clock).unlisted == 0
    with record.reading() as session:
        assert session.scalar(select(func.count()).where(Service.listed_at.is_not(None))) == 0


def test_a_withheld_place_is_not_told_in_a_difference(record: Database, tmp_path: Path) -> None:
    registry = Registry(record, tmp_path)
    open_rows = [a_fact(id=f"f9{n:02}", name=f"Zephyr {n}", phone=f"01632 9600{n:02}") for n in range(30)]
    pipeline.run_files(registry.means, "facts", [file_of(tmp_path, *open_rows)])
    hidden = [row | {"confidential_place": "yes"} for row in open_rows[:10]]
    report = pipeline.run_files(registry.means, "facts", [file_of(tmp_path, *hidden, *open_rows[10:])])
    assert report.state is State.HELD
    kept = registry.run(report.run_id)
    assert kept.difference["figures"]["contacts"] == 10
    for secret in ("01632 9600", "harbour.example", "Kirkhaven"):
        assert secret not in str(kept.difference)
        assert secret not in str(kept.report)


def test_what_was_read_is_not_there_any_more(known: Registry, tmp_path: Path) -> None:
    held = known.read(schools(tmp_path, 31))
    assert known.means.raw
    known.means.raw.path(known.run(held.run_id).material[0].digest).unlink()
    with pytest.raises(UnusableFile, match="no longer there"):
        pipeline.accept(known.means, held.run_id)
    assert known.run(held.run_id).state is State.HELD


def test_without_a_home_a_held_run_cannot_be_accepted(known: Registry, tmp_path: Path) -> None:
    means = replace(known.means, home=None)
    held = pipeline.run_files(means, "schools", [schools(tmp_path, 31)])
    with pytest.raises(UnusableFile, match="not kept"):
        pipeline.accept(means, held.run_id)


def test_the_first_run_is_not_held(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(guards, "FLOOR", 0)
        assert registry.read(schools(tmp_path, 3)).state is State.DONE
