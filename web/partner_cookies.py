"""The cookies of partners: one for a mailbox that was proved, for an hour; one for a phone that says whether there is
room, for months."""

from starlette.requests import Request
from starlette.responses import Response

from directory.partners import doors
from web import auth

DAY_S = 24 * 60 * 60


def name(request: Request, kind: str = doors.MAILBOX) -> str:
    """What the cookie of this kind is called. Raises NotReady without https."""
    base = auth.cookie_name(request.app.state.runtime.settings.public_url)
    return f"{base}-partner" if kind == doors.MAILBOX else f"{base}-partner-{kind}"


def value(request: Request, kind: str = doors.MAILBOX) -> str | None:
    """What the browser sent of it. Raises NotReady."""
    return request.cookies.get(name(request, kind))


def give(response: Response, request: Request, token: str, kind: str = doors.MAILBOX, days: int = 0) -> Response:
    """For this host alone: until the browser closes, or for so many days."""
    own = name(request, kind)
    age = days * DAY_S or None
    response.set_cookie(own, token, path="/", max_age=age, secure=_is_secure(own), httponly=True, samesite="lax")
    return response


def take_back(response: Response, request: Request, kind: str = doors.MAILBOX) -> Response:
    own = name(request, kind)
    response.delete_cookie(own, path="/", secure=_is_secure(own), httponly=True, samesite="lax")
    return response


def _is_secure(own: str) -> bool:
    return own.startswith("__Host-")
