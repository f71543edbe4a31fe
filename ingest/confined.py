"""Reads strangers' files in a process of its own, with little memory and a watch on its time: a bad file ends that
process and nothing else (security.md row 25).
"""

import json
import logging
import os
import resource
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from directory.errors import UnusableFile
from ingest.material import Feed, Part
from ingest.reading import Reading
from ingest.report import failure
from ingest.staging import SPOOL, Progress, Staged, stage

LOG = logging.getLogger("waymark.ingest")
MEMORY_BYTES = 448 * 1024 * 1024
"""Of data, of the child: below 512 MB with the program's own text beside it."""
SILENCE_S = 60.0
"""How long no row may come before the file is given up."""
TOLD_S = 0.2
COMMAND = [sys.executable, "-m", "ingest.confined"]


class Task(msgspec.Struct, frozen=True):
    """What the child is to read. `kind`: as in `sources.kind_of`."""

    feed: Feed
    kind: str
    material: tuple[Part, ...]
    folder: Path


@contextmanager
def confined_stage(task: Task, progress: Progress | None = None) -> Iterator[Staged]:
    """As `staging.stage`, in a child that lives no longer than the block, and whose readings come while it reads on.

    They raise UnusableFile, also when the child dies, is killed or falls silent.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.Popen(
        [*COMMAND, str(MEMORY_BYTES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    try:
        assert child.stdin
        assert child.stdout
        with child.stdin as asked, child.stdout as said:
            asked.write(msgspec.json.encode(task, enc_hook=str))  # paths
            asked.close()
            staged = Staged(task.folder / SPOOL)
            staged.coming = _coming(staged, said, task, progress)
            yield staged
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def _coming(staged: Staged, said: IO[bytes], task: Task, progress: Progress | None) -> Iterator[Reading]:
    """The readings, as far as the child says that it has written them; then `staged` knows what it found in all."""
    rows, come = None, 0
    for word in _words(said, task):
        if "error" in word:
            raise UnusableFile(word["error"], word["advice"])
        rows = rows or iter(staged.readings())
        yield from islice(rows, word["row"] - come)
        come = word["row"]
        if "withheld" in word:
            staged.rows, staged.withheld, staged.repeats = come, frozenset(word["withheld"]), word["repeats"]
            return
        if progress:
            progress(come)
    LOG.warning("the reader of source %s ended without a word", task.feed.id)
    raise _too_much(task)


def _words(said: IO[bytes], task: Task) -> Iterator[Mapping[str, Any]]:
    """What the child tells, till it ends."""
    waiting = b""
    descriptor = said.fileno()
    while True:
        ready, _, _ = select.select([descriptor], [], [], SILENCE_S)
        if not ready:
            raise UnusableFile(
                f"{_name(task)} takes too long to read: for {SILENCE_S:g} seconds no row came.", "Check the file."
            )
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            return
        *lines, waiting = (waiting + piece).split(b"\n")
        yield from map(json.loads, lines)


def _too_much(task: Task) -> UnusableFile:
    most = f"{MEMORY_BYTES / 1e6:.0f} MB"
    return UnusableFile(f"{_name(task)} cannot be read: it needs more than {most} of memory, or breaks its reader.")


def _name(task: Task) -> str:
    return task.material[0].name if len(task.material) == 1 else f"What {task.feed.id} handed over"


def main() -> None:
    """The child: reads its task from standard input, tells rows and the end on standard output."""
    most = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task, dec_hook=lambda kind, text: kind(text))
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing else may speak where rows are told

    def tell(word: Mapping[str, Any]) -> None:
        out.write(json.dumps(word) + "\n")
        out.flush()

    try:
        tell(_staged(task, tell))
    except UnusableFile as error:
        tell({"error": error.message, "advice": error.advice})
    except MemoryError:  # whoever asked sees that there was no last word
        sys.exit(1)
    except Exception as error:  # what strangers' bytes do to a parser is not known in full
        LOG.error("the reader of source %s failed: %s", task.feed.id, failure(error))
        why = f"{_name(task)} cannot be read: its reader failed ({type(error).__name__})."
        tell({"error": why, "advice": "Report it with the source's name; the file itself may be at fault."})


def _staged(task: Task, tell: Any) -> Mapping[str, Any]:
    from ingest.sources import kind_of

    last = time.monotonic()

    def progress(row: int) -> None:
        nonlocal last
        if row == 1 or time.monotonic() - last >= TOLD_S:
            last = time.monotonic()
            tell({"row": row})

    found = stage(kind_of(task.feed.id, task.kind), task.feed, task.material, task.folder, progress)
    return {"row": found.rows, "withheld": sorted(found.withheld), "repeats": found.repeats}


if __name__ == "__main__":
    main()
