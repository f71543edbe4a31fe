"""Sources, runs and requests on every database: checked before they are kept, ended once, answered once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from directory import records
from directory.database import Database
from directory.errors import BadInput, Conflict, NotFound
from directory.feeds import requests, runs, sources
from directory.feeds.runs import Kept, Outcome, State
from directory.feeds.sources import SourceSettings
from tests.builders import NOON

EDITOR = "11111111-1111-4111-8111-111111111111"
SHIPPED = records.SourceInfo("facts", "Facts", "Waymark", "Facts, restated", "Restated by Waymark.")


@pytest.fixture
def record(record: Database) -> Database:
    with record.session() as session:
        records.ensure_source(session, SHIPPED)
    return record


def a_source(**changes: Any) -> SourceSettings:
    """A council's feed, fetched every day."""
    made = SourceSettings(
        id="fife-council",
        name="Fife services",
        publisher="Fife Council",
        licence="OGL v3.0",
        attribution="Contains public sector information.",
        kind="oruk",
        url="https://feeds.fife.example/services",
        every_hours=24,
        options={"council": "Fife"},
    )
    return replace(made, **changes)


def added(record: Database, **changes: Any) -> SourceSettings:
    with record.session() as session:
        return sources.add(session, a_source(**changes), EDITOR, NOON)


def begun(record: Database, source_id: str = "fife-council") -> int:
    with record.session() as session:
        return runs.begin(session, source_id, "command", NOON)


def test_a_source_comes_back_as_it_was_given(record: Database) -> None:
    made = added(record)
    assert (made.made_by, made.shipped, made.next_run_at) == (EDITOR, False, NOON)
    with record.reading() as session:
        assert sources.get(session, "fife-council") == made
        assert [each.id for each in sources.load(session)] == ["facts", "fife-council"]


def test_a_source_has_a_name_of_its_own(record: Database) -> None:
    added(record)
    with pytest.raises(Conflict, match="already"):
        added(record)
    with record.reading() as session, pytest.raises(NotFound, match="facts, fife-council"):
        sources.get(session, "nowhere")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"id": "Fife Council"}, "id", id="blank in the id"),
        pytest.param({"id": "f" * 61}, "id", id="long id"),
        pytest.param({"name": "  "}, "name", id="no name"),
        pytest.param({"licence": ""}, "licence", id="no licence"),
        pytest.param({"attribution": ""}, "attribution", id="no attribution"),
        pytest.param({"name": "Fife\x00"}, "name", id="control character"),
        pytest.param({"standing": "king"}, "standing", id="unknown standing"),
        pytest.param({"every_hours": 0}, "every_hours", id="all the time"),
        pytest.param({"options": {"map": "x" * 60_000}}, "options", id="endless options"),
        pytest.param({"kind": "../x"}, "kind", id="kind is no name"),
    ],
)
def test_what_cannot_be_kept_names_its_field(record: Database, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        added(record, **changes)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "url",
    [
        "http://feeds.fife.example/", "ftp://feeds.fife.example/", "//feeds.fife.example", "feeds.fife.example",
        "https://localhost/", "https://localhost.localdomain/", "https://feeds.internal/", "https://printer.local/",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest",
        "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://127.1/", "https://0177.0.0.1/",
        "https://10.0.0.1./", "https://user:pass@feeds.fife.example/", "https://feeds.fife.example:22/",
        "https://feeds.fife.example:99999/", "https://feeds.fife.example\\@localhost/", "https://feeds fife.example/",
        "https://feeds.fife.example/\n", "https://", "https://single/", "javascript:alert(1)", "https://f\u0456fe.example/",
        "https://feeds.fife.example/" + "x" * 2000,
    ],
)  # fmt: skip
def test_an_address_that_leads_inwards_or_nowhere_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        sources.check_url(url)
    assert refused.value.field == "url"


@pytest.mark.parametrize("url", ["https://feeds.fife.example/v3/services?x=1", "https://feeds.fife.example:8443/"])
def test_an_address_of_a_public_server_is_taken(url: str) -> None:
    sources.check_url(url)


def test_a_person_says_where_and_how_often_a_shipped_source_is_fetched(record: Database) -> None:
    with record.session() as session:
        was = sources.get(session, "facts")
        wanted = replace(was, url="https://facts.example/all.csv", every_hours=24, active=True)
        assert sources.amend(session, wanted, EDITOR, NOON, was).next_run_at == NOON
        records.ensure_source(session, SHIPPED)
        kept = sources.get(session, "facts")
    assert (kept.url, kept.every_hours, kept.shipped) == (wanted.url, 24, True)
    with record.session() as session, pytest.raises(BadInput, match="came with Waymark"):
        sources.amend(session, replace(kept, licence="None at all"), EDITOR, NOON)


