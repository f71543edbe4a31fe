"""What the spreadsheet pages do with an upload: keep it, look into it, save its source with a request to read it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePosixPath
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from directory.errors import BadInput, NotFound, UnusableFile
from directory.feeds import mapping, requests, sheets, sources
from directory.feeds.mapping import ColumnMapping
from directory.feeds.raw import RawStore
from directory.feeds.sheets import Sheet
from directory.feeds.sources import SourceSettings
from directory.places.reading import fold
from directory.runtime import Runtime
from web import spreadsheet_form
from web.source_form import RESERVED
from web.spreadsheet_form import SpreadsheetForm, shortened

KIND, OPTION = "spreadsheet", "mapping"
MOST_UPLOAD = 50_000_000
"""Bytes: some hundred times the longest list of services that we know."""
SAMPLE_ROWS, SAMPLES = 200, 3
LONGEST_NAME = 120
PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was sent and is kept; `said` are the other fields of its form."""

    digest: str
    name: str
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Upload:
    """A kept table: its columns and first rows, and the sheets it may be read from."""

    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    sheet: str
    sheets: tuple[str, ...]

    def cells(self, number: int) -> tuple[str, ...]:
        """A few different cells of a column, shortened."""
        found = dict.fromkeys(shortened(row[number]) for row in self.sample if row[number])
        return tuple(found)[:SAMPLES]


async def receive(request: Request, runtime: Runtime) -> Received:
    """Keeps the file of a form. Raises BadInput: none chosen, too large, not readable as a form."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MOST_UPLOAD:
        async for _ in request.stream():  # a browser shows an answer only to what it could send whole
            pass
        raise UnusableFile(f"The file is over {MOST_UPLOAD // 1_000_000} MB.", "Split it, or leave out columns.")
    try:
        form = await request.form(max_files=1, max_fields=10)
    except HTTPException as error:
        if error.status_code == 413:
            raise
        raise BadInput("The file did not arrive whole.", "Choose it again.", "file") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise BadInput("No file was chosen.", "Choose a CSV, XLSX or ODS file.", "file")
        if not file.size:
            raise BadInput("The file is empty.", "Choose another, or save it again.", "file")
        kept = await run_in_threadpool(store(runtime).put_stream, _pieces(file.file), MOST_UPLOAD)
        said = {name: value for name, value in form.items() if isinstance(value, str)}
        return Received(kept.digest, _file_name(file.filename), said)
    finally:
        await form.close()


def store(runtime: Runtime) -> RawStore:
    """Where uploads lie: with everything else that sources sent."""
    return RawStore(runtime.settings.home / "raw")


def look(runtime: Runtime, digest: str, name: str, sheet: str = "") -> Upload:
    """The columns and first rows of an upload. Raises NotFound, UnusableFile."""
    table = _table(runtime, digest, name, sheet)
    sample = tuple(row.cells for row in islice(table.rows, SAMPLE_ROWS))
    return Upload(table.columns, sample, table.name, table.sheets)


def _table(runtime: Runtime, digest: str, name: str, sheet: str) -> Sheet:
    path = None
    with suppress(UnusableFile):
        path = store(runtime).path(digest)
    if path is None or not path.is_file():
        raise NotFound("This upload is no longer here.", "Upload the file again.")
    return sheets.read(path, name or "The file", sheet)


def rows(runtime: Runtime, digest: str, form: SpreadsheetForm) -> Iterator[tuple[int, bool, Mapping[str, str]]]:
    """Every row of an upload: its number, whether it is whole, its cells by column."""
    table = _table(runtime, digest, form.file, form.mapping.sheet)
    for row in table.rows:
        yield row.number, row.whole, dict(zip(table.columns, row.cells, strict=True))


def unknown_words(runtime: Runtime, digest: str, form: SpreadsheetForm) -> tuple[str, ...]:
    """Words of the family column that are no family of ours, the commonest first."""
    return spreadsheet_form.unknown_words(form.mapping, (cells for _, _, cells in rows(runtime, digest, form)))


def lists(runtime: Runtime) -> tuple[SourceSettings, ...]:
    """The sources that are read from uploads, by name."""
    with runtime.database.reading() as session:
        found = [each for each in sources.load(session) if each.kind == KIND]
    return tuple(sorted(found, key=lambda each: each.name.casefold()))


def source(runtime: Runtime, source_id: str) -> SourceSettings:
    """One of them. Raises NotFound."""
    found = next((each for each in lists(runtime) if each.id == source_id), None)
    if found is None:
        raise NotFound("There is no such list.", "Look at all lists at /staff/sources/spreadsheets.")
    return found


def kept_mapping(settings: SourceSettings) -> ColumnMapping | None:
    """The mapping a source was saved with. Raises UnusableFile for one that cannot be read."""
    return mapping.from_json(settings.options[OPTION]) if OPTION in settings.options else None


def save(runtime: Runtime, form: SpreadsheetForm, digest: str, by: str) -> str:
    """Keeps the source with its mapping, and asks for a run with this upload; returns the source's id.

    Raises NotFound, BadInput naming the field, Conflict for a source of that name.
    """
    at = runtime.clock()
    plain = mapping.to_json(form.mapping)
    if form.source:
        source(runtime, form.source)
    with runtime.database.session() as session:
        if form.source:
            known = sources.get(session, form.source)
            if known.options.get(OPTION) != plain:
                sources.amend(session, replace(known, options={**known.options, OPTION: plain}), by, at)
        else:
            name, publisher, licence, attribution = (form.said.get(each, "") for each in spreadsheet_form.SOURCE_FIELDS)
            new = SourceSettings(
                _source_id(name), name, publisher, licence, attribution, kind=KIND, options={OPTION: plain}
            )
            known = sources.add(session, new, by, at)
        requests.ask(session, known.id, requests.Action.RUN, by, at, upload_digest=digest, upload_name=form.file)
    return known.id


def _source_id(name: str) -> str:
    """A short name made of the name: "Fife Council: youth" → "fife-council-youth". Raises BadInput without letters."""
    words = fold(name).encode("ascii", "ignore").decode().split()
    if not words:
        raise BadInput("The name of the source is missing.", "Call it what people know the list by.", "name")
    made = "-".join(words)[: sources.LONGEST_ID].strip("-")
    usable = made[0].isalpha() and made not in RESERVED
    return made if usable else f"list-{made}"[: sources.LONGEST_ID].strip("-")


def _file_name(said: str) -> str:
    """The last part of a file's name, in characters that can be shown."""
    last = PurePosixPath(said.replace("\\", "/")).name
    return "".join(char for char in last if char.isprintable())[-LONGEST_NAME:] or "the file"


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
