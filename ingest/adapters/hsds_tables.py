"""Holds the tables of an HSDS data package on disk while it is read, so that each service finds what belongs to it.

Which file is which table: by `datapackage.json`, else by its name ("ohana_regular_schedules.csv"). Names of HSDS 1.0
to 3 are taken alike.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from types import TracebackType

from directory.errors import UnusableFile
from directory.feeds import sheets
from directory.values import Issue
from ingest import json_parts
from ingest.material import Material, Part

Cells = dict[str, str]
"""One row of a table: its filled cells by column."""

TABLES: Mapping[str, str] = {
    "organization": "organization", "organizations": "organization",
    "service": "service", "services": "service",
    "service_at_location": "service_at_location", "service_at_locations": "service_at_location",
    "services_at_location": "service_at_location", "services_at_locations": "service_at_location",
    "location": "location", "locations": "location",
    "address": "address", "addresses": "address",
    "physical_address": "address", "physical_addresses": "address",
    "postal_address": "postal_address", "postal_addresses": "postal_address", "mail_addresses": "postal_address",
    "phone": "phone", "phones": "phone",
    "schedule": "schedule", "schedules": "schedule",
    "regular_schedule": "schedule", "regular_schedules": "schedule",
    "holiday_schedule": "holiday_schedule", "holiday_schedules": "holiday_schedule",
    "contact": "contact", "contacts": "contact",
    "language": "language", "languages": "language",
    "service_area": "service_area", "service_areas": "service_area",
    "attribute": "attribute", "attributes": "attribute",
    "service_taxonomy": "attribute", "services_taxonomy": "attribute", "service_taxonomies": "attribute",
    "taxonomy": "taxonomy", "taxonomies": "taxonomy",
    "taxonomy_term": "taxonomy_term", "taxonomy_terms": "taxonomy_term",
    "accessibility": "accessibility", "accessibility_for_disabilities": "accessibility",
    "eligibility": "eligibility", "eligibilities": "eligibility", "eligibilitys": "eligibility",
    "organization_identifier": "organization_identifier", "organization_identifiers": "organization_identifier",
    "cost_option": "", "cost_options": "", "funding": "", "program": "", "programs": "", "metadata": "",
    "meta_table_description": "", "meta_table_descriptions": "", "required_document": "", "required_documents": "",
    "payment_accepted": "", "payments_accepted": "", "service_capacity": "", "service_capacities": "", "unit": "",
    "units": "", "url": "", "urls": "",
}  # fmt: skip
""" "" is a table of HSDS that a draft takes nothing from."""
LINKS: Mapping[str, str] = {
    "service_id": "service", "location_id": "location", "organization_id": "organization",
    "service_at_location_id": "service_at_location", "contact_id": "contact", "phone_id": "phone",
    "link_id": "", "taxonomy_term_id": "taxonomy_term", "taxonomy_id": "taxonomy",
}  # fmt: skip
"""Columns that name a row of another table; link_id may name one of any."""
DESCRIPTOR = "datapackage.json"
NOUNS = {
    "service": "a service", "location": "a location", "organization": "an organisation",
    "service_at_location": "a place of a service", "contact": "a contact", "phone": "a phone",
    "taxonomy_term": "a term",
}  # fmt: skip


class Tables:
    """The tables of one package, to be used within `with`. Raises UnusableFile for one that cannot be read."""

    def __init__(self, source: str, material: Material) -> None:
        self._db = sqlite3.connect("")  # a file of its own, gone when it is closed
        self._db.execute("create table rows (tab text, number integer, id text, cells text)")
        self._db.execute("create table links (tab text, number integer, col text, value text)")
        self._source = source
        self.issues: list[Issue] = []
        """Of the package as a whole."""
        found = _tables(material)
        if not any(table == "service" for table, _ in found):
            raise UnusableFile("The package has no table of services.", "It should hold services.csv.")
        for table, part in found:
            self._fill(table, part)
        self._db.execute("create index one on rows (tab, id)")
        self._db.execute("create index many on links (tab, col, value)")
        self._say_dangling()

    def __enter__(self) -> "Tables":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._db.close()

    def services(self) -> Iterator[tuple[Cells, bool]]:
        """Every row of services, in order, and whether it is whole."""
        query = "select cells, id is not null from rows where tab = 'service' order by rowid"
        for cells, whole in self._db.execute(query):
            yield json.loads(cells), bool(whole)

    def one(self, table: str, id_: str) -> Cells | None:
        """The row of that id, None when there is none."""
        row = self._db.execute("select cells from rows where tab = ? and id = ? limit 1", (table, id_)).fetchone()
        return json.loads(row[0]) if id_ and row else None

    def of(self, table: str, column: str, id_: str) -> list[Cells]:
        """The rows of a table whose column names that id, in order; at most as many as a list of a feed may have."""
        query = (
            "select rows.cells from links join rows on rows.tab = links.tab and rows.rowid = links.number"
            " where links.tab = ? and links.col = ? and links.value = ? order by rows.rowid limit 500"
        )
        return [json.loads(row[0]) for row in self._db.execute(query, (table, column, id_))] if id_ else []

    def _fill(self, table: str, part: Part) -> None:
        sheet = sheets.read(part.path, part.name)
        columns = [column.strip().casefold() for column in sheet.columns]
        ragged = 0
        for row in sheet.rows:
            cells = {name: cell for name, cell in zip(columns, row.cells, strict=False) if cell}
            if not row.whole and table != "service":
                ragged += 1
                continue
            id_ = cells.get("id") or (cells.get("taxonomy_id", "") if table == "taxonomy" else "")
            at = self._db.execute(
                "insert into rows values (?, ?, ?, ?)",
                (table, row.number, id_ if row.whole else None, json.dumps(cells)),
            ).lastrowid
            links = [(table, at, column, cells[column]) for column in LINKS if cells.get(column)]
            self._db.executemany("insert into links values (?, ?, ?, ?)", links)
        if ragged:
            self._say(table, f"{ragged:,} rows have more or fewer cells than the header: they were not read")

    def _say_dangling(self) -> None:
        """Rows that hang on nothing are not lost in silence."""
        for column, named in LINKS.items():
            if not named or column == "taxonomy_id":
                continue
            query = (
                "select tab, count(*) from links where col = ? and not exists"
                " (select 1 from rows where rows.tab = ? and rows.id = links.value) group by tab order by tab"
            )
            for table, count in self._db.execute(query, (column, named)).fetchall():
                self._say(table, f"{count:,} rows name {NOUNS[named]} that the package does not hold ({column})")

    def _say(self, table: str, reason: str) -> None:
        self.issues.append(Issue(self._source, 0, table, reason))


def _tables(material: Material) -> list[tuple[str, Part]]:
    """Table and file, for every file that is a table of HSDS."""
    described = [part for part in material if PurePosixPath(part.name).name.casefold() == DESCRIPTOR]
    named = _described(described[0], material) if described else {}
    found = []
    for part in material:
        table = named.get(part.name) or table_of(PurePosixPath(part.name).name)
        if table and part not in described:
            found.append((table, part))
    return found


def table_of(file_name: str) -> str:
    """The table a file holds, by its name: "ohana_regular_schedules.csv" is "schedule"; "" for another file."""
    stem = re.sub(r"(\.csv|\.tsv|\.txt)?(\.gz)?$", "", file_name.casefold()).replace("-", "_").replace(" ", "_")
    for name in sorted(TABLES, key=len, reverse=True):
        if stem == name or stem.endswith(f"_{name}"):
            return TABLES[name]
    return ""


def _described(part: Part, material: Material) -> dict[str, str]:
    """What `datapackage.json` says: name of the part → table. Raises UnusableFile for one that points elsewhere."""
    (item,) = json_parts.read(part, ()).items()
    resources = item.value.get("resources") if isinstance(item.value, Mapping) else None
    if not isinstance(resources, list):
        raise UnusableFile(f"{part.name} names no files (“resources”).", "Ask the source for a whole data package.")
    found: dict[str, str] = {}
    for resource in resources[:1_000]:
        name, path = (resource.get(key) if isinstance(resource, Mapping) else None for key in ("name", "path"))
        table = TABLES.get(str(name).casefold().replace("-", "_"), "")
        for one in path if isinstance(path, list) else [path]:
            if not isinstance(one, str) or not table:
                continue
            if "://" in one or one.startswith("/") or ".." in PurePosixPath(one).parts:
                raise UnusableFile(f"{part.name} names a file that is not in the package.", "It is not fetched.")
            held = [each.name for each in material if each.name == one or each.name.endswith(f"/{one}")]
            found.update((each, table) for each in held)
    return found
