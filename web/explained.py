"""The two questions behind an answer, each on demand: what was left out, and why one service stands where it does.

Both are sent by POST with the words and facts of the enquiry, for those are a person's.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput
from directory.matching import answers, signals
from directory.matching.left_out import LeftOutReport
from directory.matching.results import MatchResult
from directory.matching.why import Why
from directory.runtime import Runtime
from web import chips, public
from web.forms import MATCH_FIELDS, MatchForm, read_match_form
from web.match import again, ask, errors_json
from web.render import PERSON_PAGE, page

STORIES = {signal.name: signal.story for signal in signals.SIGNALS}
"""Where each weight comes from."""


async def left_out(request: Request) -> Response:
    """POST /match/left-out: the services of the kinds needed that the answer does not show, in groups by reason."""

    async def shown(runtime: Runtime, form: MatchForm, result: MatchResult) -> Response:
        report: LeftOutReport = await runtime.left_out(result)
        context = {**_context(runtime, form, result), "report": report}
        return page("left_out.html", context, headers=PERSON_PAGE)

    return await _answered(request, shown, again)


async def left_out_json(request: Request) -> Response:
    """POST /match/left-out.json: the same as data."""

    async def shown(runtime: Runtime, form: MatchForm, result: MatchResult) -> Response:
        return JSONResponse(answers.left_out(await runtime.left_out(result)), headers=PERSON_PAGE)

    return await _answered(request, shown, lambda runtime, form, errors: errors_json(errors))


async def why(request: Request) -> Response:
    """POST /match/why with `service`: signals, values and weights, facts, and what would change the answer."""

    async def shown(runtime: Runtime, form: MatchForm, result: MatchResult) -> Response:
        context = {**_context(runtime, form, result), "why": await _why(runtime, form), "stories": STORIES}
        return page("why.html", context, headers=PERSON_PAGE)

    return await _answered(request, shown, again)


async def why_json(request: Request) -> Response:
    """POST /match/why.json: the same as data."""

    async def shown(runtime: Runtime, form: MatchForm, result: MatchResult) -> Response:
        return JSONResponse(answers.why(await _why(runtime, form)), headers=PERSON_PAGE)

    return await _answered(request, shown, lambda runtime, form, errors: errors_json(errors))


async def _why(runtime: Runtime, form: MatchForm) -> Why:
    if not form.service:
        raise BadInput("No service was named.", "Send its id as “service”.", field="service")
    found = await runtime.why(form["text"], form.given(), form.service)
    match = public.guard(found.match) if found.match else None
    return replace(found, service=public.shown(found.service), match=match)


async def _answered(
    request: Request, shown: Callable[[Runtime, MatchForm, MatchResult], Any], refused: Callable[..., Response]
) -> Response:
    """The enquiry answered again and shown, or the form with its mistakes."""
    runtime: Runtime = request.app.state.runtime
    form = await read_match_form(request)
    result, errors = await ask(runtime, form)
    response: Response = refused(runtime, form, errors) if result is None else await shown(runtime, form, result)
    return response


def _context(runtime: Runtime, form: MatchForm, result: MatchResult) -> dict[str, Any]:
    return {
        "result": result,
        "chips": chips.chips(result),
        "values": {name: form[name] for name in MATCH_FIELDS},
        "read": form.read,
        "live": runtime.settings.live,
    }


async def back(request: Request) -> Response:
    """GET of either address: nothing about a person stands in one, so there is nothing to show but the form."""
    return RedirectResponse("/match", status_code=303)


ROUTES = (
    Route("/match/left-out", back, methods=["GET"]),
    Route("/match/left-out", left_out, methods=["POST"]),
    Route("/match/left-out.json", left_out_json, methods=["POST"]),
    Route("/match/why", back, methods=["GET"]),
    Route("/match/why", why, methods=["POST"]),
    Route("/match/why.json", why_json, methods=["POST"]),
)
