"""Takes off a name what registers add to it, so that two sources' words for one service or group meet.

`key` is for names that must be equal; `wording` for comparing names that are alike (`ingest.likeness`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz

from directory.places import areas
from directory.places.reading import fold

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
TRADING = re.compile(r"\b(?:trading as|t a|known as|formerly|operating as)\b")

PLAIN = frozenset(
    fold("""
    a an and at by for from in of on or the to with de s
    accommodation advice aid association body care carers centre center centres charity club co college community
    company council day development district domiciliary education group helpline help high home homecare homes hostel
    house housing hub ltd line local national office options organisation organization outreach partnership primary
    private project projects provision registered residential scheme school scotland scottish secondary service services
    social society special support supported team trust uk union unit units visiting work
    academy city gaelic living nursery rc sheltered
    """).split()
)
"""Words of a name that do not say which service of many it is."""

SMALL = frozenset(["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with"])
SHORTEST = 4
"""Letters of an abbreviation that can be told from chance."""
PEOPLE = frozenset(
    fold("""
    adult adults baby babies boy boys child children childrens elderly families family female girls
    learning male men mens older parents person persons young younger youth women womens
    """).split()
)
"""Words that say for whom: a service for young people is another than the same charity's for everybody."""

COMPASS = frozenset(
    fold(
        "north south east west central northern southern eastern western northeast northwest southeast southwest"
    ).split()
)
SORTS = frozenset({"womensaid", "rape", "camhs", "nhs", "ymca", "police"})
"""Words that part bodies of one place: "Lochaber Women's Aid" is not "Lochaber Community Care"."""
REGIONS = frozenset(
    {
        "ayrshire", "lothian", "lothians", "lanarkshire", "dunbartonshire", "tayside", "grampian", "strathclyde",
        "borders", "highlands",
    }
)  # fmt: skip
NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7",
}  # fmt: skip
"""Last words of a name that are numbers, as of "Group One"."""
MARK = re.compile(r"\d+[a-z]{0,2}|[a-rt-z]\d*|[a-rt-z]")
"""Digits and single letters, as of "Branch 4" or "Service B"; a lone s is what an apostrophe left."""
ALIKE = 88
"""Of 100: two words of five letters or more that are so alike are one word with a slip, or its plural."""
LONG = 5


@dataclass(frozen=True, slots=True)
class Wording:
    """A name in words, legal forms, kinds of service and abbreviations taken off; words in the name's order."""

    words: tuple[str, ...]
    providers: tuple[tuple[str, ...], ...]
    """The names of its provider ("… trading as …" are two); none when it is not known."""
    initials: tuple[str, ...]
    """First letters of the whole name and of the provider's, with and without small words, in a row."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two names beside each other: words that both have, and words that only one has."""

    shared: frozenset[str]
    left: frozenset[str]
    right: frozenset[str]


@lru_cache(maxsize=100_000)
def key(name: str) -> str:
    """What is left of a name to compare by: "The Foo Women's Aid (FWA) Ltd - Housing Support Unit" → "foo womens aid".

    A name made of nothing but such words keeps them.
    """
    whole = fold(name)
    short = fold(BRACKETS.sub(" ", name))
    short = REGISTERED_AS.sub(" ", LEGAL_FORMS.sub(" ", short))
    short = WOMENS_AID.sub("womens aid", " ".join(short.split())).removeprefix("the ")
    return short or whole


@lru_cache(maxsize=200_000)
def wording(name: str, provider: str) -> Wording:
    """A name beside its provider's ("" when that is not known)."""
    said, of = _tokens(name), _tokens(provider)
    if said and said[-1] in NUMBERS:
        said[-1] = NUMBERS[said[-1]]
    telling = [word for word in said if word not in PLAIN and not _short_for(word, of, said)]
    parts = [_tokens(part) for part in TRADING.split(fold(provider))]
    theirs = [tuple(word for word in part if word not in PLAIN) for part in parts]
    whole = (said, [word for word in said if word not in SMALL], of, [word for word in of if word not in SMALL])
    initials = tuple("".join(word[0] for word in words) for words in whole)
    return Wording(tuple(telling), tuple(filter(None, theirs)), initials)


def is_short_for(one: Wording, other: Wording) -> bool:
    """Whether one name is an abbreviation of the other: "SAMH" of "Scottish Action for Mental Health"."""
    return any(
        len(words) == 1 and len(words[0]) >= SHORTEST and words[0] in initials
        for words, initials in ((one.words, other.initials), (other.words, one.initials))
    )


def meet(one: Sequence[str], other: Sequence[str]) -> Meeting:
    """Which words of two names answer each other, slips, plurals and lost blanks forgiven."""
    left, right = joined_up(one, other), joined_up(other, one)
    only_left = frozenset(word for word in left if not _in(word, right))
    only_right = frozenset(word for word in right if not _in(word, left))
    return Meeting(frozenset(left) - only_left | frozenset(right) - only_right, only_left, only_right)


def one_provider(one: Wording, other: Wording) -> bool | None:
    """Whether two rows have one provider; None when a provider is not known and the other row does not name it."""
    pairs = [(first, second) for first in one.providers for second in other.providers]
    if any(_begins(*pair) or _begins(*reversed(pair)) for pair in pairs):
        return True
    named = any(
        (len(theirs) > 1 and len(words) > 1 and (_begins(theirs, words) or _begins(words, theirs)))
        if pairs  # one word of a name is no provider's
        else (_begins(theirs, words) or _stands_in(theirs, words))
        for words, providers in ((one.words, other.providers), (other.words, one.providers))
        for theirs in providers
    )
    return True if named else (False if pairs else None)


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
    return len(right) <= len(left) and all(_in(word, [at]) for word, at in zip(right, left, strict=False))


def _stands_in(provider: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a provider's name stands somewhere in a service's: "Longstone Centre - City of Edinburgh Council"."""
    said = joined_up(words, provider)
    size = len(provider)
    return any(_begins(said[at : at + size], provider) for at in range(len(said) - size + 1))


def is_mark(word: str) -> bool:
    """Whether a word tells one branch from another: a number, a letter, a compass point."""
    return bool(MARK.fullmatch(word)) or word in COMPASS


@lru_cache(maxsize=1)
def area_words() -> frozenset[str]:
    """Words of the names of council areas and regions: one provider's services are named by them."""
    said = {word for council in areas.councils() for name in areas.names(council) for word in fold(name).split()}
    return frozenset(said - PLAIN - COMPASS | REGIONS)


@lru_cache(maxsize=64)
def council_words(gss: str) -> frozenset[str]:
    """Words of a council area's names, but for compass points: North Ayrshire is also a part of Ayrshire."""
    said = {word for name in areas.names(areas.council(gss)) for word in fold(name).split()}
    return frozenset(said - PLAIN - COMPASS)


def without(wording: Wording, words: frozenset[str]) -> Wording:
    """The name without these words, unless they are all it says."""
    kept = tuple(word for word in wording.words if word not in words)
    return replace(wording, words=kept) if kept else wording


def _tokens(name: str) -> list[str]:
    plain = REGISTERED_AS.sub(" ", LEGAL_FORMS.sub(" ", TRADING.sub(" ", fold(name))))
    return WOMENS_AID.sub("womensaid", " ".join(plain.split())).split() or fold(name).split()


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
    return fuzz.ratio(one, other) >= ALIKE


@lru_cache(maxsize=100_000)
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
