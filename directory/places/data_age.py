"""How old the data is that the project carries or was loaded, so that `waymark check` can say when to get newer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from directory.places.reading import rows


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set of data. `as_of` is the day it tells of; `as_of_is` says how well that day is known."""

    name: str
    label: str
    publisher: str
    as_of: date
    as_of_is: str
    licence: str
    good_for_days: int
    advice: str

    def is_stale(self, today: date) -> bool:
        """Whether it is older than it is good for."""
        return today > self.as_of + timedelta(days=self.good_for_days)

    def sentence(self, today: date) -> str:
        """ "Postcodes are of 2020: 6 years old; load a newer …": how old, and what to do."""
        years = today.year - self.as_of.year - ((today.month, today.day) < (self.as_of.month, self.as_of.day))
        if years >= 2:
            return f"{self.label} are of {self.as_of.year}: {years} years old; {self.advice}."
        return f"{self.label} are of {self.as_of:%B %Y}: {(today - self.as_of).days} days old; {self.advice}."


@cache
def data_sets() -> tuple[DataSet, ...]:
    """Every set, in the order of the table."""
    return tuple(
        DataSet(
            name=row["name"],
            label=row["label"],
            publisher=row["publisher"],
            as_of=date.fromisoformat(row["as_of"]),
            as_of_is=row["as_of_is"],
            licence=row["licence"],
            good_for_days=int(row["good_for_days"]),
            advice=row["advice"],
        )
        for row in rows("data_sets.csv")
    )


def stale(today: date, newer: Mapping[str, date] | None = None) -> tuple[DataSet, ...]:
    """The sets that are too old on this day.

    `newer` gives the day of sets an adopter has loaded since, by name ("unit_postcodes"); those days count instead.
    Raises ValueError for a name that no set has.
    """
    days = newer or {}
    if unknown := days.keys() - {known.name for known in data_sets()}:
        raise ValueError(f"data_sets.csv has no {', '.join(sorted(unknown))}.")
    dated = (replace(known, as_of=days.get(known.name, known.as_of)) for known in data_sets())
    return tuple(known for known in dated if known.is_stale(today))
