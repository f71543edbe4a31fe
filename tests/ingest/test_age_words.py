"""Ages in words: what is plain is read, and nothing else is taken for an age."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.draft import AgeLimit
from directory.values import Known
from ingest import age_words

UNKNOWN = AgeLimit()


def ages(low: int | None, high: int | None) -> AgeLimit:
    return AgeLimit(Known.STATED, low, high)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12-18", ages(12, 18)), ("12 – 18", ages(12, 18)), ("12 to 18 years", ages(12, 18)),
        ("ages 12 and 18", ages(12, 18)), ("Young people aged 16 – 25", ages(16, 25)),
        ("16-30 yr olds who have been homeless", ages(16, 30)), ("Homeless persons aged 16-60+", ages(16, None)),
        ("under 16", ages(None, 15)), ("Under 12s", ages(None, 11)), ("up to age 19", ages(None, 19)),
        ("people over 65, including people with dementia", ages(65, None)), ("aged 16+", ages(16, None)),
        ("Anyone aged 18 and over", ages(18, None)), ("families aged 16 plus", ages(16, None)),
        ("16 or older", ages(16, None)), ("all ages", AgeLimit(Known.NONE)), ("Anyone", AgeLimit(Known.NONE)),
        ("people with dementia of any age", AgeLimit(Known.NONE)), ("", UNKNOWN), ("Young people", UNKNOWN),
        ("5-11 and 12-18", UNKNOWN), ("Mon-Fri, 9-5", UNKNOWN), ("open 9am to 17.30", UNKNOWN),
        ("3 or more significant barriers", UNKNOWN), ("support for up to 12 weeks", UNKNOWN),
        ("people for up to two years", UNKNOWN), ("0131 229 3555", UNKNOWN), ("200-300", UNKNOWN),
        ("18-12", UNKNOWN), ("24/7", UNKNOWN), ("£16-25 an hour", UNKNOWN),
    ],
)  # fmt: skip
def test_ages(text: str, expected: AgeLimit) -> None:
    assert age_words.read(text) == expected


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    found = age_words.read(text)
    assert found.minimum is None or found.maximum is None or found.minimum <= found.maximum
