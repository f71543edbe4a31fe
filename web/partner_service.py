"""One service of a registration, a page at a time: what is asked, what is still missing, and how people will see it."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory import opening
from directory.draft import Hours
from directory.editing import fields
from directory.editing.adding import Likely
from directory.errors import BadInput, Conflict, NotFound
from directory.partners import claiming, registrations, service_answers
from directory.partners.answers import Answers, ServiceAnswers
from directory.partners.registrations import Kept
from directory.partners.service_answers import BY_CODE, PAGES, ServicePage
from directory.referrals.loop import new_key
from directory.values import SCHOOL_STAGES
from web import partner_service_form as forms
from web import service_form, tile_grid
from web.forms import FieldError, read_form
from web.loop_forms import loop_of, texts
from web.partner_door import ask_of, partner, partner_page
from web.partners import own_id
from web.service_form import MOST_FIELDS, Typed

PAGE_BYTES = 6_000_000
"""A page with far too long a description comes back whole, and says what is wrong; what is larger is refused."""
_OWN = re.compile(r"[0-9a-f]{32}")
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
    alike = await run_in_threadpool(_alike, request, kept, service.own)
    lacks: dict[str, list[str]] = {}
    for each in service_answers.missing(kept.answers, service.own):
        lacks.setdefault(each.page, []).append(each.said)
    said = service_answers.values(service)
    context = {
        **shared(request, kept, service),
        "pages": PAGES,
        "done": service.done,
        "lacks": lacks,
        "page_words": {page.code: _words(page, said) for page in PAGES if page.code in service.done},
        "alike": [each for each in alike if await is_public(request, each.id)],
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
    return _shown(request, kept, service, asked, forms.shown(service, asked, kept.answers.organization))


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
    return to_page(request, service.own, forms.next_page(service, asked.code))


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
) -> Response:
    said, found = service_answers.values(service), errors or []
    moved = (
        [fields.BY_NAME[name] for name in asked.names if name in service.values] if status == Conflict.status else []
    )
    context = {
        **shared(request, kept, service),
        **forms.choices(service, asked.code),
        "asked": asked,
        "number": list(BY_CODE).index(asked.code) + 1,
        "of": len(PAGES),
        "t": typed,
        "errors": found,
        "error_by_field": {error.field: error.message for error in found},
        "moved": [(field.label, field.words(said[field.name])) for field in moved],
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


CALLED: Mapping[str, str] = {
    "families": "Kind of service", "any_harm": "After any harm", "harms": "Knows most about", "gender": "Who may come",
    "coverage": "From", "premises": "Address", "registration": "People must be registered", "kind": "Called",
}  # fmt: skip
"""Fields that a provider is asked for in other words than staff."""


def _words(page: ServicePage, said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a page says now: what is not stated stays away."""
    lines = [(CALLED.get(name, fields.label(name)), _said(name, said[name])) for name in page.names]
    return [(label, words) for label, words in lines if words not in (fields.NOT_STATED, "no", "")]


def _said(name: str, value: Any) -> str:
    if name != "hours" or value["text"]:
        return fields.in_words(name, value)
    return opening.in_words(msgspec.convert(value, Hours))


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


def _alike(request: Request, kept: Kept, own: str) -> tuple[Likely, ...]:
    if kept.state not in registrations.OPEN:
        return ()
    loop = loop_of(request)
    with loop.database.reading() as session:
        return claiming.offered(session, kept, own, loop)


async def is_public(request: Request, service_id: str) -> bool:
    """Whether anybody can find it: no other service is named to somebody whom nobody has checked."""
    found = await request.app.state.runtime.index.get(service_id) if service_id else None
    return found is not None and found.id == service_id


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


def to_page(request: Request, own: str, page: str = "") -> Response:
    path = f"{_registration(request)}/services/{own}" + (f"/{page}" if page else "")
    return RedirectResponse(path, status_code=303)


BASE = "/partners/registrations/{registration_id}/services"
ROUTES = (
    Route(BASE, add, methods=["POST"]),
    Route(f"{BASE}/{{own}}", overview, methods=["GET"]),
    Route(f"{BASE}/{{own}}/remove", remove, methods=["POST"]),
    Route(f"{BASE}/{{own}}/{{page}}", page, methods=["GET"]),
    Route(f"{BASE}/{{own}}/{{page}}", save, methods=["POST"], max_body_size=2 * PAGE_BYTES),
)
