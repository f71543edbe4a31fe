"""Answers that come at whole steps of time: how long they take does not tell whether there was anything to do."""

import time
from collections.abc import Awaitable, Callable
from functools import wraps

import anyio
from starlette.requests import Request
from starlette.responses import Response

Endpoint = Callable[[Request], Awaitable[Response]]
STEP_S = 0.2
"""Several times what sending a code takes (40 ms on two busy cores, November 2026): mostly the first step does."""


def evenly(endpoint: Endpoint) -> Endpoint:
    """Wraps a page whose work differs with what only we know."""

    @wraps(endpoint)
    async def waited(request: Request) -> Response:
        started = time.perf_counter()
        try:
            return await endpoint(request)
        finally:
            await anyio.sleep(left(time.perf_counter() - started))

    waited.is_even = True  # type: ignore[attr-defined]  # a test reads the route table
    return waited


def left(seconds: float) -> float:
    """How long is left of the step that this many seconds end in."""
    return -seconds % STEP_S
