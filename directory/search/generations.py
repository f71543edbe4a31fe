"""Where the embedded index lies on disk: one folder a generation, a pointer to the live one, one writer at a time.

    index/current                  the live generation's name, replaced in one step
    index/lock                     held (flock) by whoever writes; the system frees it when a process dies
    index/generation-000007/       the engine's files, and `version`: the shape they were written in

A process killed at any step leaves the old pointer or the new one. Folders it does not name are swept by the next
rebuild.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from directory.errors import NotReady
from directory.search.turn import turn

REBUILD = "Run `waymark index rebuild`."
_NAME = re.compile(r"generation-\d{6,}")

Stamp = tuple[int, int, int]
"""A file's inode, time changed (nanoseconds) and size: another stamp, another content."""


class Generations:
    """The folders of one index."""

    def __init__(self, directory: Path, version: str) -> None:
        self.directory = directory
        self.version = version
        self._pointer = directory / "current"

    def stamp(self) -> Stamp | None:
        """Of the pointer: changes whenever another generation goes live. None: there is no index."""
        return stamp(self._pointer)

    def live(self) -> Path:
        """The live generation's folder. Raises NotReady when there is none or it is of another version."""
        try:
            name = self._pointer.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise NotReady("There is no index of services yet.", REBUILD) from None
        except (OSError, UnicodeDecodeError):
            raise NotReady("The index of services cannot be read.", REBUILD) from None
        folder = self.directory / name
        if not _NAME.fullmatch(name) or not folder.is_dir():
            raise NotReady("The index of services is damaged.", REBUILD)
        try:
            written = (folder / "version").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise NotReady("The index of services is damaged.", REBUILD) from None
        if written != self.version:
            raise NotReady("The index of services was made by another version of Waymark.", REBUILD)
        return folder

    def begin(self) -> Path:
        """An empty folder for a new generation. Only under `writing`."""
        numbers = [int(folder.name.rpartition("-")[2]) for folder in self._folders()]
        folder = self.directory / f"generation-{max(numbers, default=0) + 1:06d}"
        folder.mkdir()
        return folder

    def publish(self, folder: Path) -> None:
        """Makes a whole generation the live one, in one step that a crash cannot halve. Only under `writing`."""
        _write(folder / "version", self.version)
        fresh = self.directory / "current.new"
        _write(fresh, folder.name)
        os.replace(fresh, self._pointer)
        _sync_folder(self.directory)

    def sweep(self) -> None:
        """Deletes every generation but the live one; readers that have one open keep what they opened."""
        try:
            kept = self._pointer.read_text(encoding="ascii").strip()
        except OSError:
            kept = ""
        for folder in self._folders():
            if folder.name != kept:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The one writer's turn. Raises NotReady at once when somebody else is writing."""
        with ExitStack() as held:
            try:
                self.directory.mkdir(parents=True, exist_ok=True)
                is_ours = held.enter_context(turn(self.directory / "lock"))
            except OSError as error:
                raise NotReady(
                    f"The index folder {self.directory} cannot be written ({error.strerror}).",
                    "Check WAYMARK_HOME and who may write there.",
                ) from None
            if not is_ours:
                raise NotReady(
                    "Another process is writing to the index of services.", "Try again when it has finished."
                )
            yield

    def _folders(self) -> list[Path]:
        return [folder for folder in self.directory.iterdir() if _NAME.fullmatch(folder.name)]


def stamp(path: Path) -> Stamp | None:
    """A file's stamp; None when it is not there."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
