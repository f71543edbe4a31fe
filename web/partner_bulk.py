"""The page on which a partner's owner or editor changes many services by a spreadsheet, or asks us to read their feed.

The file is read and let go: nothing of it is kept but what its rows change, and the report is shown once.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.editing import checking, current, fields
from directory.errors import BadInput, Conflict, Forbidden, NotFound, UnusableFile
from directory.feeds import sheets, workbook
from directory.partners import bulk, edits, feed_requests, members
from directory.partners.bulk import MOST_ROWS, Outcome, Reported, Row
from directory.partners.edits import Mine
from directory.partners.members import Membership
from directory.places.gazetteer import Gazetteer
from directory.places.reading import fold
from directory.referrals.asking import Ask
from directory.referrals.loop import Loop, new_key
from directory.values import Visibility
from web import partner_sheet, service_form
from web.forms import FieldError, read_form, runtime_of
from web.loop_forms import ask_of, field_errors, loop_of, texts
from web.partner_sheet import NAME, NUMBER, Column
from web.partner_work import mistaken_page, work
from web.service_form import Typed
from web.service_reading import Reader

HREF = "/partners/work/bulk"
MOST_BYTES = 900_000
"""Of an upload: far more than so many rows with long descriptions."""
LONGEST_NAME = 80
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOKS = (".xlsx", ".ods")
FILL_IN = "Download the one above and fill it in."
DONE = {"asked": "You asked us to read your feed. Nothing of it is read before one of us has looked at it."}
NONE_OF_YOURS = f"The number in “{NUMBER}” is none of your services. Copy it from a new download, or leave it empty."


@dataclass(frozen=True, slots=True)
class Table:
    """What came in a file: rows by column, each with its number in the spreadsheet."""

    columns: Mapping[str, Column]
    number: str
    name: str
    rows: tuple[tuple[int, Mapping[str, str]], ...]


@work
async def page(request: Request) -> Response:
    """GET /partners/work/bulk: the file to fill in, where to send it, and the feed."""
    return await _page(request)


@work
async def download(request: Request) -> Response:
    """GET /partners/work/bulk/services.xlsx: their own services, a row each, as they count now."""
    body = await run_in_threadpool(_download, request)
    headers = {"Content-Disposition": 'attachment; filename="our-services.xlsx"'}
    return Response(body, media_type=XLSX, headers=headers)


@work
async def upload(request: Request) -> Response:
    """POST /partners/work/bulk: what came of every row; with "check" nothing is changed."""
    form: dict[str, str] = {}
    try:
        content, name, form = await _received(request)
        reports = await run_in_threadpool(_taken, request, content, name, form)
    except (BadInput, Conflict) as error:
        return await _page(request, field_errors(error, "file"), error.status, form)
    counts = {each: sum(report.outcome is each for report in reports) for each in Outcome}
    shown = {"reports": reports, "counts": counts, "only_check": form.get("do") != "save"}
    return await _page(request, typed=form, more=shown)


@work
async def ask_for_feed(request: Request) -> Response:
    """POST /partners/work/bulk/feed: a request that staff decide."""
    form = texts(await read_form(request))
    loop, ask = loop_of(request), ask_of(request, form)
    said = (form.get("url", "").strip(), form.get("kind", ""), form.get("licence", ""))
    if wrong := feed_requests.missing(*said):
        return await _page(request, [each for error in wrong for each in field_errors(error, "url")], 422, form)

    def do() -> None:
        feed_requests.ask_for(loop, ask, ask.who.id, form.get("partner", ""), *said)

    try:
        await run_in_threadpool(do)
    except (BadInput, Conflict) as error:
        return await _page(request, field_errors(error, "url"), error.status, form)
    return RedirectResponse(f"{HREF}?done=asked", status_code=303)


async def _page(
    request: Request, errors: Sequence[FieldError] = (), status: int = 200, typed: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:  # fmt: skip
    def read() -> list[tuple[Membership, feed_requests.Asked | None]]:
        with loop_of(request).database.reading() as session:
            return [(each, feed_requests.asked(session, each.partner_id)) for each in _editing(session, request)]

    belongs = await run_in_threadpool(read)
    context = {
        "belongs": [each for each, _ in belongs],
        "feeds": belongs,
        "typed": typed or {},
        "kinds": feed_requests.KINDS,
        "licences": feed_requests.LICENCES,
        "key": new_key(),
        "most_rows": MOST_ROWS,
        "href": HREF,
        "done": "" if errors else DONE.get(request.query_params.get("done", ""), ""),
        "reports": None,
        **(more or {}),
    }
    return mistaken_page(request, "partner_bulk.html", context, list(errors), status)


def _editing(session: Any, request: Request) -> list[Membership]:
    """The partners whose services they may change. Raises Forbidden when there is none."""
    found = [each for each in members.partners_of(session, request.state.user.id) if each.role in members.EDITS]
    if not found:
        raise Forbidden("Only an owner or an editor may change what is written.", "Ask an owner of your organisation.")
    return found


def _download(request: Request) -> bytes:
    with loop_of(request).database.reading() as session:
        _editing(session, request)
        services = [each for each in members.services_of(session, request.state.user.id) if each.role in members.EDITS]
        return partner_sheet.workbook(
            [(each.service_id, current.read(session, each.service_id).values) for each in services]
        )


async def _received(request: Request) -> tuple[bytes, str, dict[str, str]]:
    """The file of the form, its name, and the other fields. Raises BadInput."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MOST_BYTES:
        async for _ in request.stream():  # a browser shows an answer only to what it could send whole
            pass
        raise BadInput(f"The file is over {MOST_BYTES // 1000} kB.", "Split it into several.", "file")
    try:
        form = await request.form(max_files=1, max_fields=10)
    except HTTPException as error:
        if error.status_code == 413:
            raise
        raise BadInput("The file did not arrive whole.", "Choose it again.", "file") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename or not file.size:
            raise BadInput("No file was chosen, or it is empty.", "Choose the file that you filled in.", "file")
        name = PurePosixPath(file.filename.replace("\\", "/")).name
        return await file.read(), name[-LONGEST_NAME:], texts(form)
    finally:
        await form.close()


