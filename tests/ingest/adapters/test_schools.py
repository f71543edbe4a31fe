"""The school roll in our words."""

from pathlib import Path
from typing import Any

import pytest

from directory.draft import ServiceDraft
from directory.values import Known, Point, Visibility
from ingest.adapters import schools
from tests.ingest.tables import a_school, file_of


def drafts(folder: Path, *rows: dict[str, str]) -> list[ServiceDraft]:
    return [reading.draft for reading in schools.read(file_of(folder, *rows)) if reading.draft]


def draft(folder: Path, **cells: Any) -> ServiceDraft:
    (found,) = drafts(folder, a_school(**cells))
    return found


def test_a_primary_school(tmp_path: Path) -> None:
    found = draft(tmp_path)
    assert (found.source_id, found.kind, found.families) == ("school:9000001", "Primary school", ("education",))
    assert (found.age.minimum, found.age.maximum) == (4, 12)
    assert found.premises.visibility is Visibility.EXACT
    assert found.premises.point == Point(56.11, -3.16)
    assert (found.premises.city, found.organization) == ("Kirkhaven", "Fife Council")


def test_a_special_school_states_no_age(tmp_path: Path) -> None:
    found = draft(tmp_path, SchoolType="Special")
    assert found.age.known is Known.UNKNOWN
    assert "additional_support" in found.needs


def test_departments_under_one_code_are_one_school(tmp_path: Path) -> None:
    (found,) = drafts(tmp_path, a_school(SchoolType="Secondary"), a_school(SchoolType="Primary"))
    assert found.kind == "Primary and secondary school"
    assert (found.age.minimum, found.age.maximum) == (4, 18)


@pytest.mark.parametrize(("lat", "lon"), [("0", "0"), ("", "-3"), ("north", "west"), ("51.5", "-0.1"), ("nan", "nan")])
def test_a_point_outside_scotland_is_no_point(tmp_path: Path, lat: str, lon: str) -> None:
    assert draft(tmp_path, Latitude=lat, Longitude=lon).premises.point is None


@pytest.mark.shared_data
def test_the_real_roll(shared_data: Path) -> None:
    readings = list(schools.read(shared_data / "services" / "scottish_schools_2023.csv"))
    assert len(readings) == 2483
    assert sum(reading.held for reading in readings) == 34
    assert sum(reading.refused for reading in readings) == 0
    found = [reading.draft for reading in readings if reading.draft]
    assert all(one.premises.point and one.premises.postal_code for one in found)
    assert len({one.coverage.areas for one in found}) == 32
