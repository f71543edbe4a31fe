"""The staff's list of what waits: tasks, answers that came, and everything that time has made due."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import NotFound
from directory.referrals import policy, tasks, worklist
from directory.referrals.worklist import Line
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import read_form
from web.loop_forms import ask_of, done, loop_of, texts, who

DONE = {"done": "It is off the list."}
SHOWN = 200


@staff("cases.work")
async def listed(request: Request) -> Response:
    """GET /staff/tasks: what waits for this worker, or for everybody, most overdue first."""
    return await _page(request)


@staff("cases.work")
async def tick_off(request: Request) -> Response:
    """POST /staff/tasks/{task}/done: takes one off the list."""
    form, loop = texts(await read_form(request)), loop_of(request)
    number = request.path_params["task"]
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound("There is no such task.", "Look at the list again.")
    ask = ask_of(request, form)

    def do() -> None:
        with loop.database.session() as session:
            tasks.done(session, int(number), ask.who.id, ask.at)

    _, error = await done(do)
    if error is not None:
        return await _page(request, error_message=str(error), status=error.status)
    everybody = "&whose=all" if form.get("whose") == "all" else ""
    return RedirectResponse(f"/staff/tasks?done=done{everybody}", status_code=303)


async def _page(request: Request, error_message: str = "", status: int = 200) -> Response:
    loop, user = loop_of(request), request.state.user
    everybody = request.query_params.get("whose") == "all"

    def read() -> tuple[Line, ...]:
        with loop.database.reading() as session:
            return worklist.lines(session, loop.policy, loop.clock(), who(request), "" if everybody else user.id)

    found = await run_in_threadpool(read)
    context = {
        "lines": found[:SHOWN],
        "count": len(found),
        "overdue": len(worklist.overdue(found)),
        "everybody": everybody,
        "people": await run_in_threadpool(names, request.app.state.runtime),
        "now": loop.clock(),
        "missing": [name for name in loop.policy.missing if name in policy.TO_SEND],
        "trouble": error_message,
        "done": DONE.get(request.query_params.get("done", ""), ""),
    }
    return staff_page(request, "staff_tasks.html", context, status)


ROUTES = (
    Route("/staff/tasks", listed, methods=["GET"]),
    Route("/staff/tasks/{task}/done", tick_off, methods=["POST"]),
)