def _taken(request: Request, content: bytes, name: str, form: Mapping[str, str]) -> list[Reported]:
    """Every row's report, in the order of the sheet. Raises BadInput, UnusableFile, Forbidden, NotFound."""
    loop, ask = loop_of(request), ask_of(request, form)
    if not ask.key:
        raise BadInput("That form cannot be used.", "Open the page again.", "file")
    table, only_check = read(content, name), form.get("do") != "save"
    partner_id = _partner(request, form, table)
    done: dict[int, Reported] = {}
    fresh: list[Row] = []
    seen: set[str] = set()
    for number, cells in table.rows:
        called = cells[table.name][:LONGEST_NAME]
        own = cells[table.number].strip().casefold()
        if not own:
            row = _new(number, called, cells, table, runtime_of(request).gazetteer, ask)
            if row.wrong:
                done[number] = bulk.refused(row)
            else:
                fresh.append(row)
        elif own in seen:
            done[number] = bulk.refused(Row(number, called), "This service stands on a row above already. Keep one.")
        else:
            seen.add(own)
            done[number] = _changed(
                loop, ask, own, number, called, cells, table, runtime_of(request).gazetteer, only_check
            )
    if fresh:
        done |= {each.number: each for each in _added(loop, ask, partner_id, fresh, only_check)}
    return [done[number] for number, _ in table.rows]


def _partner(request: Request, form: Mapping[str, str], table: Table) -> str:
    """Whose the new services among the rows would be, before any is taken; "" when there are none.

    Raises Forbidden, NotFound for another's.
    """
    with loop_of(request).database.reading() as session:
        first = _editing(session, request)[0].partner_id
        if all(cells[table.number].strip() for _, cells in table.rows):
            return ""
        chosen = form.get("partner", "") or first
        return members.of_partner(session, request.state.user.id, chosen).check(members.EDITS).partner_id


def _added(loop: Loop, ask: Ask, partner_id: str, rows: Sequence[Row], only_check: bool) -> list[Reported]:
    """The rows before these may have changed services: what is wrong here is their own report, and nobody else's."""
    try:
        return bulk.add(loop, ask, ask.who.id, partner_id, rows, only_check)
    except (BadInput, Conflict, Forbidden, NotFound) as error:
        return [bulk.refused(row, str(error)) for row in rows]


