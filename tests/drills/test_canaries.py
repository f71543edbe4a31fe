"""Two hundred canaries in everything personal: after a whole journey they stand nowhere but in sealed columns."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import anyio
import pytest
from sqlalchemy import inspect, select

from directory import runtime
from directory.search.embedded import EmbeddedIndex
from directory.tables import Base
from tests.drills.canaries import TIER_3, WORDS, Canaries, Journey, a_colleague, a_mailbox
from tests.drills.partner_canaries import a_partner_writes
from tests.drills.scale import count
from tests.web.casework import Worker, a_workplace, apart
from tests.web.conftest import installation
from web import case_actions, even_time

__all__ = ["installation"]
PEOPLE = count(1, 9)
"""Each with every field a canary: 9 × 24 are more than 200."""
NEVER_WRITTEN = {"case_event.note_sealed", "referral_event.note_sealed"}
GONE = {"link_code.code_sealed"}
"""A code is kept nowhere once it has left."""
STAFF = {"account_factor.secret_sealed", "account_factor.new_sealed"}
"""A member of staff's second factor: nobody here has one."""


class Log(logging.Handler):
    """Every line that anything writes, at DEBUG, but for httpx, which is the browser here."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "httpx":
            self.lines.append(self.format(record))


@dataclass(frozen=True, slots=True)
class Walked:
    """What was walked, where, and what was logged meanwhile."""

    worker: Worker
    journeys: list[Journey]
    log: list[str]


@pytest.fixture(scope="module")
def walked(installation: runtime.Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    log, root = Log(), logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    with pytest.MonkeyPatch.context() as patched, a_workplace(installation, tmp_path_factory.mktemp("drill")) as worker:
        patched.setattr(even_time, "STEP_S", 1e-6)
        journeys = [Journey(worker, Canaries(number)) for number in range(PEOPLE)]
        a_mailbox(worker, journeys[0].canaries)
        a_colleague(worker)
        for journey in journeys:
            journey.walk()
        a_partner_writes(journeys[0])
        yield Walked(worker, journeys, log.lines)
    root.removeHandler(log)
    root.setLevel(level)


def hits(text: str | bytes, journeys: list[Journey]) -> list[str]:
    """Fields whose canary stands in a text, whatever its capitals."""
    raw = text if isinstance(text, bytes) else text.encode()
    low = raw.lower()
    return [
        name
        for journey in journeys
        for name, canary in journey.canaries.searched
        if canary.lower().encode() in low or canary.lower().encode("utf-16-le") in low
    ]


def test_canaries_stand_in_sealed_columns_alone(walked: Walked, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, journeys, desk = walked.worker, walked.journeys, walked.worker.desk
    errors = forced_errors(worker, journeys[0], monkeypatch)
    found = {f"error {number}": hits(each, journeys) for number, each in enumerate(errors)}
    found["log"] = hits("\n".join(walked.log), journeys)
    found["urls"] = [each for journey in journeys for each in hits("\n".join(journey.urls), journeys)]
    found["metrics"] = hits(desk.web.get("/metrics").text, journeys)
    index = apart(dumped, desk.running.index)
    assert "Harbour Counselling" in index
    found["index"] = hits(index, journeys)
    files = [file for file in desk.running.settings.home.rglob("*") if file.is_file()]
    found |= {str(file): hits(file.read_bytes(), journeys) for file in files}
    assert {place: names for place, names in found.items() if names} == {}
    read = {file.name for file in files}
    assert {"waymark.db", "waymark.db-wal", "key"} <= read
    assert sum(name.endswith(".eml") for name in read) >= 2 * PEOPLE
    assert len(journeys) * len(journeys[0].canaries.planted) >= count(24, 200)
    assert any("error" in line for line in walked.log)


def forced_errors(worker: Worker, journey: Journey, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What pages answer to mistakes and to a fault of ours whose own words are a person's."""
    secret = journey.canaries.planted["name"]
    case = next(url for url in journey.urls if url.startswith("/staff/cases/") and url.endswith("/do/exclude"))

    def broken(*_: object) -> dict[str, object]:
        raise RuntimeError(secret)

    monkeypatch.setitem(case_actions.DO, "person", broken)
    answers = [
        worker.post(case.replace("exclude", "person"), name=secret, key="k-broken"),
        worker.post(case.replace("exclude", "nothing"), words=secret, key="k-nothing"),
        worker.get(f"/staff/cases/{secret}"),
        worker.get("/staff/referrals/none"),
        worker.desk.web.get("/r/unknown"),
        worker.desk.web.get(case.rpartition("/do")[0]),
    ]
    assert [each.status_code for each in answers] == [500, 422, 404, 404, 200, 303]
    return [each.text for each in answers if each.status_code != 422]  # which is the worker's own case again


def test_every_sealed_column_held_a_canary(walked: Walked) -> None:
    empty = set()
    with walked.worker.desk.running.database.reading() as session:
        for mapper in Base.registry.mappers:
            for column in inspect(mapper.class_).columns:
                if column.key.endswith("_sealed"):
                    held = session.scalars(select(column).where(column.is_not(None))).first()
                    if held is None:
                        empty.add(f"{column.table.name}.{column.key}")
    assert empty == NEVER_WRITTEN | GONE | STAFF


def test_a_provider_reads_what_its_tier_holds_and_no_other_canary(walked: Walked) -> None:
    for journey in walked.journeys:
        shown = {when: {each for page in pages for each in hits(page, [journey])} for when, pages in
                 journey.to_provider.items()}  # fmt: skip
        assert shown == {"before the code": set(), "undecided": set(), "accepted": set(TIER_3)}
    assert set(TIER_3) - {"value"} <= set(WORDS)


def dumped(index: EmbeddedIndex) -> str:
    """Every document of the index, as text."""

    async def read() -> str:
        return "\n".join([repr(await index.get(own)) for own in await index.fingerprints()])

    return anyio.run(read)
