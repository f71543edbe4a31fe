"""Puts into a draft what only a note or description of its row states (`data/fact_overrides.csv`): field → value."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from directory.draft import ServiceDraft
from directory.values import Boundary, Known

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


def _outcodes(draft: ServiceDraft, value: str) -> ServiceDraft:
    return replace(draft, coverage=replace(draft.coverage, outcodes=tuple(value.split())))


def _boundary(draft: ServiceDraft, value: str) -> ServiceDraft:
    return replace(draft, coverage=replace(draft.coverage, boundary=Boundary(value)))


AMENDMENTS: Mapping[str, Callable[[ServiceDraft, str], ServiceDraft]] = {
    "minimum_age": _minimum,
    "age_about": lambda draft, value: replace(draft, age=replace(draft.age, about=value)),
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
    "same_as": lambda draft, value: replace(draft, same_as=value),
}
