"""Received bytes are kept once, whole, readable by us alone, and let go when nothing needs them any more."""

import gzip
import hashlib
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.database import Database
from directory.errors import NotReady, UnusableFile
from directory.feeds import raw as raw_store
from directory.feeds import requests, runs
from directory.feeds.raw import Kept, Pruned, RawStore
from directory.feeds.runs import State
from directory.feeds.tables import Fetched
from directory.records import SourceInfo, ensure_source
from tests.builders import NOON, a_record

TABLE = b"id,name\n1,Harbour\n"
DIGEST = hashlib.sha256(TABLE).hexdigest()
GONE = "0" * 64


@pytest.fixture
def raw(tmp_path: Path) -> RawStore:
    return RawStore(tmp_path / "raw")


def files(raw: RawStore) -> list[str]:
    return sorted(str(file.relative_to(raw.root)) for file in raw.root.rglob("*") if file.is_file())


def test_bytes_are_kept_by_their_digest_packed(raw: RawStore) -> None:
    assert raw.put(TABLE) == Kept(DIGEST, len(TABLE))
    assert files(raw) == [f"{DIGEST[:2]}/{DIGEST}.gz"]
    assert gzip.decompress(raw.path(DIGEST).read_bytes()) == TABLE
    assert (raw.read(DIGEST), raw.holds(DIGEST)) == (TABLE, True)


def test_the_same_bytes_are_kept_once(raw: RawStore) -> None:
    assert raw.put(TABLE) == raw.put_stream([TABLE[:3], b"", TABLE[3:]])
    assert len(files(raw)) == 1


def test_the_same_bytes_make_the_same_file(raw: RawStore) -> None:
    first = raw.path(raw.put(TABLE).digest).read_bytes()
    assert raw.path(raw.put(TABLE).digest).read_bytes() == first


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=3000), max_size=5))
def test_any_bytes_come_back(raw: RawStore, pieces: list[bytes]) -> None:
    kept = raw.put_stream(pieces)
    assert (raw.read(kept.digest), kept.size) == (b"".join(pieces), sum(map(len, pieces)))


def test_only_we_may_read_them(raw: RawStore) -> None:
    path = raw.path(raw.put(TABLE).digest)
    modes = [stat.S_IMODE(file.stat().st_mode) for file in (path, path.parent, raw.root)]
    assert modes == [0o600, 0o700, 0o700]


@pytest.mark.parametrize("name", ["", "..", "../../waymark.db", "a" * 63, "A" * 64, "g" * 64, DIGEST + "/x", "é" * 64])
def test_what_is_no_digest_names_no_file(raw: RawStore, name: str) -> None:
    with pytest.raises(UnusableFile, match="not the name"):
        raw.path(name)


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_more_than_may_be_is_not_kept(raw: RawStore, size: int, fits: bool) -> None:
    pieces = (b"x" for _ in range(size))
    if fits:
        assert raw.put_stream(pieces, most_bytes=1000).size == size
        return
    with pytest.raises(UnusableFile, match=r"larger than 0\.001 MB"):
        raw.put_stream(pieces, most_bytes=1000)
    assert files(raw) == []


def test_a_stream_that_breaks_off_leaves_nothing(raw: RawStore) -> None:
    def broken() -> Iterator[bytes]:
        yield TABLE
        raise RuntimeError("the sender is gone")

    with pytest.raises(RuntimeError):
        raw.put_stream(broken())
    assert files(raw) == []


def shortened(data: bytes) -> bytes:
    return data[:-5]


def changed(data: bytes) -> bytes:
    return data[:12] + bytes([data[12] ^ 0xFF]) + data[13:]


def another(data: bytes) -> bytes:
    return gzip.compress(b"another table")


def emptied(data: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [shortened, changed, another, emptied])
def test_a_damaged_file_is_noticed_and_mended(raw: RawStore, damage: Callable[[bytes], bytes]) -> None:
    path = raw.path(raw.put(TABLE).digest)
    path.write_bytes(damage(path.read_bytes()))
    assert not raw.holds(DIGEST)
    with pytest.raises(UnusableFile, match=r"damaged on disk\. Fetch or upload it again"):
        raw.read(DIGEST)
    raw.put(TABLE)
    assert raw.read(DIGEST) == TABLE


def test_a_file_that_is_gone_is_said_to_be(raw: RawStore) -> None:
    assert not raw.holds(GONE)
    with pytest.raises(UnusableFile, match="no longer there"):
        raw.read(GONE)


def test_reading_has_a_limit_too(raw: RawStore) -> None:
    with pytest.raises(UnusableFile, match="larger"):
        raw.read(raw.put(TABLE).digest, most_bytes=5)


