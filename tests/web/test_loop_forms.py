"""What forms of the loop send, read: every odd value is an answer at its field, never a fault."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from starlette.datastructures import FormData

from directory.errors import BadInput
from web.loop_forms import hour, moment, texts, whole_day


@pytest.mark.parametrize(
    ("read", "text"),
    [
        pytest.param(moment, "9999-12-31T23:59-05:00", id="a moment past the end of time"),
        pytest.param(moment, "0001-01-01T00:00+05:00", id="a moment before its beginning"),
        pytest.param(moment, "tomorrow", id="a moment in words"),
        pytest.param(hour, "0" * 5000, id="an hour without end"),
        pytest.param(hour, "25", id="an hour of another planet"),
        pytest.param(hour, "-1", id="an hour before midnight"),
        pytest.param(whole_day, "31/11/2026", id="a day that November has not"),
        pytest.param(whole_day, "4/12/26", id="a year of two figures"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(read: Callable[[str, str], object], text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text, "when")
    assert refused.value.field == "when"


def test_a_moment_is_local() -> None:
    assert moment("2026-07-01T14:30", "when") == datetime(2026, 7, 1, 13, 30, tzinfo=UTC)


def test_several_of_one_name_are_joined_without_what_no_text_can_hold() -> None:
    assert texts(FormData([("id", "a\0"), ("id", "b\0"), ("id", "c")])) == {"id": "a|b|c"}
