"""`waymark pathways check`: those in use are listed, and a bad file is refused with its line."""

from pathlib import Path

import pytest

from taxonomy import pathways
from tests.installation import Installation

SHIPPED = pathways.shipped()["hate"]


def test_the_pathways_in_use_are_listed(installed: Installation) -> None:
    answer = installed("pathways", "check")
    assert answer.code == 0
    assert all(pathway.id in answer.out for pathway in pathways.load())
    assert "21 pathways and 8 guides are in order." in answer.out


def test_a_good_file_is_in_order(installed: Installation, tmp_path: Path) -> None:
    file = tmp_path / "hate.toml"
    file.write_text(SHIPPED, encoding="utf-8")
    assert installed("pathways", "check", str(file)).code == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('"counselling"', '"counceling"', "need “counceling” is not known; did you", id="unknown need"),
        pytest.param('"counselling"]', '"intensive_family"]', "Nobody can fill the step", id="nobody can fill it"),
        pytest.param('title = "', "title = ", "line 2: This is not TOML", id="not TOML"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(
    installed: Installation, tmp_path: Path, old: str, new: str, said: str
) -> None:
    file = tmp_path / "hate.toml"
    file.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    answer = installed("pathways", "check", str(file))
    assert answer.code == 2
    assert said in answer.err
    assert "line " in answer.err


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["no such file", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_refused(installed: Installation, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "x.toml"
    if content is not None:
        file.write_bytes(content)
    answer = installed("pathways", "check", str(file))
    assert answer.code == 2
    assert "cannot be read" in answer.err
