"""What the matcher is asked: a frozen value, never stored unless the worker starts a referral."""

from dataclasses import dataclass

from directory.errors import BadInput
from directory.values import ACCESS_NEEDS, REGISTRATIONS, SCHOOL_STAGES, Place

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


KNOWN_REGISTRATIONS = (*REGISTRATIONS, *(f"no_{place}" for place in REGISTRATIONS))


def _check_codes(field: str, codes: tuple[str, ...], choices: tuple[str, ...]) -> None:
    if any(code not in choices for code in codes):
        what = field.replace("_", " ")
        raise BadInput(f"That {what} is not known.", f"Use one of {', '.join(choices)}.", field=field)


@dataclass(frozen=True, slots=True)
class Enquiry:
    """One person's situation. Codes are taxonomy codes; empty or None is "not said"."""

    text: str = ""
    needs: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()
    """Harms or needs the caller ruled out ("not sexual")."""
    unsure: tuple[tuple[str, float], ...] = ()
    """Of the harms and needs above, those that are only likely, as concern ("harm:threats") and likelihood, 0 to 1."""
    perhaps: tuple[tuple[str, float], ...] = ()
    """Likewise concerns that are not said, but may be meant."""
    age: AgeRange | None = None
    """Of the person who needs help, at referral."""
    other_age: AgeRange | None = None
    """Of the child who harmed."""
    school_stage: str | None = None
    """Of the person who needs help: one of `values.SCHOOL_STAGES`."""
    schools: tuple[str, ...] = ()
    """Seed codes of the schools the person goes to."""
    registered: tuple[str, ...] = ()
    """What is known of their registrations: "gp", "school", or "no_gp", "no_school"."""
    access: tuple[str, ...] = ()
    """What they need to use a service: `values.ACCESS_NEEDS`."""
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
        _check_codes("school_stage", (self.school_stage,) if self.school_stage else (), SCHOOL_STAGES)
        _check_codes("registered", self.registered, KNOWN_REGISTRATIONS)
        _check_codes("access", self.access, ACCESS_NEEDS)
        if any(not (seed.isdecimal() and len(seed) == 7) for seed in self.schools):
            raise BadInput("That is no school's seed code.", "Give the seven digits of its seed code.", field="schools")

    @property
    def is_empty(self) -> bool:
        """Nothing to go on: no words, no fact."""
        said = (self.text.strip(), self.needs, self.harms, self.residence, self.harm_place, self.age)
        return not any(said)
