"""What the matcher is asked: a frozen value, never stored unless the worker starts a referral."""

from dataclasses import dataclass

from directory.errors import BadInput
from directory.values import Place

TEXT_LIMIT = 10_000
"""Characters of free text read; a longer text is refused, not cut."""
AGE_LIMIT = 120


@dataclass(frozen=True, slots=True)
class AgeRange:
    """Whole years, both ends included; equal when the age is known exactly."""

    minimum: int
    maximum: int

    def __post_init__(self) -> None:
        if not 0 <= self.minimum <= self.maximum <= AGE_LIMIT:
            raise BadInput(
                f"An age of {self.minimum} to {self.maximum} cannot be right."
                if self.minimum != self.maximum
                else f"An age of {self.minimum} cannot be right.",
                f"Give whole years from 0 to {AGE_LIMIT}.",
                field="age",
            )


@dataclass(frozen=True, slots=True)
class Enquiry:
    """One person's situation. Codes are taxonomy codes; empty or None is "not said"."""

    text: str = ""
    needs: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()
    """Harms or needs the caller ruled out ("not sexual")."""
    age: AgeRange | None = None
    """Of the person who needs help, at referral."""
    other_age: AgeRange | None = None
    """Of the child who harmed."""
    relation: str | None = None
    harmed_by: tuple[str, ...] = ()
    same_household: bool | None = None
    gender: str | None = None
    language: str | None = None
    residence: Place | None = None
    harm_place: Place | None = None
    urgency: str | None = None
    avoid: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Groups the person belongs to, as far as the caller said so (taxonomy "group")."""
    professional: bool = False
    """A worker calls about the person."""
    exclude: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Services or schools named in the text."""

    def __post_init__(self) -> None:
        if len(self.text) > TEXT_LIMIT:
            raise BadInput(
                f"The text has {len(self.text):,} characters.",
                f"Shorten it to {TEXT_LIMIT:,}: what happened, how old, where, what is needed.",
                field="text",
            )

    @property
    def is_empty(self) -> bool:
        """Nothing to go on: no words, no fact."""
        said = (self.text.strip(), self.needs, self.harms, self.residence, self.harm_place, self.age)
        return not any(said)
