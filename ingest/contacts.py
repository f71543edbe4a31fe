"""Makes phone numbers, web addresses and words of sources fit to keep: no person's name or mailbox survives."""

import re
from functools import cache
from urllib.parse import urlsplit

from directory.places import codes, postcode
from directory.places.giveaways import EMAIL, POSTCODE
from directory.places.postcode import ParsedPostcode, PostcodeKind
from ingest import html_words, people, phones

TITLED = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Rev)\.?\s+[A-Z]")
CHARITY = re.compile(
    r"(?<![A-Z0-9])S\s*C\s*(?:([0O](?:[\s.-]*[0-9O]){5})|([1-9](?:[\s.-]*[0-9O]){4}))(?![0-9A-Z])"
    r"|\b(?:Scottish|SCIO) charity\b[^0-9]{0,24}\b(0[0-9]{5})\b",
    re.IGNORECASE,
)
"""A number of the Scottish Charity Register, however spaced, its first nought left out or typed as the letter O."""
_APART = re.compile(r"[\s|]+|[,;](?=\s|https?:|www\.|$)|/(?=https?:/)", re.IGNORECASE)
_SCHEME = re.compile(r"(?:h{1,2}t{1,3}ps?[:;.]*/+[:/]*)+", re.IGNORECASE)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:xn--[a-z0-9-]{2,59}|[a-z]{2,24})", re.IGNORECASE)
"""A host by name: its last part is letters, so that no number of a machine is one."""
_INSIDE = re.compile(r"\.(?:local|localdomain|localhost|internal|intranet|lan|home|corp|private|onion)$", re.IGNORECASE)
"""How hosts end that only some house's own machines can reach."""
_BARE = re.compile(r"\.(?:uk|scot|org|com|net|info|eu|co|io|charity|cymru|wales|london|example)$", re.IGNORECASE)
"""How hosts end that may stand bare amid other words."""
_ORDINAL = re.compile(r"(?:1st|2nd|3rd|[04-9]th)$")

tidy = html_words.tidy


def phone(text: str) -> str | None:
    """The first number of a cell that can be rung ("0131 551 9204"); "" for an empty cell, None for no real number."""
    return (phones.first_voice(text) or None) if text.strip() else ""


def url(text: str) -> str | None:
    """The first web address of a cell; "" for an empty cell, None for one that has none.

    "http://" is put before a bare host, and slips of the keyboard are mended ("http//", "www,club.example"). Addresses
    of machines by number, with a user's name in them, or of another scheme are refused. Nothing is fetched.
    """
    if not text.strip():
        return ""
    if linked := html_words.links(text):
        text = " ".join(linked)
    words = _APART.split(text.strip())
    for word in words:
        if found := _address(word.strip("<>()[]{}\"'“”‘’,;"), alone=len(words) == 1):
            return found
    return None


def _address(word: str, alone: bool) -> str:
    """A word as a web address, "" when it is none; a bare host amid other words must end as hosts here do."""
    slips = _SCHEME.match(word := word.replace("\\", "/"))
    rest = re.sub(r"^www[.,;]+", "www.", word[slips.end() :] if slips else word, flags=re.IGNORECASE).rstrip(".,;:")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path, (name, _, port) = rest[len(host) :], host.rstrip(".").partition(":")
    secure = slips is not None and re.search(r"s\W*$", slips[0], re.IGNORECASE) is not None
    whole = f"http{'s' if secure else ''}://{name}{':' if port else ''}{port}{path}"
    if not _HOST.fullmatch(name) or len(name) > 253 or _INSIDE.search(name) or not re.fullmatch(r"[0-9]{0,5}", port):
        return ""
    if not (slips or alone or name.casefold().startswith("www.") or _BARE.search(name)):
        return ""
    try:
        urlsplit(whole).port  # noqa: B018 - raises for a port that cannot be
    except ValueError:
        return ""
    return whole if whole.isprintable() else ""


def charity_number(text: str) -> str:
    """The Scottish charity number in a text, as the register writes it ("SC012345"); "" when there is none.

    A number without the letters SC is another register's, unless the words before it say that it is Scotland's.
    """
    found = CHARITY.search(text)
    if found is None:
        return ""
    digits = re.sub(r"[^0-9]", "", (found[1] or found[2] or found[3]).upper().replace("O", "0"))
    return f"SC{digits.zfill(6)}"


def postcode_in(text: str) -> tuple[str, str]:
    """The first full postcode in a text ("EH99 9ZZ", "" when there is none), and the text without it."""
    for found in POSTCODE.finditer(text):
        parsed = postcode.parse(found[0])
        if parsed and parsed.kind is PostcodeKind.POSTCODE and _is_postcode(parsed, found[0]):
            return parsed.value, tidy(text[: found.start()] + " " + text[found.end() :])
    return "", text


def _is_postcode(parsed: ParsedPostcode, as_written: str) -> bool:
    """Whether a postcode's shape is meant as one: not "Flat A1 2nd floor"."""
    real = parsed.area in _scottish_areas() or postcode.area_outside(parsed.area) is not None
    return real and not _ORDINAL.search(as_written) and not set(parsed.value[-2:]) & set("CIKMOV")


@cache
def _scottish_areas() -> frozenset[str]:
    return frozenset(re.split(r"\d", code)[0] for code in codes.outcodes())


def without_people(text: str) -> str:
    """A text in one line without e-mail addresses and without names of persons to ask for."""
    return tidy(people.taken_out(text).text)


def plain_name(text: str) -> str:
    """A service's or provider's name, tidied, without e-mail addresses."""
    return tidy(EMAIL.sub("", text))


def names_a_person(name: str) -> bool:
    """Whether a service or provider is called after a person with a title ("Mrs Jane Example"): a sole trader."""
    return bool(TITLED.match(name))
