"""What a folded document may say when a place is withheld: never what another row knows of it (matching.md)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from directory.search.telling import Telling


@dataclass(frozen=True, slots=True)
class Route:
    """How a withheld service of some families is reached; `source` says where the number was read."""

    families: frozenset[str]
    note: str
    source: str


ROUTES = (
    Route(
        frozenset({"domestic_abuse", "rape_crisis", "housing"}),
        "Address and number withheld. Reach it through Scotland's Domestic Abuse and Forced Marriage Helpline,"
        " 0800 027 1234.",
        "fact f182 of the starter directory, read on several public pages (Scottish Women's Aid)",
    ),
    Route(
        frozenset({"exploitation"}),
        "Address and number withheld. Reach it through the Modern Slavery and Exploitation Helpline, 08000 121 700.",
        "fact f309 of the starter directory, read on several public pages (mygov.scot)",
    ),
)
OTHER_ROUTE = "Withheld by the regulator: ask the council's social work service."


def route(families: Sequence[str]) -> str:
    """The way to a withheld service, by the first of its families that has one; main family first."""
    for family in families:
        for known in ROUTES:
            if family in known.families:
                return known.note
    return OTHER_ROUTE


def place_words(tellings: Iterable[Telling]) -> tuple[str, ...]:
    """Everything these rows know that would lead to the door: longest first, so that no end of one is left."""
    found: set[str] = set()
    for row in tellings:
        place = row.premises
        found |= {place.address_1, place.address_2, place.city, place.postal_code, row.phone}
        found |= {row.text_or_chat, place.postal_code.partition(" ")[0]}
        for address in (row.url, row.source_url):
            found |= {address, re.sub(r"^https?://(www\.)?", "", address).rstrip("/")}
        found |= {part.strip() for part in place.address_1.split(",")}
    return tuple(sorted((word for word in found if word.strip()), key=lambda word: (-len(word), word)))


def scrub(text: str, words: Iterable[str]) -> str:
    """The text without these words, however they are spaced or written in capitals."""
    for word in words:
        text = _pattern(word).sub("(withheld)", text)
    return text


def holds(text: str, words: Iterable[str]) -> bool:
    """Whether a text has one of these words in it."""
    return any(_pattern(word).search(text) for word in words)


def _pattern(word: str) -> re.Pattern[str]:
    bare = re.sub(r"[\s\-]+", "", word) or word
    letters = r"[\s\-]*".join(re.escape(letter) for letter in bare)
    before = r"(?<!\w)" if bare[0].isalnum() else ""
    after = r"(?!\w)" if bare[-1].isalnum() else ""
    return re.compile(before + letters + after, re.IGNORECASE)
