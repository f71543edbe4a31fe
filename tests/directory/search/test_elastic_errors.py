"""What stands behind the address when it is not our Elasticsearch, what is said of it, and that nobody waits long."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import respx

from directory.errors import BadInput, NotReady
from directory.search.elastic import ElasticIndex
from directory.search.elastic_bulk import Sender, writing
from directory.search.elastic_client import Connection, Server
from directory.search.query import ServiceQuery

pytestmark = pytest.mark.anyio
ADDRESS = "https://search.example:9200"
GENUINE = {"x-elastic-product": "Elasticsearch"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def nodes(version: str, headers: dict[str, str] = GENUINE) -> httpx.Response:
    return httpx.Response(200, headers=headers, json={"nodes": {"one": {"version": version}}})


def refusal(status: int, kind: str) -> httpx.Response:
    return httpx.Response(status, headers=GENUINE, json={"error": {"type": kind, "reason": "…"}, "status": status})


async def said_by(answer: httpx.Response | Exception, url: str = ADDRESS) -> str:
    """What `waymark check` and /readyz would say of a server that answers so to everything."""
    index = ElasticIndex(Connection(Server(url)))
    with respx.mock:
        respx.route().mock(
            side_effect=answer if isinstance(answer, Exception) else None,
            return_value=answer if isinstance(answer, httpx.Response) else None,
        )
        health = await index.health()
        with pytest.raises(NotReady):
            await index.search(ServiceQuery(text="a person's words"))
        with pytest.raises(NotReady):
            await index.rebuild([])
    await index.close()
    assert (health.ready, health.services, health.engine) == (False, 0, "Elasticsearch")
    return health.message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(nodes("2.19.1", {}), ("is not Elasticsearch", "OpenSearch"), id="OpenSearch"),
        pytest.param(nodes("7.17.9"), ("Elasticsearch 7.17.9", "Upgrade it"), id="Elasticsearch 7"),
        pytest.param(nodes("8.19.0"), ("Elasticsearch 8.19.0", "speaks to 9"), id="Elasticsearch 8"),
        pytest.param(nodes("90.1.0"), ("Elasticsearch 90.1.0",), id="a version of the far future"),
        pytest.param(httpx.Response(200, headers=GENUINE, json={}), ("does not tell its version",), id="no version"),
        pytest.param(httpx.Response(200, text="<h1>It works!</h1>"), ("is not Elasticsearch",), id="a web page"),
        pytest.param(httpx.Response(404, text="<h1>Not found</h1>"), ("is not Elasticsearch",), id="another site"),
        pytest.param(
            httpx.Response(200, headers=GENUINE | {"content-type": "application/json"}, text="{"),
            ("is not Elasticsearch",),
            id="JSON cut short",
        ),
        pytest.param(refusal(401, "security_exception"), ("user and password", "URL"), id="wrong password"),
        pytest.param(refusal(403, "security_exception"), ("may not do this", "monitor"), id="too few rights"),
        pytest.param(refusal(406, "media_type_header_exception"), ("does not speak as Elasticsearch 9",), id="media"),
        pytest.param(refusal(503, "no_shard_available_action_exception"), ("part of it is down",), id="red"),
        pytest.param(httpx.Response(502, text="Bad gateway"), ("part of it is down",), id="a proxy before nothing"),
        pytest.param(refusal(429, "es_rejected_execution_exception"), ("too much to do", "minute"), id="too busy"),
        pytest.param(httpx.ReadTimeout("…"), ("did not answer in time",), id="slow"),
        pytest.param(httpx.ConnectError("…"), ("cannot be reached", "Check that it runs"), id="nobody there"),
    ],
)
async def test_what_is_said(answer: httpx.Response | Exception, words: tuple[str, ...]) -> None:
    said = await said_by(answer)
    assert all(word in said for word in words), said
    assert "person" not in said


async def test_no_password_is_shown() -> None:
    said = await said_by(httpx.Response(401), "https://reader:s3cret@search.example:9200")
    assert "search.example" in said
    assert "s3cret" not in said
    assert "reader" not in said


async def test_after_three_failures_nobody_is_asked_for_a_while() -> None:
    now = 100.0
    index = ElasticIndex(Connection(Server(ADDRESS), now=lambda: now))
    with respx.mock:
        asked = respx.route().mock(side_effect=httpx.ReadTimeout("…"))
        for _ in range(20):
            with pytest.raises(NotReady):
                await index.search(ServiceQuery())
        assert asked.call_count == 3
        now += 10
        with pytest.raises(NotReady):
            await index.search(ServiceQuery())
        assert asked.call_count == 4
    await index.close()


async def test_only_a_connection_is_tried_again() -> None:
    index = ElasticIndex(Connection(Server(ADDRESS)))
    with respx.mock:
        asked = respx.route().mock(side_effect=httpx.ConnectError("…"))
        await index.health()
        assert asked.call_count == 2
    await index.close()


@pytest.mark.parametrize(
    ("server", "words"),
    [
        pytest.param(Server("search.example:9200"), "WAYMARK_ELASTICSEARCH_URL", id="no scheme"),
        pytest.param(Server("ftp://search.example"), "WAYMARK_ELASTICSEARCH_URL", id="another scheme"),
        pytest.param(Server("http://"), "WAYMARK_ELASTICSEARCH_URL", id="no name"),
        pytest.param(Server("http://search.example:port"), "WAYMARK_ELASTICSEARCH_URL", id="no port"),
        pytest.param(Server("http://search.example:99999"), "WAYMARK_ELASTICSEARCH_URL", id="no such port"),
        pytest.param(Server("http://search.example?q=1"), "WAYMARK_ELASTICSEARCH_URL", id="a question"),
        pytest.param(Server(ADDRESS, index="Way mark"), "WAYMARK_ELASTICSEARCH_INDEX", id="no name of an index"),
        pytest.param(Server(ADDRESS, ca=Path("nowhere.pem")), "WAYMARK_ELASTICSEARCH_CA", id="no such certificate"),
    ],
)
def test_settings_that_cannot_be_used(server: Server, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        Connection(server)


def item(own: str, status: int, kind: str = "") -> dict[str, object]:
    outcome: dict[str, object] = {"_id": own, "status": status, "result": "created"}
    if kind:
        outcome["error"] = {"type": kind}
    return {"index": outcome}


async def test_a_busy_server_is_offered_the_rest_again_after_a_pause() -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    connection = Connection(Server(ADDRESS))
    busy = "es_rejected_execution_exception"
    answers = [
        [item("a", 201), item("b", 429, busy), item("c", 429, busy)],
        [item("b", 429, busy), item("c", 409, "version_conflict_engine_exception")],
        [item("b", 201)],
    ]
    with respx.mock:
        asked = respx.route().mock(
            side_effect=[httpx.Response(200, headers=GENUINE, json={"items": items}) for items in answers]
        )
        operations = [(writing(own, 7), {"id": own}) for own in "abc"]
        results = await Sender(connection, pause).send("waymark", operations)
    await connection.close()
    assert results == {"a": "created", "b": "created", "c": "late"}
    assert pauses == [0.25, 0.5]
    assert [call.request.content.count(b"external_gte") for call in asked.calls] == [3, 2, 1]


async def test_a_server_that_stays_busy_is_not_asked_for_ever() -> None:
    async def pause(seconds: float) -> None: ...

    connection = Connection(Server(ADDRESS))
    answer = {"items": [item("a", 429, "es_rejected_execution_exception")]}
    with respx.mock:
        respx.route().mock(return_value=httpx.Response(200, headers=GENUINE, json=answer))
        with pytest.raises(NotReady, match="too much to do"):
            await Sender(connection, pause).send("waymark", [(writing("a", 0), {"id": "a"})])
    await connection.close()


@contextmanager
def tls_server(certificate: Path, key: Path) -> Iterator[int]:
    """Something on loopback that has this certificate, until the block ends; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    client, _ = listening.accept()
                    with client, context.wrap_socket(client, server_side=True):
                        pass
                except OSError:
                    continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join()


@pytest.fixture(params=[pytest.param("-1", id="expired"), pytest.param("2", id="unknown")])
def certificate(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path, Path]:
    """A certificate for localhost that signed itself, by days it has left."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl")
    key, asked, made = (tmp_path / name for name in ("key.pem", "asked.csr", "made.pem"))
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key]
    signing = ["-req", "-in", asked, "-signkey", key, "-days", request.param, "-copy_extensions", "copy", "-out", made]
    for words in (["req", "-new", *new_key, "-out", asked, *names], ["x509", *signing]):
        subprocess.run([openssl, *words], check=True, capture_output=True)
    return request.param, made, key


async def test_a_certificate_that_has_expired_or_that_nobody_knows(certificate: tuple[str, Path, Path]) -> None:
    days, made, key = certificate
    with tls_server(made, key) as port:
        ca = made if days == "-1" else None
        index = ElasticIndex(Connection(Server(f"https://localhost:{port}", ca=ca)))
        said = (await index.health()).message
        await index.close()
    assert ("has expired" if days == "-1" else "WAYMARK_ELASTICSEARCH_CA") in said
