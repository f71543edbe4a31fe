"""Serves the pages with uvicorn. Its access log is off, for it writes whole addresses; ours is a line a request."""

import logging.config
from typing import Any

import uvicorn

from directory.runtime import Runtime
from web.app import create_app

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
    "loggers": {
        "waymark": {"handlers": ["out"], "level": "INFO", "propagate": False},
        "uvicorn.error": {"handlers": ["out"], "level": "WARNING", "propagate": False},
        "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        # What its warnings say we say in our own words, once; below them stand addresses and, at DEBUG, what was asked.
        "elastic_transport": {"handlers": ["out"], "level": "ERROR", "propagate": False},
    },
}


def config(runtime: Runtime, host: str, port: int) -> uvicorn.Config:
    """uvicorn's settings for one runtime; nothing of the server's own name or version is told."""
    return uvicorn.Config(
        create_app(runtime), host=host, port=port, log_config=None, access_log=False, server_header=False,
        proxy_headers=True, forwarded_allow_ips="127.0.0.1,::1", timeout_keep_alive=15, ws="none",
    )  # fmt: skip


def run(runtime: Runtime, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until stopped. The tables of places are read first, so that no first reader waits for them."""
    logging.config.dictConfig(LOGGING)
    runtime.gazetteer.locate("Leith")
    uvicorn.Server(config(runtime, host, port)).run()
