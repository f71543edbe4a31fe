"""Opening the record: what is wrong with it is said, with what to do, and never a password."""

import sqlite3
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from directory import database, settings
from directory.errors import BadInput, NotReady
from tests.builders import a_record
from tests.conftest import prepare_sqlite


def at(home: Path, **more: str) -> settings.Settings:
    return settings.read({"WAYMARK_HOME": str(home), **more})


def test_every_revision_is_listed() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    packaged = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert list(database.REVISIONS) == packaged[::-1]


def test_a_record_not_set_up_is_not_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="waymark setup"):
        database.open_database(at(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "waymark.db").touch()
    with pytest.raises(NotReady, match="waymark setup"):
        database.open_database(at(tmp_path))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "waymark.db").write_text("a shopping list " * 100)
    with pytest.raises(NotReady, match=r"waymark\.db cannot be read"):
        database.open_database(at(tmp_path))
    with pytest.raises(NotReady, match=r"waymark\.db cannot be read"):
        database.migrate(at(tmp_path))


def test_a_newer_record_is_left_alone(tmp_path: Path) -> None:
    record = a_record(tmp_path)
    with record.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    record.close()
    with pytest.raises(NotReady, match="newer Waymark"):
        database.open_database(at(tmp_path))
    with pytest.raises(NotReady, match="newer Waymark"):
        database.migrate(at(tmp_path))


def test_setting_up_twice_changes_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    database.migrate(at(tmp_path / "new" / "home"), said.append)
    database.migrate(at(tmp_path / "new" / "home"), said.append)
    assert said == [f"The record is at version {database.REVISIONS[-1]}.", "The record is up to date."]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("nonsense", "not a database address", id="no address"),
        pytest.param("mysql://somebody:hunter2@host/name", "'mysql'", id="another kind"),
        pytest.param("postgresql+asyncpg://somebody:hunter2@host/name", "asyncpg", id="another driver"),
        pytest.param("sqlite://", "no file", id="no file"),
        pytest.param("sqlite:///:memory:", "no file", id="in memory"),
        pytest.param("postgresql://somebody:hunter2@host:port/name", "not a database address", id="port in words"),
    ],
)
def test_a_wrong_address_names_the_setting(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(BadInput, match="WAYMARK_DATABASE_URL") as caught:
        database.open_database(at(tmp_path, WAYMARK_DATABASE_URL=url))
    assert "hunter2" not in str(caught.value)
    caught.match(said)


def test_a_server_that_is_not_there_is_not_ready_and_no_password_is_told(tmp_path: Path) -> None:
    chosen = at(tmp_path, WAYMARK_DATABASE_URL="postgresql://somebody:hunter2@127.0.0.1:1/waymark")
    with pytest.raises(NotReady, match=r"127\.0\.0\.1, database waymark cannot be reached") as caught:
        database.open_database(chosen)
    assert "hunter2" not in str(caught.value)


def test_the_file_is_kept_as_we_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_prepare_sqlite", prepare_sqlite)  # tests do not wait for the disk
    record = a_record(tmp_path)
    with record.reading() as session:
        asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        found = [session.scalar(text(f"PRAGMA {name}")) for name in asked]
    record.close()
    assert found == ["wal", 2, 1, 1, database.BUSY_TIMEOUT_S * 1000]


def test_a_file_without_version_is_not_ready(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "waymark.db")
    connection.execute("CREATE TABLE shopping (thing TEXT)")
    connection.close()
    with pytest.raises(NotReady, match="not set up"):
        database.open_database(at(tmp_path))