def test_a_folder_that_cannot_be_written_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("a file where the folder should be")
    with pytest.raises(NotReady, match="cannot be written"):
        RawStore(tmp_path / "raw").put(TABLE)


def test_a_full_disk_is_said_to_be_and_leaves_nothing(raw: RawStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotReady, match=r"No space left on device\. Make room"):
        raw.put(TABLE)
    assert files(raw) == []


KILLED = """
import os, sys
from pathlib import Path
from directory.feeds.raw import RawStore
with RawStore(Path(sys.argv[1])).writing() as new:
    new.write(os.urandom(500_000))
    os.kill(os.getpid(), 9)
"""


def test_a_process_that_is_killed_leaves_no_half_file_under_a_name(raw: RawStore) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, str(raw.root)], check=False).returncode == -9
    assert list(raw.root.glob("??/*")) == []
    (left,) = files(raw)
    assert raw.prune((), datetime.now(UTC)).files == 0  # it may belong to somebody who is writing
    assert raw.prune((), datetime.now(UTC) + timedelta(days=2)).files == 1, left


def aged(raw: RawStore, data: bytes, days: int) -> str:
    digest = raw.put(data).digest
    moment = (NOON - timedelta(days=days)).timestamp()
    os.utime(raw.path(digest), (moment, moment))
    return digest


def test_what_is_old_and_not_wanted_goes(raw: RawStore) -> None:
    old, young, wanted = aged(raw, b"old", 401), aged(raw, b"young", 399), aged(raw, b"wanted", 4000)
    pruned = raw.prune({wanted}, NOON)
    assert pruned.files == 1
    assert pruned.bytes > 0
    assert [raw.holds(digest) for digest in (old, young, wanted)] == [False, True, True]


def test_retention_may_be_shorter(raw: RawStore) -> None:
    digest = aged(raw, b"young", 31)
    assert raw.prune((), NOON, older_than=timedelta(days=30)).files == 1
    assert not raw.holds(digest)


def test_what_is_received_again_is_young_again(raw: RawStore) -> None:
    aged(raw, TABLE, 1000)
    raw.put(TABLE)
    assert raw.prune((), datetime.now(UTC)) == Pruned(0, 0)


def test_nothing_kept_is_nothing_to_prune(raw: RawStore) -> None:
    assert raw.prune((), NOON) == Pruned(0, 0)


class TestWanted:
    """Retention leaves what the newest runs, people and open requests still need."""

    @pytest.fixture
    def record(self, tmp_path: Path) -> Iterator[Database]:
        opened = a_record(tmp_path / "home")
        with opened.session() as session:
            for source in ("one", "two"):
                ensure_source(session, SourceInfo(source, "A feed", "Somebody", "OGL v3"))
        yield opened
        opened.close()

    def run(self, record: Database, source: str, digest: str, state: State, part: str = "") -> None:
        with record.session() as session:
            run = runs.begin(session, source, "command", NOON)
            session.add(
                Fetched(
                    source_id=source, run_id=run, url="u", url_digest="d", digest=digest, size=1, content_type="",
                    etag="", last_modified="", fetched_at=NOON,
                )
            )  # fmt: skip
            if part:
                runs.note_material(session, run, [runs.Kept("a.csv", part)])
            if state is not State.RUNNING:
                runs.end(session, run, state, NOON)

    def test_the_newest_done_runs_of_each_source(self, record: Database) -> None:
        for number in range(5):
            self.run(record, "one", f"one{number}", State.DONE)
        self.run(record, "two", "two", State.DONE, part="unpacked")
        with record.reading() as session:
            assert raw_store.wanted(session, runs=2) == {"one3", "one4", "two", "unpacked"}

    def test_what_runs_or_waits_for_a_person(self, record: Database) -> None:
        for state in State:
            self.run(record, "one", state, state, part=f"part of {state}")
        with record.reading() as session:
            states = {"running", "held", "done"}
            assert raw_store.wanted(session) == states | {f"part of {state}" for state in states}

    def test_what_broke_off_and_may_be_taken_up(self, record: Database) -> None:
        """Newest first: a failed run's pages are younger than any retention."""
        self.run(record, "one", "failed", State.FAILED)
        with record.reading() as session:
            assert "failed" not in raw_store.wanted(session)

    def test_uploads_that_nobody_has_read(self, record: Database) -> None:
        with record.session() as session:
            asked = requests.ask(session, "one", "run", "somebody", NOON, upload_digest=DIGEST)
            assert raw_store.wanted(session) == {DIGEST}
            requests.finish(session, asked, "done", NOON)
            assert raw_store.wanted(session) == frozenset()
