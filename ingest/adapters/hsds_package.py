"""Reads HSDS data packages: tables as CSV, in a ZIP file or as files, HSDS 3 with its descriptor or the flat HSDS 1.0.

Each service is nested from the tables as a feed would nest it. Ids that name nothing are said; nothing is followed in a
circle, for only the links of a service to what hangs on it are followed.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from directory.errors import UnusableFile
from directory.feeds.raw import RawStore
from ingest.adapters import paging
from ingest.adapters.hsds import Rows
from ingest.adapters.hsds_tables import Cells, Tables
from ingest.material import Feed, Material
from ingest.reading import Reading
from ingest.unpack import unpacked

FLAT_LISTS = re.compile(r"\s*[,;|]\s*")
OPEN_ELIGIBILITY = "open-eligibility"
"""Whose numbers the column `taxonomy_ids` of Ohana's services holds."""
Nested = dict[str, Any]


def read(feed: Feed, material: Material) -> Iterator[Reading]:
    """One reading for each row of the table of services.

    Raises UnusableFile for an archive or a table that cannot be read, and for a package without services.
    """
    with _files(material) as files, Tables(feed.id, files) as tables:
        rows = Rows(feed)
        readings = (
            rows.service(
                _service(tables, cells),
                "" if whole else "it has more or fewer cells than the header",
                _dangling(tables, cells),
            )
            for cells, whole in tables.services()
        )
        yield from paging.with_last(readings, lambda: tuple(tables.issues))
        if not rows.number:
            raise UnusableFile("The package's table of services is empty.", "Ask the source for a whole one.")


@contextmanager
def _files(material: Material) -> Iterator[Material]:
    """The parts, those that are archives unpacked."""
    with tempfile.TemporaryDirectory(prefix="waymark-package-") as folder:
        yield tuple(file for part in material for file in unpacked(part, RawStore(Path(folder))))


def _service(tables: Tables, cells: Cells) -> Nested:
    """A service with what hangs on it, as HSDS 3 nests it."""
    id_ = cells.get("id", "")
    links = [_link(tables, link) for link in tables.of("service_at_location", "service_id", id_)]
    if place := tables.one("location", cells.get("location_id", "")):
        links.append({"location": _location(tables, place)})
    return {
        **cells,
        "organization": _organization(tables, cells, links),
        "service_at_locations": links,
        "service_areas": [*tables.of("service_area", "service_id", id_), *_named(cells, "service_areas", "name")],
        "phones": tables.of("phone", "service_id", id_),
        "contacts": _contacts(tables, "service_id", id_),
        "schedules": tables.of("schedule", "service_id", id_),
        "languages": [*tables.of("language", "service_id", id_), *_parted(cells, "languages", "name")],
        "eligibilitys": tables.of("eligibility", "service_id", id_),
        "attributes": [_attribute(tables, cells) for cells in _attributes(tables, id_)] + _flat_terms(cells),
    }


def _dangling(tables: Tables, cells: Cells) -> Iterator[tuple[str, str]]:
    for column, table in (("organization_id", "organization"), ("location_id", "location")):
        if cells.get(column) and not tables.one(table, cells[column]):
            yield column, "it names a row that the package does not hold"


def _link(tables: Tables, link: Cells) -> Nested:
    id_, place = link.get("id", ""), tables.one("location", link.get("location_id", ""))
    return {
        **link,
        **({"location": _location(tables, place)} if place else {}),
        "phones": tables.of("phone", "service_at_location_id", id_),
        "schedules": tables.of("schedule", "service_at_location_id", id_),
        "contacts": _contacts(tables, "service_at_location_id", id_),
        "service_areas": tables.of("service_area", "service_at_location_id", id_),
    }


def _location(tables: Tables, cells: Cells) -> Nested:
    id_ = cells.get("id", "")
    postal = [{**one, "address_type": "postal"} for one in tables.of("postal_address", "location_id", id_)]
    return {
        **cells,
        "addresses": [*tables.of("address", "location_id", id_), *postal],
        "phones": tables.of("phone", "location_id", id_),
        "schedules": tables.of("schedule", "location_id", id_),
        "accessibility": [
            *tables.of("accessibility", "location_id", id_),
            *({"accessibility": said} for said in FLAT_LISTS.split(cells.get("accessibility", "")) if said),
        ],
    }


def _organization(tables: Tables, cells: Cells, links: list[Nested]) -> Nested | None:
    """Who runs it: named by the service, or (Ohana, where services name none) by its place."""
    of_places = [link.get("location", {}).get("organization_id", "") for link in links]
    named = [cells["organization_id"]] if cells.get("organization_id") else of_places
    row = next((row for id_ in named if (row := tables.one("organization", id_))), None)
    if row is None:
        return None
    id_ = row.get("id", "")
    return {
        **row,
        "phones": tables.of("phone", "organization_id", id_),
        "contacts": _contacts(tables, "organization_id", id_),
        "organization_identifiers": tables.of("organization_identifier", "organization_id", id_),
    }


def _contacts(tables: Tables, column: str, id_: str) -> list[Nested]:
    return [
        {**contact, "phones": tables.of("phone", "contact_id", contact.get("id", ""))}
        for contact in tables.of("contact", column, id_)
    ]


def _attributes(tables: Tables, id_: str) -> list[Cells]:
    return [*tables.of("attribute", "link_id", id_), *tables.of("attribute", "service_id", id_)]


def _attribute(tables: Tables, cells: Cells) -> Nested:
    """An attribute with its term; HSDS 1 and 2 keep terms in a table called taxonomy."""
    named = cells.get("taxonomy_term_id") or cells.get("taxonomy_id", "")
    term = tables.one("taxonomy_term", named) or tables.one("taxonomy", named) or {"id": named}
    vocabulary = tables.one("taxonomy", term.get("taxonomy_id", "")) or {}
    return {"taxonomy_term": {"taxonomy": term.get("taxonomy") or vocabulary.get("name", ""), **term}}


def _flat_terms(cells: Cells) -> list[Nested]:
    found = _parted(cells, "taxonomy_ids", "code")
    return [{"taxonomy_term": {"taxonomy": OPEN_ELIGIBILITY, **term}} for term in found]


def _parted(cells: Cells, column: str, field: str) -> list[Cells]:
    """A list in one cell, as the objects a feed would send."""
    return [{field: said} for said in FLAT_LISTS.split(cells.get(column, "")) if said]


def _named(cells: Cells, column: str, field: str) -> list[Cells]:
    return [{field: cells[column]}] if cells.get(column) else []
