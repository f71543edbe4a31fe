"""Whether this process lives and can answer, and how far the index is behind: for whoever watches the installation.

Nothing here is about a person: no words, no places, no addresses of pages.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from directory.errors import NotReady
from directory.runtime import Runtime
from directory.search import indexing
from directory.search.index import IndexHealth

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


async def healthz(request: Request) -> Response:
    """GET /healthz: the process answers."""
    return JSONResponse({"ok": True})


async def readyz(request: Request) -> Response:
    """GET /readyz: the index can be asked; 503 and why, when not."""
    health = await _index(request.app.state.runtime)
    body = {"ready": health.ready, "services": health.services, "engine": health.engine, "message": health.message}
    return JSONResponse(body, status_code=200 if health.ready else 503)


async def metrics(request: Request) -> Response:
    """GET /metrics: Prometheus' text format, four gauges."""
    runtime: Runtime = request.app.state.runtime
    health = await _index(runtime)
    lag = await run_in_threadpool(indexing.lag, runtime.database, runtime.clock())
    gauges = (
        ("waymark_index_ready", "Whether the index can be asked.", int(health.ready)),
        ("waymark_index_services", "Services in the index.", health.services),
        ("waymark_index_lag_lines", "Changes of the record that wait for the index.", lag.lines),
        ("waymark_index_lag_seconds", "Age of the oldest of them.", round(lag.seconds, 1)),
    )
    lines = [f"# HELP {name} {what}\n# TYPE {name} gauge\n{name} {value}\n" for name, what, value in gauges]
    return PlainTextResponse("".join(lines), media_type=PROMETHEUS)


async def _index(runtime: Runtime) -> IndexHealth:
    try:
        return await runtime.index.health()
    except NotReady as error:
        return IndexHealth(False, 0, "", str(error))
