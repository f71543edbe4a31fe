"""Pages by which a person brings in a list of services: upload a table, say what its columns are, look, save.

The upload is kept from the first step on, so that nobody has to choose the file twice. What is saved is a source and a
request, which a worker acts on: nothing is read into the record here.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.errors import BadInput, Conflict
from directory.feeds import mapping_guesses, template
from directory.feeds.mapping import ColumnMapping
from directory.runtime import Runtime
from web import spreadsheet_form, upload_preview, uploads
from web.auth import staff, staff_page
from web.forms import FieldError, read_form, runtime_of
from web.spreadsheet_form import SpreadsheetForm
from web.uploads import Upload

BASE = "/staff/sources/spreadsheets"
MOST_FIELDS = 1_300
"""Fields of the largest form: one for each of 500 columns, two for each word of families, a few besides."""
DONE = {"saved": "The list is saved. It is read within minutes, and the source’s page then says what came of it."}


@staff("sources.view")
async def listed(request: Request) -> Response:
    """GET /staff/sources/spreadsheets: add a list, or a newer version of one."""
    return await _start_page(request, [])


@staff("sources.edit")
async def upload(request: Request) -> Response:
    """POST /staff/sources/spreadsheets: keeps the file and goes on to its columns."""
    runtime, source = runtime_of(request), ""
    try:
        received = await uploads.receive(request, runtime)
        source = received.said.get("source", "")
        kept = await run_in_threadpool(_kept_mapping, runtime, source)
        await run_in_threadpool(uploads.look, runtime, received.digest, received.name, kept.sheet if kept else "")
    except BadInput as error:
        field = error.field or "file"
        return await _start_page(request, [FieldError(field, str(error))], error.status, source)
    asked = {"file": received.name, **({"source": source} if source else {})}
    return RedirectResponse(f"{BASE}/{received.digest}?{urlencode(asked)}", status_code=303)


@staff("sources.edit")
async def columns(request: Request) -> Response:
    """GET /staff/sources/spreadsheets/{digest}: what each column is, guessed or kept; straight on when it is known.

    Raises NotFound, BadInput.
    """
    runtime, asked = runtime_of(request), request.query_params
    name, source, sheet = asked.get("file", ""), asked.get("source", ""), asked.get("sheet", "")
    kept = await run_in_threadpool(_kept_mapping, runtime, source)
    looked = await run_in_threadpool(_looked, request, name, sheet or (kept.sheet if kept else ""))
    form = SpreadsheetForm(ColumnMapping(), name, source)
    if kept is None:
        guess = mapping_guesses.suggest(looked.columns, looked.sample)
        return _columns_page(request, replace(form, mapping=replace(guess, sheet=sheet)), looked)
    if kept.columns == looked.columns and not spreadsheet_form.problems(kept, looked.columns):
        return await _rows_page(request, replace(form, mapping=kept), looked)
    carried = mapping_guesses.carried_over(kept, looked.columns, looked.sample)
    return _columns_page(request, replace(form, mapping=replace(carried, sheet=sheet or kept.sheet)), looked, kept)


@staff("sources.edit")
async def columns_again(request: Request) -> Response:
    """POST …/{digest}: back to the columns with everything that was said of them."""
    form, _ = await _read(request)
    looked = await run_in_threadpool(_looked, request, form.file, form.mapping.sheet)
    return _columns_page(request, form, looked)


@staff("sources.edit")
async def rows(request: Request) -> Response:
    """POST …/rows: the first rows as they would be read; saves nothing."""
    typed = await read_form(request, MOST_FIELDS)
    form = SpreadsheetForm(
        ColumnMapping(),
        spreadsheet_form.text(typed, "file"),
        spreadsheet_form.text(typed, "source"),
        spreadsheet_form.said(typed),
    )
    looked = await run_in_threadpool(_looked, request, form.file, spreadsheet_form.text(typed, "sheet"))
    chosen, errors = spreadsheet_form.read_choices(typed, looked.columns)
    errors = [*errors, *spreadsheet_form.problems(chosen, looked.columns)]
    form = replace(form, mapping=chosen, errors=tuple(errors))
    unknown = await run_in_threadpool(uploads.unknown_words, runtime_of(request), _digest(request), form)
    new = [word for word in unknown if word not in form.words]
    if new and not errors:
        errors = [spreadsheet_form.ask_for(len(unknown))]
    if errors:
        asked = unknown if len(unknown) <= spreadsheet_form.MOST_WORDS else ()
        return _columns_page(request, replace(form, errors=tuple(errors)), looked, words=asked)
    return await _rows_page(request, form, looked)


@staff("sources.edit")
async def save(request: Request) -> Response:
    """POST …/save: the source, its mapping, and the request to read this file; a worker does it."""
    form, looked = await _read(request)
    errors = spreadsheet_form.problems(form.mapping, looked.columns)
    if errors:
        return _columns_page(request, replace(form, errors=tuple(errors)), looked)
    missing = [] if form.source else spreadsheet_form.missing(form)
    if missing:
        return await _rows_page(request, replace(form, errors=tuple(missing)), looked, 422)
    try:
        source_id = await run_in_threadpool(uploads.save, runtime_of(request), form, _digest(request), _by(request))
    except (BadInput, Conflict) as error:
        said = FieldError(_field(error), str(error))
        return await _rows_page(request, replace(form, errors=(said,)), looked, error.status)
    return RedirectResponse(f"{BASE}?{urlencode({'done': 'saved', 'source': source_id})}", status_code=303)


@staff("sources.view")
async def template_csv(_: Request) -> Response:
    """GET …/template.csv: an empty table whose columns need no mapping."""
    return _download(template.csv_text().encode(), "text/csv; charset=utf-8", "waymark-services.csv")


@staff("sources.view")
async def template_xlsx(_: Request) -> Response:
    """GET …/template.xlsx: the same, with explanations and the words we know."""
    made = await run_in_threadpool(template.xlsx)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(made, kind, "waymark-services.xlsx")


def _download(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _start_page(request: Request, errors: list[FieldError], status: int = 200, source: str = "") -> Response:
    runtime, asked = runtime_of(request), request.query_params
    found = await run_in_threadpool(uploads.lists, runtime)
    done = DONE.get(asked.get("done", ""), "") if not errors else ""
    context = {
        "lists": found,
        "source": source or ("" if done else asked.get("source", "")),
        "saved": next((each for each in found if done and each.id == asked.get("source")), None),
        "may_edit": policy.may(request.state.user, "sources.edit"),
        "most": uploads.MOST_UPLOAD // 1_000_000,
        "done": done,
        **_errors(errors),
    }
    return staff_page(request, "staff_spreadsheets.html", context, status)


def _columns_page(
    request: Request,
    form: SpreadsheetForm,
    looked: Upload,
    kept: ColumnMapping | None = None,
    words: tuple[str, ...] = (),
) -> Response:
    """The columns; `kept` is an earlier mapping that no longer fits, `words` those of a family column to ask for."""
    gone, new = mapping_guesses.changed(kept, looked.columns) if kept else ((), ())
    context = {
        **_context(request, form, looked),
        "choices": spreadsheet_form.choices(),
        "changed": bool(kept),
        "gone": gone,
        "new": new,
        "words": words or tuple(form.words),
    }
    return staff_page(request, "staff_spreadsheet.html", context, 422 if form.errors else 200)


async def _rows_page(request: Request, form: SpreadsheetForm, looked: Upload, status: int = 200) -> Response:
    runtime = runtime_of(request)
    source = await run_in_threadpool(uploads.source, runtime, form.source) if form.source else None
    table = uploads.rows(runtime, _digest(request), form)
    preview = await run_in_threadpool(upload_preview.preview, form.mapping, table)
    context = {**_context(request, form, looked), "known": source, "preview": preview}
    return staff_page(request, "staff_spreadsheet_rows.html", context, status)


def _context(request: Request, form: SpreadsheetForm, looked: Upload) -> dict[str, Any]:
    return {
        "href": f"{BASE}/{_digest(request)}",
        "base": BASE,
        "form": form,
        "looked": looked,
        "values": spreadsheet_form.values(form, looked.columns),
        **_errors(form.errors),
    }


def _errors(errors: Any) -> dict[str, Any]:
    return {"errors": list(errors), "error_by_field": {error.field: error.message for error in errors}}


async def _read(request: Request) -> tuple[SpreadsheetForm, Upload]:
    """A form that carries its mapping, and the table it is about."""
    typed = await read_form(request, MOST_FIELDS)
    form = SpreadsheetForm(
        spreadsheet_form.read_mapping(typed),
        spreadsheet_form.text(typed, "file"),
        spreadsheet_form.text(typed, "source"),
        spreadsheet_form.said(typed),
    )
    return form, await run_in_threadpool(_looked, request, form.file, form.mapping.sheet)


def _looked(request: Request, name: str, sheet: str) -> Upload:
    return uploads.look(runtime_of(request), _digest(request), name, sheet)


def _kept_mapping(runtime: Runtime, source_id: str) -> ColumnMapping | None:
    return uploads.kept_mapping(uploads.source(runtime, source_id)) if source_id else None


def _field(error: BadInput | Conflict) -> str:
    """A source's id is made of its name, which is what a person can change."""
    field = error.field if isinstance(error, BadInput) else "name"
    return field if field in spreadsheet_form.SOURCE_FIELDS else "name"


def _digest(request: Request) -> str:
    digest: str = request.path_params["digest"]
    return digest


def _by(request: Request) -> str:
    by: str = request.state.user.id
    return by


ONE = f"{BASE}/{{digest}}"
LIMIT = [Middleware(RequestBodyLimitMiddleware, max_body_size=2 * uploads.MOST_UPLOAD)]
"""In place of the app's own, for this one address: what is over the limit is read and told, what is far over is cut."""
ROUTES = (
    Route(BASE, listed, methods=["GET"]),
    Route(BASE, upload, methods=["POST"], middleware=LIMIT),
    Route(f"{BASE}/template.csv", template_csv, methods=["GET"]),
    Route(f"{BASE}/template.xlsx", template_xlsx, methods=["GET"]),
    Route(ONE, columns, methods=["GET"]),
    Route(ONE, columns_again, methods=["POST"]),
    Route(f"{ONE}/rows", rows, methods=["POST"]),
    Route(f"{ONE}/save", save, methods=["POST"]),
)
