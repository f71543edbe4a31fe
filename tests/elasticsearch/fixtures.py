"""Fixtures over the tests' Elasticsearch, for every folder of tests (named in tests/conftest.py)."""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest

from directory.search.elastic_client import Server
from tests.elasticsearch import node
from tests.elasticsearch.cleaning import clean

PATIENCE = 60.0
"""Seconds: a machine that does something else for a while is no fault of ours."""


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """One server for all tests of a run. Without one they are skipped, and say how to have it."""
    given = os.environ.get("WAYMARK_TEST_ELASTICSEARCH_URL")
    if given:
        yield given
        return
    try:
        with node.running() as started:
            yield started.url
    except node.NoServer as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def own_server(elasticsearch_url: str) -> Iterator[Server]:
    """The server, with a prefix of its own for a module's indices; they are gone afterwards."""
    server = Server(elasticsearch_url, index=f"waymark-test-{uuid4().hex[:10]}", seconds=PATIENCE)
    yield server
    clean(server)
