"""Our pathways as pages anybody may read: what may help after a kind of harm, in what order, and what the law says."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.errors import NotFound
from directory.runtime import Runtime
from taxonomy.pathway import Pathway
from web import plans
from web.render import page


async def pathways(request: Request) -> Response:
    """GET /pathways: every pathway in use, by title."""
    runtime: Runtime = request.app.state.runtime
    found = await run_in_threadpool(runtime.pathways)
    listed = sorted(found, key=lambda pathway: pathway.title)
    return page("pathways.html", {"live": runtime.settings.live, "pathways": listed})


async def pathway_page(request: Request) -> Response:
    """GET /pathways/{pathway}: its steps, its legal notes and its guides."""
    runtime: Runtime = request.app.state.runtime
    pathway = asked(request.path_params["pathway"], await run_in_threadpool(runtime.pathways))
    context = {
        "live": runtime.settings.live,
        "pathway": pathway,
        "whens": plans.whens(pathway.steps),
        "guides": plans.of_pathway(pathway),
        "audience": plans.audience,
    }
    return page("pathway.html", context)


def asked(code: str, among: tuple[Pathway, ...]) -> Pathway:
    """The pathway of an address. Raises NotFound."""
    found = next((pathway for pathway in among if pathway.id == code), None)
    if found is None:
        raise NotFound("There is no such pathway.", "Look for it at /pathways, which lists them all.")
    return found


ROUTES = (
    Route("/pathways", pathways, methods=["GET"]),
    Route("/pathways/{pathway}", pathway_page, methods=["GET"]),
)
