"""One cell of a row as a value of ours."""

import pytest

from ingest import cells
from ingest.cells import Notes
from ingest.reading import Row


@pytest.mark.parametrize(
    ("cell", "kept", "noted"),
    [
        pytest.param("EH6 5QG", "EH6 5QG", 0, id="whole"),
        pytest.param("eh65qg", "EH6 5QG", 0, id="small, no blank"),
        pytest.param("Leith EH6 5QG", "EH6 5QG", 0, id="amid words"),
        pytest.param("EH6", "", 1, id="the first part only"),
        pytest.param("Leith", "", 1, id="a town"),
        pytest.param("", "", 0, id="nothing"),
    ],
)
def test_postal_code(cell: str, kept: str, noted: int) -> None:
    notes = Notes("a-source", 1)
    assert cells.postal_code(Row(1, {"Postcode": cell}, whole=True), "Postcode", notes) == kept
    assert len(notes.issues) == noted
    assert all(cell not in issue.reason for issue in notes.issues if cell)


@pytest.mark.parametrize(
    ("cell", "kept", "noted"),
    [
        pytest.param("01632 960123 / 07700 900123", "01632 960123", 0, id="the first of two"),
        pytest.param("Text: 80801", "", 1, id="only for texts"),
        pytest.param("Fax 01632 960123", "", 1, id="a fax"),
        pytest.param("TBC", "", 1, id="none yet"),
    ],
)
def test_phone(cell: str, kept: str, noted: int) -> None:
    notes = Notes("a-source", 1)
    assert cells.phone(Row(1, {"Phone": cell}, whole=True), "Phone", notes) == kept
    assert len(notes.issues) == noted
