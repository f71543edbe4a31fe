"""Takes off a name what registers add to it, so that two sources' words for one service or group meet.

`key` is for names that must be equal; `wording` for comparing names that are alike (`ingest.likeness`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from directory.places.reading import fold
from ingest.name_words import (
    COMPASS,
    KINDS,
    NUMBERS,
    PART_OF_A_COUNTY,
    PEOPLE,
    PLAIN,
    SHORTEST,
    SMALL,
    SORTS,
    WOMENS_AID_WORD,
    area_words,
    is_mark,
)

LEGAL_FORMS = re.compile(
    r"\b(?:a )?(?:scottish charitable incorporated organi[sz]ation|(?:an )?incorporated association"
    r"|company limited by guarantee|scio|limited|ltd|cic|plc)\b"
)
REGISTERED_AS = re.compile(
    r"\b(?:housing support unit|housing support service|housing support|support service|day care of children)\b"
)
"""How the Care Inspectorate's register names the part of a group that it inspects."""
BRACKETS = re.compile(r"\([^)]*\)")
WOMENS_AID = re.compile(r"\bwom[ae]ns aid\b")
YOUNG_PEOPLE = re.compile(r"\byoung (?:people|person)s?\b")
TRADING = re.compile(r"\b(?:trading as|t a|known as|formerly|operating as)\b")

ALIKE = 88
"""Of 100: two words of five letters or more that are so alike are one word with a slip, or its plural."""
LONG = 5
KEPT = 4_000
"""Names and words whose reading is remembered: those of a batch of pairs, and not those of a whole list."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A name in words, legal forms, kinds of service and abbreviations taken off; words in the name's order."""

    words: tuple[str, ...]
    providers: tuple[tuple[str, ...], ...]
    """The names of its provider ("… trading as …" are two); none when it is not known."""
    initials: frozenset[str]
    """First letters of the whole name in a row, with and without small words and the area's behind it."""
    of_provider: frozenset[str]
    """The same of the provider's."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two names beside each other: words that both have, and words that only one has."""

    shared: frozenset[str]
    left: frozenset[str]
    right: frozenset[str]


@lru_cache(maxsize=KEPT)
def key(name: str) -> str:
    """What is left of a name to compare by: "The Foo Women's Aid (FWA) Ltd - Housing Support Unit" → "foo womens aid".

    A name made of nothing but such words keeps them.
    """
    whole = fold(name)
    short = fold(BRACKETS.sub(" ", name))
    short = REGISTERED_AS.sub(" ", LEGAL_FORMS.sub(" ", short))
    short = WOMENS_AID.sub("womens aid", " ".join(short.split())).removeprefix("the ")
    return short or whole


@lru_cache(maxsize=KEPT)
def wording(name: str, provider: str) -> Wording:
    """A name beside its provider's ("" when that is not known)."""
    said, of = tokens(name), tokens(provider)
    if said and said[-1] in NUMBERS:
        said[-1] = NUMBERS[said[-1]]
    whole = [word for word in said if word not in PLAIN]
    telling = [word for word in whole if not _short_for(word, of, said)] or whole
    parts = [tokens(part) for part in TRADING.split(fold(provider))]
    theirs = [tuple(word for word in part if word not in PLAIN) for part in parts]
    return Wording(tuple(telling), tuple(filter(None, theirs)), _initials(name), _initials(provider))


def _initials(name: str) -> frozenset[str]:
    words = tokens(BRACKETS.sub(" ", name))
    at = next((at for at, word in enumerate(words) if word in area_words()), len(words))
    said = (words, words[:at])
    letters = {"".join(word[0] for word in each if word not in less) for each in said for less in ((), SMALL)}
    return frozenset(each for each in letters if len(each) >= SHORTEST)


def brackets_part(one: str, other: str) -> bool:
    """Whether both names end in brackets that part them, as "Secure Services (Howdenhall)" and "(St Katharine's)"."""
    if "(" not in one or "(" not in other:
        return False
    left, right = (
        {word for part in BRACKETS.findall(name) for word in fold(part).split()} - PLAIN - KINDS
        for name in (one, other)
    )
    return bool(left and right) and not left & right and not TRADING.search(fold(f"{one} {other}"))


def is_short_for(one: Wording, other: Wording) -> bool:
    """Whether one name is an abbreviation of the other: "SAMH" of "Scottish Action for Mental Health"."""
    return _is_short(one.words, other.initials) or _is_short(other.words, one.initials)


def meet(one: Sequence[str], other: Sequence[str]) -> Meeting:
    """Which words of two names answer each other, slips, plurals and lost blanks forgiven."""
    left, right = joined_up(one, other), joined_up(other, one)
    only_left = frozenset(word for word in left if not _in(word, right))
    only_right = frozenset(word for word in right if not _in(word, left))
    return Meeting(frozenset(left) - only_left | frozenset(right) - only_right, only_left, only_right)


