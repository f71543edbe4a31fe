"""Finds every number that can be rung or texted in a cell, and says which is which: sources put several in one.

Nothing is mended: the digits of a number all stand in the text, in that order. What is no number of the UK is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

VOICE, TEXT, TEXTPHONE, RELAY = "voice", "text", "textphone", "relay"
LONGEST = 1_000
"""Characters of a cell; a longer text is no cell of numbers, and only its beginning is read."""
SHORT = {
    "999": "999", "112": "112", "101": "101", "111": "111", "105": "105", "159": "159", "116123": "116 123",
    "116000": "116 000", "116111": "116 111", "116117": "116 117",
}  # fmt: skip
"""Short numbers as people write them."""
RELAY_PREFIXES = ("18001", "18002")
"""Relay UK: dialled before a number, from a textphone or from a phone."""
RUN = re.compile(r"(?<![\w.@£$€-])[+(]{0,2}\d(?:[\d \t\xa0()–—.+-]*\d)?(?:(?!\w)|(?=x ?\d|ext))", re.IGNORECASE)
"""Digits with blanks, brackets, dashes and stops between them: one number, or several with nothing else between."""
GROUP = re.compile(r"\+?\d+")
DATE = re.compile(r"\b(?:\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d|(?:19|20)\d\d[-./]\d\d[-./]\d\d)\b")
STUCK = re.compile(r"\b(tel|phone|mob|mobile|text|fax)(?=[+(]?0)", re.IGNORECASE)
"""A word with a number stuck to it ("Tel01632 960123")."""
CODE = re.compile(r"[5-8]\d{4,5}")
"""A number that only takes texts (five or six digits): believed when the words before it say so."""
EXTENSION = re.compile(
    r"^\s*[,;(+]{0,2}\s*(?:ext(?:ension|n)?s?\.?|x|internal:?)\s*(?:no\.?)?\s*:?\s*(\d{1,7})\b", re.IGNORECASE
)
IS_EXTENSION = re.compile(r"(?:\bext(?:ension|n)?s?\.?|\bx|\binternal:?)\s*(?:no\.?)?\s*:?\s*$", re.IGNORECASE)
"""What stands before digits that are an extension."""
LETTER = re.compile(r"[^\W\d_]")
FITTING, MOST_DIGITS = range(8, 16), 20
"""Digits of a number ("0800 1111" to "0044 1632 960123"), and of one with Relay UK's prefix."""
KINDS = (
    (re.compile(r"\b(?:fax|facsimile)\b", re.IGNORECASE), ""),
    (re.compile(r"\b(?:text ?phone|mini ?com|type ?talk|tty)\b", re.IGNORECASE), TEXTPHONE),
    (re.compile(r"\b(?:text(?:s|ing|ed)?|sms|whats ?app)\b", re.IGNORECASE), TEXT),
    (re.compile(r"\b(?:tel(?:ephone)?|phone|call|ring|voice|freephone|mobile|mob|landline)\b", re.IGNORECASE), VOICE),
)
"""What a word before a number says it is for; the nearest wins. "" is a number that nobody can talk to."""
CALLED = re.compile(
    r"\b(?:call|phone|ring|dial|tel(?:ephone)?|on|text|sms|or|police|nhs(?: ?24)?|contact|emergenc(?:y|ies)|numbers?"
    r"|to)\b[^\w]{0,4}(?:on |to )?$",
    re.IGNORECASE,
)
BOTH = re.compile(
    r"\b(?:call|phone|ring|tel\w*)\W*(?:or|and|/|&)\s*text|\btext\W*(?:or|and|/|&)\s*(?:call|phone|ring)", re.IGNORECASE
)
TEXT_ONLY = re.compile(r"^\s*[(,–-]*\s*(?:for )?(?:texts?|sms|whats ?app)(?: messages?)? only\b", re.IGNORECASE)
LABELS = (
    "out of hours", "freephone", "whatsapp", "helpline", "office", "evenings", "weekends", "emergency", "switchboard",
)  # fmt: skip
SUBSCRIBER = {"0131": 7, "0141": 7, "0151": 7, "0161": 7, "0121": 7, "0191": 7, "0113": 7, "0114": 7}
"""Digits behind an area code that lines of one place leave out when they are listed; five or six elsewhere."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Digits that stand together, with where they stand."""

    start: int
    stop: int
    digits: str


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One number. `kind`: voice, text (messages only), textphone, or relay (dialled through Relay UK)."""

    number: str
    """National form ("0131 551 9204"), or a short number as people know it ("116 123")."""
    kind: str = VOICE
    extension: str = ""
    note: str = ""
    """What the cell calls it, in a word of ours ("out of hours"), or the word to send to a text number."""


def numbers(text: str) -> tuple[PhoneNumber, ...]:
    """Every number of a text, each once, in order; none for a text without any."""
    text = DATE.sub(lambda date: "/" * len(date[0]), STUCK.sub(r"\1 ", text[:LONGEST]))
    found: dict[str, PhoneNumber] = {}
    end = 0
    for start, stop, number in _found(text):
        before, behind, end = text[end:start], text[stop:], stop
        if kind := _kind(before, behind, number):
            extension = EXTENSION.match(behind)
            kept = PhoneNumber(number, kind, extension[1] if extension else "", _note(before, kind))
            found.setdefault(number, kept)
    return tuple(found.values())


def first_voice(text: str) -> str:
    """The first number of a text that can be rung, "" when there is none."""
    return next((each.number for each in numbers(text) if each.kind == VOICE), "")


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each number begins and ends, with its national form."""
    code = ""
    for run in RUN.finditer(text):
        if IS_EXTENSION.search(text, 0, run.start()):
            continue
        groups = [_Group(run.start() + at.start(), run.start() + at.end(), at[0]) for at in GROUP.finditer(run[0])]
        at = 0
        while at < len(groups):
            size, number = _short(groups, text) if at == 0 else (0, "")
            if not number:
                size, number = _longest(groups[at:], text)
            if not number and code:
                size, number = _local(groups[at:], code)
            if number:
                yield groups[at].start, groups[at + size - 1].stop, number
                code = _area(number) or code
            at += max(size, 1)


