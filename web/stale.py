"""The list of records that must be looked at: never or long not confirmed, told wrong, or with a link that fails."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.editing import stale
from directory.editing.stale import Page, Why
from directory.errors import NotFound
from directory.feeds.assurance_words import DOUBTS, spoken_date
from directory.partners import review_rounds
from directory.places import areas
from directory.runtime import Runtime
from directory.search import record_view
from taxonomy import terms
from web.auth import staff, staff_page
from web.forms import read_form
from web.loop_forms import ID_LENGTH

WORDS = {
    Why.CLOSED: ("It told us that it has closed or changed", "late"),
    Why.TOLD_WRONG: ("Told wrong", "late"),
    Why.LINK: ("Link fails", "warn"),
    Why.UNLISTED: ("No source lists it now", "warn"),
    Why.OLD: ("Not confirmed in time", "warn"),
    Why.NEVER: ("Never confirmed", "quiet"),
}
MOST_PAGES = 1_000


@staff("services.assure")
async def listed(request: Request) -> Response:
    """GET /staff/stale: worst first; filters `months`, `council`, `family`, and `page`."""
    runtime: Runtime = request.app.state.runtime
    chosen = _chosen(request.query_params)

    def read() -> Page:
        with runtime.database.reading() as session:
            months, number = int(chosen["months"]), int(chosen["page"])
            return stale.listed(session, runtime.clock(), months, chosen["council"], chosen["family"], number)

    found = await run_in_threadpool(read)
    filters = {name: chosen[name] for name in ("months", "council", "family") if chosen[name]}
    context: dict[str, Any] = {
        "found": found,
        "words": WORDS,
        "doubts": DOUBTS,
        "spoken": spoken_date,
        "chosen": chosen,
        "page": int(chosen["page"]),
        "pages": max(1, -(-found.count // stale.PAGE)),
        "query": urlencode(filters),
        "months": stale.MONTHS,
        "councils": sorted(areas.councils(), key=lambda area: area.name),
        "families": terms.load()["family"].current(),
        "may_edit": policy.may(request.state.user, "services.edit"),
        "done": "Thank you: it is kept, and shown from now on." if request.query_params.get("done") else "",
    }
    return staff_page(request, "staff_stale.html", context)


@staff("services.assure")
async def confirm(request: Request) -> Response:
    """POST /staff/stale/confirm: somebody has checked one record, and all of it is right."""
    form = await read_form(request)
    runtime: Runtime = request.app.state.runtime
    own, user = str(form.get("service", "")), request.state.user
    if len(own) != ID_LENGTH or not own.isascii():
        raise NotFound("There is no such service in the record.", "Look it up by name.")

    def do() -> None:
        with runtime.database.session() as session:
            at = runtime.clock()
            record_view.say(session, own, "checked", "", user.id, at)
            review_rounds.settle(session, record_view.members(session, own), user.id, at)

    await run_in_threadpool(do)
    chosen = _chosen({name: str(value) for name, value in form.items() if isinstance(value, str)})
    back = {name: value for name, value in chosen.items() if value} | {"done": "1"}
    return RedirectResponse(f"/staff/stale?{urlencode(back)}", status_code=303)


def _chosen(said: Mapping[str, str]) -> dict[str, str]:
    """The filters that can be used; anything else is none."""
    months, page, council, family = (said.get(name, "") for name in ("months", "page", "council", "family"))
    whole = page.isascii() and page.isdigit() and 0 < int(page[:6]) < MOST_PAGES
    return {
        "months": months if months in map(str, stale.MONTHS) else str(stale.USUAL),
        "council": council if council in {area.gss for area in areas.councils()} else "",
        "family": family if family in terms.load()["family"] else "",
        "page": str(int(page)) if whole else "1",
    }


ROUTES = (
    Route("/staff/stale", listed, methods=["GET"]),
    Route("/staff/stale/confirm", confirm, methods=["POST"]),
)
