"""Which pathway an enquiry takes, and which of its steps: its facts and places as `taxonomy.pathways` asks for them."""

from functools import lru_cache

from directory.matching.concerns import all_harms
from directory.matching.enquiry import AgeRange
from directory.matching.situation import Situation
from directory.places import areas
from directory.search.columns import council_bits
from taxonomy import pathways
from taxonomy.pathway import Asked, Pathway, Span, Step
from taxonomy.pathways import Pathways

ADULT, YOUNG_UNTIL = 18, 25


def chosen(situation: Situation, among: Pathways | None = None) -> Pathway | None:
    """The pathway for an enquiry, of the set given or of those that came with this version."""
    return pathways.choose(asked(situation), among)


def asked(situation: Situation) -> Asked:
    """What of an enquiry decides its pathway and the steps taken."""
    enquiry, age = situation.enquiry, situation.enquiry.age
    who = set(situation.who)
    if age is None or age.minimum <= YOUNG_UNTIL:
        who.add("young")
    if age is not None and age.minimum >= ADULT:
        who.add("grown_up")
    if "restorative_justice" in enquiry.needs:
        who.add("restorative")
    return Asked(
        harms=all_harms(enquiry),
        needs=enquiry.needs,
        harmed_by=enquiry.harmed_by,
        relation=enquiry.relation,
        groups=enquiry.groups,
        who=frozenset(who),
        text=enquiry.text,
    )


def steps(pathway: Pathway, situation: Situation) -> tuple[Step, ...]:
    """The steps of a pathway that are for this enquiry, in the file's order."""
    said = asked(situation)
    return tuple(step for step in pathway.steps if pathways.taken(step, said) and _here(step, situation))


def _here(step: Step, situation: Situation) -> bool:
    """Whether the step's areas hold the home, or where no home is known the place of harm."""
    home = situation.residence_mask or situation.harm_place_mask
    if step.areas and not home & area_mask(step.areas):
        return False
    return not (step.except_areas and home & area_mask(step.except_areas))


@lru_cache(maxsize=256)
def area_mask(names: tuple[str, ...]) -> int:
    """Bits of the councils of these council areas and health boards. Raises KeyError for a name of neither."""
    bits, mask = council_bits(), 0
    for name in names:
        for council in _councils(name):
            mask |= 1 << bits[council.gss]
    return mask


def _councils(name: str) -> tuple[areas.CouncilArea, ...]:
    try:
        return (areas.council(name),)
    except KeyError:
        return areas.health_board_councils(name)


def span(age: AgeRange | None) -> Span:
    """An age as notes and guides compare it."""
    return (age.minimum, age.maximum) if age else None
