"""Data packages: HSDS 3 with its descriptor, flat HSDS 1.0, and archives made to do harm."""

import csv
import io
import json
import struct
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import UnusableFile
from directory.values import Known
from ingest.adapters import hsds_package
from ingest.adapters.hsds_tables import table_of
from ingest.material import Material, Part
from ingest.reading import Reading
from tests.ingest.hsds_shapes import a_feed

Table = list[dict[str, str]]

PACKAGE: Mapping[str, Table] = {
    "organizations": [{"id": "o1", "name": "Kirkhaven Trust", "website": "https://kirkhaven.example"}],
    "services": [{"id": "s1", "organization_id": "o1", "name": "Kirkhaven Counselling", "status": "active",
                  "minimum_age": "12", "description": "Talking, and time."}],
    "locations": [{"id": "l1", "organization_id": "o1", "name": "Quay House", "location_type": "physical",
                   "latitude": "56.1", "longitude": "-3.15"}],
    "service_at_locations": [{"id": "x1", "service_id": "s1", "location_id": "l1"}],
    "addresses": [{"id": "a1", "location_id": "l1", "address_1": "12 Quay Lane", "city": "Kirkcaldy",
                   "state_province": "Fife", "postal_code": "KY1 1AA", "country": "GB", "address_type": "physical"}],
    "phones": [{"id": "p1", "service_id": "s1", "number": "01632 960001", "type": "voice"}],
    "schedules": [{"id": "h1", "service_id": "s1", "freq": "WEEKLY", "byday": "MO", "opens_at": "09:00",
                   "closes_at": "17:00"}],
    "service_areas": [{"id": "r1", "service_id": "s1", "name": "Fife"}],
    "languages": [{"id": "g1", "service_id": "s1", "name": "Polish"}],
    "attributes": [{"id": "t1", "link_id": "s1", "link_entity": "service", "taxonomy_term_id": "c1"}],
    "taxonomy_terms": [{"id": "c1", "name": "Counselling", "taxonomy_id": "v1"}],
    "taxonomies": [{"id": "v1", "name": "esdNeeds"}],
    "cost_options": [{"id": "k1", "service_id": "s1", "amount": "0"}],
}  # fmt: skip


def text(rows: Table) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, dict.fromkeys(name for row in rows for name in row))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def descriptor(tables: Mapping[str, Table], folder: str = "data/") -> bytes:
    resources = [{"name": name, "path": f"{folder}{name}.csv"} for name in tables]
    return json.dumps({"name": "hsds", "resources": resources}).encode()


def zipped(folder: Path, files: Mapping[str, bytes]) -> Material:
    path = folder / "package.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return (Part("package.zip", path),)


def package(folder: Path, **changes: Table) -> Material:
    tables = {**PACKAGE, **changes}
    files = {f"data/{name}.csv": text(rows) for name, rows in tables.items() if rows}
    return zipped(folder, {"datapackage.json": descriptor(tables), **files})


def loose(folder: Path, tables: Mapping[str, Table]) -> Material:
    """As files beside each other."""
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_bytes(text(rows))
    return tuple(Part(f"{name}.csv", folder / f"{name}.csv") for name in tables)


def read(material: Material, **options: Any) -> list[Reading]:
    return list(hsds_package.read(a_feed(**options), material))


def whole(readings: list[Reading]) -> dict[str, str]:
    return {issue.field: issue.reason for reading in readings for issue in reading.issues if issue.row == 0}


def test_a_package_of_hsds_3(tmp_path: Path) -> None:
    (reading,) = read(package(tmp_path))
    found = reading.draft
    assert found, reading.issues
    assert not reading.issues
    assert (found.source_id, found.name, found.organization) == ("s1", "Kirkhaven Counselling", "Kirkhaven Trust")
    assert (found.families, found.coverage.areas, found.age.minimum) == (("counselling",), ("S12000047",), 12)
    assert (found.premises.address_1, found.premises.postal_code) == ("12 Quay Lane", "KY1 1AA")
    assert (found.phone, found.languages, found.hours.openings[0].byday) == ("01632 960001", ("pl",), "MO")
    assert found.url == "https://kirkhaven.example"


