"""Edinburgh's community centres in our words."""

from pathlib import Path
from typing import Any

import pytest

from directory.draft import ServiceDraft
from directory.values import Point, Visibility
from ingest.adapters import edinburgh_community_centres as centres
from tests.ingest.tables import a_centre, file_of


def draft(folder: Path, **cells: Any) -> ServiceDraft:
    (reading,) = centres.read(file_of(folder, a_centre(**cells)))
    assert reading.draft is not None
    return reading.draft


def test_a_centre(tmp_path: Path) -> None:
    found = draft(tmp_path)
    assert found.source_id == "edcc:Pierhead Community Centre"
    assert found.families == ("community_hub", "youth")
    assert found.premises.point == Point(55.9755, -3.1665)
    assert found.phone == "0131 551 9206"
    assert found.coverage.areas == ("S12000036",)
    assert found.as_of == ""


def test_a_mailbox_never_enters(tmp_path: Path) -> None:
    found = draft(tmp_path, Name="Pierhead Centre someone@pierhead.example")
    assert "@" not in found.name + found.description


def test_no_youth_work_where_none_is_named(tmp_path: Path) -> None:
    assert draft(tmp_path, **{"Key Activities": "Literacy classes for adults."}).families == ("community_hub",)


def test_a_refuge_in_the_list_is_withheld(tmp_path: Path) -> None:
    found = draft(tmp_path, Name="Pierhead Women's Aid")
    assert found.premises.visibility is Visibility.UNDISCLOSED
    assert not any(word in str(found.premises) + found.phone + found.description for word in ("Pier", "EH6", "9206"))


@pytest.mark.shared_data
def test_the_real_list(shared_data: Path) -> None:
    path = shared_data / "services" / "raw_feeds" / "edinburgh_community_centres.csv"
    readings = list(centres.read(path))
    assert len(readings) == 49
    assert all(reading.draft for reading in readings)
    assert not any("@" in str(reading.draft) for reading in readings)
