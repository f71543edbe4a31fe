"""Both engines give the same first ten for the judged enquiries, over the same services, in the same order."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from directory import runtime, settings
from directory.errors import BadInput
from directory.matching.batch import FIELDS
from directory.runtime import Runtime
from directory.search import fold
from directory.search.elastic import ElasticIndex
from directory.search.elastic_client import Connection, Server
from directory.search.embedded import EmbeddedIndex
from tests.installation import Installation

pytestmark = [pytest.mark.anyio, pytest.mark.elasticsearch]
JUDGED = Path(__file__).parent.parent / "judged"
LEAST = 0.99
FIRST = 10


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True, slots=True)
class Engines:
    """One record, asked through either engine."""

    embedded: Runtime
    elastic: Runtime


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """A record of all the data there is; of the starter directory where the shared data is not."""
    data = Path(__file__).resolve().parents[3] / "shared" / "data"
    home = tmp_path_factory.mktemp("agreement")
    answer = Installation(home)("setup", *(("--data", str(data)) if data.is_dir() else ()))
    assert answer.code == 0, answer
    waymark = runtime.build(settings.read({"WAYMARK_HOME": str(home)}))
    yield waymark
    waymark.close()


@pytest.fixture(scope="module")
async def engines(filled: Runtime, own_server: Server) -> AsyncIterator[Engines]:
    elastic = ElasticIndex(Connection(own_server))
    with filled.database.reading() as session:
        await elastic.rebuild(fold.documents(session))
    yield Engines(replace(filled, index=EmbeddedIndex(filled.settings.index_dir)), replace(filled, index=elastic))
    await elastic.close()


async def first_ten(waymark: Runtime, case: Mapping[str, Any]) -> list[str]:
    try:
        result = await waymark.match(case["text"], {name: case.get(name) for name in (*FIELDS, "harm_place")})
    except BadInput:
        return []
    return [match.service.source_id for match in result.matches[:FIRST]]


@pytest.mark.parametrize("file", ["enquiries_tuned.jsonl", "enquiries_held.jsonl"])
async def test_the_same_first_ten(engines: Engines, file: str) -> None:
    lines = (JUDGED / file).read_text(encoding="utf-8").splitlines()
    cases = [case for line in lines if "text" in (case := json.loads(line))]
    other = [
        case["id"]
        for case in cases
        if await first_ten(engines.embedded, case) != await first_ten(engines.elastic, case)
    ]
    # Only how many: nobody may learn from a held case.
    assert len(other) <= (1 - LEAST) * len(cases), f"{len(other)} of {len(cases)} differ"