def test_flat_hsds_1_0(tmp_path: Path) -> None:
    (reading,) = read(loose(tmp_path, {
        "old_organizations": [{"id": "1", "name": "Kirkhaven Trust"}],
        "old_locations": [{"id": "1", "organization_id": "1", "name": "Quay House", "accessibility": "ramp, elevator"}],
        "old_addresses": [{"id": "1", "location_id": "1", "address_1": "12 Quay Lane",
                                                       "city": "Kirkcaldy", "postal_code": "KY1 1AA", "country": "GB"}],
        "old_services": [{"id": "1", "location_id": "1", "name": "Kirkhaven Housing", "status": "active",
                          "service_areas": "Fife", "taxonomy_ids": "103-04, 103", "languages": "Polish, Urdu"}],
        "old_regular_schedules": [{"id": "1", "location_id": "1", "service_id": "", "weekday": "Monday",
                                   "opens_at": "08:00", "closes_at": "4:00 PM"}],
        "old_phones": [{"id": "1", "location_id": "1", "service_id": "", "number": "01632 960001",
                        "number_type": "voice"},
                       {"id": "2", "location_id": "1", "service_id": "", "number": "01632 960002",
                        "number_type": "fax"}],
    }))  # fmt: skip
    found = reading.draft
    assert found, reading.issues
    assert (found.organization, found.families, found.languages) == ("Kirkhaven Trust", ("housing",), ("pl", "ur"))
    assert (found.coverage.areas, found.premises.address_1) == (("S12000047",), "12 Quay Lane")
    assert (found.phone, found.phone_note) == ("01632 960001", "")
    assert found.hours.openings[0].closes_at == "16:00"
    assert found.access.offers == ("lift", "step_free")


def test_ids_that_name_nothing_are_said(tmp_path: Path) -> None:
    phones = [*PACKAGE["phones"], {"id": "p2", "service_id": "gone", "number": "01632 960002", "type": "voice"}]
    services = [{**PACKAGE["services"][0], "organization_id": "gone"}]
    readings = read(package(tmp_path, phones=phones, services=services))
    assert readings[0].draft
    assert readings[0].draft.organization == "Kirkhaven Counselling"
    assert "organization_id" in {issue.field for issue in readings[0].issues}
    assert whole(readings) == {
        "phone": "1 rows name a service that the package does not hold (service_id)",
        "service": "1 rows name an organisation that the package does not hold (organization_id)",
    }


def test_circles_are_not_followed(tmp_path: Path) -> None:
    round_ = [{"id": "o1", "name": "Kirkhaven Trust", "parent_organization_id": "o2"},
              {"id": "o2", "name": "Another", "parent_organization_id": "o1"}]  # fmt: skip
    terms = [{"id": "c1", "name": "Counselling", "taxonomy_id": "v1", "parent_id": "c1"}]
    assert read(package(tmp_path, organizations=round_, taxonomy_terms=terms))[0].draft


def test_every_row_of_services_is_accounted_for(tmp_path: Path) -> None:
    rows = [{**PACKAGE["services"][0], **change} for change in ({}, {}, {"id": ""}, {"id": "s4", "name": ""})]
    readings = read(package(tmp_path, services=rows))
    assert [reading.row for reading in readings] == [1, 2, 3, 4]
    assert [bool(reading.draft) for reading in readings] == [True, False, False, False]
    assert [reading.held for reading in readings] == [False, True, False, False]


def test_ragged_rows(tmp_path: Path) -> None:
    files = {f"{name}.csv": text(rows) for name, rows in PACKAGE.items()}
    files["services.csv"] += b"s2,o1\n"
    files["phones.csv"] += b"p9\n"
    readings = read(zipped(tmp_path, files))
    assert readings[0].draft
    assert readings[1].draft is None
    assert "cells" in readings[1].issues[0].reason
    assert "1 rows have more or fewer cells" in whole(readings)["phone"]


