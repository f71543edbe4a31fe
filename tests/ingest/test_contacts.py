"""Phone numbers and words as sources write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.places import giveaways
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
    assert giveaways.tells_a_place(f"Refuge {words}")


@pytest.mark.parametrize("words", ["Support for ages 12 to 18", "Open 24 hours", "One of 32 councils", "since 1998"])
def test_words_that_tell_none(words: str) -> None:
    assert not giveaways.tells_a_place(words)


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("", ""), ("www.club.example", "http://www.club.example"), ("https://a.example/b", "https://a.example/b"),
     ("none", None), ("javascript:alert(1)", None), ("http://user@club.example", None), ("http://[bad", None)],
)  # fmt: skip
def test_url(cell: str, kept: str | None) -> None:
    assert contacts.url(cell) == kept


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        pytest.param(" www.club.example ", "http://www.club.example", id="blanks around"),
        pytest.param("http//www.club.example", "http://www.club.example", id="no colon"),
        pytest.param("http;//club.example", "http://club.example", id="the key beside it"),
        pytest.param("htp://club.example", "http://club.example", id="a letter short"),
        pytest.param("http:\\\\club.example", "http://club.example", id="strokes the other way"),
        pytest.param("http://https://club.example", "https://club.example", id="twice"),
        pytest.param("www,club.example", "http://www.club.example", id="a comma for a stop"),
        pytest.param("www.club.example.", "http://www.club.example", id="a stop behind"),
        pytest.param("https://club.example./a", "https://club.example/a", id="a stop behind the host"),
        pytest.param("www.club.example\nwww.other.example", "http://www.club.example", id="two lines"),
        pytest.param("www.club.example, www.other.example", "http://www.club.example", id="a list"),
        pytest.param("Website: club.example/a for more", "http://club.example/a", id="amid words"),
        pytest.param('<a href="https://club.example/a">Club</a>', "https://club.example/a", id="a link"),
        pytest.param("club.example:8080/a", "http://club.example:8080/a", id="a port"),
        pytest.param("Not yet.Coming soon", None, id="a stop in a sentence"),
        pytest.param("http://192.0.2.1/a", None, id="a machine's number"),
        pytest.param("http://[2001:db8::1]/", None, id="a long one"),
        pytest.param("http://3221225985/", None, id="a number in disguise"),
        pytest.param("http://0x7f.1/", None, id="a number in sixteens"),
        pytest.param("http://localhost/", None, id="this machine"),
        pytest.param("http://printer.local/", None, id="a house's own machine"),
        pytest.param("http://user:word@club.example/", None, id="a user's name"),
        pytest.param("http://club.example@192.0.2.1/", None, id="a host that is none"),
        pytest.param("http://club.example:99999/", None, id="no such port"),
        pytest.param("ftp://club.example/a", None, id="another scheme"),
        pytest.param("data:text/html,x", None, id="a page in an address"),
        pytest.param("info@club.example", None, id="a mailbox"),
        pytest.param("TBC", None, id="to be said"),
    ],
)
def test_url_mended_or_refused(cell: str, kept: str | None) -> None:
    assert contacts.url(cell) == kept


@given(st.text(max_size=80) | st.text(alphabet="htps:/w.@a1[]?#\\ ,", max_size=40))
def test_an_address_is_of_the_web_and_stays_as_it_is(cell: str) -> None:
    found = contacts.url(cell)
    if found:
        assert found.startswith(("http://", "https://"))
        assert "@" not in found.split("/")[2]
        assert contacts.url(found) == found


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        pytest.param("SC012345", "SC012345", id="as the register writes it"),
        pytest.param("SCO12345", "SC012345", id="the letter O"),
        pytest.param("sc 012345", "SC012345", id="small, a blank"),
        pytest.param("SC0 12345", "SC012345", id="a blank within"),
        pytest.param("Scottish Charity No. SC012345", "SC012345", id="words before"),
        pytest.param("Scottish Charity No: 012345", "SC012345", id="said to be Scottish"),
        pytest.param("SC12345", "SC012345", id="the nought left out"),
        pytest.param("charity no 012345", "", id="of which register is not said"),
        pytest.param("1234567", "", id="England's"),
        pytest.param("SC01234", "", id="a digit short"),
        pytest.param("SC0123456", "", id="a digit too many"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_charity_number(cell: str, number: str) -> None:
    assert contacts.charity_number(cell) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("12 Harbour Row, Leith EH6 5QG", ("EH6 5QG", "12 Harbour Row, Leith"), id="in an address"),
        pytest.param("Leith, eh65qg", ("EH6 5QG", "Leith"), id="in a town"),
        pytest.param("EH6 5QG", ("EH6 5QG", ""), id="alone"),
        pytest.param("Flat G1 1st floor", ("", "Flat G1 1st floor"), id="a floor"),
        pytest.param("Unit A1 2AB", ("", "Unit A1 2AB"), id="no such letters"),
        pytest.param("Leith", ("", "Leith"), id="none"),
    ],
)
def test_postcode_in(text: str, found: tuple[str, str]) -> None:
    assert contacts.postcode_in(text) == found
