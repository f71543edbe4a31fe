"""The cookie of one link: a name of its own for each, so that two links can be open side by side in one browser."""

from starlette.requests import Request
from starlette.responses import Response

from directory.referrals.locators import token_hash
from web import auth


def name_and_value(request: Request) -> tuple[str, str | None]:
    """What this link's cookie is called, and what the browser sent. Raises NotReady without https."""
    base = auth.cookie_name(request.app.state.runtime.settings.public_url)
    name = f"{base}-r{token_hash(request.path_params['token'])[:12]}"
    return name, request.cookies.get(name)


def give(response: Response, name: str, value: str) -> Response:
    """No domain and no age: this host alone, until the browser closes."""
    response.set_cookie(name, value, path="/", secure=_is_secure(name), httponly=True, samesite="lax")
    return response


def take_back(response: Response, name: str) -> Response:
    response.delete_cookie(name, path="/", secure=_is_secure(name), httponly=True, samesite="lax")
    return response


def _is_secure(name: str) -> bool:
    return name.startswith("__Host-")
