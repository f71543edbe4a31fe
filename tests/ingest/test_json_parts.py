"""JSON that is odd, broken or made to break us: each item refused with the reason, and the rest read."""

import json
import resource
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import UnusableFile
from ingest import json_parts
from ingest.material import Part
from tests.ingest.hsds_shapes import part_of


def items(folder: Path, data: bytes | Any) -> list[json_parts.Item]:
    return list(json_parts.read(part_of(folder, data)).items())


def test_a_bare_list_a_page_and_one_object(tmp_path: Path) -> None:
    bare = json_parts.read(part_of(tmp_path, [{"id": 1}, {"id": 2}]))
    assert (bare.paged, len(bare), [item.value for item in bare.items()]) == (False, 2, [{"id": 1}, {"id": 2}])
    page = json_parts.read(part_of(tmp_path, {"contents": [{"id": 1}], "last_page": True, "total_pages": 3}))
    assert (page.paged, dict(page.head), len(page)) == (True, {"last_page": True, "total_pages": 3}, 1)
    alone = json_parts.read(part_of(tmp_path, {"id": 1, "phones": [1]}))
    assert [item.value for item in alone.items()] == [{"id": 1, "phones": [1]}]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        pytest.param(b'{"a":1,"a":2}', "two fields of the same name", id="a field twice"),
        pytest.param(b'{"a":{"b":1,"b":1}}', "two fields of the same name", id="a field twice, further in"),
        pytest.param(b'{"a":NaN}', "no number of JSON", id="NaN"),
        pytest.param(b'{"a":-Infinity}', "no number of JSON", id="Infinity"),
        pytest.param(b'{"a":1e400}', "too large", id="1e400"),
        pytest.param(b'{"a":' + b"9" * 5_000 + b"}", "too many digits", id="5,000 digits"),
        pytest.param(b'{"a":"\\ud800"}', "half of a pair", id="a lone surrogate"),
        pytest.param(b'{"\\udfff":1}', "half of a pair", id="a lone surrogate in a name"),
        pytest.param(b'{"a":"x\\u0000y"}', "NUL", id="NUL"),
        pytest.param(b'{"a":"\xff"}', "not UTF-8", id="not UTF-8"),
        pytest.param(b"[" * 65 + b"]" * 65, "deeper than 64", id="65 levels"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, "deeper than 64", id="100,000 levels"),
        pytest.param(b'{"a":' * 70 + b"1" + b"}" * 70, "deeper than 64", id="70 objects"),
        pytest.param(b"{a: 1}", "not JSON", id="names without quotation marks"),
        pytest.param(b"", "not JSON", id="nothing between two commas"),
        pytest.param(b"01", "not JSON", id="a leading nought"),
        pytest.param(b'{"a":1]', "not JSON", id="brackets that do not fit"),
        pytest.param(b'"' + b"x" * (json_parts.LONGEST_ITEM + 1) + b'"', "longer than 5 MB", id="6 MB of text"),
    ],
)
def test_an_odd_item_is_refused_and_its_neighbours_are_read(tmp_path: Path, item: bytes, reason: str) -> None:
    first, odd, last = items(tmp_path, b'[{"id":1},' + item + b',{"id":2}]')
    assert (first.value, last.value) == ({"id": 1}, {"id": 2})
    assert odd.value is None
    assert reason in odd.problem


def test_64_levels_are_read(tmp_path: Path) -> None:
    (item,) = items(tmp_path, b"[" + b"[" * 64 + b"]" * 64 + b"]")
    assert not item.problem


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \n ", "empty", id="blank"),
        pytest.param(b"<html></html>", "no list and no object", id="a page for people"),
        pytest.param(b'"words"', "no list and no object", id="a text"),
        pytest.param(b'[{"a":1}', "cut short", id="cut between items"),
        pytest.param(b'[{"a":"wor', "cut short", id="cut in a text of an item"),
        pytest.param(b'["wor', "no end", id="cut in a text"),
        pytest.param(b"[" * 300_000, "cut short", id="opened and never closed"),
        pytest.param(b"[1] [2]", "behind its end", id="two documents"),
        pytest.param(b"[1}", "do not fit", id="closed by the wrong bracket"),
        pytest.param(b'{"contents":[1] 2}', "behind its list", id="a word behind the list"),
        pytest.param(b'{"contents":[],"data":[]}', "two lists", id="two lists"),
        pytest.param(b'{"contents":[],"total":1,"total":2}', "two fields", id="a field of the page twice"),
        pytest.param(b'{"contents":[],"total":1e999}', "too large", id="a number of the page too large"),
        pytest.param(b"{meta: {}, data: 1}", "not JSON", id="names without quotation marks"),
        pytest.param('["ä"]'.encode("utf-16"), "not UTF-8", id="UTF-16"),
        pytest.param(b"[" + b"0," * 100_000 + b"0]", "more than 100,000", id="100,001 items"),
        pytest.param(b'{"id":"' + b"x" * 10 + b'\xff"}', "not UTF-8", id="one object, not UTF-8"),
    ],
)
def test_a_part_that_cannot_be_used_is_refused_whole(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(UnusableFile, match=reason) as error:
        json_parts.read(part_of(tmp_path, data, "page 7"))
    assert "page 7" in error.value.message
    assert error.value.advice


def test_a_byte_order_mark_of_utf_8_is_no_reason_to_refuse_a_feed(tmp_path: Path) -> None:
    assert items(tmp_path, b"\xef\xbb\xbf[1]")[0].value == 1


def test_100_000_items_are_read_one_at_a_time(tmp_path: Path) -> None:
    data = b"[" + b",".join([b'{"id":"x","name":"A service with a name of some length"}'] * 100_000) + b"]"
    document = json_parts.read(part_of(tmp_path, data))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for item in document.items() if item.value["id"] == "x") == 100_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values=st.lists(JSON, max_size=5), indent=st.sampled_from([None, 1]))
def test_what_json_can_say_comes_back_as_it_was(tmp_path_factory: Any, values: list[Any], indent: int | None) -> None:
    path = tmp_path_factory.getbasetemp() / "round.json"
    path.write_text(json.dumps(values, indent=indent), encoding="utf-8")
    read = list(json_parts.read(Part("page", path)).items())
    assert [item.number for item in read] == list(range(1, len(values) + 1))
    for item, value in zip(read, values, strict=True):
        assert item.problem or item.value == value
        assert not item.problem or "\\u0000" in json.dumps(value) or "\\ud" in json.dumps(value)


@given(data=st.binary(max_size=200))
def test_no_bytes_break_it(tmp_path_factory: Any, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(b"[" + data)
    with suppress(UnusableFile):
        assert all(item.problem or item.value is not ... for item in json_parts.read(Part("page", path)).items())
