"""Opens the record, SQLite or PostgreSQL, so that nothing else of ours knows which of the two it is.

On both a session is one transaction. SQLite: one file in home, write-ahead log, foreign keys on, every commit synced
to disk (https://www.sqlite.org/pragma.html). PostgreSQL: psycopg 3.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Delete, Engine, Update, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from directory.errors import BadInput, NotReady
from directory.settings import Settings

Value = TypeVar("Value")

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
)
"""Every Alembic revision of ours, oldest first: a plain list, so that opening the record need not load Alembic."""

POSTGRES_OPTIONS: Mapping[str, Any] = {
    "pool_pre_ping": True,
    "pool_size": 10,
    "max_overflow": 10,
    "pool_timeout": 30,
}
"""Of the pool, in connections and seconds: uvicorn's thread pool has 40 threads, few of which ask at once."""

CONNECT_TIMEOUT_S = "5"
"""How long PostgreSQL may take to let us in, where its address does not say (?connect_timeout=…)."""

POSTGRES_LIMITS = ("statement_timeout = '60s'", "lock_timeout = '30s'", "idle_in_transaction_session_timeout = '15min'")
"""Nothing of ours waits for ever. A rebuild reads its services piece by piece, none of which takes long."""

BUSY_TIMEOUT_S = 30
"""How long a writer of SQLite waits for another: longer than the longest ingest measured (some 10 s)."""

DEADLOCK = "40P01"
LOST = ("08", "57P")
"""PostgreSQL's codes for a connection that is gone and for a server that stops or starts
(https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

WRITING = {"SQLite": "BEGIN IMMEDIATE"}
READING = {"SQLite": "BEGIN", "PostgreSQL": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"}


class Database:
    """The record, open. Use `session` to write, `reading` to read; `close` gives the connections back."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, undone when it raises. Waits for other writers.

        Raises NotReady when the record's server is lost.
        """
        with self.reached(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One look at the record as it stands now, whatever others write meanwhile; never waits for a writer.

        Raises NotReady when the record's server is lost.
        """
        engine = self.engine.execution_options(waymark_reading=True)
        with self.reached(), Session(engine, expire_on_commit=False) as session, session.begin():
            if self.engine.dialect.name == "postgresql":
                session.execute(text(READING["PostgreSQL"]))
            yield session

    @contextmanager
    def reached(self) -> Iterator[None]:
        """A server that cannot be reached, or goes away at work, as NotReady; every other error as it is."""
        try:
            yield
        except PoolTimeout as error:
            raise _unreachable(self.engine.url) from error
        except DBAPIError as error:
            if self.engine.dialect.name == "postgresql" and _is_lost(error):
                raise _unreachable(self.engine.url) from error
            raise

    def forget(self) -> None:
        """Leaves nothing of what was overwritten in the log beside SQLite's file; PostgreSQL vacuums by itself.

        Does what it can while others read: the next time does the rest.
        """
        if self.engine.dialect.name != "sqlite":
            return
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()

    def close(self) -> None:
        self.engine.dispose()


