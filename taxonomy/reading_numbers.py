"""Whole numbers in digits or words, and two of them said together ("13-14", "12 and 13 year olds")."""

from taxonomy.tokens import Tokens
from taxonomy.word_sets import words_of

UNITS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS_IN_ORDER = "twenty thirty forty fifty sixty seventy eighty ninety"
DECADES_IN_ORDER = "twenties thirties forties fifties sixties seventies eighties nineties"
SCOTS = {
    "wan": 1, "twa": 2, "thrie": 3, "fower": 4, "sax": 6, "seeven": 7, "aicht": 8, "eleeven": 11, "twal": 12,
    "twalve": 12, "fowerteen": 14, "saxteen": 16, "seeventeen": 17, "auchteen": 18,
}  # fmt: skip
NUMBERS = {word: number for number, word in enumerate(UNITS.split(), start=1)} | SCOTS
TENS = {word: number for number, word in enumerate(TENS_IN_ORDER.split(), start=2)}
DECADES = {word: number for number, word in enumerate(DECADES_IN_ORDER.split(), start=2)}
NAMED_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}
ORDINALS = NAMED_ORDINALS | {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "6th": 6}
PLURALS = words_of("plurals")
BEFORE_TWO = frozenset({"of", "aged", "both"})
"""Before "12 and 13" when both are ages."""
FURTHEST = 12
"""Years that two ages of one group may lie apart."""


def number_at(words: list[str], index: int) -> tuple[int, int] | None:
    """A whole number in digits or words, as (number, index after it); none past the text's end."""
    if index >= len(words):
        return None
    word = words[index]
    if word.isdigit() and word.isascii():
        return (int(word), index + 1) if len(word) <= 3 else None
    if word in NUMBERS:
        return NUMBERS[word], index + 1
    if word in TENS:
        after = NUMBERS.get(words[index + 1], 0) if index + 1 < len(words) else 0
        return (TENS[word] * 10 + after, index + 2) if 0 < after < 10 else (TENS[word] * 10, index + 1)
    return None


def second_of_two(tokens: Tokens, words: list[str], start: int, end: int) -> tuple[int, int] | None:
    """The higher number of two, the first of which is words `start` to `end`, as (number, index after it)."""
    number = number_at(words, start)
    if number is None or end >= len(words) or (end + 1 >= len(words) and not is_hyphen(tokens, end)):
        return None
    joined = words[end]
    before = words[start - 1] if start else ""
    if is_hyphen(tokens, end):
        second = number_at(words, end) or _teens_at(words, end)
    elif joined in {"to", "or"} or (
        joined == "and" and (before == "between" or before in BEFORE_TWO or _are_plural(words, start, end))
    ):
        second = number_at(words, end + 1)
    else:
        return None
    return second if second and number[0] < second[0] <= number[0] + FURTHEST else None


def _teens_at(words: list[str], index: int) -> tuple[int, int] | None:
    """The 17s of "16-17s"."""
    word = words[index]
    return (int(word[:2]), index + 1) if len(word) == 3 and word[2] == "s" and word[:2].isdigit() else None


def _are_plural(words: list[str], start: int, end: int) -> bool:
    """ "kids (9 and 11)", "12 and 13 year olds"."""
    second = number_at(words, end + 1)
    if second is None:
        return False
    plural = not PLURALS.isdisjoint(words[max(0, start - 2) : start])
    return plural or words[second[1] : second[1] + 2] in (["year", "olds"], ["yr", "olds"], ["year", "auld"])


def is_hyphen(tokens: Tokens, index: int) -> bool:
    """Whether only a hyphen or a stroke parts a word from the one before."""
    return tokens.text[tokens.ends[index - 1] : tokens.starts[index]] in {"-", "–", "/"}
