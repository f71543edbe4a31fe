"""An editors' desk for page tests: pages over the shared index, with a record, accounts and a clock of their own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

import uvicorn

from directory import phrasing, runtime, vocabulary
from directory.accounts import sessions
from directory.accounts.tables import Account, AccountRole
from directory.spoken import Spoken
from tests.builders import NOON
from tests.web.conftest import Web
from web import serving
from web.app import create_app

ROLES = ("editor", "worker", "analyst", "supervisor", "admin", "auditor", "liaison", "partner")


@dataclass(slots=True)
class Desk:
    """`cookie(role)` is the header of somebody signed in, without the price of a password."""

    running: runtime.Runtime
    now: datetime = NOON
    ids: dict[str, str] = field(default_factory=dict)
    _made: tuple[runtime.Runtime, Web] | None = None

    def __post_init__(self) -> None:
        for role in ROLES:
            self.ids[role] = str(uuid4())
            with self.running.database.session() as session:
                session.add(
                    Account(
                        id=self.ids[role],
                        email=f"{role}@example.org",
                        full_name=f"Ann {role.capitalize()}",
                        password_hash="none",
                        password_set_at=self.now,
                        created_at=self.now,
                    )
                )
                session.flush()
                session.add(AccountRole(account_id=self.ids[role], role=role))
        self.running = replace(self.running, clock=lambda: self.now, spoken=Spoken())

    @property
    def web(self) -> Web:
        if self._made is None or self._made[0] is not self.running:
            self._made = (self.running, Web(create_app(self.running)))
        return self._made[1]

    def token(self, role: str = "editor") -> str:
        with self.running.database.session() as session:
            return sessions.start(session, self.ids[role], self.now)

    def cookie(self, role: str = "editor") -> dict[str, str]:
        return {"Cookie": f"waymark={self.token(role)}"}

    def add(self, phrase: str, term: str = "need/counselling", note: str = "") -> str:
        """A phrase, added behind the pages' back."""
        taxonomy, _, code = term.partition("/")
        proposal = phrasing.proposed(phrase, taxonomy, code, note, self.running.words())
        return vocabulary.add(self.running.database, proposal, self.ids["editor"], self.now, confirmed=True)


@contextmanager
def served(running: runtime.Runtime) -> Iterator[str]:
    """The pages on a free port of this machine; yields their address."""
    server = uvicorn.Server(serving.config(running, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    limit = time.monotonic() + 60
    while not server.started and time.monotonic() < limit:
        time.sleep(0.02)  # the server tells its port only once it listens
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=60)
