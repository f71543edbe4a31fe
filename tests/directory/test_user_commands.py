"""`waymark user` as an operator uses it: passwords unseen, never among the words of the command."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sql
from typer.testing import CliRunner

from directory import database, keys, settings
from directory.accounts import policy, signing_in
from directory.accounts.signing_in import Browser, Door, SignInRefused
from directory.errors import WaymarkError
from directory.referrals.tables import AuditEvent
from directory.user_commands import app
from tests.builders import NOON
from tests.directory.accounts.conftest import ANN, PASSWORD

Command = Callable[..., str]
ADD_ANN = ("add", ANN, "--name", "Ann Example", "--role", "editor")
PROMPTED = "import sys; from directory.user_commands import app; app(sys.argv[1:])"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    database.migrate(settings.read({"WAYMARK_HOME": str(tmp_path)}))
    return tmp_path


@pytest.fixture
def user(home: Path) -> Command:
    """Runs `waymark user WORDS` with standard input; gives what was printed, raises what it raised."""

    def run(*words: str, typed: str | bytes = "") -> str:
        env = {"WAYMARK_HOME": str(home), "WAYMARK_DATABASE_URL": ""}
        result = CliRunner().invoke(app, list(words), input=typed, env=env)
        if isinstance(result.exception, WaymarkError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return run


def sign_in(home: Path, password: str, email: str = ANN) -> str:
    record = database.open_database(settings.read({"WAYMARK_HOME": str(home)}))
    try:
        door = Door(record, lambda: keys.open_keys(home / "key"))
        return signing_in.by_password(door, email, password, Browser("192.0.2.7"), NOON).token
    finally:
        record.close()


def test_an_account_is_made_listed_disabled_and_enabled(home: Path, user: Command) -> None:
    made = user(*ADD_ANN, "--role", "auditor", typed=PASSWORD + "\n")
    assert "Ann Example may sign in as ann@example.org." in made
    assert PASSWORD not in made
    assert "ann@example.org  Ann Example  auditor, editor  active\n1 account." in user("list")
    assert sign_in(home, PASSWORD)
    user("disable", "ANN@example.org")
    assert "disabled" in user("list")
    with pytest.raises(SignInRefused):
        sign_in(home, PASSWORD)
    user("enable", ANN)
    assert sign_in(home, PASSWORD)


def test_a_password_and_roles_are_changed(home: Path, user: Command) -> None:
    user(*ADD_ANN, typed=PASSWORD + "\r\n")
    user("password", ANN, typed="five owls are better")
    assert sign_in(home, "five owls are better")
    assert "admin, worker" in user("roles", ANN, "--role", "worker", "--role", "admin")
    assert "admin, worker" in user("list")


def test_each_change_has_its_line_in_the_audit_and_what_is_refused_has_none(home: Path, user: Command) -> None:
    user(*ADD_ANN, typed=PASSWORD)
    user("roles", ANN, "--role", "worker", "--role", "admin")
    user("password", ANN, typed="five owls are better")
    user("totp-reset", ANN)
    with pytest.raises(WaymarkError, match="last administrator"):
        user("disable", ANN)
    user("roles", ANN, "--role", "worker", "--role", "admin")
    user("enable", ANN)
    record = database.open_database(settings.read({"WAYMARK_HOME": str(home)}))
    try:
        with record.reading() as session:
            lines = session.scalars(sql.select(AuditEvent).order_by(AuditEvent.id)).all()
    finally:
        record.close()
    stays = "roles=admin,worker>admin,worker"
    assert [(line.action, line.purpose, line.fields) for line in lines] == [
        ("create", "add", "roles=>editor"),
        ("change", "roles", "roles=editor>admin,worker"),
        ("change", "password", stays),
        ("change", "factor", stays),
        ("change", "roles", stays),
        ("change", "enable", stays),
    ]
    assert {(line.actor_kind, line.actor_id, line.object_type) for line in lines} == {("system", "", "account")}
    assert len({line.object_id for line in lines}) == 1


def test_blanks_of_a_password_are_kept(home: Path, user: Command) -> None:
    user(*ADD_ANN, typed="  four wise owls  \nanother line\n")
    assert sign_in(home, "  four wise owls  ")


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        pytest.param(ADD_ANN, "", "no password", id="no input"),
        pytest.param(ADD_ANN, "\n" + PASSWORD, "no password", id="first line empty"),
        pytest.param(ADD_ANN, "owls\n", "4 characters", id="too short"),
        pytest.param(ADD_ANN, "o" * 100_000, "4,096 characters", id="no end of it"),
        pytest.param(ADD_ANN, b"four wise \xff owls\n", "cannot be read", id="not UTF-8"),
        pytest.param(ADD_ANN, "ann@example.org 1234", "e-mail", id="holds the address"),
        pytest.param(ADD_ANN, "passwordpassword", "easy to guess", id="easy to guess"),
        pytest.param(("totp-reset", ANN), "", "no account", id="second factor of nobody"),
        pytest.param(("add", "ann", "--name", "A", "--role", "editor"), PASSWORD, "e-mail address", id="no address"),
        pytest.param(("add", ANN, "--name", " ", "--role", "editor"), PASSWORD, "name", id="no name"),
        pytest.param(("add", ANN, "--name", "A", "--role", "boss"), PASSWORD, "no role 'boss'", id="no such role"),
        pytest.param(("disable", ANN), "", "no account", id="disable nobody"),
        pytest.param(("enable", ANN), "", "no account", id="enable nobody"),
        pytest.param(("password", ANN), PASSWORD, "no account", id="password of nobody"),
        pytest.param(("roles", ANN, "--role", "editor"), "", "no account", id="roles of nobody"),
        pytest.param(("disable", "\udcff"), "", "no account", id="half a character"),
    ],
)
def test_bad_input_is_said_and_nothing_is_made(
    user: Command, words: tuple[str, ...], typed: str | bytes, said: str
) -> None:
    with pytest.raises(WaymarkError, match=said) as caught:
        user(*words, typed=typed)
    assert caught.value.exit_code == 2
    assert "0 accounts." in user("list")


def test_a_second_account_is_refused_before_the_password_is_asked_for(user: Command) -> None:
    user(*ADD_ANN, typed=PASSWORD)
    with pytest.raises(WaymarkError, match="There is an account with this address"):
        user(*ADD_ANN, typed="")


def test_there_is_no_option_for_a_password() -> None:
    for command in ("add", "password"):
        shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
        assert "--pass" not in shown.casefold()
        assert CliRunner().invoke(app, [command, ANN, "--password", PASSWORD]).exit_code == 2


def test_the_help_names_every_role() -> None:
    shown = CliRunner().invoke(app, ["add", "--help"], env={"COLUMNS": "200"}).output
    assert all(role in shown for role in policy.roles())


def on_a_terminal(home: Path, words: tuple[str, ...], typed: bytes) -> tuple[int, str]:
    """Runs the command with a terminal of its own; gives its exit code and all that the screen showed."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); " + PROMPTED, *words],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env={**os.environ, "WAYMARK_HOME": str(home), "WAYMARK_DATABASE_URL": "", "TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    for line in typed.splitlines(keepends=True):
        while not shown.endswith(
            (b"Password: ", b"The same again: ")
        ):  # the blank comes when nothing is shown any more
            more = _screen(ours)
            assert more, shown
            shown += more
        shown += b"|"
        os.write(ours, line)
    while more := _screen(ours):
        shown += more
    os.close(ours)
    return child.wait(timeout=60), shown.decode()


def _screen(terminal: int) -> bytes:
    """What comes next on the screen; nothing when the command has ended."""
    assert select.select([terminal], [], [], 60)[0], "the command says nothing more"
    try:
        return os.read(terminal, 1024)
    except OSError:
        return b""  # Linux says by an error that nobody writes there any more


def test_on_a_terminal_the_password_is_asked_twice_and_not_shown(home: Path) -> None:
    twice = f"{PASSWORD}\n{PASSWORD}\n".encode()
    code, shown = on_a_terminal(home, ADD_ANN, twice)
    assert (code, "may sign in" in shown) == (0, True), shown
    assert "The same again" in shown
    assert "owls" not in shown
    assert sign_in(home, PASSWORD)


def test_two_that_differ_are_asked_for_again(home: Path) -> None:
    typed = f"{PASSWORD}\nfour wise cats sing\n{PASSWORD}\n{PASSWORD}\n".encode()
    code, shown = on_a_terminal(home, ADD_ANN, typed)
    assert code == 0, shown
    assert "do not match" in shown
    assert sign_in(home, PASSWORD)


def test_the_last_administrator_stays(user: Command) -> None:
    user("add", ANN, "--name", "Ann Example", "--role", "admin", typed=PASSWORD + "\n")
    for words in (("disable", ANN), ("roles", ANN, "--role", "worker")):
        with pytest.raises(WaymarkError, match="last administrator"):
            user(*words)
