"""A PostgreSQL that a test may kill: its own data, its own port of loopback, gone afterwards. It refuses to be root."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.elasticsearch.node import NoServer, free_port

HOW_TO = "needs PostgreSQL's own programs: apt install postgresql"
OWNER = "postgres"
"""The user it runs as when the tests are root."""
START_TRIES = 100


@dataclass
class Postgres:
    """One server over one folder; `start` again after `kill`."""

    programs: Path
    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://waymark@127.0.0.1:{self.port}/postgres?connect_timeout=60"

    def make(self) -> None:
        """Makes the empty database."""
        if os.getuid() == 0:
            shutil.chown(self.folder, OWNER, OWNER)
        how = ("-U", "waymark", "-A", "trust", "-E", "UTF8", "--no-locale")
        subprocess.run([*self._program("initdb"), "-D", self._data, *how], cwd="/", check=True, capture_output=True)

    def start(self) -> None:
        """Starts it and waits until it answers; after a kill it first mends what was half written."""
        words = ("-D", self._data, "-p", str(self.port), "-k", self.folder, "-c", "listen_addresses=127.0.0.1")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*self._program("postgres"), *words], cwd="/", stdout=log, stderr=log)
        asking = (self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1")
        for _ in range(START_TRIES):
            if subprocess.run(asking, check=False).returncode == 0:
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                raise NoServer(f"PostgreSQL ended with {self._process.wait(timeout=0.1)}: {self.told}")
        raise NoServer(f"PostgreSQL did not start: {self.told}")

    def kill(self) -> None:
        """As a power cut would: SIGKILL to the server and to each of its processes, at whatever they are."""
        if self._process is None:
            return
        pid = self._process.pid
        theirs = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
        for each in (pid, *theirs):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self._process.wait()
        self._process = None

    @property
    def told(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2_000:]

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _program(self, name: str) -> tuple[str, ...]:
        as_owner = ("setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups") if os.getuid() == 0 else ()
        return (*as_owner, str(self.programs / name))


@contextlib.contextmanager
def running() -> Iterator[Postgres]:
    """A server in a folder of its own. Raises NoServer when the machine lacks it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found or (os.getuid() == 0 and OWNER not in {user.pw_name for user in pwd.getpwall()}):
        raise NoServer(HOW_TO)
    with tempfile.TemporaryDirectory(prefix="waymark-postgres-") as folder:
        server = Postgres(found[-1].parent, Path(folder))
        try:
            server.make()
            server.start()
            yield server
        finally:
            server.kill()
