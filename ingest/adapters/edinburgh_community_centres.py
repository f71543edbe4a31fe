"""Reads the City of Edinburgh Council's list of community centres and youth projects, as left between 2014 and 2020.

The file has no ids: a centre's name is its id. The file's own date is not stated, so none is kept. Opening hours are
kept as written then and, having no date, never taken for today's. E-mail addresses are never kept.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from directory.draft import Access, Coverage, GenderRule, Premises, ServiceDraft
from directory.places import areas, giveaways
from directory.values import Confidence, Known, Visibility
from ingest import cells, contacts, hours_words, withheld
from ingest.cells import Notes, Unusable
from ingest.reading import Reading, Row, table

SOURCE = "edinburgh-community-centres"
COLUMNS = ("Name", "Address", "Postcode", "Telephone", "Email", "Key Activities", "Programme", "Location")
COUNCIL = areas.council("City of Edinburgh").gss
CITY = "Edinburgh"
LONGEST = 190
YOUTH = re.compile(r"\b(?:youth|young people|children|after school|under 12s|playgroup)\b", re.IGNORECASE)
ADULTS = re.compile(r"\badults?\b|literacy|careers", re.IGNORECASE)


def read(path: Path) -> Iterator[Reading]:
    """One reading for each centre. Raises UnusableFile."""
    seen: dict[str, int] = {}
    for row in table(path, COLUMNS):
        notes = Notes(SOURCE, row.number)
        try:
            _check(row, seen)
            notes.source_id = f"edcc:{row['Name']}"
            yield Reading(row.number, _draft(row, notes), tuple(notes.issues), (row["Name"],))
        except Unusable as problem:
            yield notes.unusable(problem)


def _check(row: Row, seen: dict[str, int]) -> None:
    if not row.whole:
        raise Unusable("", "it has more or fewer cells than the header", held=False)
    if not row["Name"] or len(row["Name"]) > LONGEST:
        raise Unusable("Name", "no name, or one too long to be a name", held=False)
    first = seen.setdefault(row["Name"], row.number)
    if first != row.number:
        raise Unusable("Name", "the name of an earlier row")
    cells.no_person(row, "Name")


def _draft(row: Row, notes: Notes) -> ServiceDraft:
    for_youth = bool(YOUTH.search(f"{row['Name']} {row['Key Activities']}"))
    draft = ServiceDraft(
        source=SOURCE,
        source_id=f"edcc:{row['Name']}",
        name=contacts.plain_name(row["Name"]),
        organization="City of Edinburgh Council",
        description=_description(row, for_youth),
        families=cells.unique("community_hub", "youth" if for_youth else ""),
        kind="Youth project" if for_youth and "Communit" not in row["Name"] else "Community centre",
        needs=("youth_activities",) if for_youth else (),
        any_harm=True,
        delivery=("in_person",),
        referral_routes=("self",),
        gender=GenderRule(Known.NONE),
        coverage=Coverage(Known.STATED, (COUNCIL,)),
        hours=hours_words.read(contacts.without_people(row.get("Opening Hours"))),
        access=Access(("step_free",) if row.get("Disabled Access") == "Yes" else ()),
        premises=_premises(row, notes),
        phone=cells.phone(row, "Telephone", notes),
        url=cells.url(row, "Programme", notes),
        confidence=Confidence.REGISTER,
    )
    if not withheld.is_refuge_group(row["Name"]):
        return draft
    secrets = (row["Address"], row["Postcode"], row["Telephone"], row["Location"])
    _check_name(row, secrets)
    return withheld.protect(draft, secrets)


def _check_name(row: Row, secrets: tuple[str, ...]) -> None:
    """A withheld service's name is its id here: it is held when the name tells its place."""
    if giveaways.tells_a_place(row["Name"]):
        raise Unusable("Name", "the name of a withheld service tells its place")
    withheld.check_id(row["Name"], "Name", secrets)


def _description(row: Row, for_youth: bool) -> str:
    """In our words, from what the list says of its activities."""
    said = row["Key Activities"]
    what = [
        "work with children and young people" if for_youth else "",
        "classes for adults" if ADULTS.search(said) else "",
        "activities for all ages" if re.search(r"all ages|communit", said, re.IGNORECASE) else "",
    ]
    offered = [part for part in what if part]
    return f"Community centre or project in Edinburgh{': ' + ', '.join(offered) if offered else ''}."


def _premises(row: Row, notes: Notes) -> Premises:
    lat, _, lon = row["Location"].partition(",")
    return Premises(
        visibility=Visibility.EXACT,
        address_1=contacts.without_people(row["Address"]),
        city=CITY,
        postal_code=cells.postal_code(row, "Postcode", notes),
        council=COUNCIL,
        point=cells.point_of(lat.strip(), lon.strip(), "Location", notes),
    )
