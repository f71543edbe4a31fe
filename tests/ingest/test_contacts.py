"""Phone numbers and words as sources write them."""

import pytest

from ingest import contacts


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        pytest.param("01315 519 204", "0131 551 9204", id="badly spaced"),
        pytest.param("+44 131 551 9204", "0131 551 9204", id="international"),
        pytest.param("0131 554 1509/1844", "0131 554 1509", id="two numbers: the first"),
        pytest.param("0131 664 2210?", "0131 664 2210", id="a doubt behind it"),
        pytest.param("Tel: 0131 551 9204 (Jane Example)", "0131 551 9204", id="words beside it"),
        pytest.param("0131 551 9204, 0131 551 9205", "0131 551 9204", id="a list"),
        pytest.param("999", "999", id="emergency"),
        pytest.param("116 123", "116 123", id="short line"),
        pytest.param("0800 1111", "0800 1111", id="Childline"),
        pytest.param("", "", id="none"),
        pytest.param("12345", None, id="too short"),
        pytest.param("see website", None, id="words"),
        pytest.param("+33 1 42 68 53 00", None, id="abroad"),
    ],
)
def test_phone(cell: str, kept: str | None) -> None:
    assert contacts.phone(cell) == kept


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        pytest.param("Write to jane.example@club.example for a place", "Write to for a place", id="mailbox"),
        pytest.param("Youth club. Contact Jane Example.", "Youth club.", id="a person to ask for"),
        pytest.param("Led by Mrs Example, on Mondays", ", on Mondays", id="title"),
        pytest.param("BSL through Contact Scotland BSL", "BSL through Contact Scotland BSL", id="a service"),
        pytest.param("Contact Social Work first", "Contact Social Work first", id="a department"),
    ],
)
def test_nobody_is_named(words: str, kept: str) -> None:
    said = contacts.without_people(words)
    assert "Example" not in said
    assert "@" not in said
    assert said == contacts.tidy(kept)


def test_a_name_may_sound_like_a_call() -> None:
    assert contacts.plain_name("Call In Homecare  Ltd") == "Call In Homecare Ltd"


@pytest.mark.parametrize(
    "words",
    ["EH99 9ZZ", "eh999zz", "12 High Street", "call 0131 551 9204", "55.9533, -3.1883", "a@b.example", "www.b.org.uk"],
)
def test_words_that_tell_a_place(words: str) -> None:
    assert contacts.tells_a_place(f"Refuge {words}")


@pytest.mark.parametrize("words", ["Support for ages 12 to 18", "Open 24 hours", "One of 32 councils", "since 1998"])
def test_words_that_tell_none(words: str) -> None:
    assert not contacts.tells_a_place(words)


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("", ""), ("www.club.example", "http://www.club.example"), ("https://a.example/b", "https://a.example/b"),
     ("none", None), ("javascript:alert(1)", None), ("http://user@club.example", None), ("http://[bad", None)],
)  # fmt: skip
def test_url(cell: str, kept: str | None) -> None:
    assert contacts.url(cell) == kept
