"""A service of a registration beside what is here already: how people would see it, and whether it is one of those."""

from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory import opening
from directory.errors import BadInput, NotFound
from directory.partners import claiming, service_answers
from directory.partners import preview as previewing
from directory.values import Visibility
from web import public, tile_grid, wording
from web.forms import read_form
from web.loop_forms import loop_of, texts
from web.partner_door import ask_of, partner, partner_page
from web.partner_likeness import is_public
from web.partner_service import BASE, own_service, read, shared, to_page
from web.partners import own_id


@partner
async def claim(request: Request) -> Response:
    """POST …/services/{own}/claim: it is one of those that are here already."""
    form, own, loop = texts(await read_form(request)), own_service(request), loop_of(request)
    ask, service_id = ask_of(request, form), form.get("service", "")
    if not await is_public(request, service_id):
        raise NotFound("There is no such service here.", "Go on with it as a new one.")
    await run_in_threadpool(claiming.claim, loop, ask, request.state.inside, own_id(request), own, service_id)
    return to_page(request, own)


@partner
async def preview(request: Request) -> Response:
    """GET …/services/{own}/preview: as everybody would see it and as staff would; nothing is written by looking."""
    kept, service = await run_in_threadpool(read, request)
    now = request.app.state.runtime.clock()
    context: dict[str, Any] = {
        **shared(request, kept, service),
        "lacks": service_answers.missing(kept.answers, service.own),
        "is_shown": False,
    }
    try:
        draft = service_answers.draft(kept.answers, service.own, now)
        # whether its number was confirmed is said once somebody has agreed
        doc = replace(public.shown(previewing.preview(draft, now)), phone_note=draft.phone_note)
    except BadInput as error:
        context["cannot"] = error
        return partner_page(request, "partner_service_preview.html", context)
    context |= {
        "is_shown": True,
        "service": doc,
        "facts": [fact for fact in wording.facts(doc, opening.day_of(now)) if fact.label != wording.RUNNING],
        "withheld": doc.visibility is Visibility.UNDISCLOSED,
        "geo": f"geo:{doc.point.lat:.5f},{doc.point.lon:.5f}" if doc.point else "",
        "drawn": tile_grid.drawing(doc.coverage.areas),
    }
    return partner_page(request, "partner_service_preview.html", context)


ROUTES = (
    Route(f"{BASE}/{{own}}/preview", preview, methods=["GET"]),
    Route(f"{BASE}/{{own}}/claim", claim, methods=["POST"]),
)
"""Before `partner_service.ROUTES`, whose last takes any page's name."""
