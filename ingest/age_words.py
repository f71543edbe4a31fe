"""Reads ages as people write them ("12-18", "under 16", "aged 18 and over", "all ages") into limits; what is not plain
stays unknown."""

import re

from directory.draft import AgeLimit
from directory.values import Known
from ingest.cells import OLDEST

LONGEST = 1_000
_YEAR = r"(\d{1,3})\s*(?:years?|yrs?|y/?o)?\s*(?:olds?|of age)?"
BETWEEN = re.compile(
    rf"(?<![\d.:/£])\b{_YEAR}\s*(?:-|–|—|\bto\b|\band\b)\s*(\d{{1,3}})(\s*\+)?"
    r"(?![\d.:/%]|\s*(?:am|pm|hours?|weeks?|months?|days?|minutes?|miles?)\b)",
    re.IGNORECASE,
)
UNDER = re.compile(r"\b(?:under|below|younger than)\s+(?:the age of\s+)?(\d{1,3})s?\b", re.IGNORECASE)
UP_TO = re.compile(
    r"\b(?:up to|until|maximum|no older than)\s+(?:the )?(?:age\s+)?(?:of\s+)?(\d{1,3})\b", re.IGNORECASE
)
FROM = re.compile(
    r"\b(?:over|from age|from the age of|aged? from|minimum age|at least)\s+(?:of\s+)?(?:the age of\s+)?(\d{1,3})s?\b"
    rf"|\b{_YEAR}\s*(?:\+|plus\b|(?:and|or|&)\s+(?:over|above|older|up|upwards)\b)",
    re.IGNORECASE,
)
ANY = re.compile(
    r"\b(?:all|any|every) ages?\b|\bpeople of (?:all|any) ages?\b|\bof any age\b|\bno age (?:limits?|restrictions?)\b"
    r"|^(?:any|anyone|everyone|all)$",
    re.IGNORECASE,
)
AGE_WORD = re.compile(
    r"\b(?:age[ds]?|years?|yrs?|olds?|y/?o|young|youth|children|child|adults?|over|under)\b", re.IGNORECASE
)


def read(text: str) -> AgeLimit:
    """The ages a text states; unknown when it states none, or more than one range."""
    said = " ".join(text[:LONGEST].split())
    found = {limit for limit in _limits(said) if limit}
    if not found and ANY.search(said):
        return AgeLimit(Known.NONE)
    if len(found) != 1:
        return AgeLimit()
    low, high = found.pop()
    return AgeLimit(Known.STATED, low, high)


def _limits(said: str) -> list[tuple[int | None, int | None]]:
    """Every range in a text, lowest and highest age."""
    found: list[tuple[int | None, int | None]] = []
    alone = bool(AGE_WORD.search(said)) or len(said) <= 8
    for each in BETWEEN.finditer(said):
        low, high = int(each[1]), int(each[2])
        if alone and low < high <= OLDEST:
            found.append((low, None if each[3] else high))
    rest = BETWEEN.sub(" ", said)
    found += [(None, int(each[1]) - 1) for each in UNDER.finditer(rest) if 0 < int(each[1]) <= OLDEST]
    found += [
        (None, int(each[1])) for each in UP_TO.finditer(rest) if 4 < int(each[1]) <= OLDEST and _is_age(each, rest)
    ]
    found += [(int(each[1] or each[2]), None) for each in FROM.finditer(rest) if 4 < int(each[1] or each[2]) <= OLDEST]
    return found


def _is_age(found: re.Match[str], said: str) -> bool:
    """ "up to 25" is an age; "up to 12 weeks" and "up to two years" are how long help lasts."""
    return not re.match(
        r"\s*(?:weeks?|months?|days?|hours?|sessions?|people|places|years?(?! old| of age))\b", said[found.end() :]
    )
