"""What a worker puts right in what was read out of the words: facts taken away ("not that"), and facts beside them.

Facts *given* replace what was read (`understanding.enquiry`); corrections keep the rest of it, and fall silent once the
words say something else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from directory.errors import BadInput
from taxonomy.terms import load
from taxonomy.words import Understanding, Understood

MANY: Mapping[str, str] = {"harms": "harm", "needs": "need", "harmed_by": "harmed_by"}
"""Facts there may be several of, each with its taxonomy: what a worker can add one of."""
PERHAPS = ("perhaps_harms", "perhaps_needs")
LISTS = (*MANY, *PERHAPS, "negated", "groups", "avoid", "names")
ONE = (
    "age", "other_age", "relation", "gender", "residence", "harm_place", "language", "urgency", "same_household",
    "school_stage", "professional",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Corrections:
    """Marks ("needs/counselling", "age/14", "residence/Leith": `mark`) of what was read wrongly, and what is added."""

    dropped: frozenset[str] = frozenset()
    added: tuple[str, ...] = ()


NONE = Corrections()


def mark(field: str, value: Any) -> str:
    """How a fact is named in a form: its field of `Understanding`, and its value in words."""
    if isinstance(value, dict):
        value = value.get("name") or f"{value.get('min')} to {value.get('max')}"
    return f"{field}/{value}"


def corrected(said: Understanding, corrections: Corrections) -> Understanding:
    """What was understood, put right. Raises BadInput for something added that is no code of a taxonomy."""
    if not corrections.dropped and not corrections.added:
        return said
    changes: dict[str, Any] = {}
    for field in ONE:
        one: Understood | None = getattr(said, field)
        if one is not None and mark(field, one.value) in corrections.dropped:
            changes[field] = None
    for field in LISTS:
        kept = [each for each in getattr(said, field) if mark(field, each.value) not in corrections.dropped]
        changes[field] = (*kept, *_added(field, corrections.added, {each.value for each in kept}))
    wanted = {each.value for field in ("harms", "needs") for each in changes[field]}
    for field in ("negated", *PERHAPS):
        changes[field] = tuple(each for each in changes[field] if each.value not in wanted)
    return replace(said, **changes)


def check_added(marks: Iterable[str]) -> None:
    """Raises BadInput for what is no code of a taxonomy."""
    for each in marks:
        field, _, code = each.partition("/")
        if field not in MANY or code not in load()[MANY[field]]:
            raise BadInput("A fact that was added is not known.", "Choose from the list.", "add")


def _added(field: str, marks: Iterable[str], known: set[Any]) -> list[Understood]:
    """Those of one field, but for what the words say already; they have no words of their own."""
    if field not in MANY:
        return []
    check_added(marks)
    labels = load()[MANY[field]]
    codes = [code for own, _, code in (each.partition("/") for each in marks) if own == field]
    return [Understood(code, labels.label(code), ()) for code in dict.fromkeys(codes) if code not in known]