def test_without_an_area_the_area_served_is_unknown(tmp_path: Path) -> None:
    (reading,) = read(package(tmp_path, service_areas=[]))
    assert reading.draft
    assert reading.draft.coverage.known is Known.UNKNOWN


@pytest.mark.parametrize(
    ("name", "table"),
    [
        pytest.param("ohana_regular_schedules.csv", "schedule", id="a name before it"),
        pytest.param("service_at_locations.csv.gz", "service_at_location", id="packed"),
        pytest.param("mail_addresses.csv", "postal_address", id="another word for it"),
        pytest.param("Services.CSV", "service", id="capitals"),
        pytest.param("licence.txt", "", id="no table"),
    ],
)
def test_which_table_a_file_is(name: str, table: str) -> None:
    assert table_of(name) == table


GOOD = {f"{name}.csv": text(rows) for name, rows in PACKAGE.items()}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param({"phones.csv": b"id,number\n1,2\n"}, "no table of services", id="no services"),
        pytest.param({"readme.txt": b"words"}, "no table", id="no table at all"),
        pytest.param({**GOOD, "services.csv": b"id,name\n"}, "services", id="a header and no rows"),
        pytest.param({**GOOD, "services.csv": b""}, "empty", id="an empty table"),
        pytest.param({**GOOD, "../../evil.csv": b"a,b\n1,2\n"}, "leads out of its folder", id="a name that leads out"),
        pytest.param({**GOOD, "inner.csv": b"PK\x03\x04" + b"x" * 100}, "another archive", id="an archive in it"),
        pytest.param({**GOOD, "bomb.csv": b"a," * 30_000_000}, "bomb|over|MB", id="a bomb"),
        pytest.param({**GOOD, "datapackage.json": b"{not json"}, "not JSON", id="a descriptor that is no JSON"),
        pytest.param({**GOOD, "datapackage.json": b"{}"}, "names no files", id="a descriptor without files"),
        pytest.param(
            {**GOOD, "datapackage.json": b'{"resources":[{"name":"services","path":"https://x.example/s.csv"}]}'},
            "not in the package", id="a descriptor that points elsewhere",
        ),
        pytest.param(
            {**GOOD, "datapackage.json": b'{"resources":[{"name":"services","path":"../services.csv"}]}'},
            "not in the package", id="a descriptor that leads out",
        ),
    ],
)  # fmt: skip
def test_packages_that_are_refused_whole(tmp_path: Path, files: Mapping[str, bytes], reason: str) -> None:
    with pytest.raises(UnusableFile, match=reason) as error:
        read(zipped(tmp_path, files))
    assert error.value.advice


@given(
    services=st.binary(max_size=120) | st.text(max_size=80).map(str.encode),
    phones=st.text(alphabet='id,service_\n"x1\t;', max_size=60).map(str.encode),
)
def test_whatever_tables_hold(tmp_path_factory: Any, services: bytes, phones: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    for name, data in (("services.csv", b"id,name\n" + services), ("phones.csv", phones)):
        (folder / name).write_bytes(data)
    with suppress(UnusableFile):
        readings = read(tuple(Part(name, folder / name) for name in ("services.csv", "phones.csv")))
        assert all(reading.draft or reading.issues for reading in readings)


def test_an_archive_that_is_cut_short(tmp_path: Path) -> None:
    (part,) = package(tmp_path)
    part.path.write_bytes(part.path.read_bytes()[:-60])
    with pytest.raises(UnusableFile, match="cut short"):
        read((part,))


def test_an_archive_of_a_million_files(tmp_path: Path) -> None:
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    data = b"PK\x03\x04" + entry * 1_000_000
    data += struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entry) * 1_000_000, 4, 0)
    path = tmp_path / "many.zip"
    path.write_bytes(data)
    with pytest.raises(UnusableFile, match="more than 10,000 files"):
        read((Part("many.zip", path),))