def one_provider(one: Wording, other: Wording) -> bool | None:
    """Whether two rows have one provider; None when a provider is not known and the other row does not name it."""
    pairs = [(first, second) for first in one.providers for second in other.providers]
    if any(_begins(*pair) or _begins(*reversed(pair)) for pair in pairs) or _is_initialed(one, other):
        return True
    named = any(
        (len(theirs) > 1 and len(words) > 1 and (_begins(theirs, words) or _begins(words, theirs)))
        if pairs  # one word of a name is no provider's
        else (_begins(theirs, words) or _stands_in(theirs, words))
        for words, providers in ((one.words, other.providers), (other.words, one.providers))
        for theirs in providers
    )
    return True if named else (False if pairs else None)


def _is_initialed(one: Wording, other: Wording) -> bool:
    """Whether a provider is called by its letters on one side, by name if none is said, and in full on another."""
    return any(
        _is_short(words, full.of_provider)
        for short, full in ((one, other), (other, one))
        for words in short.providers or (short.words,)
    )


def _is_short(words: Sequence[str], initials: frozenset[str]) -> bool:
    """ "WRASAC Dundee" for a name of six such letters."""
    telling = [word for word in words if word not in area_words()]
    return len(telling) == 1 and telling[0] in initials


def _begins(whole: Sequence[str], short: Sequence[str]) -> bool:
    """Whether a name begins with another, areas aside, and no area contradicts: there is many a "Women's Aid"."""
    areas_of = (set(whole) & area_words(), set(short) & area_words())
    bare = [[word for word in words if word not in area_words()] for words in (whole, short)]
    if all(areas_of) and not (areas_of[0] <= areas_of[1] or areas_of[1] <= areas_of[0]):
        return False
    if set(whole) & SORTS != set(short) & SORTS:
        return False
    if set(bare[0]) <= COMPASS or set(bare[1]) <= COMPASS:
        return set(bare[0]) == set(bare[1]) and bool(areas_of[0] & areas_of[1])
    left, right = joined_up(bare[0], bare[1]), joined_up(bare[1], bare[0])
    if len(right) == 1 < len(left) and len(right[0]) < SHORTEST:
        return False
    return len(right) <= len(left) and all(_in(word, [at]) for word, at in zip(right, left, strict=False))


def _stands_in(provider: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a provider's name stands somewhere in a service's: "Longstone Centre - City of Edinburgh Council"."""
    said = joined_up(words, provider)
    size = len(provider)
    return any(_begins(said[at : at + size], provider) for at in range(len(said) - size + 1))


def without(wording: Wording, words: frozenset[str]) -> Wording:
    """The name without these words, unless they are all it says."""
    kept = tuple(word for word in wording.words if word not in words)
    return replace(wording, words=kept) if kept else wording


def bare(wording: Wording, words: frozenset[str]) -> Wording:
    """The name and its provider's without some words, where they say more than those and areas."""

    def less(said: tuple[str, ...]) -> tuple[str, ...]:
        kept = tuple(each for each in said if each not in words)
        return kept if set(kept) - area_words() - COMPASS - PEOPLE else said

    providers = tuple(map(less, wording.providers)) if WOMENS_AID_WORD in words else wording.providers
    return replace(wording, words=less(wording.words), providers=providers)


def tokens(name: str) -> list[str]:
    """The words of a name, without legal forms and what the register adds; never none of a name that has any."""
    plain = REGISTERED_AS.sub(" ", LEGAL_FORMS.sub(" ", TRADING.sub(" ", fold(name))))
    plain = PART_OF_A_COUNTY.sub(r"\1\2", YOUNG_PEOPLE.sub("youth", " ".join(plain.split())))
    return WOMENS_AID.sub(WOMENS_AID_WORD, plain).split() or fold(name).split()


def _short_for(word: str, *names: Sequence[str]) -> bool:
    """ "cnes" of "comhairle nan eilean siar": an abbreviation says nothing that the whole name does not."""
    letters = ("".join(each[0] for each in words if len(each) > 1 and each != word) for words in names)
    return len(word) > 2 and any(word in said for said in letters)


def _in(word: str, words: Sequence[str]) -> bool:
    if word in words:
        return True
    short = stem(word)
    return any(short == stem(other) or _slipped(word, other) for other in words)


def _slipped(one: str, other: str) -> bool:
    if min(len(one), len(other)) < LONG or is_mark(one) or is_mark(other):
        return False
    if one in area_words() and other in area_words():
        return False
    return fuzz.ratio(one, other) >= ALIKE or (sorted(one) == sorted(other) and OSA.distance(one, other) == 1)


@lru_cache(maxsize=KEPT)
def stem(word: str) -> str:
    """A word without the ending of a plural or of "homelessness"."""
    for ending in ("ness", "s"):
        if len(word) - len(ending) >= 4 and word.endswith(ending):
            return word.removesuffix(ending)
    return word


def joined_up(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """ "key moves" beside "keymoves" is one word."""
    found: list[str] = []
    at = 0
    while at < len(words):
        both = "".join(words[at : at + 2]) if at + 1 < len(words) else ""
        found.append(both if both in others else words[at])
        at += 2 if both and both in others else 1
    return found
