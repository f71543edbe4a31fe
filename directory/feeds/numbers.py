"""Whether a phone number can exist at all: what is no number of the UK is reported before anybody rings it in vain."""

import re
from functools import lru_cache

import phonenumbers

SHORT = frozenset({"999", "112", "101", "111", "105", "159", "116123", "116000", "116111", "116117"})
DRAMA = re.compile(r"01632960\d{3}")
"""Numbers that Ofcom keeps for drama: every example of ours uses them."""
RELAY = ("18001", "18002")


def digits(number: str) -> str:
    """A number without blanks, brackets and dashes, so that two ways of writing it are the same; "" for none."""
    return re.sub(r"[^\d+]", "", number)


@lru_cache(maxsize=8192)
def can_exist(number: str) -> bool:
    """Whether this can be rung in the UK by what libphonenumber knows (https://github.com/google/libphonenumber)."""
    plain = digits(number)
    for prefix in RELAY:
        plain = plain.removeprefix(prefix)
    if plain in SHORT or DRAMA.fullmatch(plain):
        return True
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(plain, "GB")))
    except phonenumbers.NumberParseException:
        return False
