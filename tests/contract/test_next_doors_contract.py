"""The next best doors over each search engine, asked from a worker thread as the server does."""

from dataclasses import replace
from pathlib import Path

import pytest
from anyio import to_thread

from directory import runtime, settings
from directory.draft import Coverage
from directory.errors import NotFound
from directory.next_doors import NextDoors
from directory.referrals.next_best import Wanted
from directory.values import Known
from tests.builders import FIFE, NOON, a_record
from tests.contract.conftest import Holding, service

pytestmark = pytest.mark.anyio
HERE = Coverage(Known.STATED, (FIFE,))
WANTED = Wanted({"residence": "Fife", "age": 14, "harms": ["physical_harm"]}, "counselling")


@pytest.fixture
async def doors(holding: Holding, tmp_path: Path) -> NextDoors:
    index = await holding(
        service("near", coverage=HERE), service("also", coverage=HERE), service("far", name="Far Away")
    )
    a_record(tmp_path).close()
    built = runtime.build(settings.read({"WAYMARK_HOME": str(tmp_path)}), clock=lambda: NOON)
    return NextDoors(replace(built, index=index))


async def test_doors_are_found_and_looked_at(doors: NextDoors) -> None:
    found = await to_thread.run_sync(doors, WANTED)
    assert sorted(each.name for each in found) == ["also", "near"]
    able, _ = await to_thread.run_sync(doors.eligible, WANTED, found[0].service_id)
    assert able
    told = await to_thread.run_sync(doors.snapshot, found[0].service_id)
    assert told["name"] == found[0].name
    with pytest.raises(NotFound):
        await to_thread.run_sync(doors.snapshot, "00000000-0000-5000-8000-000000000000")
