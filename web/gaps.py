"""The gap report for staff: where help is missing, by council area and need, as a page and as a table."""

import csv
import io
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.errors import BadInput
from directory.matching import gaps
from directory.places import areas
from directory.runtime import Runtime
from web.auth import staff, staff_page
from web.forms import FieldError
from web.public import safe_cell

SPANS = {4: "4 weeks", 13: "3 months", 52: "a year"}


@staff("gaps.view")
async def report(request: Request) -> Response:
    """GET /staff/gaps: what could not be found, most often first; `council` and `weeks` narrow it."""
    asked, weeks = request.query_params.get("council", ""), request.query_params.get("weeks", "")
    errors: list[FieldError] = []
    lines: tuple[gaps.GapCount, ...] = ()
    try:
        lines = await _lines(request)
    except BadInput as error:
        errors.append(FieldError(error.field, str(error)))
    context: dict[str, Any] = {
        "lines": lines,
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
        "council": asked,
        "weeks": weeks or str(gaps.WEEKS[1]),
        "councils": [
            {"value": "", "text": "All of Scotland"},
            *({"value": area.gss, "text": area.name} for area in sorted(areas.councils(), key=lambda area: area.name)),
        ],
        "spans": [{"value": str(weeks), "text": SPANS[weeks]} for weeks in gaps.WEEKS],
        "few": gaps.FEW,
        "csv_url": f"/staff/gaps.csv?{request.url.query}" if request.url.query else "/staff/gaps.csv",
    }
    return staff_page(request, "staff_gaps.html", context, 422 if errors else 200)


@staff("gaps.view")
async def table(request: Request) -> Response:
    """GET /staff/gaps.csv: the same for a spreadsheet. Raises BadInput."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(gaps.CSV_COLUMNS)
    writer.writerows([safe_cell(cell) for cell in row] for row in gaps.table(await _lines(request)))
    headers = {"Content-Disposition": 'attachment; filename="gaps.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(request: Request) -> tuple[gaps.GapCount, ...]:
    """The report asked for, with what this process has counted and not written yet."""
    runtime: Runtime = request.app.state.runtime
    asked = request.query_params
    said = asked.get("weeks", "") or str(gaps.WEEKS[1])
    weeks = int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0
    await run_in_threadpool(runtime.gaps.flush)
    return await run_in_threadpool(gaps.report, runtime.database, runtime.clock(), weeks, asked.get("council", ""))


ROUTES = (
    Route("/staff/gaps", report, methods=["GET"]),
    Route("/staff/gaps.csv", table, methods=["GET"]),
)
