"""The signals of the ranking: each a pure function of one candidate, with its weight and where the number comes from.

A score is the weighted mean of the signals that apply; the sentences that explain it are in `explain`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from directory.capacity import STATES, WAITING_LIST
from directory.matching import eligibility, graders
from directory.matching.candidate import NATION_COVER, Row
from directory.matching.judged import Judged
from directory.matching.situation import Situation
from directory.opening import is_open
from directory.search.columns import (
    ACCESS_SHIFT,
    EXPIRY_BITS,
    EXPIRY_SHIFT,
    HOURS_SHIFT,
    LACKS_SHIFT,
    LANGUAGES,
    STATE_BITS,
    STATE_SHIFT,
    TRACK_BITS,
    TRACK_SHIFT,
    WEEKS_BITS,
    WEEKS_SHIFT,
    Flag,
    quarter_of_year,
)
from directory.track_record import NEUTRAL, STEP

STALE_DAYS = 365
NEAR_M = 8_000.0
"""Distance at which being near is worth half: about half an hour by bus."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the signals know beside the candidate itself."""

    situation: Situation
    today: int
    """Days since 1970."""
    local_families: int
    """Families with a local service that really helps: there a national line is second, elsewhere it is first."""
    top_text: float
    bits: eligibility.Masks
    gains: tuple[float, ...]
    """What each trait of a service gains here: `graders.gains`."""
    quarter: int | None = None
    """Quarter of an hour of the week in Scotland (`opening.quarter_of_week`); None when the hour is not asked."""


def need_fit(judged: Judged, around: Surroundings) -> float:
    return judged.need * judged.fit.sure


def graded(judged: Judged, around: Surroundings) -> float:
    return 0.5 + graders.lean(judged.row, around.gains) / 2


def coverage(judged: Judged, around: Surroundings) -> float:
    if judged.cover is NATION_COVER and not judged.row.main_family & (around.local_families | around.bits.safety):
        return 1.0  # no local service really helps; lines for danger are national by their nature
    return judged.cover.value


def eligible(judged: Judged, around: Surroundings) -> float:
    return eligibility.value(judged.row, around.situation, around.bits)


def communication(judged: Judged, around: Surroundings) -> float:
    situation, offered = around.situation, judged.row.languages
    needed = [_access(offered, bit) for bit in range(situation.access.bit_length()) if situation.access >> bit & 1]
    if _speaks_otherwise(situation) or not needed:
        needed.append(_language(offered, situation.enquiry.language or "bsl"))
    return sum(needed) / len(needed)


NOT_SAID = 0.3
"""A service that does not say may well arrange it: ask."""


def _access(offered: int, bit: int) -> float:
    if offered >> ACCESS_SHIFT + bit & 1:
        return 1.0
    return 0.0 if offered >> LACKS_SHIFT + bit & 1 else NOT_SAID


def _language(spoken: int, language: str) -> float:
    if language in LANGUAGES and spoken >> LANGUAGES.index(language) & 1:
        return 1.0
    helped = 1 << LANGUAGES.index("interpreter") | 1 << LANGUAGES.index("many")
    if language != "bsl" and spoken & helped:
        return 0.8
    return NOT_SAID


def availability(judged: Judged, around: Surroundings) -> float:
    flags = judged.row.flags
    value = 0.4 if flags & Flag.STATUS_UNKNOWN else 0.7
    if flags & Flag.WAITING_LIST_CLOSED:
        value = 0.1
    urgency, conditions = around.situation.enquiry.urgency, judged.row.conditions
    if conditions and conditions & _STATE and around.today <= conditions >> EXPIRY_SHIFT & EXPIRY_BITS:
        value = _room(conditions, urgency)
    if urgency == "now":
        value += 0.15 * bool(flags & Flag.HAS_PHONE) + 0.15 * bool(flags & Flag.CRISIS)
        value = min(1.0, max(0.0, value + _open_now(judged.row, around)))
    return value


TOO_LONG = {"now": 0, "days": 2, "weeks": 12, None: 12}
"""Weeks of waiting that are too long for an urgency (matching.md, "waiting time against urgency")."""
TAKES_REFERRALS, WAITS, TOO_LATE, IS_FULL = 0.9, 0.6, 0.3, 0.05
OPEN_NOW, SHUT_NOW = 0.1, -0.2


def _room(conditions: int, urgency: str | None) -> float:
    state = conditions >> STATE_SHIFT & STATE_BITS
    if state != _WAITING:
        return TAKES_REFERRALS if state < _WAITING else IS_FULL
    weeks = conditions >> WEEKS_SHIFT & WEEKS_BITS
    return TOO_LATE if weeks > TOO_LONG[urgency] else WAITS


