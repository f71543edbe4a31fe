"""Whom the single point of contact serves: a setting, its mistakes, and that out of scope is a hand-over, no error."""

from pathlib import Path

import pytest

from directory.errors import UnusableFile
from directory.matching import scope
from directory.matching.enquiry import Enquiry
from directory.values import Place
from tests.directory.matching.builders import IN_CARLISLE, IN_EDINBURGH, IN_FIFE


def read(folder: Path, text: str) -> scope.Scope:
    file = folder / scope.FILE
    file.write_text(text, encoding="utf-8")
    return scope.read(file)


def test_without_a_file_the_shipped_setting_holds(tmp_path: Path) -> None:
    assert scope.read(tmp_path / scope.FILE) is scope.shipped()
    assert scope.shipped().councils == frozenset()


def test_what_a_file_leaves_out_is_as_shipped(tmp_path: Path) -> None:
    own = read(tmp_path, 'areas = ["Fife", "NHS Lothian"]\nwitnesses = false\n')
    assert (own.place, own.family, own.witnesses) == ("either", True, False)
    assert len(own.councils) == 5


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        pytest.param("place = home", 1, "not TOML", id="no quotes"),
        pytest.param('# ours\n\nplace = "home"', 3, "place is 'home'", id="unknown rule"),
        pytest.param('place = "either"\nareas = ["Narnia"]', 2, "Narnia", id="unknown area"),
        pytest.param("areas = []", 1, "areas is empty", id="no area"),
        pytest.param('\nwitnesses = "yes"', 2, "true or false", id="not yes or no"),
        pytest.param("family = true\nages = 3", 2, "no setting 'ages'", id="unknown setting"),
        pytest.param('hand_over_to = " "', 1, "is empty", id="nobody to hand over to"),
    ],
)
def test_a_mistake_names_the_file_and_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(UnusableFile, match=scope.FILE) as error:
        read(tmp_path, text)
    assert f"line {line}" in str(error.value)
    assert says in str(error.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / scope.FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(UnusableFile, match="cannot be read"):
        scope.read(tmp_path / scope.FILE)


@pytest.mark.parametrize(
    ("place", "home", "harm", "out"),
    [
        pytest.param("residence", IN_FIFE, None, False, id="lives in it"),
        pytest.param("residence", IN_EDINBURGH, IN_FIFE, True, id="only harmed in it"),
        pytest.param("harm_place", IN_EDINBURGH, IN_FIFE, False, id="harmed in it"),
        pytest.param("harm_place", IN_FIFE, IN_EDINBURGH, True, id="only lives in it"),
        pytest.param("either", IN_EDINBURGH, IN_FIFE, False, id="either is enough"),
        pytest.param("either", IN_EDINBURGH, IN_EDINBURGH, True, id="neither"),
        pytest.param("either", IN_EDINBURGH, None, False, id="where it happened is not known"),
        pytest.param("residence", None, IN_FIFE, False, id="where they live is not known"),
        pytest.param("residence", IN_CARLISLE, IN_FIFE, True, id="outside Scotland"),
        pytest.param("either", IN_CARLISLE, IN_FIFE, False, id="outside Scotland, harmed here"),
    ],
)
def test_which_place_decides(tmp_path: Path, place: str, home: Place | None, harm: Place | None, out: bool) -> None:
    served = read(tmp_path, f'place = "{place}"\nareas = ["Fife"]')
    found = scope.hand_overs(Enquiry(residence=home, harm_place=harm), served)
    assert bool(found) is out
    assert all("Fife" in one.reason and one.to == served.hand_over_to for one in found)


@pytest.mark.parametrize(
    ("relation", "out"), [("witness", True), ("parent_carer", True), ("sibling", True), ("harmed_person", False)]
)
def test_witnesses_and_family_may_be_outside(tmp_path: Path, relation: str, out: bool) -> None:
    served = read(tmp_path, "witnesses = false\nfamily = false")
    assert bool(scope.hand_overs(Enquiry(relation=relation), served)) is out
    assert not scope.hand_overs(Enquiry(relation=relation), scope.shipped())
