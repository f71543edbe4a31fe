"""The bookmarkable search of the directory: /services as page, JSON and CSV, by documented names in the address."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from directory.errors import BadInput
from directory.runtime import Runtime
from directory.search.index import SearchPage
from directory.search.query import Circle, CoverageFilter, ServiceQuery
from directory.values import Place, PlaceKind
from web import chips, facets, public, wording
from web.forms import FieldError, parse_age, read_form
from web.render import page
from web.search_form import FORM_ORDER, RADII, SORTS, SearchForm

WIDEST_MILES = "25"
"""Radius of "nearest first" when none was chosen: beyond it, nearness says little."""
CSV_PAGE = 500
CSV_ROWS = 10_000
"""Rows a CSV holds at most: the whole directory of a nation, and an end to what one request may cost."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search as understood: what was typed, the query made of it, the place, and what to say about it."""

    form: SearchForm
    query: ServiceQuery
    place: Place | None
    notices: tuple[str, ...]


async def search_by_post(request: Request) -> Response:
    """POST /services: the form's own way in. The address that follows never holds a full postcode."""
    form = SearchForm.read(await read_form(request))
    runtime: Runtime = request.app.state.runtime
    found, errors = await understood(runtime, form)
    if found is None:
        return page("services.html", _context(runtime, form, errors), status=422)
    return RedirectResponse(found.form.url(), status_code=303)


async def services(request: Request) -> Response:
    """GET /services: one page of what was found, with counts, removable filters and never a dead end."""
    form = SearchForm.read(request.query_params)
    runtime: Runtime = request.app.state.runtime
    found, errors = await understood(runtime, form)
    if found is None:
        return page("services.html", _context(runtime, form, errors), status=422)
    if found.form != form:
        return RedirectResponse(found.form.url(), status_code=303)
    results = await runtime.index.search(found.query)
    found = replace(found, notices=(*filter(None, (results.notice,)), *found.notices))
    if results.page > results.pages:
        return RedirectResponse(form.but(page=str(results.pages)).url(), status_code=303)
    context = {
        **_context(runtime, form, []),
        **await facets.context(runtime.index, form, found.query, results),
        "found": found,
        "results": results,
        "hits": [(hit, public.shown(hit.service)) for hit in results.hits],
        "said": _said(found),
        "place_said": chips.place_words(found.place),
        "title": _title(found, results),
        "place_choices": [(name, form.but(near=name).url()) for name in (found.place.choices if found.place else ())],
    }
    return page("services.html", context, headers={"Link": _alternates(form)})


async def services_json(request: Request) -> Response:
    """GET /services.json: the same page of the same search as data."""
    found = await _or_raise(request)
    if isinstance(found, Response):
        return found
    results = await request.app.state.runtime.index.search(found.query)
    more = found.form.but(page=str(results.page + 1)).url(".json") if results.page < results.pages else None
    body = {
        "total": results.total,
        "page": results.page,
        "pages": results.pages,
        "near": public.place_json(found.place),
        "notices": [*filter(None, (results.notice,)), *found.notices],
        "services": [{**public.service_json(hit.service), "distance_m": hit.distance_m} for hit in results.hits],
        "facets": public.facets_json(results.facets),
        "next": more,
    }
    return JSONResponse(body)


async def services_csv(request: Request) -> Response:
    """GET /services.csv: everything the search found, for a spreadsheet."""
    found = await _or_raise(request)
    if isinstance(found, Response):
        return found
    headers = {"Content-Disposition": 'attachment; filename="services.csv"'}
    return StreamingResponse(
        _csv_pages(request.app.state.runtime, found.query), media_type="text/csv; charset=utf-8", headers=headers
    )


