"""The main job as pages: words and facts by POST, the plan and the list with reasons back, as a page or as JSON."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from directory.accounts import policy
from directory.errors import BadInput
from directory.matching import answers, why
from directory.matching.results import MatchResult
from directory.runtime import Runtime
from directory.values import SCHOOL_STAGES
from taxonomy import terms
from taxonomy.words import STAGE_LABELS
from web import auth, chips, plans, public, wording
from web.forms import MATCH_FIELDS, FieldError, MatchForm, checked, read_match_form
from web.render import PERSON_PAGE, page

FULL_CARDS = 10
"""Matches shown whole; the rest of the list is a line or two each, so that a page stays under 60 kB."""
WHEN = {"now": "Now", "this_week": "This week", "later": "Later"}


async def match(request: Request) -> Response:
    """POST /match: the answer as a page, or as JSON for who asks for it."""
    wanted = request.headers.get("accept", "")
    if "application/json" in wanted and "text/html" not in wanted:
        return await match_json(request)
    user = await auth.signed_in(request) if request.cookies else None
    may_open = policy.may(user, "cases.work")
    return await answer(request.app.state.runtime, await read_match_form(request), may_open)


async def answer(runtime: Runtime, form: MatchForm, may_open: bool = False) -> Response:
    """The whole page for one form: the plan and the list, or what was wrong with nothing lost.

    `may_open`: whether who reads it may open a case from it.
    """
    result, errors = await ask(runtime, form)
    if result is None:
        return again(runtime, form, errors)
    runtime.gaps.note(result, runtime.database, runtime.clock())
    context = {**answer_context(runtime, form, result), "may_open": may_open}
    return page("match.html", context, headers=PERSON_PAGE)


def again(runtime: Runtime, form: MatchForm, errors: list[FieldError]) -> Response:
    """The form once more with nothing lost: with what was wrong, or short and without a word of blame when empty."""
    context = form_context(runtime, form, errors)
    return page("mistakes.html", context, status=422 if errors else 200, headers=PERSON_PAGE)


async def match_json(request: Request) -> Response:
    """POST /match.json: the same answer as data."""
    runtime: Runtime = request.app.state.runtime
    result, errors = await ask(runtime, await read_match_form(request))
    if result is None:
        return errors_json(errors)
    runtime.gaps.note(result, runtime.database, runtime.clock())
    return JSONResponse(answers.whole(result), headers=PERSON_PAGE)


def errors_json(errors: list[FieldError]) -> Response:
    """What was wrong, as data; a program that sends nothing is told so."""
    nothing = FieldError("text", "There is nothing to match yet. Say what happened, how old they are, where they live.")
    body = {"errors": [{"field": error.field, "message": error.message} for error in errors or [nothing]]}
    return JSONResponse(body, status_code=422, headers=PERSON_PAGE)


async def short_form(request: Request) -> Response:
    """GET /match: the form. Nothing about a person stands in an address, so one with anything behind it is dropped."""
    if request.url.query:
        return RedirectResponse("/match", status_code=303)
    return again(request.app.state.runtime, MatchForm(), [])


async def ask(runtime: Runtime, form: MatchForm) -> tuple[MatchResult | None, list[FieldError]]:
    """The answer, or every mistake that was made; neither for an empty form."""
    errors = form.errors()
    wrong = {error.field for error in errors}
    for name in ("residence", "harm_place"):
        if form.stated(name) and name not in wrong:
            found = await run_in_threadpool(place_error, runtime, form.stated(name), name)
            errors += [found] if found else []
    if errors:
        return None, sorted(errors, key=lambda error: MATCH_FIELDS.index(error.field))
    if form.is_empty:
        return None, []
    try:
        return public.guarded(await runtime.match(form["text"], form.given())), []
    except BadInput as error:
        return None, [FieldError(error.field if error.field in MATCH_FIELDS else "text", str(error))]


def place_error(runtime: Runtime, text: str, name: str) -> FieldError | None:
    """What is wrong with a place, with the names that may be meant."""
    return checked(lambda: runtime.gazetteer.locate(text), name)


def form_context(runtime: Runtime, form: MatchForm, errors: list[FieldError]) -> dict[str, Any]:
    """What the form needs to show itself again with nothing lost."""
    return {
        "values": {name: form[name] for name in MATCH_FIELDS},
        "read": form.read,
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
        "choices": choices(),
        "live": runtime.settings.live,
    }


def answer_context(runtime: Runtime, form: MatchForm, result: MatchResult) -> dict[str, Any]:
    """Everything the plan page shows."""
    read = chips.read_from_words(result)
    values = {name: form.stated(name) or read.get(name, "") for name in MATCH_FIELDS[1:]}
    steps: dict[str, list[Any]] = {when: [] for when in WHEN}
    for step in result.plan.steps if result.plan else ():
        steps.setdefault(step.when, []).append(step)
    return {
        **form_context(runtime, form, []),
        "values": {"text": form["text"], **values},
        "read": {name: value for name, value in read.items() if not form.stated(name)},
        "result": result,
        "chips": chips.chips(result),
        "whens": plans.whens(result.plan.steps if result.plan else ()),
        "guides": plans.for_enquiry(result.plan, result.enquiry),
        "full": result.matches[:FULL_CARDS],
        "rest": result.matches[FULL_CARDS:],
        "first": why.ahead(*result.matches[:2]) if len(result.matches) > 1 else "",
        "kinds": [
            (wording.term("family", code), count)
            for facet in result.facets
            if facet.field == "family"
            for code, count in facet.counts
        ],
    }


def choices() -> Mapping[str, list[dict[str, str]]]:
    """Options of the form's lists, "not said" first."""
    vocabulary = terms.load()
    codes = {
        name: [(code, term.label) for code, term in vocabulary[name].terms.items() if code != "professional"]
        for name in ("relation", "gender", "urgency")
    }
    codes["school_stage"] = [(stage, STAGE_LABELS.get(stage, stage)) for stage in SCHOOL_STAGES]
    codes["language"] = [item for item in wording.LANGUAGES.items() if item[0] not in {"en", "interpreter", "many"}]
    return {
        name: [{"value": "", "text": "Not said"}, *({"value": code, "text": label} for code, label in items)]
        for name, items in codes.items()
    }
