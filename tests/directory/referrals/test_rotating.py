"""Another master key: killed at any moment it goes on, nobody's links or codes break, and running processes notice."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from directory import keys, keys_commands
from directory.errors import UnusableFile
from directory.keys import Keys
from directory.referrals import audit_chain, link_codes, locators, mailboxes, rotating
from directory.referrals.living import Living
from directory.referrals.loop import Loop
from directory.referrals.tables import Locator, Mailbox, Subject
from tests.directory.referrals.builders import Time, a_case, a_loop, a_mailbox
from tests.directory.referrals.mail_builders import a_sent

PEOPLE = 5


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path, Time()) as made:
        yield made


def rotate(loop: Loop, file: Path) -> Loop:
    rotating.rotate(loop, file, lambda _: None)
    return replace(loop, keys=keys.open_keys(file))


def wrapped_by(loop: Loop) -> list[str]:
    with loop.database.reading() as session:
        return [row.key_id for row in session.query(Subject)]


def test_people_are_wrapped_by_the_new_key_and_read_as_before(loop: Loop, tmp_path: Path) -> None:
    case_id = a_case(loop)
    own = rotate(loop, tmp_path / "key")
    assert (own.keys.current, wrapped_by(own)) == ("k2", ["k2"])
    from directory.referrals import people
    from directory.referrals.tables import Case

    with own.database.reading() as session:
        subject_id = session.get_one(Case, case_id).subject_id
        assert people.opened(session, own, subject_id)["name"] == "Skye Example"


def test_a_rotation_that_was_killed_goes_on_under_the_same_key(
    loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(PEOPLE):
        a_case(loop)
    monkeypatch.setattr(rotating, "AT_ONCE", 2)

    class Killed(Exception):
        pass

    def kill(_: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        rotating.rotate(loop, tmp_path / "key", kill)
    assert sorted(wrapped_by(loop)) == ["k1", "k1", "k1", "k2", "k2"]
    own = rotate(replace(loop, keys=keys.open_keys(tmp_path / "key")), tmp_path / "key")
    assert (own.keys.current, set(wrapped_by(own))) == ("k2", {"k2"})


def test_mailboxes_links_codes_and_seals_outlive_a_rotation(loop: Loop, tmp_path: Path) -> None:
    sent = a_sent(loop, mailbox_id=a_mailbox(loop))
    assert sent
    audit_chain.seal_all(loop)
    with loop.database.reading() as session:
        row = session.query(Locator).first()
        assert row is not None
        before = locators.token(loop.keys, row.id)
    code = link_codes.hashed(loop.keys, "x", "ABCD1234")
    own = rotate(loop, tmp_path / "key")
    audit_chain.seal_all(own)
    with own.database.reading() as session:
        box = session.query(Mailbox).first()
        assert box is not None
        assert mailboxes.address(replace(own, keys=Keys("k2", {"k2": own.keys.masters["k2"]})), box)
        assert locators.token_again(own.keys, session.get_one(Locator, row.id)) == before
        assert code in link_codes.all_hashed(own.keys, "x", "ABCD1234")
        assert audit_chain.verify(session, own.keys, own.clock()).is_right


def test_a_key_is_put_into_the_file_before_it_is_used(loop: Loop, tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert keys.add_key(file) == "k2"
    assert keys.add_key(file) == "k2"
    assert (keys.open_keys(file).current, keys.prepared(keys.open_keys(file))) == ("k1", "k2")
    assert keys.use_newest(file).current == "k2"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_running_process_notices_the_new_key(loop: Loop, tmp_path: Path) -> None:
    living, file = Living(), tmp_path / "key"
    assert living.over(loop, file, loop.clock()).keys.current == "k1"
    rotate(loop, file)
    assert living.over(loop, file, loop.clock()).keys.current == "k2"
    file.write_text("half a fi")
    assert living.over(loop, file, loop.clock()).keys.current == "k2"
    file.unlink()
    assert living.over(loop, file, loop.clock()).keys.current == "k2"


def test_a_file_that_cannot_be_written_is_told_of(loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.replace", refused)
    with pytest.raises(UnusableFile, match="cannot be written here"):
        keys.add_key(tmp_path / "key")
    assert keys.open_keys(tmp_path / "key").current == "k1"


def test_which_key_holds_how_much_is_counted(loop: Loop, tmp_path: Path) -> None:
    a_case(loop)
    own = rotate(loop, tmp_path / "key")
    assert [(use.key_id, use.current, use.people) for use in rotating.uses(own)] == [("k2", True, 1), ("k1", False, 0)]


def test_a_rotation_that_only_finishes_the_one_before_says_so(
    loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_case(loop)
    rotate(loop, tmp_path / "key")
    a_case(loop)  # by a process that is still on the old key
    monkeypatch.setenv("WAYMARK_HOME", str(tmp_path))
    told = [CliRunner().invoke(keys_commands.app, ["rotate"]).stdout for _ in range(2)]
    assert ["There is no new key" in each for each in told] == [True, False]
    assert told[1].startswith("k3 is the current key")
