"""One service of a registration, a page at a time: what is asked, what is still missing, and how people will see it."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory import opening
from directory.editing import checking, fields
from directory.errors import BadInput, Conflict, NotFound
from directory.partners import registrations, service_answers
from directory.partners.answers import Answers, ServiceAnswers
from directory.partners.registrations import Kept
from directory.partners.service_answers import BY_CODE, PAGES, ServicePage
from directory.referrals.loop import new_key
from directory.values import SCHOOL_STAGES, Visibility
from web import partner_service_form as forms
from web import partner_words, service_form, tile_grid
from web.forms import FieldError, read_form
from web.loop_forms import loop_of, texts
from web.partner_door import ask_of, partner, partner_page
from web.partner_held import PAGE_BYTES
from web.partner_likeness import alike
from web.partners import own_id
from web.service_form import MOST_FIELDS, Typed

_OWN = re.compile(r"[0-9a-f]{32}")
LEFT_OUT = "no_address"
"""An address was typed that is not published, and so not kept."""
_KEY = re.compile(r"[A-Za-z0-9_-]{8,80}")


@partner
async def add(request: Request) -> Response:
    """POST /partners/registrations/{id}/services: one service more, and on to its first page."""
    form = texts(await read_form(request))
    if not _KEY.fullmatch(form.get("key", "")):
        raise BadInput("That form cannot be used.", "Open the page again.")
    own = sha256(form["key"].encode()).hexdigest()[
        : service_answers.OWN_LENGTH
    ]  # the same form again: the same service
    most = loop_of(request).policy.number("partners", "most_services")
    await _changed(request, form, lambda answers: service_answers.with_new(answers, own, most), "service_add")
    return to_page(request, own, PAGES[0].code)


@partner
async def overview(request: Request) -> Response:
    """GET …/services/{own}: its pages, what is missing in each, and the way to take it out."""
    kept, service = await run_in_threadpool(read, request)
    lacks: dict[str, list[str]] = {}
    for each in service_answers.missing(kept.answers, service.own):
        lacks.setdefault(each.page, []).append(each.said)
    said = service_answers.values(service)
    context = {
        **shared(request, kept, service),
        "pages": PAGES,
        "done": service.done,
        "lacks": lacks,
        "page_words": {
            page.code: list(partner_words.lines(page.names, said)) for page in PAGES if page.code in service.done
        },
        "alike": await alike(request, kept, service.own),
        "is_claimed": bool(kept.claims_service_id) and kept.answers.services[0] is service,
        "going_on": forms.next_page(service, PAGES[-1].code),
        "key": new_key(),
    }
    return partner_page(request, "partner_service.html", context)


@partner
async def page(request: Request) -> Response:
    """GET …/services/{own}/{page}: one page of its questions, as it stands."""
    kept, service = await run_in_threadpool(read, request)
    asked = _page_of(request)
    if kept.state not in registrations.OPEN:
        return to_page(request, service.own)
    beside = {
        "alike": await alike(request, kept, service.own) if asked.code in forms.AFTER_LIKENESS else [],
        "left_out": request.query_params.get("done") == LEFT_OUT,
    }
    return _shown(request, kept, service, asked, forms.shown(service, asked, kept.answers.organization), beside=beside)


@partner
async def save(request: Request) -> Response:
    """POST …/services/{own}/{page}: one page taken in, then the next that was not sent yet."""
    asked = _page_of(request)
    typed = service_form.read(await read_form(request, MOST_FIELDS, PAGE_BYTES))
    kept, service = await run_in_threadpool(read, request)
    runtime = request.app.state.runtime
    reader = await run_in_threadpool(
        forms.read, typed, service, asked, runtime.gazetteer, runtime.clock().date()
    )  # fmt: skip
    if reader.errors:
        return _shown(request, kept, service, asked, typed, reader.errors, 422)
    try:
        await _changed(
            request,
            {"key": typed["key"], "version": typed["version"]},
            lambda answers: service_answers.put(answers, service.own, asked.code, reader.values),
            f"service_{asked.code}",
            reader.values,
        )
    except (BadInput, Conflict) as error:
        kept, service = await run_in_threadpool(read, request)
        at = error.field if isinstance(error, BadInput) and error.field else "page"
        return _shown(request, kept, service, asked, typed, [FieldError(at, str(error))], error.status)
    before, was_hidden = service, service_answers.is_hidden(service)
    kept, service = await run_in_threadpool(read, request)
    if service_answers.is_hidden(service) and not was_hidden and _is_written(before):
        return _ask_again(request, kept, service, before)
    left_out = (
        asked.code == "place"
        and typed["visibility"] == Visibility.AREA_ONLY
        and any(typed[name].strip() for name in checking.ADDRESS)
    )
    return to_page(request, service.own, forms.next_page(service, asked.code), LEFT_OUT if left_out else "")


@partner
async def remove(request: Request) -> Response:
    """POST …/services/{own}/remove: out of the registration, with all that was written of it."""
    form, own = texts(await read_form(request)), own_service(request)
    await _changed(request, form, lambda answers: service_answers.without(answers, own), "service_remove")
    return RedirectResponse(_registration(request), status_code=303)


def _ask_again(request: Request, kept: Kept, service: ServiceAnswers, before: ServiceAnswers) -> Response:
    """The first page with the words that were written while its place was open: they stand on this page alone."""
    old = service_form.of_values(service_answers.values(service) | {
        name: before.values[name] for name in service_answers.ASKED_AGAIN if name in before.values
    })  # fmt: skip
    return _shown(request, kept, service, BY_CODE[service_answers.FIRST], old, asks_again=True)


def _is_written(service: ServiceAnswers) -> bool:
    return any(service.values.get(name) for name in service_answers.ASKED_AGAIN)


def _shown(
    request: Request,
    kept: Kept,
    service: ServiceAnswers,
    asked: ServicePage,
    typed: Typed,
    errors: list[FieldError] | None = None,
    status: int = 200,
    asks_again: bool = False,
    beside: Mapping[str, Any] | None = None,
) -> Response:
    said, found = service_answers.values(service), errors or []
    moved = (
        [fields.BY_NAME[name] for name in asked.names if name in service.values] if status == Conflict.status else []
    )
    context = {
        **shared(request, kept, service),
        **forms.choices(service, asked.code),
        **(beside or {}),
        "asked": asked,
        "number": list(BY_CODE).index(asked.code) + 1,
        "of": len(PAGES),
        "t": typed,
        "errors": found,
        "error_by_field": {error.field: error.message for error in found},
        "moved": list(partner_words.lines([field.name for field in moved], said, is_whole=True)),
        "asks_again": asks_again,
        "key": new_key(),
        "about_age": fields.ABOUT_AGE,
        "stages": [(stage, stage.replace("_", " ")) for stage in SCHOOL_STAGES],
        "days": tuple(zip(opening.DAYS, opening.NAMES, strict=True)),
        "drawn": tile_grid.drawing(()) if asked.code == "areas" else (),  # the boxes that are ticked draw it
    }
    return partner_page(request, "partner_service_page.html", context, status)


def shared(request: Request, kept: Kept, service: ServiceAnswers) -> dict[str, Any]:
    return {
        "kept": kept,
        "own": service.own,
        "name": service_answers.named(service),
        "hidden": service_answers.is_hidden(service),
        "may_change": kept.state in registrations.OPEN,
        "registration": _registration(request),
        "href": f"{_registration(request)}/services/{service.own}",
    }


async def _changed(
    request: Request,
    form: Mapping[str, str],
    make: Callable[[Answers], Answers],
    page: str,
    values: Mapping[str, Any] | None = None,
) -> None:
    loop, ask, own = loop_of(request), ask_of(request, form), own_id(request)
    said = {"own": request.path_params.get("own", ""), **{name: repr(each) for name, each in (values or {}).items()}}
    await run_in_threadpool(registrations.change, loop, ask, request.state.inside, own, make, page, said)


def read(request: Request) -> tuple[Kept, ServiceAnswers]:
    loop = loop_of(request)
    with loop.database.reading() as session:
        kept = registrations.found(session, loop, request.state.inside, own_id(request))
    return kept, service_answers.found(kept.answers, own_service(request))


def own_service(request: Request) -> str:
    own: str = request.path_params["own"]
    if not _OWN.fullmatch(own):
        raise NotFound("There is no such service in this registration.", "Choose one from its list.")
    return own


def _page_of(request: Request) -> ServicePage:
    found = BY_CODE.get(request.path_params["page"])
    if found is None:
        raise NotFound("There is no such page of a service.", "Choose one from its list.")
    return found


def _registration(request: Request) -> str:
    return f"/partners/registrations/{own_id(request)}"


def to_page(request: Request, own: str, page: str = "", done: str = "") -> Response:
    path = f"{_registration(request)}/services/{own}" + (f"/{page}" if page else "") + (f"?done={done}" if done else "")
    return RedirectResponse(path, status_code=303)


BASE = "/partners/registrations/{registration_id}/services"
ROUTES = (
    Route(BASE, add, methods=["POST"]),
    Route(f"{BASE}/{{own}}", overview, methods=["GET"]),
    Route(f"{BASE}/{{own}}/remove", remove, methods=["POST"]),
    Route(f"{BASE}/{{own}}/{{page}}", page, methods=["GET"]),
    Route(f"{BASE}/{{own}}/{{page}}", save, methods=["POST"], max_body_size=2 * PAGE_BYTES),
)
