"""`waymark quality` and `waymark ingest links`: what they print, as text and as JSON, and what they refuse."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from directory import records
from directory.errors import BadInput, NotFound
from directory.quality_commands import quality
from ingest.link_commands import check_links
from tests.builders import a_draft, a_record, write

app = typer.Typer()
app.command("quality")(quality)
app.command("links")(check_links)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_record(tmp_path)
    write(record, a_draft())
    record.close()
    monkeypatch.setenv("WAYMARK_HOME", str(tmp_path))


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_a_source_is_scored_with_what_it_lacks() -> None:
    lines = run("quality").splitlines()
    assert lines[0] == "facts: 69 of 100 over 1 services"
    assert "    1 × Nobody has confirmed it." in lines
    (plain,) = json.loads(run("quality", "--source", "facts", "--json"))
    assert (plain["source"], plain["rows"], plain["mean"]) == ("facts", 1, 69.0)


def test_a_service_is_scored_with_its_reasons() -> None:
    lines = run("quality", "--service", "f900").splitlines()
    assert lines[0] == "Harbour Counselling: 69 of 100"
    assert "    -10  Nobody has confirmed it." in lines
    plain = json.loads(run("quality", "--service", "f900", "--json"))
    assert plain["id"] == records.service_id("facts", "f900")
    assert plain["score"] == 69


@pytest.mark.parametrize("words", [("quality", "--source", "none"), ("quality", "--service", "none")])
def test_what_there_is_not_is_said(words: tuple[str, ...]) -> None:
    with pytest.raises(NotFound):
        run(*words)


def test_at_least_one_address_is_asked() -> None:
    with pytest.raises(BadInput, match="At least one address"):
        run("links", "--most", "0")
