"""Reads a source's material to its end into a file of readings, before anything of it can touch the record."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from directory.values import Issue
from ingest.kinds import Kind
from ingest.material import Feed, Material, Part
from ingest.protection import Protected
from ingest.reading import Reading
from ingest.spool import Spool

Progress = Callable[[int], None]
SPOOL = "readings"


@dataclass(slots=True)
class Staged:
    """What a source handed over, read; or being read, and then all but the path is known once its readings ended."""

    path: Path
    rows: int = 0
    withheld: frozenset[str] = frozenset()
    """The digests of its withheld names (`protection`)."""
    repeats: bool = False
    """Whether any row says that it repeats another of the same source."""
    coming: Iterator[Reading] | None = None
    """The readings as another process writes them: only the first who asks gets these."""

    def readings(self) -> Iterable[Reading]:
        """All of them, in the source's order, each time anew from disk."""
        coming, self.coming = self.coming, None
        return Spool(self.path, Reading) if coming is None else coming


def stage(kind: Kind, feed: Feed, material: Material, folder: Path, progress: Progress | None = None) -> Staged:
    """Reads the material into a new file in `folder`. Raises UnusableFile for material that is not what it claims."""
    parts = material if kind.id else named(material, folder)
    keep, repeats = Protected(), False
    with Spool(folder / SPOOL, Reading) as spool:
        for number, reading in enumerate(kind.read(feed, parts), start=1):
            keep.learn(reading)
            repeats = repeats or bool(reading.draft and reading.draft.same_as)
            try:
                spool.write(reading)
            except UnicodeEncodeError:  # half a character, as broken JSON has it; the error's words repeat the text
                spool.write(_unkeepable(feed.id, reading))
            if progress:
                spool.flush()  # whoever is told of a row may read it
                progress(number)
    return Staged(spool.path, spool.count, frozenset(keep.own), repeats)


def _unkeepable(source_id: str, reading: Reading) -> Reading:
    issue = Issue(source_id, reading.row, "", "it holds a character that cannot be kept")
    return Reading(reading.row, None, (issue,))


def named(material: Material, folder: Path) -> Material:
    """The parts as files under the names people know them by, for adapters that know nothing but files."""
    return tuple(_named(part, folder / f"part{number}") for number, part in enumerate(material))


def _named(part: Part, folder: Path) -> Part:
    name = Path(part.name).name.strip()
    if name in ("", part.path.name) or len(os.fsencode(name)) > 200 or "\0" in name or not part.path.exists():
        return part
    folder.mkdir()
    file = folder / name
    if part.path.suffix == ".gz" and file.suffix != ".gz":
        with part.open() as packed, file.open("xb") as plain:
            shutil.copyfileobj(packed, plain)
    else:
        file.symlink_to(part.path.resolve())
    return replace(part, path=file)