def _short(groups: list[_Group], text: str) -> tuple[int, str]:
    """A short number, which stands alone: how many groups it takes, and its form; 0 and "" for none."""
    joined = "".join(group.digits for group in groups)
    if joined not in SHORT or len(groups) > len(joined) // 3:
        return 0, ""
    start = groups[0].start
    sure = len(joined) == 6 or not LETTER.search(text) or CALLED.search(text, max(0, start - 30), start)
    return (len(groups), SHORT[joined]) if sure else (0, "")


def _longest(groups: list[_Group], text: str) -> tuple[int, str]:
    """How many groups the longest number that begins here takes, and its form; 0 and "" for none."""
    joined, best = "", (0, "")
    for size, group in enumerate(groups, start=1):
        if (size > 1 and group.digits.startswith("+")) or len(joined) > MOST_DIGITS:
            break
        joined += group.digits
        if number := _read(joined, text, groups[0].start):
            best = (size, number)
    return best


def _read(joined: str, text: str, start: int) -> str:
    """The form of these digits as a number, "" when they are none."""
    if CODE.fullmatch(joined):
        return joined if KINDS[2][0].search(text, max(0, start - 60), start) else ""
    for prefix in RELAY_PREFIXES:
        if joined.startswith(prefix) and (behind := _national(joined[len(prefix) :])):
            return f"{prefix} {behind}"
    if joined.startswith("44") and len(joined) == 12:
        return _national(f"+{joined}")
    if joined.startswith(("0", "+")):
        return _national(joined) if len(joined) in FITTING else ""
    # a spreadsheet took it for a sum and dropped the nought: believed where the cell holds nothing else
    return _national(joined) if len(joined) == 10 and joined == re.sub(r"\D", "", text) else ""


def _national(digits: str) -> str:
    """National form of a valid number of the UK, or one that Ofcom keeps for drama; "" for any other."""
    try:
        number = phonenumbers.parse(digits, "GB")
    except phonenumbers.NumberParseException:
        return ""
    if number.country_code != 44 or not (phonenumbers.is_valid_number(number) or _is_drama(number.national_number)):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))


def _is_drama(number: int | None) -> bool:
    """01632 960000 to 960999 and 07700 900000 to 900999, which Ofcom keeps for drama: our examples use them."""
    return number is not None and number // 1000 in {1632960, 7700900}


def _local(groups: list[_Group], code: str) -> tuple[int, str]:
    """A number that leaves out the area code of the one before it ("0131 337 7577 / 313 1894")."""
    wanted = SUBSCRIBER.get(code, 6)
    joined = ""
    for size, group in enumerate(groups, start=1):
        joined += group.digits
        if len(joined) >= wanted:
            plain = len(joined) == wanted and joined[0] not in "01"
            return (size, _national(code + joined)) if plain else (0, "")
    return 0, ""


def _area(number: str) -> str:
    """The area code of a number in national form, "" for one that has none."""
    first, _, rest = number.partition(" ")
    return first if rest and first.startswith(("01", "02")) else ""


def _kind(before: str, behind: str, number: str) -> str:
    """What the words around a number say it is for; "" for a fax."""
    if number.startswith(RELAY_PREFIXES):
        return RELAY
    if CODE.fullmatch(number) or TEXT_ONLY.search(behind):
        return TEXT
    before = before[-60:]
    if BOTH.search(before):
        return VOICE
    said = [(match.end(), kind) for pattern, kind in KINDS for match in pattern.finditer(before)]
    return max(said)[1] if said else VOICE


def _note(before: str, kind: str) -> str:
    """The label of a number, or the word to send to it."""
    if kind == TEXT and (
        word := re.search(r"\btext(?: the word)?\s+['\"“]?([A-Z]{2,12})['\"”]?\s+to\s*$", before, re.I)
    ):
        return word[1].upper()
    said = before.casefold()
    return next((label for label in LABELS if label in said), "")
