"""Reads the Care Inspectorate's register of care services: a row is one registration, its id the CS number.

The council area is where a service is registered. The register does not say whom it serves; for the services kept here
(housing support, care at home, day support) that is the same council in all but a few, so it is taken as stated.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from directory.draft import AgeLimit, Coverage, Premises, ServiceDraft
from directory.values import Confidence, Known, Visibility
from ingest import cells, contacts, withheld
from ingest.cells import Notes, Unusable
from ingest.reading import Reading, Row, own_table, table

SOURCE = "care-inspectorate"
AS_OF = "2026-05"
COLUMNS = (
    "CSNumber", "CareService", "Subtype", "ServiceName", "Address_line_1", "Address_line_2", "Address_line_3",
    "Address_line_4", "Service_town", "Service_Postcode", "Service_Phone_Number", "ServiceProvider", "ServiceStatus",
    "Council_Area_Name", "Client_group", "PublicList",
)  # fmt: skip
ADDRESS_LINES = ("Address_line_1", "Address_line_2", "Address_line_3", "Address_line_4")
STATUSES = {"Active": "active", "Inactive": "inactive"}
AGES = {"Adults": AgeLimit(Known.STATED, minimum=16), "Children": AgeLimit(Known.STATED, maximum=17), "": AgeLimit()}
"""Client groups as ages: the regulator counts people of 16 and over as adults."""


MINORITY_GROUP = re.compile(r"\b(?:shakti|hemat gryffe|saheliya)\b", re.IGNORECASE)
"""Groups whose fact rows say that they are for Black and minority ethnic women and children only."""
HOMELESS = re.compile(
    r"\b(homeless\w*|young|youth|temporary accommodation|rock trust|throughcare|nightstop)\b", re.IGNORECASE
)
"""Names of housing support that takes people with nowhere to stay, or young people: the register does not say."""
REFUGE_NEEDS = ("safety", "refuge", "emotional_support", "advocacy")
SUBTYPES = {
    "Care at Home": ": care at home",
    "Other than Care at home": ": support away from home, such as day support",
    "Residential Special School": ": residential special school",
    "Mainstream Residential School": ": boarding school",
    "School Hostel": ": school hostel",
}


def read(path: Path) -> Iterator[Reading]:
    """One reading for each registration. Raises UnusableFile."""
    seen: dict[str, int] = {}
    for row in table(path, COLUMNS):
        notes = Notes(SOURCE, row.number)
        try:
            notes.source_id = cells.identity(row, "CSNumber", seen, "ServiceName")
            cells.no_person(row, "ServiceName", "ServiceProvider")
            yield Reading(
                row.number, _draft(row, notes), tuple(notes.issues), (row["ServiceName"], row["ServiceProvider"])
            )
        except Unusable as problem:
            yield notes.unusable(problem)


def is_withheld(row: Row) -> bool:
    """Not on the public list, or with neither address nor postcode, or a group that keeps refuges."""
    nowhere = not any(row[line] for line in ADDRESS_LINES) and not row["Service_Postcode"]
    refuge = withheld.is_refuge_group(row["ServiceName"], row["ServiceProvider"])
    return row["PublicList"] != "Yes" or nowhere or refuge


def _draft(row: Row, notes: Notes) -> ServiceDraft:
    kind = _kinds()[cells.one_of(row, "CareService", _kinds())]
    refuge = withheld.is_refuge_group(row["ServiceName"], row["ServiceProvider"])
    council = cells.council(row, "Council_Area_Name")
    status = STATUSES[cells.one_of(row, "ServiceStatus", tuple(STATUSES))]
    ages = AGES[cells.one_of(row, "Client_group", tuple(AGES))]
    hidden = is_withheld(row)
    draft = ServiceDraft(
        source=SOURCE,
        source_id=row["CSNumber"],
        name=contacts.plain_name(row["ServiceName"]),
        organization=contacts.plain_name(row["ServiceProvider"]) or row["ServiceName"],
        description=_description(kind, row["Subtype"]),
        families=_families(kind["family"], refuge),
        kind=kind["kind"],
        needs=cells.unique(
            *(REFUGE_NEEDS if refuge else ()),
            "housing" if HOMELESS.search(row["ServiceName"]) else "",
            *kind["needs"].split("|"),
        ),
        harms=("domestic_abuse",) if refuge else (),
        groups=_groups(row),
        delivery=cells.unique(*kind["delivery"].split("|"), "outreach" if row["Subtype"] == "Care at Home" else ""),
        languages=("en",),
        # a refuge is registered for adults and takes their children: the client group is no rule of the group's
        age=AgeLimit() if refuge else ages,
        coverage=Coverage(Known.STATED, (council,)),
        premises=Premises(council=council) if hidden else _premises(row, council, notes),
        phone="" if hidden else cells.phone(row, "Service_Phone_Number", notes),
        status=status,
        not_for_harmed=kind["not_for_harmed"] == "yes",
        confidence=Confidence.REGISTER,
        as_of=AS_OF,
    )
    return _protected(draft, row) if hidden else draft


def _families(family: str, refuge: bool) -> tuple[str, ...]:
    """What it is; of a group that keeps refuges that before all, save its nursery, which children go to by day."""
    if not refuge:
        return (family,)
    return (family, "domestic_abuse") if family == "early_years" else cells.unique("domestic_abuse", family)


def _groups(row: Row) -> tuple[str, ...]:
    made_for = any(MINORITY_GROUP.search(row[name]) for name in ("ServiceName", "ServiceProvider"))
    return ("black_minority_ethnic",) if made_for else ()


@cache
def _kinds() -> Mapping[str, Mapping[str, str]]:
    return {row["care_service"]: row for row in own_table("care_services.csv")}


def _description(kind: Mapping[str, str], subtype: str) -> str:
    return f"{kind['kind']} on the Care Inspectorate's register{SUBTYPES.get(subtype, '')}."


def _premises(row: Row, council: str, notes: Notes) -> Premises:
    lines = [contacts.without_people(row[line]) for line in ADDRESS_LINES if row[line]]
    return Premises(
        visibility=Visibility.EXACT,
        address_1=lines[0] if lines else "",
        address_2=", ".join(lines[1:]),
        city=row["Service_town"].title() if row["Service_town"].isupper() else row["Service_town"],
        postal_code=cells.postal_code(row, "Service_Postcode", notes),
        council=council,
    )


def _protected(draft: ServiceDraft, row: Row) -> ServiceDraft:
    secrets = tuple(row[name] for name in (*ADDRESS_LINES, "Service_town", "Service_Postcode", "Service_Phone_Number"))
    withheld.check_id(row["CSNumber"], "CSNumber", secrets)
    return withheld.protect(draft, secrets, _description(_kinds()[row["CareService"]], row["Subtype"]))
