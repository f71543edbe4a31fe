"""Puts into a draft what only a note or description of its row states (`data/fact_overrides.csv`): field → value."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from directory import capacity, opening
from directory.draft import GenderRule, Registration, SchoolStages, ServiceDraft
from directory.places import divisions
from directory.values import SCHOOL_STAGES, Boundary, Known

WITHHELD = "withheld"
"""Not a field of a draft: the row is to be treated as a withheld place."""


def amended(draft: ServiceDraft, said: Mapping[str, str]) -> ServiceDraft:
    """The draft with our amendments; KeyError for a field that cannot be amended."""
    for name, value in said.items():
        if name != WITHHELD:
            draft = AMENDMENTS[name](draft, value)
    return draft


def _parts(value: str) -> tuple[str, ...]:
    return tuple(part for part in value.split("|") if part)


def _minimum(draft: ServiceDraft, value: str) -> ServiceDraft:
    return replace(draft, age=replace(draft.age, known=Known.STATED, minimum=int(value)))


def _maximum(draft: ServiceDraft, value: str) -> ServiceDraft:
    return replace(draft, age=replace(draft.age, known=Known.STATED, maximum=int(value)))


def _outcodes(draft: ServiceDraft, value: str) -> ServiceDraft:
    return replace(draft, coverage=replace(draft.coverage, outcodes=tuple(value.split())))


def _areas(draft: ServiceDraft, value: str) -> ServiceDraft:
    """The councils that it takes people from, in place of those that its table names."""
    return replace(draft, coverage=replace(draft.coverage, known=Known.STATED, areas=_parts(value)))


def _boundary(draft: ServiceDraft, value: str) -> ServiceDraft:
    return replace(draft, coverage=replace(draft.coverage, boundary=Boundary(value)))


def stages(cell: str) -> SchoolStages:
    """ "" not known, "none" no limit, "P6-S6" or "P6|P7|school_leaver"."""
    if cell in ("", "none"):
        return SchoolStages(Known.NONE if cell else Known.UNKNOWN)
    first, dash, last = cell.partition("-")
    if dash:
        return SchoolStages(Known.STATED, SCHOOL_STAGES[SCHOOL_STAGES.index(first) : SCHOOL_STAGES.index(last) + 1])
    return SchoolStages(Known.STATED, _parts(cell))


def registration(cell: str) -> Registration:
    """ "" not known, "none" none needed, "gp", "school", "gp|school"."""
    if cell in ("", "none"):
        return Registration(Known.NONE if cell else Known.UNKNOWN)
    return Registration(Known.STATED, _parts(cell))


def _divisions(draft: ServiceDraft, value: str) -> ServiceDraft:
    """The area as health boards or police divisions, and the councils that these hold."""
    named = _parts(value)
    councils = tuple(dict.fromkeys(gss for each in named for gss in divisions.councils(each)))
    return replace(draft, coverage=replace(draft.coverage, known=Known.STATED, areas=councils, divisions=named))


AMENDMENTS: Mapping[str, Callable[[ServiceDraft, str], ServiceDraft]] = {
    "minimum_age": _minimum,
    "maximum_age": _maximum,
    "mostly": lambda draft, value: replace(draft, gender=GenderRule(Known.UNKNOWN, value)),
    "status_known": lambda draft, value: replace(draft, status_known=Known(value)),
    "age_about": lambda draft, value: replace(draft, age=replace(draft.age, about=value)),
    "areas": _areas,
    "outcodes": _outcodes,
    "boundary": _boundary,
    "delivery": lambda draft, value: replace(draft, delivery=_parts(value)),
    "main_family": lambda draft, value: replace(draft, families=tuple(dict.fromkeys((value, *draft.families)))),
    "groups": lambda draft, value: replace(draft, groups=_parts(value)),
    "relations": lambda draft, value: replace(draft, relations=_parts(value)),
    "harms": lambda draft, value: replace(draft, harms=_parts(value)),
    "any_harm": lambda draft, value: replace(draft, any_harm=value == "yes"),
    "crisis": lambda draft, value: replace(draft, crisis=value == "yes"),
    "not_for_harmed": lambda draft, value: replace(draft, not_for_harmed=value == "yes"),
    "workers_only": lambda draft, value: replace(draft, workers_only=value == "yes"),
    "phone_note": lambda draft, value: replace(draft, phone_note=value),
    "text_or_chat": lambda draft, value: replace(draft, text_or_chat=value),
    "alert": lambda draft, value: replace(draft, alert=value),
    "stages": lambda draft, value: replace(draft, stages=stages(value)),
    "registration": lambda draft, value: replace(draft, registration=registration(value)),
    "hours": lambda draft, value: replace(draft, hours=opening.parse(value)),
    "capacity": lambda draft, value: replace(draft, capacity=capacity.parse(value)),
    "access": lambda draft, value: replace(draft, access=replace(draft.access, offers=_parts(value))),
    "lacks": lambda draft, value: replace(draft, access=replace(draft.access, lacks=_parts(value))),
    "divisions": _divisions,
    "schools": lambda draft, value: replace(draft, coverage=replace(draft.coverage, schools=tuple(value.split()))),
    "same_as": lambda draft, value: replace(draft, same_as=value),
}