_WAITING = STATES.index(WAITING_LIST)
_STATE = STATE_BITS << STATE_SHIFT
_TRACK = TRACK_BITS << TRACK_SHIFT


def _open_now(row: Row, around: Surroundings) -> float:
    """What the hour adds when help is needed now; nothing when hours are not known, or too old."""
    if around.quarter is None or not row.hours or row.conditions >> HOURS_SHIFT < quarter_of_year(around.today):
        return 0.0
    return OPEN_NOW if is_open(row.hours, around.quarter) else SHUT_NOW


def track_record(judged: Judged, around: Surroundings) -> float:
    conditions = judged.row.conditions
    return ((conditions & _TRACK) >> TRACK_SHIFT) * STEP - STEP if conditions & _TRACK else NEUTRAL


def assurance(judged: Judged, around: Surroundings) -> float:
    flags = judged.row.flags
    if flags & Flag.CONFIRMED:
        value = 1.0
    elif flags & Flag.HEARSAY:
        value = 0.3
    else:
        value = 0.6
    stale = judged.row.as_of_day and around.today - judged.row.as_of_day > STALE_DAYS
    return value * (0.85 if stale else 1.0)


def text(judged: Judged, around: Surroundings) -> float:
    return judged.row.text / around.top_text if around.top_text else 0.0


def distance(judged: Judged, around: Surroundings) -> float:
    if judged.distance_m is None:
        return 0.5
    return 1 / (1 + judged.distance_m / NEAR_M)


class Signal(NamedTuple):
    """A name, a weight and its story, the function, and whether it applies to this enquiry at all."""

    name: str
    weight: float
    value: Callable[[Judged, Surroundings], float]
    story: str
    """Where the weight comes from, for who reads the explanation."""
    applies: Callable[[Situation], bool] = lambda situation: True


SIGNALS = (
    Signal(
        "need_fit", 0.60, need_fit,
        "What the service is made for decides: one grade of the grading guide (a third of the scale) outweighs all "
        "that being local can add. What is only likely to be meant counts by the gain that may be expected of it.",
    ),
    Signal(
        "graders", 0.28, graded,
        "What people who graded answers to like enquiries gave such a service beyond what it is made for: learnt from "
        "them, half where they gave neither more nor less, and by at most three quarters of a grade.",
    ),
    Signal(
        "coverage", 0.06, coverage,
        "A local service stands before a national one that fits as well, and never before one that fits a grade "
        "better.",
    ),
    Signal(
        "eligibility", 0.06, eligible,
        "Who surely takes the person stands before who must be asked; who does not take them is left out before any "
        "weight counts.",
    ),
    Signal(
        "communication", 0.06, communication,
        "As much as eligibility, and only when a language, sign language or an access need was said: help that cannot "
        "be understood is none.",
        lambda s: _communicates_otherwise(s),
    ),
    Signal(
        "availability", 0.05, availability,
        "Small, since most services do not say whether they have room; a closed list still outweighs all that being "
        "near can add.",
    ),
    Signal(
        "assurance", 0.04, assurance,
        "Small: a confirmed fact breaks a tie between services that fit alike. How facts are known is said beside "
        "every service and never hides one.",
    ),
    Signal(
        "text", 0.04, text,
        "Small: shared words hint at the right service, but the words of a story are not the words of a service.",
    ),
    Signal(
        "distance", 0.03, distance,
        "Smallest but one: it orders places people go to, within what the rest decided. It says nothing of phone "
        "lines, refuges, withheld places, and places over the water.",
    ),
    Signal(
        "track_record", 0.02, track_record,
        "Smallest: it may order services that are equal in all else. Drawn to the mean of its area, silent below "
        "eight referrals, in steps of 0.05.",
    ),
)  # fmt: skip
"""Weights by hand from the grading guide, 2026-11; to be tuned on the judged enquiries' tuned half only."""


def _communicates_otherwise(situation: Situation) -> bool:
    return bool(situation.access) or _speaks_otherwise(situation)


def _speaks_otherwise(situation: Situation) -> bool:
    language = situation.enquiry.language
    return bool(language and language != "en")


def score(judged: Judged, around: Surroundings, signals: tuple[Signal, ...]) -> float:
    """The weighted mean of the signals, 0 to 1."""
    total = weights = 0.0
    for _, weight, value, _, _ in signals:
        total += weight * value(judged, around)
        weights += weight
    return total / weights


def applying(situation: Situation) -> tuple[Signal, ...]:
    """The signals that say something about this enquiry."""
    return tuple(signal for signal in SIGNALS if signal.applies(situation))
