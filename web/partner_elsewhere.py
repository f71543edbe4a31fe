"""What the directory says of a partner's service elsewhere: other lists' facts, and entries that may be theirs."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.partners import elsewhere, members
from directory.partners.elsewhere import Elsewhere
from web.loop_forms import loop_of, path_id
from web.partner_door import partner, partner_page


@partner
async def page(request: Request) -> Response:
    """GET /partners/services/{service_id}/elsewhere."""
    service_id = path_id(request, "service_id")
    context = {"found": await run_in_threadpool(_read, request), "href": f"/partners/services/{service_id}"}
    return partner_page(request, "partner_elsewhere.html", context)


def _read(request: Request) -> Elsewhere:
    loop, service_id = loop_of(request), path_id(request, "service_id")
    with loop.database.reading() as session:
        members.member(session, request.state.inside, service_id)
        return elsewhere.of_service(session, service_id)


ROUTES = (Route("/partners/services/{service_id}/elsewhere", page, methods=["GET"]),)