async def _csv_pages(runtime: Runtime, query: ServiceQuery) -> AsyncIterator[str]:
    for number in range(1, CSV_ROWS // CSV_PAGE + 1):
        results = await runtime.index.search(replace(query, page=number, page_size=CSV_PAGE))
        text = public.services_csv(hit.service for hit in results.hits)
        yield text if number == 1 else text.partition("\r\n")[2]
        if number >= results.pages:
            return


async def _or_raise(request: Request) -> Search | Response:
    """The search, or the way to its proper address. Raises BadInput with the first mistake."""
    form = SearchForm.read(request.query_params)
    found, errors = await understood(request.app.state.runtime, form)
    if found is None:
        raise BadInput(errors[0].message, field=errors[0].field)
    if found.form != form:
        return RedirectResponse(found.form.url(request.url.path.removeprefix("/services")), status_code=303)
    return found


async def understood(runtime: Runtime, form: SearchForm) -> tuple[Search | None, list[FieldError]]:
    """The search a form asks for, or every mistake in it. A full postcode becomes its sector, "nearest" a radius."""
    form = form.without_full_postcode()
    errors = form.errors()
    place: Place | None = None
    if form.near and not any(error.field == "near" for error in errors):
        try:
            place = await run_in_threadpool(runtime.gazetteer.locate, form.near)
        except BadInput as error:
            errors.append(FieldError("near", str(error)))
    needs_point = bool(form.radius) or form.sort == "distance"
    if place and needs_point and place.point is None:
        errors.append(
            FieldError("near", f"{place.name} is too wide for a distance. Name a town or a postcode district.")
        )
    if errors:
        return None, sorted(errors, key=lambda error: FORM_ORDER.index(error.field))
    if form.sort == "distance" and not form.radius:
        form = replace(form, radius=WIDEST_MILES)
    return Search(form, _query(form, place), place, _notices(form, place)), []


def _query(form: SearchForm, place: Place | None) -> ServiceQuery:
    limits = parse_age(form.age)
    circle = None
    if place and place.point and form.radius:
        circle = Circle(place.point, float(form.radius) * wording.METRES_A_MILE)
    return ServiceQuery(
        text=form.q,
        coverage=_coverage(place),
        age=(limits.minimum, limits.maximum) if limits else None,
        families=form.family,
        delivery=form.delivery,
        near=circle,
        sort=form.sort,
        page=int(form.page),
    )


def _coverage(place: Place | None) -> CoverageFilter:
    if place is None or place.kind is PlaceKind.SCOTLAND:
        return CoverageFilter(anywhere=True)
    return CoverageFilter(residence=place.council_codes, residence_outcodes=place.outcodes)


def _notices(form: SearchForm, place: Place | None) -> tuple[str, ...]:
    said = []
    if place and place.kind is PlaceKind.OUTSIDE_SCOTLAND:
        said.append(
            f"{place.name} is outside Scotland. These services take people from all of Scotland; ask them first."
        )
    if form.radius:
        said.append(
            f"Only services with a published address within {RADII[form.radius]} are listed. Phone and online services,"
            " and those whose place is withheld for safety, are not: take the distance away to see them."
        )
    return tuple(said)


def _said(found: Search) -> str:
    """The search in words: "counselling near Leith, for age 14"."""
    form, parts = found.form, []
    if form.q:
        parts.append(f"for {form.q}")
    if found.place:
        parts.append(f"that serve {found.place.name}" if found.place.councils else f"for {found.place.name}")
    if form.age:
        parts.append(f"open to age {form.age}")
    return " ".join(parts)


def _title(found: Search, results: SearchPage) -> str:
    count = f"{results.total:,} {'service' if results.total == 1 else 'services'}"
    where = f" (page {results.page} of {results.pages})" if results.pages > 1 else ""
    return f"{count} {_said(found)}".strip() + where


def _alternates(form: SearchForm) -> str:
    links = ((".json", "application/json"), (".csv", "text/csv"))
    return ", ".join(f'<{form.url(suffix)}>; rel="alternate"; type="{kind}"' for suffix, kind in links)


def _context(runtime: Runtime, form: SearchForm, errors: list[FieldError]) -> Mapping[str, Any]:
    return {
        "form": form,
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
        "radii": [{"value": "", "text": "Any distance"}]
        + [{"value": value, "text": f"Within {text}"} for value, text in RADII.items()],
        "sorts": [{"value": value, "text": text} for value, text in SORTS.items()],
        "json_url": form.url(".json"),
        "csv_url": form.url(".csv"),
        "live": runtime.settings.live,
    }
