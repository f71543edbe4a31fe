"""Every real file of a feed or package goes into a scratch record, twice, and every row of it is accounted for."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from directory import database, records, settings
from directory.database import Database
from directory.errors import UnusableFile
from directory.records import SourceInfo, Writer
from ingest.kinds import KINDS
from ingest.material import Feed, Material, Part
from tests.builders import set_up
from tests.conftest import TODAY

pytestmark = pytest.mark.shared_data
MAPPED = {"terms": {"*": "family/legal_rights"}}
"""What a person who knows a feed says of it, so that services without a category of ours go in as well."""
OUTCOMES = ("made", "changed", "unchanged", "held", "refused")


@dataclass(frozen=True, slots=True)
class Taken:
    """One run: how many rows came to what, and how many there were."""

    counts: Mapping[str, int]
    rows: int

    def __getitem__(self, outcome: str) -> int:
        return self.counts.get(outcome, 0)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One record for all files, each a source of its own."""
    chosen = settings.read({"WAYMARK_HOME": str(tmp_path_factory.mktemp("scratch"))})
    set_up(chosen)
    opened = database.open_database(chosen)
    yield opened
    opened.close()


def take(record: Database, kind: str, material: Material, options: Mapping[str, object]) -> Taken:
    source = f"scratch-{hashlib.sha256(str(material[0].path).encode()).hexdigest()[:12]}"
    feed = Feed(source, as_of="2026-11-22", options=options)
    counts: Counter[str] = Counter()
    numbers = []
    with record.session() as session:
        records.ensure_source(session, SourceInfo(source, "Scratch", "Somebody", "Test"))
        writer = Writer(session, source, TODAY, "ingest:scratch")
        for reading in KINDS[kind].read(feed, material):
            numbers.append(reading.row)
            assert reading.draft or reading.issues, "a row was lost without a reason"
            if reading.draft:
                counts[str(writer.write(reading.draft))] += 1
            else:
                counts["held" if reading.held else "refused"] += 1
        writer.finish()
    assert numbers == list(range(1, len(numbers) + 1))
    assert sum(counts.values()) == len(numbers)
    return Taken(counts, len(numbers))


def files(folder: Path, pattern: str) -> Material:
    found = tuple(Part(path.name, path) for path in sorted(folder.glob(pattern)))
    assert found
    return found


