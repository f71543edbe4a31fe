"""Runs a source wherever its material comes from: files handed in, an upload, its own server, a run that was held."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio

from directory import records
from directory.clock import Clock
from directory.database import Database
from directory.errors import BadInput, NotReady, UnusableFile
from directory.feeds import runs
from directory.feeds.runs import Kept, Run, State
from ingest import settling, sources, starter
from ingest.lease import Lease
from ingest.material import Feed, Material, Part
from ingest.means import STARTER_BY, Means, Order
from ingest.reading import Reading
from ingest.report import RunReport
from ingest.running import carry_out
from ingest.sources import SOURCES, Wanted, files
from ingest.staging import Progress
from ingest.unpack import unpacked


def run(
    database: Database,
    source_id: str,
    path: Path | Sequence[Path],
    clock: Clock,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> RunReport:
    """Takes a source's file, or files, into the record, all of it or, on any failure, nothing. `dry_run` only reports.

    Raises NotFound for an unknown source, UnusableFile for a file that is not what it claims, Conflict when the source
    is being run already.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    return run_files(Means(database, clock, progress=progress), source_id, paths, Order(dry_run))


def run_files(means: Means, source_id: str, paths: Sequence[Path], order: Order | None = None) -> RunReport:
    """The same with other means. The files together are what the source hands over."""
    wanted = _wanted(means, source_id)
    for path in paths:
        if path.is_dir():
            raise UnusableFile(f"{path.name} is a folder.", "Name one file with --from.")
        if not path.is_file():
            raise UnusableFile(f"There is no file {path}.", "Check the path given with --from.")

    def gather(run_id: int) -> Material:
        return _kept(means, wanted, run_id, tuple(Part(path.name, path) for path in paths))

    return carry_out(means, wanted, gather, order or Order())


def run_kept(means: Means, source_id: str, digest: str, name: str, order: Order | None = None) -> RunReport:
    """The same for a file that lies in the raw store: one that was uploaded."""
    wanted, raw = _wanted(means, source_id), means.raw
    if raw is None:
        raise NotReady("There is no folder of kept files.", "Set WAYMARK_HOME.")

    def gather(run_id: int) -> Material:
        return _kept(means, wanted, run_id, (Part(name, raw.path(digest)),))

    return carry_out(means, wanted, gather, order or Order())


def run_fetched(means: Means, source_id: str, order: Order | None = None) -> RunReport:
    """The same for what the source's own address offers now. Raises also SourceUnavailable; BadInput without one."""
    from ingest import fetch  # half a second that only fetching need wait for

    wanted, raw = _wanted(means, source_id), means.raw
    if not wanted.feed.url:
        said = f"The source {source_id} has no address to fetch from."
        raise BadInput(said, "Name a file with --from, or give the source an address.")
    if raw is None:
        raise NotReady("There is no folder to keep what is fetched.", "Set WAYMARK_HOME.")

    def gather(run_id: int) -> Material:
        asking = partial(
            fetch.material, means.database, run_id, wanted.feed, wanted.kind, raw, means.clock, means.surroundings,
            contact=means.contact,
        )  # fmt: skip
        return anyio.run(asking).parts

    return carry_out(means, wanted, gather, order or Order())


def accept(means: Means, run_id: int, claim: Lease | None = None) -> RunReport:
    """Takes in what a held run read, just as it was kept. Raises NotFound, Conflict when it is not held any more, and
    UnusableFile when its bytes are gone."""
    with means.database.reading() as session:
        held = runs.get(session, run_id)
    raw = means.raw
    if held.state is not State.HELD:
        raise runs.not_held(run_id)
    if raw is None or not held.material:
        raise UnusableFile(f"What run {run_id} read was not kept.", "Run the source again.")
    for part in held.material:
        if not raw.holds(part.digest):
            raise UnusableFile(f"What run {run_id} read is no longer there.", "Run the source again.")
    parts = tuple(Part(part.name, raw.path(part.digest), part.url, part.content_type) for part in held.material)
    order = Order(guarded=False, accepted=held, claim=claim)
    return carry_out(means, _wanted(means, held.source_id), lambda _: parts, order)


def reject(database: Database, run_id: int, clock: Clock) -> Run:
    """Ends a held run; nothing of it gets into the record. Raises NotFound, Conflict when it is not held any more."""
    with database.session() as session:
        if not runs.settle(session, runs.get(session, run_id).id, State.REJECTED, clock()):
            raise runs.not_held(run_id)
        return runs.get(session, run_id)


def run_folder(
    database: Database, folder: Path, clock: Clock, dry_run: bool = False, progress: Progress | None = None,
    home: Path | None = None,
) -> list[RunReport]:  # fmt: skip
    """Runs every source whose files are in a data folder ("services/…" or flat), in order of precedence."""
    found = [(row, path) for row in SOURCES for path in files(row, folder)]
    if not found:
        raise UnusableFile(f"{folder} holds no file of any source.", "`waymark ingest list` names each source's files.")
    means = Means(database, clock, home, progress=progress)
    return [run_files(means, row.id, [path], Order(dry_run)) for row, path in found]


def run_starter(database: Database, clock: Clock, progress: Progress | None = None) -> RunReport:
    """Takes in the starter directory; a row that a file or a person has written since is left as it is."""
    means = Means(database, clock, by=STARTER_BY, progress=progress)
    wanted = _wanted(means, starter.SOURCE)
    with database.reading() as session:
        later = settling.written_by_others(session, wanted.id)
    whole = list(starter.read())
    mine = [reading for reading in whole if reading.draft and reading.draft.source_id not in later]

    def read(_feed: Feed, _material: Material) -> Iterator[Reading]:
        return iter(mine)

    order = Order(guarded=False, starter=True, skipped=len(whole) - len(mine))
    shipped = replace(wanted, kind=replace(wanted.kind, read=read))
    return carry_out(means, shipped, lambda _: (Part(starter.FILE, Path(starter.FILE)),), order)


def ensure_sources(database: Database) -> None:
    """Makes every source that came with Waymark known to the record, so that the pages can show and set it."""
    with database.session() as session:
        for row in SOURCES:
            records.ensure_source(session, row.info())


def _wanted(means: Means, source_id: str) -> Wanted:
    return sources.wanted(means.database, source_id, means.clock().date().isoformat())


def _kept(means: Means, wanted: Wanted, run_id: int, parts: Material) -> Material:
    """Handed-in parts, unpacked and kept in the raw store, and noted with the run."""
    raw = means.raw
    if raw is None:
        return parts
    whole: list[Part] = []
    for part in parts:
        if part.path.parent.parent != raw.root:
            with part.open() as opened:
                kept = raw.put_stream(iter(lambda: opened.read(1 << 18), b""))
            part = replace(part, path=raw.path(kept.digest))
        single = wanted.row is not None or wanted.kind.pages is not None or wanted.kind.expects == "xlsx"
        whole += [part] if single else unpacked(part, raw)
    noted = [Kept(part.name, part.path.name.removesuffix(".gz"), part.content_type, part.url) for part in whole]
    with means.database.session() as session:
        runs.note_material(session, run_id, noted)
    return tuple(whole)
