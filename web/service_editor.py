"""The editor of a service: one page for each group of its fields, what waits for a second person, and new services."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.editing import adding, current, fields, proposal_views, proposals
from directory.editing.current import Current
from directory.editing.proposals import Proposer, Sent
from directory.errors import BadInput, Conflict, NotFound
from directory.opening import DAYS, NAMES
from directory.places import areas
from directory.values import SCHOOL_STAGES, Visibility
from taxonomy import terms
from web import service_form
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import FieldError, read_form, runtime_of
from web.loop_forms import path_id
from web.service_form import MOST_FIELDS, Typed
from web.service_reading import Reader

DONE = {
    "live": "It is changed, and everybody sees it within seconds.",
    "waits": "It waits for a second person. Until then everybody sees what it said before.",
    "both": "Some of it is changed now; the rest waits for a second person.",
    "hidden": "Its place is confidential from now on: address, number and pages are taken out of the record.",
    "same": "Nothing was different: nothing has changed.",
    "gone": "Its sources speak for that again.",
}
NEW_GROUPS = ("what", "who", "where", "contact")
OWN_LENGTH = 34
EMPTY_STATUS = "active"


@staff("services.edit")
async def overview(request: Request) -> Response:
    """GET /staff/services/{id}/edit: every field with its word and source, and the pages that change them."""
    now, waiting = await run_in_threadpool(_read, request)
    context = {**await _beside(request, now, waiting), "fields_of": fields.of_group, "done": _done_words(request)}
    return staff_page(request, "staff_service_edit.html", context)


@staff("services.edit")
async def group_page(request: Request) -> Response:
    """GET …/edit/{group}: one page of fields, as the record has them."""
    return await _group(request, None, [])


@staff("services.edit")
async def save(request: Request) -> Response:
    """POST …/edit/{group}: harmless changes at once, others for a second person."""
    group, typed = _group_code(request), service_form.read(await read_form(request, MOST_FIELDS))
    now, _ = await run_in_threadpool(_read, request)
    reader = _reader(request, typed, now.values, now.withheld or _hides(typed)).read([group])
    if reader.errors:
        return await _group(request, typed, reader.errors, 422)

    def do() -> Sent:
        with runtime_of(request).database.session() as session:
            who, note = Proposer(request.state.user.id), typed["note"].strip()
            return proposals.edit(
                session, _asked(request), reader.values, typed.seen, who, runtime_of(request).clock(), note,
                typed["public_name"],
            )  # fmt: skip

    try:
        sent = await run_in_threadpool(do)
    except (BadInput, Conflict) as error:
        at = error.field if isinstance(error, BadInput) and error.field else "page"
        return await _group(request, typed, [FieldError(at, str(error))], error.status)
    return RedirectResponse(f"{_href(now.id)}?done={_done(sent)}", status_code=303)


@staff("services.edit")
async def let_go(request: Request) -> Response:
    """POST …/let-go: the sources speak for one field again."""
    form = await read_form(request)
    name = str(form.get("field", ""))

    def do() -> Sent:
        with runtime_of(request).database.session() as session:
            who = Proposer(request.state.user.id)
            return proposals.propose_let_go(session, _asked(request), name, who, runtime_of(request).clock())

    sent = await run_in_threadpool(do)
    return RedirectResponse(f"{_href(_asked(request))}?done={'waits' if sent.proposal else 'gone'}", status_code=303)


@staff("services.edit")
async def new_page(request: Request) -> Response:
    """GET /staff/services/new: the fields of a service that no source tells of."""
    return await _new(request, None, [])


@staff("services.edit")
async def add(request: Request) -> Response:
    """POST /staff/services/new: after a look at what may be the same, it waits for a second person."""
    typed = service_form.read(await read_form(request, MOST_FIELDS))
    reader = _reader(request, typed, _nothing(), _hides(typed)).read(NEW_GROUPS)
    if reader.errors:
        return await _new(request, typed, reader.errors, 422)
    alike, groups = await run_in_threadpool(_alike, request, reader.values)
    chosen = typed["provider_sure"]
    if (alike and typed["sure"] != "yes") or (groups and chosen not in (reader.values["organization"], *groups)):
        return await _new(request, typed, [], 200, {"alike": alike, "providers": groups, "looked": True})
    if chosen in groups:
        reader.values["organization"] = chosen
    own = typed["own"]
    if not (own.startswith("h-") and len(own) == OWN_LENGTH and own[2:].isalnum()):
        own = _own()

    def do() -> int:
        with runtime_of(request).database.session() as session:
            who, at = Proposer(request.state.user.id), runtime_of(request).clock()
            return proposals.propose_new(session, reader.values, own, who, at, typed["note"].strip())

    try:
        number = await run_in_threadpool(do)
    except (BadInput, Conflict) as error:
        at = error.field if isinstance(error, BadInput) and error.field else "page"
        return await _new(request, typed, [FieldError(at, str(error))], error.status)
    return RedirectResponse(f"/staff/proposals/{number}?done=sent", status_code=303)


def _alike(request: Request, values: Mapping[str, Any]) -> tuple[tuple[adding.Likely, ...], tuple[str, ...]]:
    with runtime_of(request).database.reading() as session:
        return adding.likely(session, values), adding.organizations(session, values["organization"])


async def _group(request: Request, typed: Typed | None, errors: list[FieldError], status: int = 200) -> Response:
    code = _group_code(request)
    now, waiting = await run_in_threadpool(_read, request)
    shown = typed or service_form.of_values(now.values)
    own = fields.of_group(code)
    moved = [field for field in own if field.name in now.values] if status == Conflict.status else []
    context = {
        **await _beside(request, now, waiting),
        **choices(now.values),
        "group": next(group for group in fields.GROUPS if group.code == code),
        "fields": own,
        "t": shown,
        "seen": typed.seen if typed and status != Conflict.status else now.mark(_names(code)),
        "moved": [(field.label, field.words(now.values[field.name])) for field in moved],
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
    }
    return staff_page(request, "staff_service_group.html", context, status)


async def _new(
    request: Request, typed: Typed | None, errors: list[FieldError], status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> Response:  # fmt: skip
    empty = _nothing()
    context = {
        **choices(empty),
        "groups": [group for group in fields.GROUPS if group.code in NEW_GROUPS],
        "t": typed or service_form.of_values(empty),
        "own": typed["own"] if typed and typed["own"] else _own(),
        "now": None,
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
        **(more or {}),
    }
    return staff_page(request, "staff_service_new.html", context, status)


async def _beside(request: Request, now: Current, waiting: tuple[proposal_views.Line, ...]) -> dict[str, Any]:
    return {
        "now": now,
        "href": _href(now.id),
        "groups": fields.GROUPS,
        "waiting": waiting,
        "needs_two": lambda name: fields.needs_two(name, now.withheld),
        "people": await run_in_threadpool(names, runtime_of(request)),
        "may_approve": policy.may(request.state.user, "services.approve"),
    }


def choices(values: Mapping[str, Any]) -> dict[str, Any]:
    """The closed lists that the pages offer; what is stated and no longer in use stays to be seen."""

    def offered(taxonomy: str, name: str) -> list[tuple[str, str]]:
        known = terms.load()[taxonomy]
        current_terms = [(term.code, term.label) for term in known.current()]
        gone = [code for code in values[name] if code not in dict(current_terms)]
        return [*current_terms, *((code, known.label(code)) for code in gone)]

    languages = dict(fields.LANGUAGES) | {code: fields.LANGUAGES.get(code, code) for code in values["languages"]}
    return {
        "offered": offered,
        "statuses": fields.STATUSES,
        "about_age": fields.ABOUT_AGE,
        "stages": SCHOOL_STAGES,
        "councils": [(area.gss, area.name) for area in sorted(areas.councils(), key=lambda area: area.name)],
        "days": tuple(zip(DAYS, NAMES, strict=True)),
        "languages": languages,
        "access": [(code, terms.load()["communication"].label(code)) for code in service_form.access_codes(values)],
    }


def _nothing() -> dict[str, Any]:
    values = {field.name: fields.default(field.name) for field in fields.FIELDS}
    return {**values, "status": EMPTY_STATUS}


def _names(group: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields.of_group(group))


def _reader(request: Request, typed: Typed, values: Mapping[str, Any], withheld: bool) -> Reader:
    runtime = runtime_of(request)
    return Reader(typed, values, runtime.gazetteer, runtime.clock().date(), withheld)


def _hides(typed: Typed) -> bool:
    return typed["visibility"] == Visibility.UNDISCLOSED


def _own() -> str:
    return f"h-{uuid4().hex}"


def _done(sent: Sent) -> str:
    if sent.withheld:
        return "hidden"
    if sent.proposal and sent.live:
        return "both"
    return "waits" if sent.proposal else "live" if sent.live else "same"


def _done_words(request: Request) -> str:
    return DONE.get(request.query_params.get("done", ""), "")


def _read(request: Request) -> tuple[Current, tuple[proposal_views.Line, ...]]:
    with runtime_of(request).database.reading() as session:
        now = current.read(session, _asked(request))
        return now, proposal_views.of_service(session, now.rows)


def _group_code(request: Request) -> str:
    code: str = request.path_params["group"]
    if code not in {group.code for group in fields.GROUPS}:
        raise NotFound("There is no such page of a service.", "Choose one from the list.")
    return code


def _asked(request: Request) -> str:
    return path_id(request, "service_id")


def _href(service_id: str) -> str:
    return f"/staff/services/{service_id}/edit"


ROUTES = (
    Route("/staff/services/new", new_page, methods=["GET"]),
    Route("/staff/services/new", add, methods=["POST"]),
    Route("/staff/services/{service_id}/edit", overview, methods=["GET"]),
    Route("/staff/services/{service_id}/edit/{group}", group_page, methods=["GET"]),
    Route("/staff/services/{service_id}/edit/{group}", save, methods=["POST"]),
    Route("/staff/services/{service_id}/let-go", let_go, methods=["POST"]),
)