WHOLE = [
    # folder, files, kind, (rows, held, refused), and with a person's mapping (made, held, refused)
    ("responses/aliss", "v3_search.json", "aliss", (2, 0, 2), (0, 0, 2)),
    ("responses/aliss", "v4_services_search.json", "aliss", (4, 0, 2), (2, 0, 2)),
    ("responses/aliss", "v4_service.json", "aliss", (1, 0, 1), (0, 0, 1)),
    ("responses/aliss", "v41_service.json", "aliss", (1, 0, 1), (0, 0, 1)),
    ("responses/aliss", "v4_organisation.json", "aliss", (3, 0, 3), (0, 0, 3)),
    ("responses/aliss", "v41_organisation.json", "aliss-import", (3, 0, 3), (0, 0, 3)),
    ("responses/oruk", "example_organization_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("responses/oruk", "example_service_at_location_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("responses/oruk", "example_service_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("responses/oruk", "mock_V3.0-UK-Fail_service_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("responses/oruk", "mock_V3.0-UK-Fail_service_list.json", "oruk", (4, 1, 3), (0, 1, 3)),
    ("responses/oruk", "mock_V3.0-UK-Test_service_list.json", "oruk", (128, 128, 0), (1, 127, 0)),
    ("responses/oruk", "mock_V3.0-UK-Warn_service_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("oruk-3.0/mocks-pass", "organization_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("oruk-3.0/mocks-pass", "service_at_location_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("oruk-3.0/mocks-pass", "service_at_location_list.json", "oruk", (1, 1, 0), (1, 0, 0)),
    ("oruk-3.0/mocks-pass", "service_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("oruk-3.0/mocks-pass", "service_list.json", "oruk", (1, 1, 0), (1, 0, 0)),
    ("oruk-3.0/mocks-fail", "service_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("oruk-3.0/mocks-fail", "service_list.json", "oruk", (4, 1, 3), (0, 1, 3)),
    ("oruk-3.0/mocks-fail", "service_at_location_list.json", "oruk", (1, 1, 0), (1, 0, 0)),
    ("oruk-3.0/mocks-fail", "service_at_location_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("oruk-3.0/mocks-fail", "organization_full.json", "oruk", (1, 1, 0), (0, 1, 0)),
    ("hsds", "hsds3_services.json", "hsds-json", (1, 1, 0), (0, 1, 0)),
    ("hsds", "hsds3_organizations.json", "hsds-json", (1, 1, 0), (0, 1, 0)),
    ("hsds", "hsds3_service_at_locations.json", "hsds-json", (1, 1, 0), (0, 1, 0)),
    ("hsds", "ohana_*.csv", "hsds-package", (23, 23, 0), (0, 23, 0)),
    ("hsds", "ilao_*.csv", "hsds-package", (430, 429, 1), (429, 0, 1)),
]


@pytest.mark.parametrize(
    ("folder", "pattern", "kind", "alone", "mapped"), [pytest.param(*row, id=f"{row[0]}/{row[1]}") for row in WHOLE]
)
def test_each_file_goes_in_twice(
    shared_data: Path,
    scratch: Database,
    folder: str,
    pattern: str,
    kind: str,
    alone: tuple[int, int, int],
    mapped: tuple[int, int, int],
) -> None:
    material = files(shared_data / folder, pattern)
    taken = take(scratch, kind, material, {})
    rows, held, refused = alone
    assert (taken.rows, taken["held"], taken["refused"]) == (rows, held, refused)
    assert take(scratch, kind, material, {})["unchanged"] == rows - held - refused
    more = take(scratch, kind, material, MAPPED)
    assert (more["made"] + more["unchanged"], more["held"], more["refused"]) == mapped
    again = take(scratch, kind, material, MAPPED)
    assert (again["made"], again["changed"], again["unchanged"]) == (0, 0, mapped[0])


NO_SERVICES = [
    "responses/aliss/v41_categories.json", "responses/aliss/v4_categories.json",
    "responses/aliss/v41_service_areas.json", "responses/aliss/v4_service_areas.json",
    "responses/aliss/v41_import_unquoted_keys.txt",
    "responses/oruk/mock_V3.0-UK-Default_api_details.json",
    "responses/oruk/mock_V3.0-UK-Default_taxonomy_term_list.json",
    *(f"oruk-3.0/mocks-{how}/{name}.json" for how in ("pass", "fail")
      for name in ("api_details", "organization_list", "taxonomy", "taxonomy_list", "taxonomy_term",
                   "taxonomy_term_list")),
]  # fmt: skip


@pytest.mark.parametrize("name", NO_SERVICES)
def test_files_that_hold_no_services_are_refused_whole(shared_data: Path, name: str) -> None:
    kind = "aliss" if "aliss" in name else "oruk"
    path = shared_data / name
    with pytest.raises(UnusableFile) as error:
        list(KINDS[kind].read(Feed("scratch", options=MAPPED), (Part(path.name, path),)))
    assert path.name in error.value.message


def test_every_file_is_in_one_of_these_lists(shared_data: Path) -> None:
    read = {
        path for folder, pattern, *_ in WHOLE for path in (shared_data / str(folder)).glob(str(pattern))
    } | {shared_data / name for name in NO_SERVICES}  # fmt: skip
    there = {
        path
        for folder in ("responses/aliss", "responses/oruk", "oruk-3.0/mocks-pass", "oruk-3.0/mocks-fail", "hsds")
        for path in (shared_data / folder).iterdir()
    }
    assert {path.name for path in there - read} == {"outpost_services_sample.csv"}
    # an import template of another program, for the spreadsheet with a mapping
