"""Lists every source of services, one row each: publisher, licence, files, and the adapter that reads them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from directory.errors import NotFound
from ingest.adapters import care_inspectorate, edinburgh_community_centres, facts, schools
from ingest.reading import Reading


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source. `files` are paths under a data folder; `read` is its adapter: a file → readings, one a row."""

    id: str
    name: str
    publisher: str
    licence: str
    attribution: str
    files: tuple[str, ...]
    read: Callable[[Path], Iterator[Reading]]


SOURCES = (
    SourceRow(
        id=facts.SOURCE,
        name="Facts about Scottish services",
        publisher="Waymark",
        licence="Facts, restated; no licence needed",
        attribution="Facts read on public pages and restated; each service names its page and how well it is known.",
        files=("services/scotland_service_facts.csv", "services/scotland_service_facts_more.csv"),
        read=facts.read,
    ),
    SourceRow(
        id=care_inspectorate.SOURCE,
        name="Care Inspectorate register of care services",
        publisher="Care Inspectorate",
        licence="Open Government Licence v3.0",
        attribution="Contains public sector information from the Care Inspectorate licensed under the Open Government "
        "Licence v3.0.",
        files=("services/care_inspectorate_services_2026-05-31.csv",),
        read=care_inspectorate.read,
    ),
    SourceRow(
        id=schools.SOURCE,
        name="School roll 2023",
        publisher="Scottish Government",
        licence="Open Government Licence v3.0",
        attribution="Contains public sector information from the Scottish Government licensed under the Open "
        "Government Licence v3.0.",
        files=("services/scottish_schools_2023.csv",),
        read=schools.read,
    ),
    SourceRow(
        id=edinburgh_community_centres.SOURCE,
        name="Edinburgh community centres",
        publisher="City of Edinburgh Council",
        licence="Open Government Licence v2.0",
        attribution="Contains public sector information from the City of Edinburgh Council licensed under the Open "
        "Government Licence v2.0. Contains OS data © Crown copyright and database right.",
        files=("services/raw_feeds/edinburgh_community_centres.csv",),
        read=edinburgh_community_centres.read,
    ),
)
"""In order of precedence: when several tell of one service, the first of these leads."""


def source(source_id: str) -> SourceRow:
    """The source of that name. Raises NotFound, naming those there are."""
    for row in SOURCES:
        if row.id == source_id:
            return row
    raise NotFound(f"There is no source {source_id!r}.", f"The sources are: {', '.join(row.id for row in SOURCES)}.")


def files(row: SourceRow, folder: Path) -> list[Path]:
    """The source's files that are in a data folder, as published ("services/…") or lying flat in it."""
    found = []
    for name in row.files:
        choices = (folder / name, folder / name.removeprefix("services/"), folder / Path(name).name)
        found += [path for path in choices if path.is_file()][:1]
    return found
