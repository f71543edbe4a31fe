"""Reads the Scottish school roll: every publicly funded school, with its stage, place and number.

One code may stand for several departments of one school (primary and secondary under one roof): the first row then
speaks for all of them and the others are held, so that no school appears twice and none loses a stage.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from directory.draft import AgeLimit, Coverage, GenderRule, Premises, SchoolStages, ServiceDraft
from directory.places import areas
from directory.values import SCHOOL_STAGES, Confidence, Known, Visibility
from ingest import cells, contacts, withheld
from ingest.cells import Notes, Unusable
from ingest.reading import Reading, Row, table

SOURCE = "schools"
AS_OF = "2023"
COLUMNS = (
    "SeedCode", "SchoolType", "CentreType", "SchoolName", "AddressLine1", "AddressLine2", "AddressLine3", "PostCode",
    "LAName", "LACode", "Phone", "Website", "Denomination", "Latitude", "Longitude",
)  # fmt: skip
STAGES = ("Primary", "Secondary", "Special")
AGES = {"Primary": (4, 12), "Secondary": (11, 18)}
"""Ages at a stage in whole years, both ends in; the roll does not say them for special schools."""


def read(path: Path) -> Iterator[Reading]:
    """One reading for each row. Raises UnusableFile."""
    departments: dict[str, list[str]] = defaultdict(list)
    for row in table(path, COLUMNS):
        departments[row["SeedCode"]].append(row["SchoolType"])
    seen: dict[str, int] = {}
    for row in table(path, COLUMNS):
        notes = Notes(SOURCE, row.number)
        try:
            notes.source_id = f"school:{cells.identity(row, 'SeedCode', seen, 'SchoolName')}"
            cells.no_person(row, "SchoolName")
            draft = _draft(row, departments[row["SeedCode"]], notes)
            yield Reading(row.number, draft, tuple(notes.issues), (row["SchoolName"],))
        except Unusable as problem:
            yield notes.unusable(_another_department(problem))


def _draft(row: Row, departments: Sequence[str], notes: Notes) -> ServiceDraft:
    """`departments`: the stages of all rows of this school."""
    if not set(departments) <= set(STAGES):
        raise Unusable("SchoolType", "a word that is not in the source's vocabulary")
    stages = sorted(set(departments), key=STAGES.index)
    council = cells.council(row, "LACode")
    kind = _kind(stages)
    name = contacts.plain_name(row["SchoolName"])
    draft = ServiceDraft(
        source=SOURCE,
        source_id=f"school:{row['SeedCode']}",
        name=name,
        organization=_council_body(council) if row["CentreType"] == "Local Authority" else name,
        description=_description(kind, row["Denomination"]),
        families=("education",),
        kind=kind,
        needs=("school", "additional_support") if "Special" in stages else ("school",),
        any_harm=True,
        delivery=("in_person",),
        age=_ages(stages),
        stages=_school_stages(stages),
        gender=GenderRule(Known.NONE),
        coverage=Coverage(Known.STATED, (council,)),
        premises=_premises(row, council, notes),
        phone=cells.phone(row, "Phone", notes),
        url=cells.url(row, "Website", notes),
        confidence=Confidence.REGISTER,
        as_of=AS_OF,
    )
    return withheld.protect(draft, _place_cells(row)) if withheld.is_refuge_group(row["SchoolName"]) else draft


def _council_body(gss: str) -> str:
    name = areas.council(gss).name
    return "Comhairle nan Eilean Siar" if "Eilean" in name else f"{name} Council"


def _another_department(problem: Unusable) -> Unusable:
    if problem.column == "SeedCode" and problem.held:
        return Unusable("SeedCode", "another department of a school above, whose record speaks for both")
    return problem


def _kind(stages: Sequence[str]) -> str:
    """ "Primary school", "Primary and secondary school", …"""
    words = " and ".join(stages).lower()
    return f"{words[:1].upper()}{words[1:]} school"


def _ages(stages: Sequence[str]) -> AgeLimit:
    bounds = [AGES[stage] for stage in stages if stage in AGES]
    if not bounds:
        return AgeLimit()
    return AgeLimit(Known.STATED, min(low for low, _ in bounds), max(high for _, high in bounds))


def _school_stages(stages: Sequence[str]) -> SchoolStages:
    """P1 to P7 and S1 to S6; the roll does not say them for special schools."""
    letters = tuple(stage[0] for stage in stages)
    if not set(stages) <= set(AGES):
        return SchoolStages()
    return SchoolStages(Known.STATED, tuple(stage for stage in SCHOOL_STAGES[1:-1] if stage[0] in letters))


def _description(kind: str, denomination: str) -> str:
    faith = f", {denomination.lower()}" if denomination and denomination != "Non-denominational" else ""
    return f"{kind}{faith}. Guidance staff and the head can act on bullying, safety and support at school."


def _premises(row: Row, council: str, notes: Notes) -> Premises:
    town = row["AddressLine3"] or row["AddressLine2"]
    return Premises(
        visibility=Visibility.EXACT,
        address_1=contacts.without_people(row["AddressLine1"]),
        address_2=contacts.without_people(row["AddressLine2"]) if row["AddressLine3"] else "",
        city=contacts.without_people(town.title() if town.isupper() else town),
        postal_code=cells.postal_code(row, "PostCode", notes),
        council=council,
        point=cells.point(row, "Latitude", "Longitude", notes),
    )


def _place_cells(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in ("AddressLine1", "AddressLine2", "AddressLine3", "PostCode", "Phone"))
