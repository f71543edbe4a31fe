"""Whose age the words gave: a parent hurt by their own child is no child, so a child's age is that of who hurt them."""

from dataclasses import replace
from typing import Any

from taxonomy.reading_facts import ANY_ADULT
from taxonomy.words import Understanding, Understood, age_label

PARENT_FROM = 16
"""No parent of a child who harms them is younger."""


def settled(understood: Understanding) -> Understanding:
    """The same, with an age below PARENT_FROM that was read beside harm of a parent told as the child's.

    Only an age read from the words: one that was given is of the person who needs help. A brother or sister who was
    hurt beside the parent keeps theirs.
    """
    age = understood.age
    if age is None or not age.words or not _parent_alone(understood):
        return understood
    oldest = age.value["max"] if isinstance(age.value, dict) else age.value
    if oldest >= PARENT_FROM:
        return understood
    changes: dict[str, Any] = {
        "age": Understood(ANY_ADULT, age_label(ANY_ADULT), ()),
        "other_age": understood.other_age or age,
        "school_stage": None,
    }
    return replace(understood, **changes)


def _parent_alone(understood: Understanding) -> bool:
    if all(each.value != "child_to_parent" for each in understood.harms):
        return False
    if understood.relation is None or understood.relation.value not in ("harmed_person", "parent_carer"):
        return False
    return all(each.value != "sibling" for each in understood.harmed_by)
