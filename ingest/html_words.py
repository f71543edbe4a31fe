"""Makes plain words of other people's HTML: no tag, script or hidden character reaches the record.

Tags are nh3's business (an allow-list parser); here its few allowed tags become lines.
"""

import html
import re
import unicodedata
from urllib.parse import urlsplit

import nh3

_BLOCKS = """
    address article aside blockquote br dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section
    table tbody td th thead tr ul
"""
BLOCKS = frozenset(_BLOCKS.split())
DROPPED = frozenset({"script", "style", "template", "iframe", "object", "noscript", "title", "head", "svg", "math"})
"""Tags that are dropped with everything in them."""
TAG = re.compile(r"</?[a-zA-Z!?]")
KEPT_TAG = re.compile(r"</?([a-z][a-z0-9]*)>")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
IN_ANGLES = re.compile(r"<((?:https?://|www\.)[^<>\s]+)>", re.IGNORECASE)
LINK = re.compile(r'<a href="([^"]*)"')
ROUNDS = 4
"""How often text that was made HTML twice over is unfolded before its signs are simply dropped."""
LONGEST = 50_000
"""Characters; what is behind them is not read."""
HANGING = " ,;:-–"


def plain(text: str) -> str:
    """The words of a text, HTML or not: a line for each block or list item, one blank between words, NFC.

    Holds no tag and no control, zero-width or direction character; doing it twice changes nothing; never raises.
    """
    text = _visible(text[:LONGEST])
    for _ in range(ROUNDS):
        before, text = text, _visible(_unfolded(text))
        if text == before:
            return text
    return _visible(text.replace("<", " ").replace("&", " "))


def links(text: str) -> tuple[str, ...]:
    """The web addresses that a text's HTML links to, each once, in order; only http and https ones."""
    kept = nh3.clean(
        text[:LONGEST], tags={"a"}, attributes={"a": {"href"}}, url_schemes={"http", "https"}, link_rel=None
    )
    found = (html.unescape(href).strip() for href in LINK.findall(kept))
    return tuple(dict.fromkeys(href for href in found if _is_web(href)))


def tidy(text: str) -> str:
    """One line, one blank between words, none before a comma or stop, nothing left hanging at the ends."""
    return _squeezed(" ".join(text.split())).strip(HANGING)


def tidy_lines(text: str) -> str:
    """As `tidy`, but lines stay; empty ones go."""
    lines = (_squeezed(" ".join(line.split())).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line).strip(HANGING + "\n")


def _squeezed(line: str) -> str:
    line = re.sub(r"\s*\(\s*\)", "", line)
    line = re.sub(r"\(\s+", "(", line)
    line = re.sub(r"\s+([,.;:)])", r"\1", line)
    line = re.sub(r"([,;:])(?:\s*[,;:])+", r"\1", line)
    return re.sub(r"\.(?:\s*\.)+", ".", line)


def _unfolded(text: str) -> str:
    """One layer of HTML taken off."""
    text = IN_ANGLES.sub(r" \1 ", text)
    if TAG.search(text):
        kept = nh3.clean(
            text, tags=set(BLOCKS), clean_content_tags=set(DROPPED), attributes={}, link_rel=None, strip_comments=True
        )
        if KEPT_TAG.search(kept):
            kept = KEPT_TAG.sub(_line, re.sub(r"\s+", " ", kept))
        text = kept
    return ENTITY.sub(lambda found: html.unescape(found.group()), text)


def _line(tag: re.Match[str]) -> str:
    if tag[1] in {"td", "th"}:
        return " "
    return "\n- " if tag.group() == "<li>" else "\n"


def _visible(text: str) -> str:
    """Only characters that can be seen, in NFC, with tidy blanks and lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if not text.isascii() or not text.replace("\n", "").isprintable():
        text = unicodedata.normalize("NFC", "".join(_seen(char) for char in text))
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line not in {"", "-"})


def _seen(char: str) -> str:
    if char == "\n" or " " <= char <= "~":
        return char
    category = unicodedata.category(char)
    if category in {"Zs", "Cc"}:
        return " " if char.isspace() else ""
    noncharacter = char == "\ufffd" or ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef"
    return "" if category in {"Cf", "Cs", "Co"} or noncharacter else char


def _is_web(href: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
