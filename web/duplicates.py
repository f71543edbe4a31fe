"""The staff's pages for services that may be the same: the list, two side by side, and the buttons that decide.

A decision is a line of the ledger, and the record is made to agree with it in the same transaction.
"""

import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.errors import BadInput, Conflict, NotFound
from directory.feeds import duplicates, joining
from directory.feeds.duplicates import RULE, Verdict
from directory.search import pairs
from directory.search.pairs import PairView
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import FieldError, read_form, runtime_of

DONE = {
    "same": "They are one service now.",
    "group": "They are two records, shown together as one group.",
    "distinct": "They are kept apart.",
    "undone": "The decision is taken back.",
}
VERDICTS = {
    Verdict.SAME: "One service",
    Verdict.GROUP: "One group",
    Verdict.MAYBE: "A person must look",
    Verdict.DISTINCT: "Two services",
    Verdict.UNDONE: "Decision taken back",
}
ID = re.compile(r"[0-9a-f-]{36}")
KEEP = "keep_"
MOST_PAGES = 10_000


@staff("sources.view")
async def listed(request: Request) -> Response:
    """GET /staff/duplicates: the pairs that wait for a person, strongest first, and what people decided last."""
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked[:6]) < MOST_PAGES else 1
    runtime = runtime_of(request)

    def read() -> tuple[tuple[pairs.Listed, ...], int, tuple[pairs.Listed, ...]]:
        with runtime.database.reading() as session:
            return *pairs.waiting(session, number), pairs.decided(session)

    waiting, count, decided = await run_in_threadpool(read)
    context = {
        "waiting": waiting,
        "count": count,
        "decided": decided,
        "page": number,
        "pages": max(1, -(-count // pairs.LISTED)),
        "verdicts": VERDICTS,
        "people": await run_in_threadpool(names, runtime),
        "done": DONE.get(request.query_params.get("done", ""), ""),
    }
    return staff_page(request, "staff_duplicates.html", context)


@staff("sources.view")
async def pair_page(request: Request) -> Response:
    """GET /staff/duplicates/{one}/{other}: both side by side, field by field, with what speaks for and against."""
    return await _page(request, [])


@staff("sources.edit")
async def decide(request: Request) -> Response:
    """POST …/decide: one button pressed. Of two people who decide at once the second is told of the first."""
    form = await read_form(request)
    verdict, seen = str(form.get("verdict", "")), str(form.get("seen", ""))
    kept = {name.removeprefix(KEEP): str(own) for name, own in form.items() if name.startswith(KEEP) and own}
    try:
        if not (seen.isascii() and seen.isdigit() and len(seen) < 12):
            raise BadInput("The form was not whole.", "Try again: nothing was decided.")
        await run_in_threadpool(_decided, request, verdict, int(seen), kept)
    except (BadInput, Conflict) as error:
        return await _page(request, [FieldError("decide", str(error))], error.status)
    target = request.url.path.removesuffix("/decide") if verdict == Verdict.UNDONE else "/staff/duplicates"
    return RedirectResponse(f"{target}?done={verdict}", status_code=303)


def _decided(request: Request, verdict: str, seen: int, kept: dict[str, str]) -> None:
    runtime, (one, other) = runtime_of(request), _asked(request)
    with runtime.database.session() as session:
        at = runtime.clock()
        duplicates.decide(session, one, other, verdict, request.state.user.id, at, seen, kept)
        joining.settle(session, (one, other), at)


async def _page(request: Request, errors: list[FieldError], status: int = 200) -> Response:
    runtime = runtime_of(request)
    found = await run_in_threadpool(_read, request)
    how = found.standing
    context: dict[str, Any] = {
        "found": found,
        "href": f"/staff/duplicates/{found.sides[0].id}/{found.sides[1].id}",
        "counts": VERDICTS[how.counts] if how else "Nothing was decided of them yet",
        "by_person": how is not None and how.is_persons,
        "verdicts": VERDICTS,
        "rule": RULE,
        "people": await run_in_threadpool(names, runtime),
        "may_edit": policy.may(request.state.user, "sources.edit"),
        "errors": errors,
        "done": DONE.get(request.query_params.get("done", ""), "") if not errors else "",
    }
    return staff_page(request, "staff_duplicate.html", context, status)


def _read(request: Request) -> PairView:
    with runtime_of(request).database.reading() as session:
        return pairs.view(session, *_asked(request))


def _asked(request: Request) -> tuple[str, str]:
    """The two services of the address. Raises NotFound."""
    one, other = request.path_params["one"], request.path_params["other"]
    if not (ID.fullmatch(one) and ID.fullmatch(other)) or one == other:
        raise NotFound("There is no such pair of services in the record.", "Look at the list of pairs.")
    return one, other


PAIR = "/staff/duplicates/{one}/{other}"
ROUTES = (
    Route("/staff/duplicates", listed, methods=["GET"]),
    Route(PAIR, pair_page, methods=["GET"]),
    Route(f"{PAIR}/decide", decide, methods=["POST"]),
)
