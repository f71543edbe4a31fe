"""The worker, a rebuild and PostgreSQL killed over 20,000 services: readers notice nothing, and nothing is lost.

Real processes throughout: `waymark serve` is read all the while by HTTP, and each kill comes when the work is half done
by Elasticsearch's own count. Elasticsearch's own kill is in test_killed.py.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from directory import database, records, settings
from directory.bench_services import services
from directory.database import Database
from directory.draft import Premises, ServiceDraft
from directory.errors import NotReady
from directory.search.document import ServiceDocument
from directory.search.elastic_client import Server
from directory.search.fallback import NOTICE
from directory.tables import (
    Accessibility,
    Attribute,
    Base,
    Language,
    Location,
    Outbox,
    Phone,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
)
from directory.values import Confidence, Visibility
from tests.elasticsearch import postgres
from tests.elasticsearch.node import NoServer, free_port
from tests.elasticsearch.postgres import Postgres

pytestmark = [pytest.mark.elasticsearch, pytest.mark.postgres]
BEFORE, SERVICES, HALF, CHANGED, CLOSED, LINES = 1_000, 6_000, 1_500, 500, 200, 4_000
SOURCE = records.SourceInfo("bench", "Made up", "Nobody", "none")
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SEARCH, WORDS = "/services.json?q=counselling&near=Fife", {"text": "girl of 14 hit on the bus", "residence": "Fife"}
COPIED = (Service, Location, ServiceAtLocation, ServiceArea, Phone, Language, Schedule, Accessibility, Attribute)
OWN_IDS = ("id", "service_id", "location_id", "link_id")

Answers = tuple[int, tuple[str, ...]]
"""How many a search finds in all, and whom a match names."""


def a_draft(doc: ServiceDocument) -> ServiceDraft:
    """A made-up service as a source would give it."""
    same = {
        name: getattr(doc, name)
        for name in ServiceDraft.__dataclass_fields__
        if name in ServiceDocument.__dataclass_fields__
    }
    place = Premises(doc.visibility, doc.address, "", doc.city, "", "", doc.point)
    phone = "" if doc.visibility is Visibility.UNDISCLOSED else doc.phone
    own = {"source": SOURCE.id, "confidence": Confidence(doc.confidence), "premises": place, "phone": phone}
    return ServiceDraft(**{**same, **own})


@dataclass(frozen=True, slots=True)
class Installed:
    """One installation over both servers, used through its commands."""

    env: dict[str, str]
    server: Server
    postgres: Postgres

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "import waymark; waymark.main()", *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env={**os.environ, **self.env}, stdout=pipe, stderr=pipe, text=True)

    def run(self, *words: str) -> str:
        command = self.start(*words)
        out, err = command.communicate()
        assert command.returncode == 0, (words, out, err)
        return out

    def record(self) -> Database:
        return database.open_database(settings.read(self.env))

    def write(self, drafts: list[ServiceDraft]) -> None:
        base = self.record()
        try:
            with base.session() as session:
                records.ensure_source(session, SOURCE)
                writer = records.Writer(session, SOURCE.id, AT, "test")
                for draft in drafts:
                    writer.write(draft)
                writer.finish()
        finally:
            base.close()

    def multiply(self, times: int) -> None:
        """Every service so many times over, each copy with ids and an outbox line of its own: the database does it in
        a tenth of the time that writing them one by one takes."""
        base = self.record()
        try:
            with base.session() as session:
                for table in COPIED:
                    names = [column.name for column in table.__table__.columns]
                    values = ", ".join(_copied(table, name) for name in names)
                    into = f"INSERT INTO {table.__tablename__} ({', '.join(names)}) SELECT {values}"
                    session.execute(
                        text(f"{into} FROM {table.__tablename__}, generate_series(2, {times}) AS copy_number")
                    )
                kept = f"(SELECT key FROM outbox WHERE topic = '{records.INDEX}')"
                session.execute(
                    text(
                        f"INSERT INTO outbox (topic, key, made_at) SELECT '{records.INDEX}', id, last_modified FROM"
                        f" service WHERE id NOT IN {kept}"
                    )
                )
        finally:
            base.close()

    def waiting(self, base: Database) -> int:
        with base.reading() as session:
            return session.scalar(select(func.count()).where(Outbox.done_at.is_(None))) or 0

    def indices(self) -> dict[str, int]:
        """Our indices, and how many documents each was ever given."""
        answer = httpx.get(f"{self.server.address}/{self.server.index}-v*/_stats/indexing", timeout=60)
        return {name: held["primaries"]["indexing"]["index_total"] for name, held in answer.json()["indices"].items()}

    def is_whole(self) -> None:
        """Record and index hold the same, by the command that says so."""
        told = json.loads(self.run("index", "status", "--json"))
        assert (told["missing"], told["extra"], told["different"], told["waiting"]) == ([], [], [], 0)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads the pages of `waymark serve` all the while."""

    client: httpx.Client

    def reads(self) -> Answers:
        """Both ways to ask; every answer is whole, and comes from the index."""
        found, matched = self.client.get(SEARCH), self.client.post("/match.json", data=WORDS)
        assert (found.status_code, matched.status_code) == (200, 200), (found.text[:300], matched.text[:300])
        assert NOTICE not in found.text + matched.text
        return found.json()["total"], tuple(_named(matched.json()))

    def reads_until(self, reached: Callable[[], bool], one_of: set[Answers]) -> None:
        """Reads again and again; each answer is one of those that are right."""
        while not reached():
            assert self.reads() in one_of


