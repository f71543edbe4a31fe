"""Makes phone numbers, web addresses and words of sources fit to keep: no person's name or mailbox survives."""

import re
from urllib.parse import urlsplit

import phonenumbers

POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}\b", re.IGNORECASE)
EMAIL = re.compile(r"\b(?:e-?mail:?\s*)?[\w.+'-]+\s?@\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
WEB = re.compile(r"\b(?:https?://|www\.)\S+|\b[\w-]+\.(?:co|org|gov|ac)?\.?(?:uk|scot|org|com|net)\b\S*", re.IGNORECASE)
LONG_NUMBER = re.compile(r"(?<![\d.])\+?\(?\d[\d\s()/.-]{5,}\d")
COORDINATES = re.compile(r"-?\b\d{1,2}\.\d{3,}\b")
STREET = re.compile(
    r"\b(?:flat|unit|suite|room)?\s*\d+[a-z]?(?:\s*[-/]\s*\d+[a-z]?)?,?\s+(?:[\w'’]+\s+){0,3}"
    r"(?:street|st|road|rd|avenue|ave|lane|drive|dr|place|pl|terrace|crescent|court|close|square|gardens|grove"
    r"|park|way|wynd|row|view|loan|brae|gate|quay|hill|house|mains|path|bank|green|circus|walk)\b\.?",
    re.IGNORECASE,
)
_NAME = r"[A-Z][a-z]+(?:[-'’][A-Z]?[a-z]+)?"
PERSON = re.compile(
    rf"\b(?:(?i:please )?(?i:contact|ask for|speak to|telephone|phone|call|manager|co-?ordinator|head ?teacher"
    rf"|chairperson|secretary|run by|led by)\s*:?\s+(?:(?:Mr|Mrs|Ms|Miss|Dr|Rev)\.?\s+)?{_NAME}"
    rf"\s+{_NAME}(?=[\s,.;:)]|$)"
    rf"|(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+{_NAME}(?:\s+{_NAME})?)"
)
TITLED = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Rev)\.?\s+[A-Z]")
NOT_PEOPLE = frozenset(
    {"scotland", "social", "police", "centre", "service", "council", "helpline", "children", "youth"}
)
SHORT_NUMBERS = frozenset({"999", "101", "111", "112", "18000", "116123", "116000", "116111", "08001111", "0845464647"})


def phone(text: str) -> str | None:
    """The first number of a cell in national form ("0131 551 9204"); "" for an empty cell, None for no real number."""
    if not text.strip():
        return ""
    parts: list[str] = re.findall(r"\+?[\d() .-]+", text)
    for part in parts:
        digits = re.sub(r"\D", "", part)
        if digits in SHORT_NUMBERS:
            return part.strip()
        try:
            number = phonenumbers.parse(part, "GB")
        except phonenumbers.NumberParseException:
            continue
        if number.country_code == 44 and (phonenumbers.is_valid_number(number) or _is_drama(number.national_number)):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
    return None


def url(text: str) -> str | None:
    """A web address, "http://" put before a bare host; "" for an empty cell, None for anything that is none."""
    if not text:
        return ""
    whole = text if re.match(r"https?://", text, re.IGNORECASE) else f"http://{text}"
    try:
        parts = urlsplit(whole)
        good = bool(parts.hostname and "." in parts.hostname and not parts.username) and not re.search(
            r"[\s<>\"]", whole
        )
    except ValueError:
        return None
    return whole if good else None


def without_people(text: str) -> str:
    """A text without e-mail addresses and without names of persons to ask for."""
    kept = EMAIL.sub("", text)
    kept = PERSON.sub(lambda found: found[0] if _no_person(found[0]) else "", kept)
    return tidy(kept)


def plain_name(text: str) -> str:
    """A service's or provider's name, tidied, without e-mail addresses."""
    return tidy(EMAIL.sub("", text))


def names_a_person(name: str) -> bool:
    """Whether a service or provider is called after a person with a title ("Mrs Jane Example"): a sole trader."""
    return bool(TITLED.match(name))


def tells_a_place(text: str) -> bool:
    """Whether words hold a postcode, phone number, street address, point, e-mail or web address."""
    return any(pattern.search(text) for pattern in (POSTCODE, LONG_NUMBER, COORDINATES, STREET, EMAIL, WEB))


def tidy(text: str) -> str:
    """One blank between words, none before a comma or stop, nothing left hanging at the ends."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\(\s*\)", "", text)
    text = re.sub(r"\s+([,.;:)])", r"\1", text)
    text = re.sub(r"([,;:])(?:\s*[,;:])+", r"\1", text)
    text = re.sub(r"\.(?:\s*\.)+", ".", text)
    return text.strip(" ,;:-–")


def _is_drama(number: int | None) -> bool:
    """01632 960000 to 960999, which Ofcom keeps for drama: every example of ours uses them."""
    return number is not None and number // 1000 == 1632960


def _no_person(words: str) -> bool:
    return any(word.casefold().strip(",.;:") in NOT_PEOPLE for word in words.split()[1:])
