"""My work: where a worker's day begins, and what may be done to several of its lines at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput, NotFound, WaymarkError
from directory.referrals import work_done
from directory.referrals.asking import Ask
from directory.referrals.loop import Loop
from directory.referrals.work_done import Item
from web import work_page
from web.auth import staff
from web.forms import FieldError, read_form
from web.loop_forms import ask_of, done, loop_of, texts
from web.work_lists import PAGE, WorkForm
from web.work_page import Again

MOST = PAGE
"""Lines of one press."""


@dataclass(frozen=True, slots=True)
class Several:
    """What came of one press on the lines ticked: `wrong` before anything was done, `failed` of single lines."""

    what: str
    items: tuple[Item, ...]
    ticked: frozenset[str]
    """Those that are to stay ticked: `Item.about`."""
    to: str
    wrong: tuple[FieldError, ...] = ()
    failed: tuple[tuple[Item, str], ...] = ()
    told: str = ""
    """What was done all the same, in words."""
    status: int = 200


@staff("cases.work")
async def listed(request: Request) -> Response:
    """GET /staff/work: the day as a whole, or one list of it (`WorkForm`)."""
    return await work_page.page(request, WorkForm.read(request.query_params))


@staff("cases.work")
async def moved(request: Request) -> Response:
    """GET /staff/tasks: where this page used to be."""
    return RedirectResponse("/staff/work", status_code=303)


@staff("cases.work")
async def tick_off(request: Request) -> Response:
    """POST /staff/work/{task}/done: takes one off the list."""
    form, asked, loop = texts(await read_form(request)), WorkForm.read(request.query_params), loop_of(request)
    number = request.path_params["task"]
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound("There is no such task.", "Look at the list again.")
    ask = ask_of(request, form)
    _, error = await done(lambda: work_done.tick(loop, ask, int(number)))
    if error is not None:
        return await work_page.page(request, asked, Again((FieldError("work", str(error)),), error.status))
    return RedirectResponse(_done(asked, "tick", 1), status_code=303)


@staff("cases.work")
async def several(request: Request) -> Response:
    """POST /staff/work/do: one thing done to the lines ticked; what failed is said and stays ticked."""
    asked = WorkForm.read(request.query_params)
    answer = await read_several(request)
    if answer.wrong or answer.failed:
        again = Again(answer.wrong, answer.status, answer.ticked, answer.to, answer.failed, answer.told)
        return await work_page.page(request, asked, again)
    return RedirectResponse(_done(asked, answer.what, len(answer.items)), status_code=303)


async def read_several(request: Request, only: str = "") -> Several:
    """Reads the form of several lines and does what it says, each line a write of its own."""
    sent, loop = await read_form(request), loop_of(request)
    form, ticked = texts(sent), [value for value in sent.getlist("item") if isinstance(value, str)]
    ask, what, to = ask_of(request, form), only or form.get("what", ""), form.get("to", "")
    items: tuple[Item, ...] = ()
    try:
        items = tuple(dict.fromkeys(map(work_done.read, ticked[: MOST + 1])))
        _check(items, what, to)
    except BadInput as error:
        wrong = FieldError(error.field or "work", str(error))
        return Several(what, (), frozenset(item.about for item in items), to, (wrong,), status=error.status)
    failed = tuple(await run_in_threadpool(_each, loop, ask, what, items, to))
    count = len(items) - len(failed)
    told = work_page.done_words(what, count) if count else ""
    return Several(
        what, items, frozenset(item.about for item, _ in failed), to, (), failed, told, 409 if failed else 200
    )


def _check(items: Sequence[Item], what: str, to: str) -> None:
    if not items:
        raise BadInput("Tick the lines that you mean.", "Nothing was changed.", "work")
    if len(items) > MOST:
        raise BadInput(f"More than {MOST} lines are ticked.", "Do some of them first.", "work")
    if what == work_done.ASSIGN and not to:
        raise BadInput("Choose the colleague.", "The lines you ticked are still ticked.", "to")
    if what not in work_done.DO:
        raise BadInput("Choose what to do with the lines you ticked.", "Nothing was changed.", "work")


def _each(loop: Loop, ask: Ask, what: str, items: Sequence[Item], to: str) -> list[tuple[Item, str]]:
    """What could not be done, and why. Lines of one case are given to a colleague once."""
    answered: dict[str, str] = {}
    failed = []
    for item in items:
        about = item.case_id if what == work_done.ASSIGN else str(item)
        if about not in answered:
            answered[about] = _one(loop, ask, what, item, to)
        if answered[about]:
            failed.append((item, answered[about]))
    return failed


def _one(loop: Loop, ask: Ask, what: str, item: Item, to: str) -> str:
    """Why a line could not be done; "" when it is."""
    try:
        work_done.do(loop, replace(ask, version=None), what, item, to)
    except WaymarkError as error:
        return str(error)
    return ""


def _done(form: WorkForm, what: str, count: int) -> str:
    address = form.url()
    return f"{address}{'&' if '?' in address else '?'}done={what}&n={count}"


ROUTES = (
    Route("/staff/tasks", moved, methods=["GET"]),
    Route("/staff/work", listed, methods=["GET"]),
    Route("/staff/work/do", several, methods=["POST"]),
    Route("/staff/work/{task}/done", tick_off, methods=["POST"]),
)
