"""The tests' own Elasticsearch: one real node for the whole run, or WAYMARK_TEST_ELASTICSEARCH_URL when that is set.

The node's jars come once by Maven into ~/.cache/waymark; its data lies in a folder that goes with it.
"""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

START = Path(__file__).with_name("start")
BUILD = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "waymark" / "elasticsearch"
START_SECONDS = 300
"""The first start brings the jars; later ones take ten seconds."""
HOW_TO = (
    "needs a real Elasticsearch: install Maven and a JDK of 21 or newer (apt install maven openjdk-25-jdk-headless), "
    "or set WAYMARK_TEST_ELASTICSEARCH_URL"
)


class NoServer(Exception):
    """The machine has not what a node needs."""


@dataclass
class Node:
    """One node that a test may also kill and start again: the same port, the same data."""

    data: Path
    port: int = field(default_factory=lambda: free_port())
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it and waits until it answers. Raises NoServer when the machine lacks Maven or a JDK."""
        log = self.data.with_suffix(".log")
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [START, BUILD, str(self.port), self.data], stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            code = self._process.poll()
            if code is not None or time.monotonic() > until:
                self.kill()
                told = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
                raise NoServer(f"{HOW_TO}. {told}" if code == 69 else f"Elasticsearch did not start: {told}")
            time.sleep(0.1)  # another program's start: nothing to wait on but its port

    def kill(self) -> None:
        """As a power cut would: SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        """Whether it is there and has opened the indices it had before."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=60) as asking:
            asking.sendall(b"GET /_cluster/health?wait_for_status=yellow&timeout=50s HTTP/1.0\r\n\r\n")
            return b" 200 " in asking.recv(64)
        return False


@contextlib.contextmanager
def running() -> Iterator[Node]:
    """A node with a folder of its own, killed at the end."""
    with tempfile.TemporaryDirectory(prefix="waymark-elasticsearch-") as folder:
        node = Node(Path(folder) / "data")
        try:
            node.start()
            yield node
        finally:
            node.kill()


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
