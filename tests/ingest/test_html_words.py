"""HTML of other people made plain words, whatever it holds."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.html_words import links, plain, tidy

MARKUP = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<br/>", "<li>", "<script>", "</script>", "<b", ">", "<", "&lt;", "&amp;", "&#x3c;", "&amp;lt;",
         "script", "a", " ", "\n", "\u200b", "\u202e", "\x00", "é", "e\u0301", "<!--", "-->", "<![CDATA[", "&nbsp;",
         "&", ";", "style=", '"', "lt;", "<svg>", "<a href='javascript:x'>", "- "]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("html", "words"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("No HTML here,  only words", "No HTML here, only words", id="words"),
        pytest.param("One\r\nTwo\r\n\r\nThree", "One\nTwo\nThree", id="lines of plain text stay"),
        pytest.param("<p>One\nline</p><p>Two</p>", "One line\nTwo", id="paragraphs are lines"),
        pytest.param("One<br>Two<br />Three", "One\nTwo\nThree", id="breaks are lines"),
        pytest.param("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two", id="lists"),
        pytest.param('<a href="http://club.example">Club</a>', "Club", id="a link's words"),
        pytest.param("Bread &amp; roses", "Bread & roses", id="entity"),
        pytest.param("&lt;p&gt;Twice&lt;/p&gt;", "Twice", id="made HTML twice over"),
        pytest.param("Fish &amp;amp;amp; chips", "Fish & chips", id="made HTML four times over"),
        pytest.param("<script>alert(1)</script>Safe<style>p{}</style>", "Safe", id="scripts go whole"),
        pytest.param("<img src=x onerror=alert(1)>Safe", "Safe", id="an image"),
        pytest.param("<b>Bo</b>ld<!-- a note -->", "Bold", id="comment"),
        pytest.param("Ages <5 and >12 & more", "Ages <5 and >12 & more", id="signs that are no tags"),
        pytest.param("See <https://club.example/a>", "See https://club.example/a", id="an address in angles"),
        pytest.param("Safe\u202eelif\u200b\x00", "Safeelif", id="hidden characters"),
        pytest.param("Cafe\u0301", "Café", id="one spelling"),
        pytest.param("<table><tr><td>Mon</td><td>9am</td></tr></table>", "Mon 9am", id="table"),
    ],
)
def test_plain(html: str, words: str) -> None:
    assert plain(html) == words


@given(MARKUP | st.text(max_size=80))
def test_nothing_but_words_is_left(html: str) -> None:
    words = plain(html)
    assert plain(words) == words
    assert not re.search(r"</?[a-zA-Z!?]", words)
    assert all(char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"} for char in words)
    assert unicodedata.is_normalized("NFC", words)


@pytest.mark.parametrize(
    "html",
    ["<div>" * 50_000, "&amp;" * 40_000 + "lt;", "<" * 100_000, "<p " * 50_000, "&lt;" * 50_000, "<!--" * 50_000],
    ids=["nested", "folded", "angles", "unclosed", "entities", "comments"],
)
def test_a_text_made_to_be_slow_is_read(html: str) -> None:
    assert not re.search(r"</?[a-zA-Z!?]", plain(html))


def test_links() -> None:
    html = (
        '<a href="https://club.example/a?b=1&amp;c=2">A</a> <a href="javascript:alert(1)">B</a> <a href="/home">C</a>'
        '<a href="https://club.example/a?b=1&amp;c=2">again</a><a href="mailto:a@club.example">D</a>'
    )
    assert links(html) == ("https://club.example/a?b=1&c=2",)


@given(MARKUP)
def test_links_are_of_the_web(html: str) -> None:
    assert all(link.startswith(("http://", "https://")) for link in links(html))


@pytest.mark.parametrize(
    ("said", "left"),
    [("a ( ) b", "a b"), ("a , b ,, c", "a, b, c"), (", a ;", "a"), ("( at Home )", "(at Home)"), ("a. . b", "a. b")],
)
def test_tidy(said: str, left: str) -> None:
    assert tidy(said) == left