def test_a_source_changed_meanwhile_is_not_overwritten(record: Database) -> None:
    was = added(record)
    with record.session() as session:
        sources.amend(session, replace(was, every_hours=48), EDITOR, NOON, was)
    with record.session() as session, pytest.raises(Conflict, match="nothing was saved"):
        sources.amend(session, replace(was, active=False), EDITOR, NOON, was)


def test_sources_are_due_at_their_time(record: Database) -> None:
    made = added(record)
    later = NOON + timedelta(hours=5)

    def due() -> tuple[str, ...]:
        with record.reading() as session:
            return sources.due(session, NOON)

    assert due() == ("fife-council",)
    with record.session() as session:
        sources.set_next(session, "fife-council", later)
    assert due() == ()
    with record.session() as session:
        assert sources.amend(session, replace(made, every_hours=1), EDITOR, NOON).next_run_at == NOON + timedelta(
            hours=1
        )
        assert sources.amend(session, replace(made, active=False), EDITOR, NOON).next_run_at is None
        assert sources.amend(session, replace(made, active=True), EDITOR, NOON).next_run_at == NOON


def test_a_run_is_kept_from_its_first_moment_and_ends_once(record: Database) -> None:
    added(record)
    run_id = begun(record)
    parts = (Kept("page 1", "0" * 64, "application/json", "https://feeds.fife.example/services?page=1"),)
    outcome = Outcome(made=3, refused=1, seconds=2.5, report={"read": 4})
    with record.session() as session:
        runs.note_material(session, run_id, parts)
        assert runs.get(session, run_id).state is State.RUNNING
        assert runs.end(session, run_id, State.DONE, NOON, outcome)
        assert not runs.end(session, run_id, State.FAILED, NOON)
    with record.reading() as session:
        run = runs.last(session, "fife-council")
    assert run
    assert (run.state, run.read, run.material, run.ended_at) == (State.DONE, 4, parts, NOON)


def test_a_run_that_died_is_marked_by_the_next(record: Database) -> None:
    added(record)
    run_id = begun(record)
    with record.session() as session:
        assert runs.bury(session, "fife-council", NOON) == 1
        assert runs.bury(session, "fife-council", NOON) == 0
        assert (runs.get(session, run_id).state, runs.get(session, run_id).why) == (State.FAILED, runs.DIED)


def test_a_newer_held_run_takes_the_place_of_the_older(record: Database) -> None:
    added(record)
    older, newer = begun(record), begun(record)
    with record.session() as session:
        assert all(runs.end(session, run_id, State.HELD, NOON) for run_id in (older, newer))
        assert runs.replace_held(session, "fife-council", NOON, newer) == 1
        assert [run.id for run in runs.held(session)] == [newer]
        assert runs.settle(session, newer, State.REJECTED, NOON)
        assert not runs.settle(session, newer, State.DONE, NOON)
        assert runs.held(session, "fife-council") == ()


def test_a_request_is_one_while_it_waits_and_answered_once(record: Database) -> None:
    added(record)
    with record.session() as session:
        first = requests.ask(session, "fife-council", "run", EDITOR, NOON)
        assert requests.ask(session, "fife-council", "run", EDITOR, NOON) == first
        upload = requests.ask(session, "fife-council", "run", EDITOR, NOON, upload_digest="a" * 64, upload_name="x.csv")
    with record.session() as session:
        assert [each.id for each in requests.waiting(session)] == [first, upload]
        assert requests.finish(session, first, "5 rows read.", NOON)
        assert not requests.finish(session, first, "Again.", NOON)
        assert [each.said for each in requests.recent(session, "fife-council")] == ["", "5 rows read."]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        pytest.param({"source_id": "nowhere"}, NotFound, id="unknown source"),
        pytest.param({"action": "drop"}, BadInput, id="unknown action"),
        pytest.param({"action": "accept"}, BadInput, id="no run named"),
        pytest.param({"action": "accept", "run_id": 999}, NotFound, id="unknown run"),
        pytest.param({"source_id": "facts"}, BadInput, id="neither address nor file"),
        pytest.param({"upload_digest": "short"}, BadInput, id="no digest"),
    ],
)
def test_what_cannot_be_asked(record: Database, asked: dict[str, Any], error: type[Exception]) -> None:
    added(record)
    with record.session() as session, pytest.raises(error):
        requests.ask(session, **{"source_id": "fife-council", "action": "run", "by": EDITOR, "at": NOON, **asked})


def test_only_a_run_that_waits_is_accepted(record: Database) -> None:
    added(record)
    run_id = begun(record)
    with record.session() as session, pytest.raises(Conflict):
        requests.ask(session, "fife-council", "accept", EDITOR, NOON, run_id)
    with record.session() as session:
        runs.end(session, run_id, State.HELD, NOON)
        with pytest.raises(BadInput, match="another source"):
            requests.ask(session, "facts", "accept", EDITOR, NOON, run_id)
        assert requests.ask(session, "fife-council", "accept", EDITOR, NOON, run_id)