def batches(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """The values in lists of at most so many: no statement takes more of them than a database can."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def count_changed(session: Session, statement: Update | Delete) -> int:
    """Carries out a statement that changes or deletes rows, and returns how many it found."""
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]  # typed as any result


def open_database(settings: Settings) -> Database:
    """The record of these settings.

    Raises BadInput when WAYMARK_DATABASE_URL cannot be used, NotReady when the record is not set up, was made by
    a newer Waymark, is not a database, or cannot be reached.
    """
    url = _url(settings)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise NotReady("There is no record yet.", "Run `waymark setup`.")
    engine = _engine(url)
    try:
        with _reachable(url), engine.connect() as connection:
            _check(revision_of(connection))
    except BaseException:
        engine.dispose()
        raise
    return Database(engine)


def migrate(settings: Settings, progress: Callable[[str], None] | None = None) -> None:
    """Creates home and the record, or brings the record up to this version; nothing is lost, all or nothing is done.

    `progress` is told, in a sentence, what is done. Raises as `open_database` does, except for a record not set up.
    """
    from alembic import command  # loaded here: it is slow to load and only set-up needs it
    from alembic.config import Config

    url = _url(settings)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if url.get_backend_name() == "sqlite":
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(url)
    try:
        with _reachable(url), engine.begin() as connection:
            before = revision_of(connection)
            if before and before not in REVISIONS:
                _check(before)
            config = Config()
            config.set_main_option("script_location", str(files("directory").joinpath("migrations")).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
    if progress:
        progress(
            "The record is up to date." if before == REVISIONS[-1] else f"The record is at version {REVISIONS[-1]}."
        )


def revision_of(connection: Connection) -> str | None:
    """The revision a record is at; None when it is not set up."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _check(revision: str | None) -> None:
    if revision is None:
        raise NotReady("The record is not set up.", "Run `waymark setup`.")
    if revision not in REVISIONS:
        raise NotReady(
            f"The record was made by a newer Waymark (it is at {revision}, this one knows {REVISIONS[-1]}).",
            "Install that version, or set WAYMARK_HOME to another folder.",
        )
    if revision != REVISIONS[-1]:
        raise NotReady(f"The record is at {revision}, this Waymark needs {REVISIONS[-1]}.", "Run `waymark setup`.")


def _url(settings: Settings) -> URL:
    advice = "Use sqlite:////full/path/waymark.db or postgresql://user:password@host/name."
    try:
        url = make_url(settings.database_url)
    except (ArgumentError, ValueError) as error:
        raise BadInput("WAYMARK_DATABASE_URL is not a database address.", advice) from error
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise BadInput(f"WAYMARK_DATABASE_URL speaks of {url.drivername!r}, which is not supported.", advice)
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise BadInput("WAYMARK_DATABASE_URL names no file: the record must outlive the command.", advice)
    return url


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"connect_timeout": url.query.get("connect_timeout", CONNECT_TIMEOUT_S)})
        engine = create_engine(url, **POSTGRES_OPTIONS)
        event.listen(engine, "connect", _limit_postgres)
        return engine
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _limit_postgres(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        for limit in POSTGRES_LIMITS:
            cursor.execute(f"SET SESSION {limit}")
    connection.commit()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # our own BEGIN below: the driver's comes late and not before DDL
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a transaction that reads first and writes later would otherwise fail, not wait, when it has rivals
    reading = connection.get_execution_options().get("waymark_reading")
    connection.exec_driver_sql(READING["SQLite"] if reading else WRITING["SQLite"])


@contextmanager
def _reachable(url: URL) -> Iterator[None]:
    """Turns the drivers' errors into ours; their text may hold a password and is not repeated."""
    try:
        yield
    except DBAPIError as error:
        if url.get_backend_name() == "sqlite":
            message = f"The record {url.database} cannot be read: it is locked, damaged or no SQLite file."
            raise NotReady(
                message, "Close other Waymark commands; else restore a backup or move the file away."
            ) from error
        raise _unreachable(url) from error


def _unreachable(url: URL) -> NotReady:
    where = f"{url.host or 'this machine'}, database {url.database or '(none)'}"
    return NotReady(
        f"The record at {where} cannot be reached.", "Is PostgreSQL running, and is WAYMARK_DATABASE_URL right?"
    )


def is_deadlock(error: DBAPIError) -> bool:
    """Whether PostgreSQL gave up this transaction for another that waited for it: done again, it goes through."""
    return getattr(error.orig, "sqlstate", None) == DEADLOCK


def _is_lost(error: DBAPIError) -> bool:
    """Whether the connection is gone, or there was none: the server itself tells of every other error with a code."""
    code = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and (code is None or code.startswith(LOST))
    )
