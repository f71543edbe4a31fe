"""How a plan, a pathway and its guides stand on a page: steps by when, and the guides that are for this person."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

from directory.matching.enquiry import Enquiry
from directory.matching.pathway_choice import span
from directory.matching.results import Plan
from taxonomy import guides
from taxonomy.guides import Guide
from taxonomy.pathway import Pathway

WHEN: Mapping[str, str] = {"now": "Now", "this_week": "This week", "later": "Later"}
FORMS: Mapping[str, str] = {"under_12": "under 12", "12_15": "12 to 15", "16_17": "16 or 17", "adult": "18 or over"}
OTHER_FORMS: Mapping[str, str] = {"under_12": "under 12", "from_12": "12 or over"}
RELATIONS: Mapping[str, str] = {
    "harmed_person": "the person harmed",
    "parent_carer": "parents and carers",
    "sibling": "brothers and sisters",
    "witness": "witnesses",
}


class Timed(Protocol):
    """Anything with a time to be done."""

    @property
    def when(self) -> str: ...


Each = TypeVar("Each", bound=Timed)


def whens(steps: Iterable[Each]) -> list[tuple[str, list[Each]]]:
    """Steps under Now, This week and Later, those of them that have any."""
    found: dict[str, list[Each]] = {when: [] for when in WHEN}
    for step in steps:
        found.setdefault(step.when, []).append(step)
    return [(WHEN.get(when, when), each) for when, each in found.items() if each]


def for_enquiry(plan: Plan | None, enquiry: Enquiry) -> list[Guide]:
    """The guides of a plan with what is for this person: by age form, by the child who harmed, by who is asking."""
    known = guides.load()
    found = [known[name] for name in plan.guides if name in known] if plan else []
    age, other = span(enquiry.age), span(enquiry.other_age)
    kept = (guide.for_person(age, other, enquiry.relation) for guide in found)
    return [guide for guide in kept if guide.sections]


def of_pathway(pathway: Pathway) -> list[Guide]:
    """The whole guides of a pathway."""
    known = guides.load()
    return [known[name] for name in pathway.guides if name in known]


def audience(piece: Any) -> str:
    """Whom a note or a piece of a guide is for, in words; empty when it is for everybody."""
    whom = piece.audience
    parts = []
    if whom.forms:
        parts.append(f"the person harmed is {_either(FORMS[form] for form in whom.forms)}")
    if whom.other:
        parts.append(f"the child who harmed is {_either(OTHER_FORMS[form] for form in whom.other)}")
    said = f"When {' and '.join(parts)}" if parts else ""
    if whom.relations:
        for_whom = _either((RELATIONS.get(code, code.replace("_", " ")) for code in whom.relations), "and")
        said = f"{said}, for {for_whom}" if said else f"For {for_whom}"
    return said


def _either(words: Iterable[str], joint: str = "or") -> str:
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} {joint} {found[-1]}"