def read(content: bytes, name: str) -> Table:
    """A file's rows; the file itself is gone when this returns. Raises BadInput, UnusableFile."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(content)
        table = _sheet(path, name)
        columns = partner_sheet.header(table.columns)
        rows: list[tuple[int, Mapping[str, str]]] = []
        for row in table.rows:
            if len(rows) == MOST_ROWS:
                raise BadInput(f"There are over {MOST_ROWS} rows.", "Split the table into several.", "file")
            rows.append((row.number + 1, dict(zip(table.columns, row.cells, strict=True))))
    called = {fold(each): each for each in table.columns}
    return Table(columns, called[fold(NUMBER)], called[fold(NAME)], tuple(rows))


def _sheet(path: Path, name: str) -> sheets.Sheet:
    """The table of a file that a partner filled in. Raises UnusableFile: what to do is theirs, not a publisher's."""
    with path.open("rb") as file:
        start = file.read(len(workbook.ZIP))
    if name.casefold().endswith(WORKBOOKS) and start not in (workbook.ZIP, workbook.OLD):
        raise UnusableFile("This is no spreadsheet that we can read.", FILL_IN)
    try:
        return sheets.read(path, name)
    except UnusableFile as error:
        if error.advice != sheets.FROM_PUBLISHER:
            raise
        raise UnusableFile(error.message, FILL_IN) from error


def _changed(
    loop: Loop, ask: Ask, own: str, number: int, name: str, cells: Mapping[str, str], table: Table,
    gazetteer: Gazetteer, only_check: bool,
) -> Reported:  # fmt: skip
    row = Row(number, name, own)
    try:
        with loop.database.reading() as session:
            found = edits.read(session, ask.who.id, own)
    except NotFound:
        return bulk.refused(row, NONE_OF_YOURS)
    except Forbidden as error:
        return bulk.refused(row, str(error))
    own_ask = Ask(ask.who, ask.at, f"{ask.key}.{number}")
    read_row = _read(Row(number, name or found.now.name, own), cells, table, found.now.values, found, gazetteer, ask)
    return bulk.refused(read_row) if read_row.wrong else bulk.change(loop, own_ask, read_row, found, only_check)


def _new(
    number: int, name: str, cells: Mapping[str, str], table: Table, gazetteer: Gazetteer, ask: Ask
) -> Row:  # fmt: skip
    row = Row(number, name)
    if not name:
        return Row(number, name, wrong=(f"“{NAME}” is empty. Write what people call it.",))
    nothing = {field.name: fields.default(field.name) for field in fields.FIELDS}
    return _read(row, cells, table, nothing, None, gazetteer, ask)


def _read(
    row: Row, cells: Mapping[str, str], table: Table, before: Mapping[str, Any], found: Mine | None,
    gazetteer: Gazetteer, ask: Ask,
) -> Row:  # fmt: skip
    """What a row says of these fields, read as the pages read it; or everything that is wrong with it."""
    said = partner_sheet.overlay(cells, table.columns)
    form = {**service_form.of_values(before).values, **said.form}
    hides = said.form.get("visibility") == (Visibility.UNDISCLOSED.value,)
    gone = fields.OF_A_PLACE - {"hours"} if hides else frozenset()  # a row that hides its place tells nothing of it
    hidden = hides or (found is not None and found.now.withheld)
    names = [name for name in said.names if name not in gone]
    reader = Reader(Typed(form), before, gazetteer, ask.at.date(), hidden).take(names)
    wrong = [*said.wrong, *(error.message for error in reader.errors), *_address_alone(said.form, form)]
    return Row(row.number, row.name, row.service_id, reader.values, tuple(dict.fromkeys(wrong)))


def _address_alone(said: partner_sheet.Names, form: partner_sheet.Names) -> Sequence[str]:
    """An address of a place that is not public would be lost without a word."""
    lines = [name for name in checking.ADDRESS if "".join(said.get(name, ()))]
    if not lines or form["visibility"] == (Visibility.EXACT.value,):
        return ()
    return ("There is an address, and its place is not public. Take the address out, or write yes beside it.",)


ROUTES = (
    Route(HREF, page, methods=["GET"]),
    Route(HREF, upload, methods=["POST"]),
    Route(f"{HREF}/services.xlsx", download, methods=["GET"]),
    Route(f"{HREF}/feed", ask_for_feed, methods=["POST"]),
)
