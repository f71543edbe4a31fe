"""Whoever watches the installation is told that it lives, whether it can answer, and how far the index is behind."""

from dataclasses import replace
from pathlib import Path

import pytest

from directory.runtime import Runtime
from directory.search.embedded import EmbeddedIndex
from tests.web.conftest import Web
from web.app import create_app


def without_an_index(installation: Runtime, folder: Path) -> Web:
    return Web(create_app(replace(installation, index=EmbeddedIndex(folder))))


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_told(web: Web, path: str) -> None:
    assert web.get(path).status_code == 200


def test_without_an_index_it_lives_and_is_not_ready(installation: Runtime, tmp_path: Path) -> None:
    web = without_an_index(installation, tmp_path / "none")
    assert web.get("/healthz").status_code == 200
    assert web.get("/readyz").status_code == 503
    assert "waymark index rebuild" in web.get("/readyz").json()["message"]
    assert "waymark_index_ready 0\n" in web.get("/metrics").text


def test_the_lag_is_a_metric(web: Web) -> None:
    answer = web.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE waymark_index_lag_seconds gauge\n" in answer.text
    assert "waymark_index_ready 1\n" in answer.text
    assert "waymark_index_lag_lines 0\n" in answer.text
