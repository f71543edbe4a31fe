"""The regulator's register in our words."""

from pathlib import Path
from typing import Any

import pytest

from directory.draft import ServiceDraft
from directory.values import Known, Visibility
from ingest.adapters import care_inspectorate
from ingest.reading import Reading
from tests.ingest.tables import a_registration, file_of

FILE = "services/care_inspectorate_services_2026-05-31.csv"


def read(folder: Path, **cells: Any) -> Reading:
    (reading,) = care_inspectorate.read(file_of(folder, a_registration(**cells)))
    return reading


def draft(folder: Path, **cells: Any) -> ServiceDraft:
    found = read(folder, **cells).draft
    assert found is not None
    return found


def test_an_open_registration(tmp_path: Path) -> None:
    found = draft(tmp_path)
    assert found.source_id == "CS2099000001"
    assert found.families == ("housing",)
    assert found.premises.visibility is Visibility.EXACT
    assert (found.premises.address_1, found.premises.postal_code) == ("12 Quay Lane", "KY1 1AA")
    assert found.phone == "0131 551 9204"
    assert found.coverage.areas == ("S12000047",)
    assert (found.age.known, found.age.minimum) == (Known.STATED, 16)
    assert draft(tmp_path, Client_group="Children").age.maximum == 17


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({"PublicList": "No"}, id="not on the public list"),
        pytest.param({"PublicList": ""}, id="public list not stated"),
        pytest.param({"Address_line_1": "", "Service_Postcode": ""}, id="neither address nor postcode"),
        pytest.param({"ServiceName": "Kirkhaven Women's Aid"}, id="a Women's Aid group"),
        pytest.param({"ServiceProvider": "Kirkhaven Womens Aid Ltd"}, id="run by a Women's Aid group"),
        pytest.param({"ServiceName": "The Kirkhaven Refuge"}, id="a refuge"),
    ],
)
def test_withheld(tmp_path: Path, cells: dict[str, str]) -> None:
    found = draft(tmp_path, **cells)
    assert found.premises.visibility is Visibility.UNDISCLOSED
    told = str(found)
    assert not [word for word in ("Quay", "Kirkhaven", "KY1", "9204") if word in told]


def test_a_refuge_takes_children_though_it_is_registered_for_adults(tmp_path: Path) -> None:
    found = draft(tmp_path, ServiceName="Kirkhaven Women's Aid")
    assert found.families == ("domestic_abuse", "housing")
    assert found.age.known is Known.UNKNOWN


def test_the_nursery_of_a_group_that_keeps_refuges_is_a_nursery_first(tmp_path: Path) -> None:
    found = draft(tmp_path, CareService="Day Care of Children", ServiceName="Kirkhaven Women's Aid")
    assert found.families == ("early_years", "domestic_abuse")


@pytest.mark.parametrize("cell", ["ServiceName", "ServiceProvider"])
def test_a_group_for_minority_women_is_made_for_them_by_its_name(tmp_path: Path, cell: str) -> None:
    assert draft(tmp_path, **{cell: "Hemat Gryffe Women's Aid"}).groups == ("black_minority_ethnic",)
    assert draft(tmp_path).groups == ()


@pytest.mark.parametrize(
    ("kind", "family", "not_for_harmed"),
    [
        ("Support Service", "care_support", False),
        ("Fostering Service", "care_placement", False),
        ("School Care Accommodation Service", "residential_care", True),
        ("Offender Accommodation Service", "justice_accommodation", True),
        ("Day Care of Children", "early_years", False),
    ],
)
def test_kinds(tmp_path: Path, kind: str, family: str, not_for_harmed: bool) -> None:
    found = draft(tmp_path, CareService=kind)
    assert found.families == (family,)
    assert found.not_for_harmed is not_for_harmed


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"CareService": "Sorcery"}, "CareService"),
        ({"Council_Area_Name": "Narnia"}, "Council_Area_Name"),
        ({"ServiceStatus": "Asleep"}, "ServiceStatus"),
        ({"Client_group": "Elves"}, "Client_group"),
        ({"ServiceProvider": "Mr John Example and Mrs Jane Example"}, "ServiceProvider"),
    ],
)
def test_held(tmp_path: Path, cells: dict[str, str], field: str) -> None:
    reading = read(tmp_path, **cells)
    assert reading.held
    assert reading.issues[0].field == field
    assert not any(word in str(reading.issues) for word in ("Example", "Narnia", "Elves"))


def test_a_number_that_cannot_be_rung_is_left_out(tmp_path: Path) -> None:
    reading = read(tmp_path, Service_Phone_Number="12")
    assert reading.draft is not None
    assert reading.draft.phone == ""
    assert [issue.field for issue in reading.issues] == ["Service_Phone_Number"]


@pytest.mark.shared_data
def test_the_real_register(shared_data: Path) -> None:
    readings = list(care_inspectorate.read(shared_data / FILE))
    assert len(readings) == 2894
    assert sum(reading.held for reading in readings) == 2
    hidden = [
        reading.draft
        for reading in readings
        if reading.draft and reading.draft.premises.visibility is Visibility.UNDISCLOSED
    ]
    # 56 by the regulator's own list and blanks, and the children's service of a group that keeps refuges
    assert len(hidden) == 57
    assert all(one.name and one.organization and one.premises.council for one in hidden)
    assert not any(one.premises.city or one.phone or one.url for one in hidden)
