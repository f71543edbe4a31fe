"""Keeps the bytes that sources sent, each content once, so that every fact can be traced to what was received.

A file is named by the SHA-256 of its unpacked bytes and lies gzipped in `home/raw/ab/abcdef….gz`. It is written beside,
synced and renamed: a process that is killed leaves no half file under a name.
"""

import gzip
import hashlib
import os
import re
import tempfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.errors import NotReady, UnusableFile
from directory.feeds.tables import Fetched, IngestRequest, IngestRun

DIGEST = re.compile(r"[0-9a-f]{64}")
MOST_BYTES = 100_000_000
"""Of one content, unpacked (security.md row 25)."""
PIECE = 1 << 18
HEAD = 1024
GZIP = 31
"""zlib's number for a whole gzip file: the largest window, with gzip's header."""
UNFINISHED = timedelta(days=1)
"""A file that is still being written after a day belongs to a process that was killed."""
RETENTION = timedelta(days=400)
"""A year and a month: one run to look back at for each season."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A content that is kept: its name, and its size unpacked in bytes."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Pruned:
    """What retention took away: files, and the bytes they took on disk."""

    files: int
    bytes: int


class RawStore:
    """A folder of contents by digest. Every method that writes raises NotReady when the disk is full or refuses."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Where a content lies, gzipped, whether it is there or not. Raises UnusableFile for what is no digest."""
        if not DIGEST.fullmatch(digest):
            raise UnusableFile("That is not the name of a kept file.", "Fetch the file again.")
        return self.root / digest[:2] / f"{digest}.gz"

    def put(self, data: bytes) -> Kept:
        """Keeps these bytes; raises UnusableFile when there are too many."""
        return self.put_stream([data])

    def put_stream(self, chunks: Iterable[bytes], most_bytes: int = MOST_BYTES) -> Kept:
        """Keeps the bytes of a stream, a piece in memory at a time; nothing is kept when there are more than allowed.

        Raises UnusableFile then.
        """
        with self.writing(most_bytes) as new:
            for chunk in chunks:
                new.write(chunk)
        return new.kept

    @contextmanager
    def writing(self, most_bytes: int = MOST_BYTES) -> Iterator["Writing"]:
        """A content that comes in pieces: kept at the end of the block, forgotten when it raises."""
        with _told():
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=".new-", dir=self.root)
        beside, file = Path(name), os.fdopen(handle, "wb")
        try:
            new = Writing(file, most_bytes)
            yield new
            with _told():
                new.finish()
                self._rename(beside, self.path(new.kept.digest))
        finally:
            with suppress(OSError):
                file.close()
            beside.unlink(missing_ok=True)

    def _rename(self, beside: Path, to: Path) -> None:
        """Always over what is there: a damaged file is mended so, and one in use is young again for retention."""
        new = not to.parent.exists()
        to.parent.mkdir(exist_ok=True, mode=0o700)
        beside.replace(to)
        for folder in (to.parent, self.root) if new else (to.parent,):
            opened = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)

    def chunks(self, digest: str) -> Iterator[bytes]:
        """Its bytes, unpacked, a piece at a time. Raises UnusableFile when it is gone or, at the end, when damaged."""
        seen = hashlib.sha256()
        try:
            with gzip.open(self.path(digest)) as opened:
                while piece := opened.read(PIECE):
                    seen.update(piece)
                    yield piece
        except FileNotFoundError as error:
            raise UnusableFile("The kept file is no longer there.", "Fetch or upload it again.") from error
        except (EOFError, OSError, zlib.error) as error:
            raise _damaged() from error
        if seen.hexdigest() != digest:
            raise _damaged()

    def read(self, digest: str, most_bytes: int = MOST_BYTES) -> bytes:
        """All its bytes, unpacked. Raises UnusableFile when it is gone, damaged or larger."""
        taken = bytearray()
        for piece in self.chunks(digest):
            taken += piece
            if len(taken) > most_bytes:
                raise too_large(most_bytes)
        return bytes(taken)

    def holds(self, digest: str) -> bool:
        """Whether it is there, and whole."""
        try:
            for _ in self.chunks(digest):
                pass
        except UnusableFile:
            return False
        return True

    def prune(self, keep: Collection[str], now: datetime, older_than: timedelta = RETENTION) -> Pruned:
        """Takes away what is older than this and not among the digests to keep, and what was never finished."""
        files = taken = 0
        wanted = frozenset(keep)
        for file in (*self.root.glob(".new-*"), *self.root.glob("??/*.gz")):
            age = now - datetime.fromtimestamp(file.stat().st_mtime, UTC)
            if file.name.startswith(".new-"):
                gone = age > UNFINISHED
            else:
                gone = age > older_than and file.name.removesuffix(".gz") not in wanted
            if gone:
                files, taken = files + 1, taken + file.stat().st_size
                file.unlink(missing_ok=True)
        return Pruned(files, taken)


class Writing:
    """A content on its way to disk. After the block `kept` says its name; `head` are its first bytes at any time."""

    kept: Kept

    def __init__(self, file: IO[bytes], most_bytes: int) -> None:
        self._file, self._most = file, most_bytes
        self._packing = zlib.compressobj(wbits=GZIP)
        self._seen = hashlib.sha256()
        self.size = 0
        self.head = b""

    def write(self, piece: bytes) -> None:
        """Raises UnusableFile when it is more than may be kept."""
        self.size += len(piece)
        if self.size > self._most:
            raise too_large(self._most)
        if len(self.head) < HEAD:
            self.head = (self.head + piece[:HEAD])[:HEAD]
        self._seen.update(piece)
        with _told():
            self._file.write(self._packing.compress(piece))

    def finish(self) -> None:
        """Packs the rest and waits for the disk; called by `RawStore.writing`."""
        self._file.write(self._packing.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.kept = Kept(self._seen.hexdigest(), self.size)


def wanted(session: Session, runs: int = 3) -> frozenset[str]:
    """Digests that retention leaves alone: of each source's newest `runs` done runs, of runs that are under way or wait
    for a person, and of uploads that nobody has read yet.
    """
    rank = func.row_number().over(partition_by=IngestRun.source_id, order_by=IngestRun.id.desc())
    done = select(IngestRun.id, rank.label("rank")).where(IngestRun.state == "done").subquery()
    newest = list(session.scalars(select(done.c.id).where(done.c.rank <= runs)))
    newest += session.scalars(select(IngestRun.id).where(IngestRun.state.in_(("running", "held"))))
    kept = set(session.scalars(select(Fetched.digest).where(Fetched.run_id.in_(newest)).distinct()))
    for material in session.scalars(select(IngestRun.material).where(IngestRun.id.in_(newest))):
        kept |= {cast("str", part["digest"]) for part in material or ()}
    kept |= set(session.scalars(select(IngestRequest.upload_digest).where(IngestRequest.done_at.is_(None))))
    return frozenset(kept - {""})


def too_large(most_bytes: int) -> UnusableFile:
    """The error for a content that is larger than may be kept."""
    return UnusableFile(f"The file is larger than {most_bytes / 1e6:g} MB.", "Split it.")


def _damaged() -> UnusableFile:
    return UnusableFile("The kept file is damaged on disk.", "Fetch or upload it again; check the disk.")


@contextmanager
def _told() -> Iterator[None]:
    """The disk's refusals in words."""
    try:
        yield
    except OSError as error:
        said = f"The folder of received files cannot be written: {error.strerror}."
        raise NotReady(said, "Make room on the disk, or mend its permissions; nothing is lost.") from error
