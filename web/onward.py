"""Where somebody goes on to after signing in or unlocking: a path of this site and nothing else."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.routing import Match

from web.guards import SAFE_METHODS

HOME = "/staff"
NEXT_LIMIT = 500
"""Characters of an address to go on to."""
NOWHERE = frozenset({"/sign-out", "/leave", "/first-admin", "/staff/lock", "/staff/unlock"})
"""Where nobody goes on to."""


def onward_from(request: Request) -> str:
    """The path to come back to after signing in or unlocking: a form cannot be sent again by a link."""
    if request.method not in SAFE_METHODS:
        return HOME
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def local_path(address: str) -> str:
    """The address when it is a path of this site and nothing else; the staff home for every other.

    Browsers take a backslash for a slash and drop blanks and control characters, so that none of them may stand in it.
    """
    plain = address.isascii() and address.isprintable() and not set(address) & set(" \\")
    if not plain or len(address) > NEXT_LIMIT or not address.startswith("/") or address.startswith("//"):
        return HOME
    path = urlsplit(address).path
    return HOME if path in NOWHERE or path.startswith("/sign-in") else address


def readable(request: Request, address: str) -> str:
    """The address when it can be opened by a link; the staff home for one that only takes a form."""
    scope = {**request.scope, "method": "GET", "path": urlsplit(address).path}
    opens = any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    return address if opens else HOME
