"""`waymark vocabulary`: the shares are printed, what did not map is named, and a list with gaps fails."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from directory.errors import BadInput, UnusableFile
from directory.vocabulary_commands import app
from taxonomy import crosswalk


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_check_says_that_all_is_in_order() -> None:
    code, out = run("check")
    assert code == 0, out
    assert "in order" in out


def test_every_source_gets_its_share() -> None:
    code, out = run("crosswalk")
    assert code == 0
    assert [line.split(":")[0] for line in out.splitlines()] == list(crosswalk.names())
    assert "aliss-categories: 36.9% of 312 categories map (115 mapped, 197 out of scope, 0 without a row)." in out


def test_one_source_names_what_is_left_out_and_why() -> None:
    out = run("crosswalk", "aliss-groups")[1]
    assert "out of scope: volunteers: People who give help" in out


def test_a_list_with_a_gap_names_it_and_fails(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("name,slug\nCounselling,counselling\nTea,tea-leaves\nCommunity Policing and Safety,\n")
    code, out = run("crosswalk", "aliss-categories", "--from", str(file))
    assert code == 1
    assert "66.7% of 3 categories map" in out
    assert "no row: tea-leaves" in out


def test_as_json() -> None:
    (report,) = json.loads(run("crosswalk", "esd-needs", "--json")[1])
    assert report["crosswalk"] == "esd-needs"
    assert report["covered"] == 1.0
    assert report["mapped"]["Bullying"] == ["harm/bullying"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "no list of categories", id="empty"),
        pytest.param(b"colour\nred\n", "slug", id="other columns"),
        pytest.param(b"slug\n\xff\xfe\n", "UTF-8", id="not UTF-8"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(UnusableFile, match=says):
        run("crosswalk", "aliss-categories", "--from", str(file))


def test_an_unknown_source_and_a_list_without_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There are: aliss"):
        run("crosswalk", "nothing")
    with pytest.raises(BadInput, match="belongs to one source"):
        run("crosswalk", "--from", str(tmp_path / "list.csv"))
    with pytest.raises(UnusableFile, match="cannot be read"):
        run("crosswalk", "aliss-groups", "--from", str(tmp_path / "absent.csv"))
