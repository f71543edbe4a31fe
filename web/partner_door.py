"""What every page of partners shares: who has come in (`partner`, `partner_or_phone` → `request.state.inside`), errors
that say whom to ring, and the way in for somebody whose time is over, with what they had typed."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.errors import (
    BadInput,
    Conflict,
    Forbidden,
    NotFound,
    NotReady,
    NotSignedIn,
    TooManyTries,
    WaymarkError,
)
from directory.partners import doors
from directory.partners.doors import Inside
from directory.referrals import policy
from directory.referrals.asking import Ask
from directory.referrals.policy import Policy
from directory.runtime import Runtime
from web import partner_cookies, partner_held
from web.forms import read_form
from web.loop_forms import field_errors, loop_of
from web.render import page

Endpoint = Callable[[Request], Awaitable[Response]]
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}
MINE = "/partners/mine"
_PATH = re.compile(r"/partners(?:/[A-Za-z0-9_-]{1,60}){1,8}", re.ASCII)
_ID = re.compile(r"[0-9a-f-]{36}", re.ASCII)


def partner(endpoint: Endpoint) -> Endpoint:
    """Wraps a page for somebody who has proved a mailbox: `request.state.inside`. Others are asked for theirs, and come
    back to what they had opened or typed."""
    return _wrapped(endpoint, (doors.MAILBOX,))


def partner_or_phone(endpoint: Endpoint) -> Endpoint:
    """The same, also for a phone that was let in for months: pages that say whether there is room, and no others."""
    return _wrapped(endpoint, (doors.MAILBOX, doors.PHONE))


def anybody(endpoint: Endpoint) -> Endpoint:
    """The pages by which people come in."""
    return _wrapped(endpoint, ())


def partner_page(request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
    """A page for a template that extends partner_base.html."""
    inside: Inside | None = getattr(request.state, "inside", None)
    shared = {
        "live": request.app.state.runtime.settings.live,
        "phone": rules(request).text("adopter", "phone"),
        "inside": inside,
    }
    return page(template, {**shared, **context}, status=status, headers=HEADERS)


def start_page(
    request: Request, context: Mapping[str, Any], error: WaymarkError | None = None, status: int = 200
) -> Response:
    """Where an e-mail address is typed: `next`, `email`, `held`, `is_over` of the context may be left out."""
    shared = {"is_open": is_open(request), "next": "", "email": "", "held": None, "is_over": False, "too_large": ()}
    return page_with(request, "partner_start.html", {**shared, **context}, error, "email", status)


def page_with(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    error: WaymarkError | None,
    otherwise: str,
    status: int = 200,
) -> Response:
    """A page with a mistake at its field, or at `otherwise`."""
    errors = field_errors(error, otherwise)
    shown = {"errors": errors, "error_by_field": {each.field: each.message for each in errors}}
    return partner_page(request, template, {**context, **shown}, error.status if error else status)


def ask_of(request: Request, form: Mapping[str, str]) -> Ask:
    """One attempt of a partner at a write: its key and the version seen come from the form. Raises BadInput."""
    version, key = form.get("version", ""), form.get("key", "")
    if not key:
        raise BadInput("That form cannot be used.", "Open the page again.")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
    return Ask(request.state.inside.who, loop_of(request).clock(), key, seen)


def rules(request: Request) -> Policy:
    """This installation's rules, also where it has no key yet."""
    runtime: Runtime = request.app.state.runtime
    try:
        return runtime.loop.policy
    except NotReady:
        return policy.read(runtime.settings.home)


def is_open(request: Request) -> bool:
    """Whether messages can leave here, so that codes arrive and somebody answers for what is kept."""
    try:
        loop_of(request).policy.check(policy.TO_SEND)
    except NotReady:
        return False
    return True


def is_inside(request: Request) -> bool:
    """Whether somebody has come in already, by a mailbox."""
    try:
        _inside(request, (doors.MAILBOX,))
    except (NotSignedIn, NotReady):
        return False
    return True


def is_id(text: str) -> bool:
    """Whether it has the shape of an id of the record: nothing else is looked up."""
    return _ID.fullmatch(text) is not None


def onward(path: str, claim: str = "") -> str:
    """Where they want to go, if it is one of the partners' own pages; a service that they say is theirs goes along."""
    plain, _, query = path.partition("?")
    claimed = claim or (query.removeprefix("claim=") if plain == MINE else "")
    if is_id(claimed):
        return f"{MINE}?claim={claimed}"
    return plain if _PATH.fullmatch(plain) else ""


def to(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers=HEADERS)


def address(request: Request) -> str:
    """The network address that a request came from."""
    return request.client.host if request.client else ""


def _wrapped(endpoint: Endpoint, kinds: tuple[str, ...]) -> Endpoint:
    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        try:
            await run_in_threadpool(request.app.state.runtime.follow)
            if kinds:
                request.state.inside = await run_in_threadpool(_inside, request, kinds)
            response = await endpoint(request)
            if kinds and request.method == "POST":
                await run_in_threadpool(_touch, request)
        except NotSignedIn as error:
            response = await _out(request, error)
        except (TooManyTries, BadInput, NotFound, Forbidden, Conflict) as error:
            response = partner_page(request, "partner_error.html", {"error": error}, error.status)
        response.headers.update(HEADERS)
        return response

    guarded.partner_kinds = kinds  # type: ignore[attr-defined]  # a test reads the route table
    return guarded


async def _out(request: Request, error: NotSignedIn) -> Response:
    """Their time is over, or they are not in yet: the field for an address, with what they had typed."""
    if request.method != "POST":
        return to(f"/partners?{urlencode({'next': onward(request.url.path)})}")
    form = await read_form(request, partner_held.MOST_FIELDS, partner_held.PAGE_BYTES)
    held = partner_held.of_post(request.url.path, form)
    kept = {"next": onward(held.path), "too_large": held.long} if held.is_too_large else {"held": held}
    return start_page(request, {**kept, "is_over": True}, status=error.status)


def _inside(request: Request, kinds: tuple[str, ...]) -> Inside:
    loop = loop_of(request)
    with loop.database.reading() as session:
        for kind in kinds:
            try:
                return doors.inside(session, loop, partner_cookies.value(request, kind), address(request), kind)
            except NotSignedIn:
                continue
    raise NotSignedIn(*doors.OUT)


def _touch(request: Request) -> None:
    loop, inside = loop_of(request), request.state.inside
    with loop.database.session() as session:
        doors.touch(session, inside.who.id, loop.clock())