def _copied(table: type[Base], name: str) -> str:
    if name in OWN_IDS:
        return f"md5({name} || '/' || copy_number)::uuid::text"
    return f"{name} || '/' || copy_number" if name == "source_record_id" else name


def _named(answer: Any) -> list[str]:
    return [each["id"] for each in answer["results"]]


@pytest.fixture(scope="module")
def drafts() -> list[ServiceDraft]:
    return [a_draft(doc) for doc in services(BEFORE)]


@pytest.fixture(scope="module")
def installed(
    tmp_path_factory: pytest.TempPathFactory, own_server: Server, drafts: list[ServiceDraft]
) -> Iterator[Installed]:
    """A twentieth of the services in the index, all of them in the record."""
    try:
        with postgres.running() as server:
            env = {
                "WAYMARK_HOME": str(tmp_path_factory.mktemp("home")),
                "WAYMARK_DATABASE_URL": server.url,
                "WAYMARK_ELASTICSEARCH_URL": own_server.url,
                "WAYMARK_ELASTICSEARCH_INDEX": own_server.index,
                "WAYMARK_ELASTICSEARCH_SECONDS": str(own_server.seconds),
            }
            made = Installed(env, own_server, server)
            database.migrate(settings.read(env))
            made.write(drafts)
            made.run("index", "rebuild")
            yield made
    except NoServer as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def reader(installed: Installed) -> Iterator[Reader]:
    port = free_port()
    serving = installed.start("serve", "--no-work", "--port", str(port))  # who works is killed here
    assert serving.stdout is not None
    try:
        assert "Serving" in serving.stdout.readline()
        here = {"Origin": f"http://localhost:{port}"}
        transport = httpx.HTTPTransport(retries=10)  # the port opens just after the line
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=here, transport=transport, timeout=60) as client:
            yield Reader(client)
    finally:
        serving.kill()
        serving.communicate()


def half_made(installed: Installed, known: set[str]) -> Callable[[], bool]:
    """Whether a new index beside those known is half full."""
    return lambda: any(held >= HALF for name, held in installed.indices().items() if name not in known)


def killed(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL  # it had not ended by itself


def test_a_rebuild_killed(installed: Installed, reader: Reader) -> None:
    before, known = reader.reads(), set(installed.indices())
    installed.multiply(SERVICES // BEFORE)
    rebuild = installed.start("index", "rebuild")
    reader.reads_until(half_made(installed, known), {before})
    killed(rebuild)
    assert reader.reads() == before
    installed.run("index", "rebuild")
    installed.is_whole()
    assert reader.reads()[0] > before[0]


def test_postgresql_and_then_the_worker_killed(
    installed: Installed, reader: Reader, drafts: list[ServiceDraft]
) -> None:
    before, known = reader.reads(), set(installed.indices())
    closed = [replace(draft, status="defunct") for draft in drafts[:CLOSED]]
    installed.write([*closed, *(replace(draft, name=f"{draft.name} again") for draft in drafts[CLOSED:CHANGED])])
    rebuild = installed.start("index", "rebuild")
    reader.reads_until(half_made(installed, known), {before})
    installed.postgres.kill()
    reader.reads_until(lambda: rebuild.poll() is not None, {before})
    _, told = rebuild.communicate()
    assert rebuild.returncode == NotReady.exit_code, told
    assert "PostgreSQL" in told
    assert "Traceback" not in told
    assert reader.reads() == before
    assert set(installed.indices()) == known
    installed.postgres.start()
    assert reader.reads() == before

    seen = []
    base = installed.record()
    try:
        with base.session() as session:
            records.queue(session, session.scalars(select(Service.id).limit(LINES)), AT)
        all_lines = installed.waiting(base)
        worker = installed.start("work")
        while installed.waiting(base) > all_lines // 2:
            seen.append(reader.reads()[0])
        killed(worker)
        assert 0 < installed.waiting(base) < all_lines
    finally:
        base.close()
    installed.run("work", "--once")
    installed.is_whole()
    after = reader.reads()[0]
    assert after < before[0]
    assert all(after <= total <= before[0] for total in seen)
