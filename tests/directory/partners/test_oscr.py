"""A charity number is taken as people write it, and looked up in the register where it is loaded."""

import os
from datetime import date
from pathlib import Path

import pytest

from directory.errors import BadInput, UnusableFile
from directory.partners import oscr

LINES = (
    '"Charity Number","Charity Name","Registered Date","Known As","Charity Status"\n'
    '"SC012345","Harbour Trust","01/01/2000 00:00:00","The Harbour","Active"\n'
    '"SC054321","Old Quay","01/01/2000 00:00:00","","Removed"\n'
)


@pytest.mark.parametrize("typed", ["SC012345", "sc012345", " SC 012345 ", "SC12345", "012345", "12345", "SCO12345"])
def test_a_number_is_taken_as_people_write_it(typed: str) -> None:
    assert oscr.read(typed) == "SC012345"


@pytest.mark.parametrize("typed", ["", "1234567", "112345", "SC0123456", "NI12345", "SC", "SC٠١٢٣٤٥", "<SC012345>"])
def test_what_is_no_scottish_number_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(BadInput, match="no Scottish charity number") as raised:
        oscr.read(typed)
    assert raised.value.field == "charity_number"


def test_without_a_register_nothing_is_known(tmp_path: Path) -> None:
    assert oscr.look_up(tmp_path, "SC012345") == (None, None)


def test_the_register_says_what_it_has_and_of_which_day(tmp_path: Path) -> None:
    file = tmp_path / oscr.FILE
    file.write_text(LINES, encoding="utf-8-sig")
    os.utime(file, (1_793_000_000, 1_793_000_000))
    charity, as_of = oscr.look_up(tmp_path, "SC012345")
    assert charity is not None
    assert charity.is_active
    assert charity.is_called("The Harbour Trust")
    assert charity.is_called("the harbour")
    assert not charity.is_called("Second Door")
    assert as_of == date(2026, 10, 26)
    removed, _ = oscr.look_up(tmp_path, "SC054321")
    assert removed is not None
    assert not removed.is_active
    assert oscr.look_up(tmp_path, "SC000001")[0] is None


def test_a_new_file_counts_at_once(tmp_path: Path) -> None:
    file = tmp_path / oscr.FILE
    file.write_text(LINES, encoding="utf-8")
    assert oscr.look_up(tmp_path, "SC012345")[0] is not None
    file.write_text(LINES.replace("SC012345", "SC099999"), encoding="utf-8")
    os.utime(file, (1_793_000_000, 1_793_000_000))
    assert oscr.look_up(tmp_path, "SC012345")[0] is None


@pytest.mark.parametrize("content", [b"Name;Number\n", b"\xff\xfe\x00", b""])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / oscr.FILE).write_bytes(content)
    with pytest.raises(UnusableFile):
        oscr.register(tmp_path)
