"""Made tables in each source's own columns: `facts(a_fact(town="…"))` is the text of a file. All data is invented."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.adapters import care_inspectorate, edinburgh_community_centres, facts, schools

MORE = facts.COLUMNS + facts.MORE_COLUMNS + ("email_kind",)


def a_fact(**cells: Any) -> dict[str, str]:
    """A row of the second table of facts: counselling in Fife, stated in full."""
    row = {
        "id": "f901",
        "family": "counselling",
        "name": "Harbour Counselling",
        "organisation": "Harbour Trust",
        "description": "Counselling for children and young people.",
        "min_age": "12",
        "max_age": "18",
        "gender": "any",
        "areas": "S12000047",
        "referral_routes": "self|professional",
        "languages": "en",
        "urgency": "standard",
        "phone": "01632 960001",
        "url": "https://harbour.example",
        "town": "Kirkhaven",
        "status": "active",
        "source_url": "https://harbour.example/about",
        "source_as_of": "2024",
        "note": "",
        "confidential_place": "no",
        "delivery": "in_person|phone",
        "text_or_chat": "",
        "charity_number": "",
        "relations": "harmed_person",
        "harms": "any",
        "confidence": "page_read",
        "email_kind": "",
    }
    return row | cells


def a_refuge(**cells: Any) -> dict[str, str]:
    """A row of the second table whose place is confidential."""
    return a_fact(
        id="f902",
        family="domestic_abuse",
        name="Lighthouse Women's Aid",
        organisation="Lighthouse Women's Aid",
        description="Refuge and support.",
        gender="female",
        harms="domestic_abuse",
        delivery="residential|outreach",
        confidential_place="yes",
    ) | dict(cells)


def a_registration(**cells: Any) -> dict[str, str]:
    """A row of the Care Inspectorate's register: housing support in Fife."""
    row = dict.fromkeys(care_inspectorate.COLUMNS, "") | {
        "CSNumber": "CS2099000001",
        "CareService": "Housing Support Service",
        "ServiceName": "Anchor Housing Support",
        "Address_line_1": "12 Quay Lane",
        "Service_town": "Kirkhaven",
        "Service_Postcode": "KY1 1AA",
        "Service_Phone_Number": "01315 519 204",
        "ServiceProvider": "Anchor Homes Ltd",
        "ServiceStatus": "Active",
        "Council_Area_Name": "Fife",
        "Client_group": "Adults",
        "PublicList": "Yes",
    }
    return row | cells


def a_school(**cells: Any) -> dict[str, str]:
    """A row of the school roll: a primary school in Fife."""
    row = dict.fromkeys(schools.COLUMNS, "") | {
        "SeedCode": "9000001",
        "SchoolType": "Primary",
        "CentreType": "Local Authority",
        "SchoolName": "Kirkhaven Primary School",
        "AddressLine1": "School Road",
        "AddressLine3": "KIRKHAVEN",
        "PostCode": "KY1 1AB",
        "LAName": "Fife",
        "LACode": "S12000047",
        "Phone": "0131 551 9205",
        "Website": "http://school.example",
        "Denomination": "Non-denominational",
        "Latitude": "56.11",
        "Longitude": "-3.16",
    }
    return row | cells


def a_centre(**cells: Any) -> dict[str, str]:
    """A row of Edinburgh's community centres."""
    row = dict.fromkeys(edinburgh_community_centres.COLUMNS, "") | {
        "Name": "Pierhead Community Centre",
        "Address": "3 Pier Street",
        "Postcode": "EH6 6AA",
        "Telephone": "0131 551 9206/9207",
        "Email": "someone@pierhead.example",
        "Key Activities": "Activities for all ages with an emphasis on Youth Work.",
        "Location": "55.9755,-3.1665",
    }
    return row | cells


def csv_text(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> str:
    """The rows as CSV with these columns."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def file_of(folder: Path, *rows: Mapping[str, str], name: str = "made.csv") -> Path:
    """A file that holds the rows, with the columns of the first."""
    path = folder / name
    path.write_text(csv_text(rows, list(rows[0])), encoding="utf-8")
    return path
