"""The index follows the record: at least once, in order, and after a crash too."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from directory.database import Database
from directory.errors import NotReady
from directory.records import UNSEEN, service_id, set_same_as
from directory.search import claims, indexing
from directory.search.document import ServiceDocument
from directory.search.embedded import EmbeddedIndex
from directory.search.indexing import IndexComparison, Lag
from directory.tables import Outbox
from tests.builders import NOON, a_draft, a_record, a_withheld_draft, write


def noon() -> datetime:
    return NOON


class Crash(Exception):
    """The process ends here."""


class CrashAfterCommit(EmbeddedIndex):
    """The real engine, whose process dies when what it was given is safely on disk."""

    async def put(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        await super().put(documents)
        raise Crash

    async def rebuild(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        await super().rebuild(documents)
        raise Crash


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    opened = a_record(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def index(tmp_path: Path) -> EmbeddedIndex:
    return EmbeddedIndex(tmp_path / "index")


def drain(record: Database, index: EmbeddedIndex, batch: int = 500) -> int:
    return anyio.run(indexing.drain, record, index, noon, batch)


def rebuild(record: Database, index: EmbeddedIndex, progress: Callable[[int], None] | None = None) -> int:
    return anyio.run(indexing.rebuild, record, index, noon, progress)


def compare(record: Database, index: EmbeddedIndex) -> IndexComparison:
    return anyio.run(indexing.compare, record, index)


def get(index: EmbeddedIndex, name: str) -> ServiceDocument | None:
    return anyio.run(index.get, name)


def waiting(record: Database) -> int:
    with record.reading() as session:
        return session.scalar(select(func.count()).select_from(Outbox).where(Outbox.done_at.is_(None))) or 0


def test_rebuild_then_drain(record: Database, index: EmbeddedIndex) -> None:
    write(record, a_draft(source_id="f1"), a_draft(source_id="f2"), a_draft(source_id="f3", status="defunct"))
    assert rebuild(record, index) == 2
    assert (waiting(record), drain(record, index)) == (0, 0)
    write(record, a_draft(source_id="f1", name="Harbour House"), a_draft(source_id="f4"))
    assert drain(record, index) == 2
    changed = get(index, "f1")
    assert changed
    assert changed.name == "Harbour House"
    assert compare(record, index).is_equal
    assert drain(record, index) == 0


def test_a_closed_service_leaves_the_index(record: Database, index: EmbeddedIndex) -> None:
    write(record, a_draft(source_id="f1"), a_draft(source_id="f2"))
    rebuild(record, index)
    write(record, a_draft(source_id="f1", status="defunct"))
    drain(record, index)
    assert get(index, "f1") is None
    assert compare(record, index).is_equal


def test_a_joined_row_leaves_and_its_leader_changes(record: Database, index: EmbeddedIndex) -> None:
    write(record, a_withheld_draft(source_id="f1"), a_draft(source_id="f2"))
    rebuild(record, index)
    for leader in (service_id("facts", "f1"), None):
        with record.session() as session:
            set_same_as(session, service_id("facts", "f2"), leader, NOON)
        assert drain(record, index) == 2
        assert compare(record, index).is_equal
    assert get(index, "f2")


def test_batches_end_in_the_same_index(record: Database, index: EmbeddedIndex) -> None:
    rebuild(record, index)
    for name in ("first", "second"):
        write(record, *(a_draft(source_id=f"f{number}", name=name) for number in range(7)))
    assert drain(record, index, batch=3) == 14
    assert compare(record, index).is_equal


def test_without_an_index_the_lines_wait(record: Database, index: EmbeddedIndex) -> None:
    write(record, a_draft())
    with pytest.raises(NotReady):
        drain(record, index)
    assert waiting(record) == 1


def test_a_crash_after_the_index_committed_repeats_work_only(
    record: Database, index: EmbeddedIndex, tmp_path: Path
) -> None:
    rebuild(record, index)
    write(record, a_draft(source_id="f1"), a_draft(source_id="f2", status="defunct"))
    with pytest.raises(Crash):
        drain(record, CrashAfterCommit(tmp_path / "index"))
    assert (waiting(record), compare(record, index).is_equal) == (2, True)
    assert (drain(record, index), waiting(record)) == (2, 0)
    assert compare(record, index).is_equal


def test_a_rebuild_that_crashes_leaves_the_lines_waiting(record: Database, tmp_path: Path) -> None:
    write(record, a_draft())
    with pytest.raises(Crash):
        rebuild(record, CrashAfterCommit(tmp_path / "index"))
    assert waiting(record) == 1


class WrittenMeanwhile(EmbeddedIndex):
    """The real engine, with somebody changing the record while it works."""

    def __init__(self, directory: Path, change: Callable[[], object]) -> None:
        super().__init__(directory)
        self._change = change

    async def put(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        change, self._change = self._change, lambda: None
        change()
        return await super().put(documents)

    async def rebuild(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        self._change()
        return await super().rebuild(documents)


def test_lines_written_during_a_rebuild_wait_for_the_drain(
    record: Database, index: EmbeddedIndex, tmp_path: Path
) -> None:
    write(record, a_draft(source_id="f1"))

    def change() -> None:
        write(record, a_draft(source_id="f1", name="Harbour House"), a_draft(source_id="f2"))

    assert rebuild(record, WrittenMeanwhile(tmp_path / "index", change)) == 1
    assert compare(record, index) == IndexComparison((service_id("facts", "f2"),), (), (service_id("facts", "f1"),))
    assert drain(record, index) > 0
    assert compare(record, index).is_equal


def test_a_line_drained_into_the_old_index_during_a_rebuild_is_asked_for_again(
    record: Database, index: EmbeddedIndex, tmp_path: Path
) -> None:
    rebuild(record, index)
    write(record, a_draft(source_id="f1"))
    drain(record, index)

    def change() -> None:
        """Another process writes, drains into the index that is about to be replaced, and marks the line."""
        write(record, a_draft(source_id="f1", name="Harbour House"))
        with record.session() as session:
            session.execute(update(Outbox).values(done_at=NOON), execution_options=UNSEEN)

    rebuild(record, WrittenMeanwhile(tmp_path / "index", change))
    assert compare(record, index).different == (service_id("facts", "f1"),)
    drain(record, index)
    assert compare(record, index).is_equal


def test_while_one_drains_another_finds_nothing_to_do(record: Database, index: EmbeddedIndex, tmp_path: Path) -> None:
    rebuild(record, index)
    write(record, a_draft(source_id="f1"))
    others: list[int] = []

    def change() -> None:
        """Another process changes the service, and would drain, after we read it and before we put it."""
        write(record, a_draft(source_id="f1", name="Harbour House"))
        with claims.claim(record, 500) as claim:
            others.append(len(claim.lines.ids))

    assert drain(record, WrittenMeanwhile(tmp_path / "index", change)) == 2
    assert others == [0]
    assert compare(record, index).is_equal
    assert waiting(record) == 0


def test_repair_mends_what_is_wrong_and_says_it(record: Database, index: EmbeddedIndex) -> None:
    write(record, *(a_draft(source_id=name, name=name) for name in ("a", "b", "c")))
    rebuild(record, index)
    a, b, c = (service_id("facts", name) for name in ("a", "b", "c"))
    wrong = get(index, "b")
    assert wrong
    stray = replace(wrong, id=service_id("facts", "stray"), source_id="stray")
    anyio.run(index.remove, [a])
    anyio.run(index.put, [replace(wrong, name="not b"), stray])
    found = IndexComparison(missing=(a,), extra=(stray.id,), different=(b,))
    assert anyio.run(indexing.repair, record, index, noon) == found
    assert compare(record, index).is_equal
    assert get(index, "c")
    assert c not in found.all


def test_the_lag_is_the_lines_waiting_and_the_age_of_the_oldest(record: Database, index: EmbeddedIndex) -> None:
    rebuild(record, index)
    assert indexing.lag(record, NOON) == Lag(0, 0.0)
    write(record, a_draft(source_id="f1"), a_draft(source_id="f2"))
    assert indexing.lag(record, NOON + timedelta(seconds=90)) == Lag(2, 90.0)


def test_compare_says_what_is_wrong(record: Database, index: EmbeddedIndex) -> None:
    write(record, *(a_draft(source_id=name, name=name) for name in ("a", "b", "c")))
    rebuild(record, index)
    write(
        record, a_draft(source_id="a", name="changed"), a_draft(source_id="b", status="defunct"), a_draft(source_id="d")
    )
    a, b, d = (service_id("facts", name) for name in ("a", "b", "d"))
    assert compare(record, index) == IndexComparison(missing=(d,), extra=(b,), different=(a,))


def test_progress_is_told(record: Database, index: EmbeddedIndex) -> None:
    write(record, *(a_draft(source_id=f"f{number}") for number in range(250)))
    told: list[int] = []
    rebuild(record, index, told.append)
    assert told == [100, 200]


STEPS = st.lists(
    st.tuples(st.sampled_from(["f1", "f2", "f3"]), st.sampled_from(["active", "defunct", "withheld", "join", "drain"])),
    max_size=8,
)


@settings(deadline=None, max_examples=10)  # a record and an index of their own each
@given(steps=STEPS)
def test_after_a_drain_index_and_record_agree(
    steps: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    record, index = a_record(home), EmbeddedIndex(home / "index")
    write(record, *(a_draft(source_id=name) for name in ("f1", "f2", "f3")))
    rebuild(record, index)
    for name, what in steps:
        if what == "drain":
            drain(record, index, batch=2)
        elif what == "join":
            with record.session() as session:
                set_same_as(session, service_id("facts", name), service_id("facts", "f1"), NOON)
        elif what == "withheld":
            write(record, a_withheld_draft(source_id=name))
        else:
            write(record, a_draft(source_id=name, status=what))
    drain(record, index)
    assert compare(record, index).is_equal
    record.close()
