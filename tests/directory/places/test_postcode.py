"""Postcodes as people type them: read when whole, offered mended when not, never mended in silence."""

import logging
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.places import postcode
from directory.places.postcode import ParsedPostcode, PostcodeKind

UNITS = st.from_regex(re.compile(r"(G|EH|KY|AB|ML)[1-9][0-9]? [1-9][ABD-HJLNP-UW-Z]{2}"), fullmatch=True)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        pytest.param("EH1 3DG", PostcodeKind.POSTCODE, "EH1 3DG", id="as written"),
        pytest.param("eh13dg", PostcodeKind.POSTCODE, "EH1 3DG", id="lower case, no blank"),
        pytest.param(" Eh 1\t3 dG ", PostcodeKind.POSTCODE, "EH1 3DG", id="odd blanks"),
        pytest.param("G12 0AA", PostcodeKind.POSTCODE, "G12 0AA", id="one letter, two digits"),
        pytest.param("SW1A 1AA", PostcodeKind.POSTCODE, "SW1A 1AA", id="letter at the end of the outcode"),
        pytest.param("EH6 5", PostcodeKind.SECTOR, "EH6 5", id="sector"),
        pytest.param("G1 2", PostcodeKind.SECTOR, "G1 2", id="sector that would be an outcode without the blank"),
        pytest.param("G12", PostcodeKind.OUTCODE, "G12", id="outcode"),
        pytest.param("ky 8", PostcodeKind.OUTCODE, "KY8", id="outcode with a blank"),
    ],
)
def test_whole_codes_are_read(text: str, kind: PostcodeKind, value: str) -> None:
    assert postcode.parse(text) == ParsedPostcode(kind, value)


@pytest.mark.parametrize(
    "text", ["", "Leith", "G12OAA", "EH6 5A", "EH", "S12000015", "12", "ＥＨ１ ３ＤＧ", "E" * 10_000]
)
def test_other_texts_are_not_codes(text: str) -> None:
    assert postcode.parse(text) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("G12OAA", "G12 0AA", id="letter O for nought"),
        pytest.param("EHI 3DG", "EH1 3DG", id="letter I for one"),
        pytest.param("KYB 1AA", "KY8 1AA", id="letter B for eight"),
        pytest.param("EH6 SAB", "EH6 5AB", id="letter S for five"),
        pytest.param("EH6 5A8", "EH6 5AB", id="eight for letter B"),
    ],
)
def test_a_mistyped_postcode_is_offered_mended(typed: str, meant: str) -> None:
    assert postcode.parse(typed) is None
    assert postcode.looks_like(typed)
    assert meant in postcode.mended(typed)


@settings(deadline=None)
@given(UNITS, st.text(alphabet=" \t\n", max_size=3), st.booleans())
def test_case_and_blanks_change_nothing(unit: str, blanks: str, lower: bool) -> None:
    typed = blanks + unit.replace(" ", blanks) + blanks
    parsed = postcode.parse(typed.lower() if lower else typed)
    assert parsed is not None
    assert parsed.value == unit
    assert parsed.value.startswith(parsed.sector)
    assert parsed.sector.startswith(parsed.outcode)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_answered_without_a_log_line(text: str) -> None:
    seen: list[logging.LogRecord] = []

    class Catcher(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record)

    catcher = Catcher()
    logging.getLogger().addHandler(catcher)
    try:
        parsed = postcode.parse(text)
        offered = postcode.mended(text)
    finally:
        logging.getLogger().removeHandler(catcher)
    assert not seen
    assert parsed is None or postcode.parse(parsed.value) == parsed
    assert all(postcode.parse(option) for option in offered)


def test_no_area_is_both_in_scotland_and_outside() -> None:
    scottish = ("AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "TD", "ZE")
    assert not any(postcode.area_outside(area) for area in scottish)
    assert postcode.area_outside("CA") == postcode.PostcodeArea("CA", "Carlisle", "England")
    assert postcode.area_outside("ZZ") is None
