"""A source that pages by number, in the shape of Open Referral UK 1.x, and what a run of ours asks of it."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio

from directory import records
from directory.database import Database
from directory.feeds import runs
from directory.feeds.raw import RawStore
from directory.http import Surroundings
from directory.records import SourceInfo
from ingest import fetch
from ingest.fetch import Fetch
from ingest.fetch_pages import LIMITS, Bounds
from ingest.kinds import Getter, Kind
from ingest.material import Feed, Material, Part

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FEED = "https://feeds.example/services"
QUICK = replace(LIMITS, per_second=1e9)


def no_rows(feed: Feed, material: Material) -> Any:
    """Fetching does not read."""
    return iter(())


async def numbered(feed: Feed, get: Getter) -> AsyncIterator[Part]:
    """Pages 1 to as many as the last one said there were."""
    number, last = 1, 1
    while number <= last:
        part = await get(feed.url, f"page {number}", {"page": str(number)})
        last = json.loads(part.data())["totalPages"]
        number += 1
        yield part


PAGED = Kind("paged", "Pages by number", no_rows, numbered)
FILE = Kind("file", "A file", no_rows)


def page(number: int, last: int = 12, word: str = "") -> bytes:
    """One page of the feed."""
    said = {"number": number, "totalPages": last, "content": [{"id": f"s{number}", "name": f"Service {number}{word}"}]}
    return json.dumps(said).encode()


@dataclass
class Waiting:
    """A clock that only moves when somebody waits; what was waited for is kept."""

    seconds: float = 0.0
    waited: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        if round(seconds, 3):  # a turn at a thousand million a second is none
            self.waited.append(round(seconds, 3))
        self.seconds += seconds

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def surroundings(self, **changes: Any) -> Surroundings:
        given = {"sleep": self.sleep, "timer": lambda: self.seconds, "chance": lambda: 0.0, **changes}
        return Surroundings(clock=self.now, **given)


@dataclass
class Runs:
    """Runs of one source, one after the other, against whatever server a test has set up."""

    record: Database
    raw: RawStore
    waiting: Waiting = field(default_factory=Waiting)
    environ: Mapping[str, str] = field(default_factory=dict)
    source_id: str = "feed"
    run_id: int = 0

    @classmethod
    def of(cls, record: Database, tmp_path: Path, source_id: str = "feed") -> "Runs":
        with record.session() as session:
            records.ensure_source(session, SourceInfo(source_id, "A feed", "Somebody", "OGL v3"))
        return cls(record, RawStore(tmp_path / "raw"), source_id=source_id)

    def begin(self) -> int:
        with self.record.session() as session:
            self.run_id = runs.begin(session, self.source_id, "command", self.waiting.now())
        return self.run_id

    def end(self, state: runs.State, why: str = "") -> None:
        with self.record.session() as session:
            runs.end(session, self.run_id, state, self.waiting.now(), runs.Outcome(why=why))

    def fetch(
        self,
        kind: Kind = PAGED,
        url: str = FEED,
        bounds: Bounds | None = None,
        by: Surroundings | None = None,
        **options: Any,
    ) -> Fetch:
        """A new run that fetches, and is done; one that fails is failed, and raises."""
        self.begin()
        try:
            fetched = anyio.run(self.material, kind, url, bounds, by, options)
        except BaseException:
            self.end(runs.State.FAILED, "it failed")
            raise
        self.end(runs.State.DONE)
        return fetched

    async def material(
        self, kind: Kind, url: str, bounds: Bounds | None, by: Surroundings | None, options: Mapping[str, Any]
    ) -> Fetch:
        return await fetch.material(
            self.record,
            self.run_id,
            Feed(self.source_id, url, options=options),
            kind,
            self.raw,
            self.waiting.now,
            by or self.waiting.surroundings(),
            bounds or Bounds(http=QUICK),
            environ=self.environ,
        )
