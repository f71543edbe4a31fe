"""The staff's list of links and numbers that do not work, with the record of each to mend or to confirm."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.feeds import troubles
from directory.feeds.troubles import Trouble
from directory.runtime import Runtime
from web.auth import staff, staff_page

SHOWN = 500


@staff("sources.view")
async def listed(request: Request) -> Response:
    """GET /staff/sources/links: every link and number that failed, cannot be, or was said to be wrong."""
    found = await run_in_threadpool(_read, request.app.state.runtime)
    context = {
        "links": [each for each in found if each.what == "link"][:SHOWN],
        "numbers": [each for each in found if each.what == "number"][:SHOWN],
        "count": len(found),
        "shown": SHOWN,
    }
    return staff_page(request, "staff_broken.html", context)


def _read(runtime: Runtime) -> tuple[Trouble, ...]:
    with runtime.database.reading() as session:
        return troubles.troubles(session)


ROUTES = (Route("/staff/sources/links", listed, methods=["GET"]),)
