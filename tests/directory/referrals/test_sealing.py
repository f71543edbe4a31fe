"""What is sealed can be read by the right key at the right place only, and by nobody once the key is gone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import NotReady, UnusableFile
from directory.referrals import sealing
from directory.referrals.sealing import Erased, Keys, Sealer, Unreadable
from directory.referrals.tables import Subject
from tests.builders import NOON

KEYS = Keys("k1", {"k1": bytes(range(32))})
SEALER = Sealer(bytes(range(32)))


def a_subject(keys: Keys = KEYS, own: str = "s1") -> Subject:
    wrapped, key_id = sealing.new_subject_key(keys, own)
    return Subject(id=own, wrapped_key=wrapped, key_id=key_id, made_at=NOON)


@given(st.text(min_size=1))
def test_what_was_sealed_is_opened(text: str) -> None:
    value = SEALER.seal(text, "person", "p1", "name")
    assert value is not None
    assert SEALER.open(value, "person", "p1", "name") == text
    assert len(text) < 4 or text.encode() not in value


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert SEALER.seal("Skye", "person", "p1", "name") != SEALER.seal("Skye", "person", "p1", "name")


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(("case", "p1", "name"), id="another table"),
        pytest.param(("person", "p2", "name"), id="another row"),
        pytest.param(("person", "p1", "school"), id="another column"),
    ],
)
def test_a_value_moved_elsewhere_is_unreadable(place: tuple[str, str, str]) -> None:
    with pytest.raises(Unreadable):
        SEALER.open(SEALER.seal("Skye", "person", "p1", "name"), *place)


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_value_is_unreadable(place: int, by: int) -> None:
    value = bytearray(SEALER.seal("Skye Example", "person", "p1", "name") or b"")
    place = 1 + place % (len(value) - 1)
    value[place] ^= by
    with pytest.raises(Unreadable):
        SEALER.open(bytes(value), "person", "p1", "name")


def test_nothing_is_sealed_of_nothing() -> None:
    assert SEALER.seal("", "person", "p1", "name") is None
    assert SEALER.open(None, "person", "p1", "name") == ""


def test_one_subjects_key_opens_nothing_of_anothers() -> None:
    mine, theirs = sealing.sealer(KEYS, a_subject(own="s1")), sealing.sealer(KEYS, a_subject(own="s2"))
    with pytest.raises(Unreadable):
        theirs.open(mine.seal("Skye", "person", "p1", "name"), "person", "p1", "name")


def test_a_wrapped_key_put_to_another_subject_is_unreadable() -> None:
    stolen = a_subject(own="s1")
    stolen.id = "s2"
    with pytest.raises(Unreadable):
        sealing.sealer(KEYS, stolen)


def test_an_erased_subject_is_said_to_be_erased() -> None:
    subject = a_subject()
    subject.wrapped_key = None
    with pytest.raises(Erased):
        sealing.sealer(KEYS, subject)


def test_a_new_key_in_the_file_leaves_what_the_old_one_sealed_readable() -> None:
    subject = a_subject()
    sealed = sealing.sealer(KEYS, subject).seal("Skye", "person", "p1", "name")
    both = Keys("k2", {**KEYS.masters, "k2": bytes(32)})
    assert sealing.sealer(both, subject).open(sealed, "person", "p1", "name") == "Skye"
    assert sealing.new_subject_key(both, "s9")[1] == "k2"
    with pytest.raises(Unreadable):
        sealing.sealer(Keys("k2", {"k2": bytes(32)}), subject)


def test_keys_of_different_purposes_differ() -> None:
    assert len({KEYS.derived(purpose) for purpose in ("wrap", "own", "audit", "code", "locator")}) == 5


def test_the_key_file_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert sealing.make_keys(file)
    first = sealing.open_keys(file)
    assert not sealing.make_keys(file)
    assert sealing.open_keys(file).masters == first.masters
    assert file.stat().st_mode & 0o777 == 0o600
    assert str(first.masters["k1"]) not in repr(first)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("k1 AAAA\n", id="too short"),
        pytest.param("k1\n", id="no key"),
        pytest.param("k1 ????\n", id="not base64"),
    ],
)
def test_a_file_that_is_no_key_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content)
    with pytest.raises(UnusableFile, match="Restore"):
        sealing.open_keys(tmp_path / "key")


def test_no_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="waymark setup"):
        sealing.open_keys(tmp_path / "key")
