"""What came of referrals to a service, as one cautious number: drawn to its area's mean, silent below eight referrals.

Written by referrals, read only when a service's document is built; nothing here knows a person.
"""

from dataclasses import dataclass

FLOOR = 8
"""Fewer referrals than this say nothing: one lost letter would weigh much, and few people may be known."""
PRIOR = 8
"""Referrals' worth of the area's mean mixed in: a service of eight stands half-way between its figures and the mean."""
STEP = 0.05
"""No finer: the difference between 0.71 and 0.73 is chance."""
NEUTRAL = 0.5
SLOW_DAYS = 28.0
"""Days to first contact that are worth nothing; same day is worth all."""
REPLIED, CONTACT, OUTCOMES = 0.4, 0.3, 0.3
"""What an answer, an early contact and help given count in the whole."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counted referrals of one service: shares 0 to 1; median days to first contact, None when there was none."""

    referrals: int
    replied: float
    first_contact_days: float | None
    outcomes: float
    area_mean: float
    """Mean `quality` of the services of the same area and main family."""
    as_of: str


def quality(evidence: Evidence) -> float:
    """The service's own figures as one, 0 to 1."""
    days = evidence.first_contact_days
    contact = 0.0 if days is None else max(0.0, 1 - days / SLOW_DAYS)
    return REPLIED * evidence.replied + CONTACT * contact + OUTCOMES * evidence.outcomes


def shrunk(evidence: Evidence) -> float:
    """Quality drawn to the area's mean, the more the fewer referrals there are: 0 to 1."""
    total = evidence.referrals + PRIOR
    return (evidence.referrals * quality(evidence) + PRIOR * evidence.area_mean) / total


def value(evidence: Evidence | None) -> float:
    """The signal, 0 to 1 in steps of STEP: NEUTRAL for nothing known, too few, or as good as the area's mean."""
    if evidence is None or evidence.referrals < FLOOR:
        return NEUTRAL
    against = NEUTRAL + shrunk(evidence) - evidence.area_mean
    return round(round(min(1.0, max(0.0, against)) / STEP) * STEP, 2)


def check(evidence: Evidence) -> None:
    """Raises ValueError for shares that are none and counts below nought."""
    for name in ("replied", "outcomes", "area_mean"):
        if not 0 <= getattr(evidence, name) <= 1:
            raise ValueError(f"{name}: a share is 0 to 1")
    if evidence.referrals < 0 or (evidence.first_contact_days or 0) < 0:
        raise ValueError("referrals and days: nought or more")


def in_words(evidence: Evidence | None) -> str:
    """For people: figures only from the floor on."""
    if evidence is None or evidence.referrals < FLOOR:
        return "Too few referrals so far to say how it answers."
    days = evidence.first_contact_days
    contact = f", first contact after {days:.0f} days" if days is not None else ""
    share, mean = value(evidence), NEUTRAL
    than = "better than" if share > mean else "below" if share < mean else "about"
    return f"Of {evidence.referrals} referrals it answered {evidence.replied:.0%}{contact}: {than} what is usual here."
