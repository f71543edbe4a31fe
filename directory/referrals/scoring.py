"""The rules by which counted referrals become a track record: floors, means of an area, how far a week may move one.

Nothing here reads or writes: `outcomes` does, once a week.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean, median

from directory import track_record
from directory.referrals.evidence import Line
from directory.track_record import FLOOR, NEUTRAL, PRIOR, STEP, Evidence

MOST_SHIFT = 2 * STEP
"""What one batch may move a service's score, at most."""
LEAST_AREA = 3
"""Services that an area's mean needs; with fewer it is that of the family everywhere, then of all services."""
FAR_OUT = 3.0
"""Standard deviations from the others' mean outcome that stand out."""
PERSON_SHARE, PERSON_LEAST = 0.6, 10
"""Such a share of so many endings on the person's side stands out: a service may choose whom it reports."""
Group = tuple[str, str]
"""Main family, and the council of a service that covers one alone ("" for others)."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One service's counted referrals; `outcome` None where it is known of fewer than the floor."""

    referrals: int
    replied: float
    days: float | None
    outcome: float | None
    outcomes: int
    """How many the outcome is of."""
    person_side: int
    """Endings that do not count."""


def figures(lines: Iterable[Line], person_side: Mapping[str, int], floor: int = FLOOR) -> dict[str, Figures]:
    """Each service's figures, of those with as many referrals as the floor; it is never lower than FLOOR."""
    floor = max(floor, FLOOR)
    by_service: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_service[line.service_id].append(line)
    return {
        own: _figures(some, person_side.get(own, 0), floor)
        for own, some in sorted(by_service.items())
        if len(some) >= floor
    }


def evidences(found: Mapping[str, Figures], groups: Mapping[str, Group], at: datetime) -> dict[str, Evidence]:
    """Figures against their area's mean. What is not known of a service's outcomes is taken to be as usual there."""
    usual = {own: each.outcome for own, each in found.items() if each.outcome is not None}
    day = at.date().isoformat()
    plain = {
        own: Evidence(
            each.referrals, each.replied, each.days,
            each.outcome if each.outcome is not None else mean_for(own, usual, groups), NEUTRAL, day,
        )
        for own, each in found.items()
    }  # fmt: skip
    qualities = {own: track_record.quality(each) for own, each in plain.items()}
    return {own: replace(each, area_mean=mean_for(own, qualities, groups)) for own, each in plain.items()}


def mean_for(own: str, values: Mapping[str, float], groups: Mapping[str, Group]) -> float:
    """The mean of a service's area and family, or of wider company where that is too small; NEUTRAL for none."""
    family, area = groups.get(own, ("", ""))
    near = [value for other, value in values.items() if groups.get(other) == (family, area)]
    alike = [value for other, value in values.items() if groups.get(other, ("", ""))[0] == family]
    for company in (near, alike, list(values.values())):
        if len(company) >= LEAST_AREA:
            return fmean(company)
    return NEUTRAL


def moved(old: Evidence | None, new: Evidence) -> Evidence | None:
    """What is written after `old`: the new figures, against a mean that lets the score move by MOST_SHIFT at most.

    None when no mean can: then nothing moves.
    """
    before = track_record.value(old)
    wanted = min(1.0, max(0.0, NEUTRAL + track_record.shrunk(new) - new.area_mean))
    if abs(wanted - before) <= MOST_SHIFT:
        return new
    target = before + (MOST_SHIFT if wanted > before else -MOST_SHIFT)
    weight = new.referrals / (new.referrals + PRIOR)
    mean = track_record.quality(new) - (target - NEUTRAL) / weight
    return replace(new, area_mean=mean) if 0 <= mean <= 1 else None


def stands_out(own: Figures, usual: float) -> str:
    """Why somebody should look at a service's figures: "outcomes", "person_side" or ""."""
    endings = own.referrals + own.person_side
    if own.person_side >= PERSON_LEAST and own.person_side / endings >= PERSON_SHARE:
        return "person_side"
    share = min(0.9, max(0.1, usual))
    if own.outcome is None:
        return ""
    deviation = (share * (1 - share) / own.outcomes) ** 0.5
    return "outcomes" if abs(own.outcome - share) > FAR_OUT * deviation else ""


def _figures(lines: Sequence[Line], person_side: int, floor: int) -> Figures:
    days = [line.contact_days for line in lines if line.contact_days is not None]
    outcomes = [line.outcome for line in lines if line.outcome is not None]
    return Figures(
        len(lines),
        sum(line.replied for line in lines) / len(lines),
        float(median(days)) if days else None,
        fmean(outcomes) if len(outcomes) >= floor else None,
        len(outcomes),
        person_side,
    )
