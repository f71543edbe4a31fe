"""The connection to Elasticsearch: time limits, a breaker, and every failure of it in our own words with what to do."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from elastic_transport import HttpxAsyncHttpNode, JsonSerializer, NdjsonSerializer
from elastic_transport.client_utils import DEFAULT
from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from directory.errors import BadInput
from directory.search import elastic_errors
from directory.search.breaker import Breaker, Seconds

ASK_SECONDS = 2.0
"""Longest wait for one answer to a reader; at 100,000 services the slowest takes a tenth of it."""
WRITE_SECONDS = 60.0
"""Longest wait for one batch to be written, or an index to be made or cleaned."""
CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Server:
    """Where Elasticsearch is: https://name:9200, or with user:password@ before the name.

    `index` begins every name we use there; `ca` is the file of a certificate that signed the server's own; `seconds`
    the longest wait for one answer to a reader.
    """

    url: str
    index: str = "waymark"
    ca: Path | None = None
    seconds: float = ASK_SECONDS

    def check(self) -> None:
        """Raises BadInput for an address or a file that cannot be used. Asks nobody."""
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 9200) > 0
        except ValueError:
            usable = False
        if not usable or parts.query or parts.fragment:
            raise BadInput(
                f"{elastic_errors.SETTING} is no address of a server.", "Write it as https://search.example:9200."
            )
        if self.ca and not self.ca.is_file():
            raise BadInput(f"WAYMARK_ELASTICSEARCH_CA: there is no file {self.ca}.", "Correct it, or unset it.")
        if not self.index.isascii() or not self.index.replace("-", "").isalnum() or self.index != self.index.lower():
            raise BadInput(
                "WAYMARK_ELASTICSEARCH_INDEX is no name for an index.", "Use small letters, digits and hyphens."
            )

    def login(self) -> tuple[str, str] | None:
        """User and password, when there are any."""
        parts = urlsplit(self.url)
        if not parts.username or not parts.password:
            return None
        return unquote(parts.username), unquote(parts.password)

    @property
    def shown(self) -> str:
        """The address for a message: without user and password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}:{parts.port or 9200}"

    @property
    def address(self) -> str:
        """Without user and password, with the path of a proxy when there is one."""
        return self.shown + urlsplit(self.url).path.rstrip("/")


class _Json(JsonSerializer):
    """Three times quicker than the standard library's: 300 candidates are 150 kB."""

    def json_loads(self, data: bytes) -> Any:
        return msgspec.json.decode(data)

    def json_dumps(self, data: Any) -> bytes:
        return msgspec.json.encode(data)


class _Lines(NdjsonSerializer):
    def json_dumps(self, data: Any) -> bytes:
        return msgspec.json.encode(data)


SERIALIZERS = {kind.mimetype: kind() for kind in (_Json, _Lines)}


class Connection:
    """One server, asked through elasticsearch-py. Opens nothing until asked."""

    def __init__(self, server: Server, now: Seconds = time.monotonic) -> None:
        server.check()
        self.server = server
        self.breaker = Breaker(now)
        self._client: AsyncElasticsearch | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._known_product = False

    @property
    def client(self) -> AsyncElasticsearch:
        """Made when first asked for; anew in another event loop, for connections belong to one."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client, self._loop = self._made(), loop
        return self._client

    def _made(self) -> AsyncElasticsearch:
        ca = self.server.ca
        try:
            return AsyncElasticsearch(
                self.server.address,
                basic_auth=self.server.login(),
                ca_certs=str(ca) if ca else DEFAULT,
                node_class=HttpxAsyncHttpNode,
                serializers=SERIALIZERS,
                request_timeout=self.server.seconds,
                connections_per_node=CONNECTIONS,
                # The transport tries again whatever failed to connect, and nothing that was answered or timed out.
                max_retries=1,
                retry_on_status=(),
                retry_on_timeout=False,
            )
        except (ValueError, OSError) as error:
            raise BadInput(
                "WAYMARK_ELASTICSEARCH_CA is no certificate.", "Give the PEM file of who signed it."
            ) from error

    @property
    def patient(self) -> AsyncElasticsearch:
        """The client for what may take long."""
        return self.client.options(request_timeout=max(WRITE_SECONDS, self.server.seconds))

    async def close(self) -> None:
        """Lets go of connections; the next question opens them again."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.close()

    async def check_product(self) -> None:
        """Once a process: that this is Elasticsearch 9. Raises NotReady when it is something else.

        Asked without our kind of JSON, which an older server would refuse before it says what it is.
        """
        if self._known_product:
            return
        with self.asking():
            path = "/_nodes/_local/http?filter_path=nodes.*.version"
            answer = await self.client.perform_request("GET", path, headers={"accept": "*/*"})
        nodes = answer.body.get("nodes", {}) if isinstance(answer.body, dict) else {}
        versions = [str(node.get("version", "")) for node in nodes.values()]
        if not versions or any(not said.startswith(f"{elastic_errors.MAJOR}.") for said in versions):
            raise elastic_errors.another_version(self.server.shown, versions[0] if versions else "")
        self._known_product = True

    @contextmanager
    def asking(self) -> Iterator[None]:
        """The client's errors as ours. Raises NotReady at once while the breaker is open."""
        at = self.server.shown
        if not self.breaker.may_ask():
            raise elastic_errors.unreachable(at, "does not answer")
        try:
            yield
        except (ApiError, TransportError) as error:
            if elastic_errors.is_down(error):
                self.breaker.failed()
            else:
                self.breaker.answered()
            raise elastic_errors.ours(at, error) from error
        else:
            self.breaker.answered()
