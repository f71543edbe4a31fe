"""A mail server on loopback beside the test that asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from anyio.from_thread import start_blocking_portal

from tests.directory.mail_server import Box, mail_server


@dataclass(frozen=True, slots=True)
class Post:
    """A mail server that runs: what it took, and its port."""

    box: Box
    port: int


@contextmanager
def a_post() -> Iterator[Post]:
    box = Box()
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(mail_server(box)) as port:
        yield Post(box, port)
