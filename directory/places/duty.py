"""Whom to ring about a child in danger: each council's children's social work, where its number is known.

A number that nobody has read on a page is never shown, and none is made up: then it is 101, and we say that we do not
know. Callers show 999 first when somebody is in danger now (`directory/matching/safety.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from directory.errors import PlaceNotFound
from directory.places import areas
from directory.places.reading import rows
from directory.values import Confidence

ANY_POLICE_OFFICE = "101"
"""Police Scotland, anywhere in Scotland, when it is not an emergency."""


@dataclass(frozen=True, slots=True)
class DutyNumber:
    """A number to ring, always one: 101 where the council's own is not known."""

    number: str = ANY_POLICE_OFFICE
    known: bool = False

    @property
    def wording(self) -> str:
        """What is said beside it; never that a number read on a page has been checked."""
        return f"{self.number} (read on a page, not confirmed)" if self.known else "not known: ask 101"


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A council's duty line. `source` and `as_of` are empty where no number is known; `as_of` also without a date."""

    gss: str
    council: str
    daytime: DutyNumber = DutyNumber()
    out_of_hours: DutyNumber = DutyNumber()
    confidence: Confidence | None = None
    source: str = ""
    as_of: str = ""


def lines() -> tuple[DutyLine, ...]:
    """All 32, in order of council code."""
    return tuple(_lines().values())


def line(gss: str) -> DutyLine:
    """The duty line of a council, by its code or any of its names. Raises PlaceNotFound."""
    try:
        return _lines()[areas.council(gss).gss]
    except KeyError:
        raise PlaceNotFound("There is no such council area.", "Give its code or its name.") from None


def read(table: Iterable[Mapping[str, str]]) -> dict[str, DutyLine]:
    """Duty lines by council code. Raises ValueError for a number without a source."""
    return {row["gss"]: _line(row) for row in table}


def _line(row: Mapping[str, str]) -> DutyLine:
    council = areas.council(row["gss"])
    if not row["daytime"] and not row["out_of_hours"]:
        return DutyLine(council.gss, council.name)
    if not row["source"] or not row["confidence"]:
        raise ValueError(f"duty_lines.csv: {row['gss']} has a number without a source and confidence.")
    confidence = Confidence(row["confidence"])
    if confidence is Confidence.GENERAL_KNOWLEDGE:
        return DutyLine(council.gss, council.name)
    day, night = _number(row["daytime"]), _number(row["out_of_hours"])
    return DutyLine(council.gss, council.name, day, night, confidence, row["source"], row["as_of"])


def _number(text: str) -> DutyNumber:
    return DutyNumber(text, known=True) if text else DutyNumber()


@cache
def _lines() -> dict[str, DutyLine]:
    return dict(sorted(read(rows("duty_lines.csv")).items()))
