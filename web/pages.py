"""The pages that ask nothing of a matcher: home, one service, about the data, accessibility, the quick exit, health."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from directory import opening
from directory.errors import NotFound, NotReady
from directory.feeds import credits
from directory.feeds.credits import Credit
from directory.matching import explain, safety
from directory.runtime import Runtime
from directory.search import pairs
from directory.search.document import ServiceDocument
from directory.values import Visibility
from web import match, public, wording
from web.forms import MatchForm
from web.render import STATIC, page

NEUTRAL_SITE = "https://www.bbc.co.uk/weather"
"""Where "Hide this page" leads: a page anybody may have open."""
ATTRIBUTION = (
    "Contains OS data © Crown copyright and database right 2014-2020.",
    "Contains Royal Mail data © Royal Mail copyright and database right 2020.",
    "Contains National Statistics and National Records of Scotland data © Crown copyright and database right 2020.",
    "Contains public sector information from the Care Inspectorate and the Scottish Government licensed under the Open"
    " Government Licence v3.0, and from the City of Edinburgh Council under v2.0.",
    "Boundaries: Martin Chorley, UK-GeoJSON, CC BY 4.0.",
    "Place names: GeoNames, CC BY 4.0.",
    "ALISS, CC BY 4.0.",
)
"""What the licences of the data ask to be printed, word for word."""
TESTED = {"axe_version": "4.12.1", "tested": "22 November 2026"}
"""The accessibility statement's facts: the axe of the tests, and the day they last ran green at its makers'."""
ROBOTS = "User-agent: *\nDisallow: /match\nDisallow: /leave\nDisallow: /r/\nAllow: /\n"
MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


async def home(request: Request) -> Response:
    """GET /: one box for words, and the lines for danger."""
    runtime: Runtime = request.app.state.runtime
    return page("home.html", {**match.form_context(runtime, MatchForm(), []), "safety": safety.all_lines()})


async def service(request: Request) -> Response:
    """GET /services/{id}: everything the record says of one service; a source's own id leads to the lasting one."""
    doc = await _found(request)
    if doc.id != request.path_params["service_id"]:
        return RedirectResponse(f"/services/{doc.id}", status_code=303)
    doc = public.shown(doc)
    runtime: Runtime = request.app.state.runtime
    context = {
        "service": doc,
        "facts": wording.facts(doc, opening.day_of(runtime.clock())),
        "freshness": explain.freshness(doc, int(runtime.clock().timestamp() // 86400)),
        "withheld": doc.visibility is Visibility.UNDISCLOSED,
        "credits": await run_in_threadpool(_credits, runtime, doc.id),
        "group": await run_in_threadpool(_group, runtime, doc.id),
        "geo": f"geo:{doc.point.lat:.5f},{doc.point.lon:.5f}" if doc.point else "",
        "json_url": f"/services/{doc.id}.json",
        "live": runtime.settings.live,
    }
    link = {"Link": f'</services/{doc.id}.json>; rel="alternate"; type="application/json"'}
    return page("service.html", context, headers=link)


async def service_json(request: Request) -> Response:
    """GET /services/{id}.json: the same as data."""
    doc = await _found(request)
    if doc.id != request.path_params["service_id"]:
        return RedirectResponse(f"/services/{doc.id}.json", status_code=303)
    return JSONResponse(public.service_json(doc))


async def _found(request: Request) -> ServiceDocument:
    runtime: Runtime = request.app.state.runtime
    doc = await runtime.index.get(request.path_params["service_id"])
    if doc is None:
        raise NotFound("There is no service at this address.", "It may have been taken out. Search for it by name.")
    return doc


async def leave(request: Request) -> Response:
    """GET /leave: away from here, with this site's cache, cookies and storage cleared in the browser."""
    headers = {"Clear-Site-Data": '"cache", "cookies", "storage"', "Referrer-Policy": "no-referrer"}
    return RedirectResponse(NEUTRAL_SITE, status_code=303, headers=headers)


async def about_data(request: Request) -> Response:
    """GET /about-data: whose data this is, by which licence, and how far to trust it."""
    told = await run_in_threadpool(_credits, request.app.state.runtime)
    return page("about_data.html", {**_plain(request), "attribution": ATTRIBUTION, "sources": told})


async def accessibility(request: Request) -> Response:
    """GET /accessibility: the statement the regulations ask for."""
    return page("accessibility.html", {**_plain(request), **TESTED})


def _group(runtime: Runtime, service_id: str) -> tuple[tuple[str, str], ...]:
    """The other registrations of the same service; none while the record cannot be reached."""
    try:
        with runtime.database.reading() as session:
            return pairs.group_of(session, service_id)
    except NotReady:
        return ()


def _credits(runtime: Runtime, service_id: str = "") -> tuple[Credit, ...]:
    """Whose data this is; nobody's while the record cannot be reached, for the page itself comes from the index."""
    try:
        with runtime.database.reading() as session:
            return credits.of_service(session, service_id) if service_id else credits.of_all(session)
    except NotReady:
        return ()


def _plain(request: Request) -> Mapping[str, Any]:
    return {"live": request.app.state.runtime.settings.live}


async def robots(request: Request) -> Response:
    """GET /robots.txt: services may be found; nobody's enquiry has an address to find."""
    return PlainTextResponse(ROBOTS)


async def static(request: Request) -> Response:
    """GET /static/NAME: our stylesheet, script and mark; kept for good when asked for by the mark of their content."""
    name = request.path_params["name"]
    kind = MEDIA_TYPES.get(name.rpartition(".")[2])
    file = STATIC.joinpath(name)
    if kind is None or "/" in name or not file.is_file():
        raise NotFound("There is no such file.")
    keep = "public, max-age=31536000, immutable" if "v" in request.query_params else "no-cache"
    return Response(file.read_bytes(), media_type=kind, headers={"Cache-Control": keep})
