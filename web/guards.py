"""What stands round every request: safe headers, the one CSRF rule, and an access log that holds nobody's words."""

import logging
import re
import time
from collections.abc import Callable
from pathlib import PurePath

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from directory.errors import WaymarkError

ACCESS_LOG = logging.getLogger("waymark.access")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
LIVE_POLICY = f"{POLICY}; connect-src 'self'"
"""For the one page whose script asks this server for more."""
FORM_BYTES = 256 * 1024
"""Largest body read: 10,000 characters of four bytes, each written as %XX, and the other fields beside them."""
MOST_DRAINED = 64 * 1024 * 1024
"""Bytes of a body too large that are read all the same: a browser shows an answer only to what it could send whole."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_LINK = re.compile(r"^/r/[^/]*", re.DOTALL)
"""A provider's link: who holds it can ask for a code."""


class CrossSite(WaymarkError):
    """A form sent from somewhere else."""

    status = 403


def check_same_origin(headers: Headers, public_url: str) -> None:
    """Raise CrossSite unless one of our own pages sent this form (security.md: no tokens, one rule).

    `Sec-Fetch-Site` decides where a browser sends it; where it says nothing of a site, `Origin` must be ours.
    """
    site = headers.get("sec-fetch-site", "").casefold()
    if site == "same-origin":
        return
    if site in {"", "none"} and headers.get("origin", "").casefold() == public_url.casefold():
        return
    raise CrossSite(
        "This form was not sent from one of our own pages, so nothing was done.",
        "Open the page here and send it again. A program sends the header Origin with this site's own address.",
    )


class HeadersMiddleware:
    """Sets the headers every answer carries; a handler's own value of one of them stands."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                if "frame-ancestors *" not in headers["Content-Security-Policy"]:  # the one page that others may frame
                    headers.setdefault("X-Frame-Options", "DENY")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                headers.setdefault("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class AccessLogMiddleware:
    """One line a request: method, path without its query, status, milliseconds."""

    def __init__(self, app: ASGIApp, timer: Callable[[], float] = time.perf_counter) -> None:
        self.app = app
        self.timer = timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = self.timer(), 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            elapsed = (self.timer() - started) * 1000
            ACCESS_LOG.info("%s %s %d %.1f ms", scope["method"], path_for_log(scope, status), status, elapsed)


class ErrorsMiddleware:
    """Turns every error into a page, inside the headers and the log. Nothing is raised on to the server, which would
    print the error's own words, and those may be a person's."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request, Exception], Response]) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:
            if scope["type"] != "http":
                raise
            response = self.answer(Request(scope), error)
            if not started:
                await response(scope, receive, send)


class TooLargeMiddleware:
    """Answers a body that is too large by a page, once it has all been sent: the limit itself says but three words."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request], Response]) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        all_read = is_bare = False

        async def receive_and_note() -> Message:
            nonlocal all_read
            message = await receive()
            all_read = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def send_once_all_is_read(message: Message) -> None:
            nonlocal is_bare
            if message["type"] == "http.response.start" and message["status"] == 413:
                drained = 0
                while not all_read and drained < MOST_DRAINED:
                    drained += len((await receive_and_note()).get("body", b""))
                is_bare = Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")
            if not is_bare:
                await send(message)

        await self.app(scope, receive_and_note, send_once_all_is_read)
        if is_bare:
            await self.answer(Request(scope))(scope, receive, send)


class SameOriginMiddleware:
    """Holds every request that could change or ask something by form to `check_same_origin`, before it is read."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            check_same_origin(Headers(scope=scope), self.public_url)
        await self.app(scope, receive, send)


def where(error: BaseException) -> str:
    """The place in the code where an error was raised: "match.py:61", no values."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"


def path_for_log(scope: Scope, status: int) -> str:
    """The path as it may be written down: one of our own addresses, without what finds a referral, or "(unknown)"."""
    path = "(unknown)" if status == 404 else _LINK.sub("/r/(link)", str(scope["path"]))
    return path.encode("ascii", "backslashreplace").decode().replace("\n", "\\n").replace("\r", "\\r")
