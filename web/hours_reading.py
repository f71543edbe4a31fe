"""Reads the opening hours of a day as somebody types them: "9am-5pm", "09:00 to 12:30, 13:30 to 17:00"."""

import re
from itertools import pairwise

from directory import clock_words
from directory.errors import BadInput
from directory.opening import TIME, minutes

NOON, MIDNIGHT = re.compile(r"(?:12\s*)?(?:noon|mid-?day)", re.I), re.compile(r"(?:12\s*)?midnight", re.I)
BETWEEN = re.compile(r"\s*(?:[,;&]|\band\b)\s*", re.IGNORECASE)
WHOLE = re.compile(r"(\d\d:\d\d)\s*(?:-|–|to)\s*(\d\d:\d\d)")
SHUT = frozenset({"", "closed", "shut", "-", "–"})


def spans(text: str, name: str) -> list[tuple[str, str]]:
    """The openings of one day: "9am-5pm", "09:00 to 12:30, 13:30 to 17:00". Raises BadInput."""
    plain = MIDNIGHT.sub("12am", NOON.sub("12pm", " ".join(text.split())))
    if plain.casefold() in SHUT:
        return []
    found = sorted(_span(part, name) for part in BETWEEN.split(plain) if part)
    if any(first[1] > second[0] for first, second in pairwise(found)):
        raise BadInput("These hours overlap.", "Make one opening of them.", name)
    return found


def _span(text: str, name: str) -> tuple[str, str]:
    """One opening; whole times of the 24-hour clock as they stand. Raises BadInput."""
    whole = WHOLE.fullmatch(text)
    if whole and all(TIME.fullmatch(at) for at in whole.groups()) and minutes(whole[1]) < minutes(whole[2]) <= 24 * 60:
        return whole[1], whole[2]
    try:
        opens, closes = clock_words.span(text)
    except clock_words.TwoMeanings:
        raise BadInput("Morning or evening?", "Write am or pm, like 6pm to 8pm.", name) from None
    except clock_words.Backwards:
        raise BadInput(
            "It would close before it opens.", "What runs past midnight stands beside two days.", name
        ) from None
    except ValueError:
        raise BadInput("These hours cannot be read.", "Write them like 9am to 5pm, or 09:00 to 17:00.", name) from None
    return clock_words.at(opens), clock_words.at(closes)
