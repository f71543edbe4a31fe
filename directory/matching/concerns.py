"""What an enquiry asks help for, as `fit.csv` names it ("harm:threats", "need:safety"): said, only likely, or perhaps
meant."""

from collections.abc import Iterable

from directory.matching.enquiry import Enquiry
from taxonomy import terms

DISABILITIES = frozenset({"autism", "learning_disability", "disabled", "deaf"})


def concerns(enquiry: Enquiry) -> tuple[str, ...]:
    """Those that are said, what they are kinds of, and what always holds: the rows of `fit.csv` that apply."""
    urgent = ("now",) if enquiry.urgency == "now" else ()
    danger = ("danger",) if urgent and "safety" in enquiry.needs else ()
    unclear = () if enquiry.harms else ("unclear",)
    harms = (f"harm:{code}" for code in _with_parents("harm", all_harms(enquiry)))
    needs = (f"need:{code}" for code in _with_parents("need", _needs(enquiry)))
    return ("always", *unclear, *urgent, *danger, *harms, *needs)


def likelihood(enquiry: Enquiry) -> dict[str, float]:
    """How likely each harm and need is, 0 to 1, those perhaps meant among them: each concern and what it is a kind of,
    as likely as the likeliest of its kind. What is said counts by its own likelihood alone."""
    unsure = dict(enquiry.unsure)
    said = (*(f"harm:{code}" for code in all_harms(enquiry)), *(f"need:{code}" for code in _needs(enquiry)))
    return _widened(enquiry.perhaps) | _widened((concern, unsure.get(concern, 1.0)) for concern in said)


def all_harms(enquiry: Enquiry) -> tuple[str, ...]:
    """The harms said, and domestic abuse when a partner or ex did it (Domestic Abuse (Scotland) Act 2018)."""
    harms = enquiry.harms
    if "partner" in enquiry.harmed_by and "domestic_abuse" not in (*harms, *enquiry.negated):
        return (*harms, "domestic_abuse")
    return harms


def _needs(enquiry: Enquiry) -> tuple[str, ...]:
    """The needs said; extra support at school when school and a disability were said; for who signs, communication."""
    needs = enquiry.needs
    if "school" in needs and DISABILITIES & set(enquiry.groups):
        needs = (*needs, "additional_support")
    return (*needs, "communication") if enquiry.language == "bsl" else needs


def parents(concern: str) -> list[str]:
    """What a concern is a kind of, nearest first."""
    name, _, code = concern.partition(":")
    return [f"{name}:{parent}" for parent in terms.load()[name].ancestors(code)]


def _widened(likely: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for concern, chance in likely:
        for each in (concern, *parents(concern)):
            found[each] = max(chance, found.get(each, 0.0))
    return found


def _with_parents(name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    taxonomy = terms.load()[name]
    found = dict.fromkeys(codes)
    for code in codes:
        found.update(dict.fromkeys(taxonomy.ancestors(code)))
    return tuple(found)
