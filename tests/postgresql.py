"""Databases of their own on the PostgreSQL that the tests are given, for every folder of tests (see conftest.py)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from directory import database, settings


@pytest.fixture(scope="session")
def postgresql() -> URL:
    """The server. Without one its tests are skipped, and say how to have it."""
    given = os.environ.get("WAYMARK_TEST_DATABASE_URL")
    if not given:
        pytest.skip("needs WAYMARK_TEST_DATABASE_URL (a PostgreSQL database for tests, of a user who may make others)")
    return make_url(given).set(drivername="postgresql+psycopg")


@pytest.fixture(scope="session")
def migrated(postgresql: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name of a database that is set up: it takes a copy a tenth of the time that setting up does."""
    with a_database(postgresql, "template0") as own:
        home = tmp_path_factory.mktemp("migrated")
        database.migrate(settings.read({"WAYMARK_HOME": str(home), "WAYMARK_DATABASE_URL": own}))
        yield str(make_url(own).database)


@contextmanager
def a_database(server: URL, template: str) -> Iterator[str]:
    """Address of a new database, made like another one to which nobody is connected; gone afterwards."""
    name = f"waymark_{uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()
