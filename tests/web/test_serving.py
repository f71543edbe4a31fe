"""The server as started: no access log of its own, no name told, whole addresses written nowhere."""

import io
import logging
import logging.config
from collections.abc import Iterator
from dataclasses import replace

import pytest

from directory import runtime
from directory.runtime import Runtime
from directory.search.fallback import WithFallback
from directory.search.from_record import FromRecord
from tests.elasticsearch.node import free_port
from tests.web.conftest import Web
from web import serving
from web.app import create_app

HANDLER = serving.LOGGING["handlers"]["out"]


@pytest.fixture
def served_log() -> Iterator[io.StringIO]:
    """What `waymark serve` would write to its log; afterwards logging is as it was."""
    written = io.StringIO()
    logging.config.dictConfig({**serving.LOGGING, "handlers": {"out": {**HANDLER, "stream": written}}})
    yield written
    for name in serving.LOGGING["loggers"]:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)


def test_the_servers_own_access_log_is_off(installation: Runtime) -> None:
    config = serving.config(installation, "127.0.0.1", 0)
    assert not config.access_log
    assert not config.server_header
    assert not serving.LOGGING["loggers"]["uvicorn.access"]["handlers"]
    assert not serving.LOGGING["loggers"]["uvicorn.access"]["propagate"]


def test_a_stopped_engine_logs_no_word_of_what_was_asked(installation: Runtime, served_log: io.StringIO) -> None:
    settings = replace(installation.settings, elasticsearch_url=f"http://127.0.0.1:{free_port()}")
    index = WithFallback(runtime.engine(settings), FromRecord(installation.database))
    web = Web(create_app(replace(installation, settings=settings, index=index)))
    for _ in range(4):  # the breaker opens on the way
        assert web.get("/services?q=canaryword").status_code == 200
        assert web.post("/match", {"text": "canaryword hit a boy of 12", "residence": "Fife"}).status_code == 200
    told = served_log.getvalue()
    assert "canaryword" not in told
    assert "Traceback" not in told
    assert "Retrying" not in told
    assert told.count("answering from the record") == 1
    assert not logging.getLogger("elastic_transport").isEnabledFor(logging.DEBUG)
