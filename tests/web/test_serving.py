"""The server as started: no access log of its own, no name told, whole addresses written nowhere."""

from directory.runtime import Runtime
from web import serving


def test_the_servers_own_access_log_is_off(installation: Runtime) -> None:
    config = serving.config(installation, "127.0.0.1", 0)
    assert not config.access_log
    assert not config.server_header
    assert not serving.LOGGING["loggers"]["uvicorn.access"]["handlers"]
    assert not serving.LOGGING["loggers"]["uvicorn.access"]["propagate"]
