"""Rows and situations for the matcher's tests, in one line each."""

from dataclasses import replace
from typing import Any

from directory.matching import pathway_choice, situation
from directory.matching.candidate import Row
from directory.matching.enquiry import AgeRange, Enquiry
from directory.matching.situation import Situation
from directory.search.columns import pack
from directory.values import CouncilShare, Place, PlaceKind
from taxonomy.pathways import Pathways
from tests.builders import EDINBURGH, FIFE, a_document

IN_EDINBURGH = Place("Edinburgh", PlaceKind.COUNCIL, councils=(CouncilShare(EDINBURGH, "City of Edinburgh", 1.0),))
IN_LEITH = Place(
    "Leith", PlaceKind.TOWN, councils=(CouncilShare(EDINBURGH, "City of Edinburgh", 1.0),), outcodes=("EH6",)
)
IN_FIFE = Place("Fife", PlaceKind.COUNCIL, councils=(CouncilShare(FIFE, "Fife", 1.0),))
IN_CARLISLE = Place("Carlisle", PlaceKind.OUTSIDE_SCOTLAND)


def a_row(text: float = 0.0, **changes: Any) -> Row:
    """The columns of `a_document(**changes)`."""
    return Row(**pack(a_document(**changes)), text=text)


def a_situation(age: int | None = 14, **changes: Any) -> Situation:
    """A 14-year-old who lives in Edinburgh and was physically harmed, unless told otherwise."""
    given: dict[str, Any] = {"harms": ("physical_harm",), "residence": IN_EDINBURGH}
    given["age"] = AgeRange(age, age) if age is not None else None
    return situation.understand(Enquiry(**{**given, **changes}))


def edited_pathways(enquiry: Enquiry, family: str) -> Pathways:
    """The shipped pathway of this enquiry as a domain lead might edit it: its first step asks for this family."""
    pathway = pathway_choice.chosen(situation.understand(enquiry))
    assert pathway is not None
    first, *others = pathway.steps
    return (replace(pathway, steps=(replace(first, families=(family,)), *others)),)
