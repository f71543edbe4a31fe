"""The embedded engine's files: swapped whole, written by one, noticed by all, and never half there."""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import anyio
import anyio.from_thread
import pytest

from directory.errors import NotReady
from directory.search import embedded
from directory.search.document import ServiceDocument
from directory.search.embedded import EmbeddedIndex, _Asking
from directory.search.generations import Generations
from directory.search.query import CoverageFilter, ServiceQuery
from directory.values import Visibility
from tests.builders import a_document

HARBOUR = a_document()


def service(source_id: str, **changes: object) -> ServiceDocument:
    return a_document(**({"id": str(uuid5(NAMESPACE_URL, source_id)), "source_id": source_id} | changes))


def rebuild(index: EmbeddedIndex, *docs: ServiceDocument) -> None:
    anyio.run(index.rebuild, docs)


def total(index: EmbeddedIndex) -> int:
    return anyio.run(index.search, ServiceQuery()).total


def generations(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def live(folder: Path) -> Path:
    return folder / (folder / "current").read_text()


async def ask_everything(index: EmbeddedIndex) -> None:
    candidates = await index.candidates(ServiceQuery(text="counselling", age=(14, 14)), 10)
    await candidates.load(range(len(candidates.scores)))
    await index.search(ServiceQuery(text="counselling"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def test_without_an_index_every_question_says_what_to_do(folder: Path) -> None:
    index = EmbeddedIndex(folder)
    for ask, about in (
        (index.search, ServiceQuery()),
        (index.get, "f1"),
        (index.suggest, "a"),
        (index.put, [HARBOUR]),
        (index.remove, ["f1"]),
    ):
        with pytest.raises(NotReady, match="waymark index rebuild"):
            anyio.run(ask, about)
    health = anyio.run(index.health)
    assert not health.ready
    assert "waymark index rebuild" in health.message


def test_asking_makes_no_files(folder: Path) -> None:
    anyio.run(EmbeddedIndex(folder).health)
    assert not folder.exists()


def test_rebuild_swaps_and_sweeps(folder: Path) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, service("a"))
    rebuild(index, service("b"), service("c"))
    assert total(index) == 2
    assert generations(folder) == ["generation-000002"]


def test_readers_keep_answering_while_an_index_is_rebuilt(folder: Path) -> None:
    index, reader = EmbeddedIndex(folder), EmbeddedIndex(folder)
    seen: list[int] = []

    def documents() -> Iterator[ServiceDocument]:
        yield service("b")
        with anyio.from_thread.start_blocking_portal() as portal:
            seen.append(portal.call(reader.search, ServiceQuery()).total)
        yield service("c")

    rebuild(index, service("a"))
    anyio.run(index.rebuild, documents())
    assert (seen, total(reader)) == ([1], 2)


def test_a_failed_rebuild_leaves_the_live_index(folder: Path) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, service("a"))

    def breaking() -> Iterator[ServiceDocument]:
        yield service("b")
        raise RuntimeError("the record went away")

    with pytest.raises(RuntimeError, match="the record went away"):
        anyio.run(index.rebuild, breaking())
    assert total(index) == 1
    assert generations(folder) == ["generation-000001"]
    rebuild(index, service("b"), service("c"))
    assert total(index) == 2


def test_a_failed_put_keeps_nothing_of_it(folder: Path) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, service("a"))
    with pytest.raises(KeyError) as caught:
        anyio.run(index.put, [service("b"), service("c", families=("no such family",))])
    assert total(index) == 1
    assert total(EmbeddedIndex(folder)) == 1
    anyio.run(index.put, [service("d")])  # while the error is still held: the writer's lock was given back
    assert caught.value is not None
    assert total(index) == 2


def test_readers_notice_a_commit_and_a_swap_of_somebody_else(folder: Path) -> None:
    writer, reader = EmbeddedIndex(folder), EmbeddedIndex(folder)
    rebuild(writer, service("a"))
    assert total(reader) == 1
    anyio.run(writer.put, [service("b")])
    assert total(reader) == 2
    rebuild(writer, service("a"), service("b"), service("c"))
    assert total(reader) == 3


def test_services_kept_as_read_are_few_and_of_the_newest_state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "DOCUMENTS_KEPT", 2)
    index = EmbeddedIndex(folder)
    docs = [service(f"s{number}", name=f"Service {number}") for number in range(5)]
    rebuild(index, *docs)

    def names() -> list[str]:
        return [hit.service.name for hit in anyio.run(index.search, ServiceQuery(sort="name")).hits]

    assert names() == names() == [doc.name for doc in docs]
    anyio.run(index.put, [replace(docs[2], name="Service 2, renamed")])
    assert names() == ["Service 0", "Service 1", "Service 2, renamed", "Service 3", "Service 4"]


IN_FIFE = CoverageFilter(residence=("S12000047",))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the engine itself is asked from here on."""
    found: list[str] = []

    def noted(name: str) -> None:
        ask = getattr(_Asking, name)

        def noting(self: _Asking, *args: object, **more: object) -> object:
            found.append(name)
            return ask(self, *args, **more)

        monkeypatch.setattr(_Asking, name, noting)

    noted("best")
    noted("counts")
    return found


async def names_and_counts(index: EmbeddedIndex, query: ServiceQuery, facets: bool) -> tuple[object, ...]:
    candidates = await index.candidates(query, 10, facets)
    services = await candidates.load(range(len(candidates.scores)))
    return [service.name for service in services], list(candidates.scores), candidates.columns, candidates.facets


@pytest.mark.parametrize(
    ("changes", "facets", "asks_again"),
    [
        pytest.param({}, False, [], id="no words: the answer is kept"),
        pytest.param({}, True, ["best"], id="its counts are kept"),
        pytest.param({"text": "counselling"}, False, ["best"], id="with words it is asked"),
        pytest.param({"text": "counselling"}, True, ["best"], id="with words the counts are kept"),
        pytest.param({"names": ("Anchor House",)}, True, ["best", "counts"], id="a name somebody said"),
        pytest.param({"avoid": ("Anchor House",)}, True, ["best", "counts"], id="what somebody keeps away from"),
        pytest.param({"exclude": ("a",)}, False, ["best"], id="what somebody has tried"),
        pytest.param(
            {"coverage": replace(IN_FIFE, schools=("8212627",))}, True, ["best", "counts"], id="somebody's own school"
        ),
    ],
)
def test_what_is_the_same_for_many_people_is_not_asked_again(
    folder: Path, asked: list[str], changes: dict[str, Any], facets: bool, asks_again: list[str]
) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, *(service(f"s{number}", name=f"Anchor House {number}") for number in range(3)), service("a"))
    query = replace(ServiceQuery(coverage=IN_FIFE, age=(14, 14)), **changes)
    first = anyio.run(names_and_counts, index, query, facets)
    asked.clear()
    assert anyio.run(names_and_counts, index, query, facets) == first
    assert sorted(asked) == asks_again


def test_what_is_kept_is_of_the_newest_state_and_of_its_own_question(folder: Path) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, service("a", families=("youth",)))
    query = ServiceQuery()

    async def found(query: ServiceQuery, limit: int = 10) -> tuple[int, dict[str, int]]:
        columns = (await index.candidates(query, limit, facets=False)).columns
        facets = (await index.candidates(query, limit)).facets
        return len(columns["flags"]), dict(next(facet.counts for facet in facets if facet.field == "family"))

    async def over_a_commit_and_a_swap() -> None:
        assert await found(query) == await found(query) == (1, {"youth": 1})
        await index.put([service("b", families=("housing",))])
        assert await found(query) == (2, {"youth": 1, "housing": 1})
        assert await found(query, 1) == (1, {"youth": 1, "housing": 1})
        assert await found(replace(query, families=("housing",))) == (1, {"housing": 1})
        await EmbeddedIndex(folder).rebuild([service("c", families=("youth",))])
        assert await found(query) == (1, {"youth": 1})

    anyio.run(over_a_commit_and_a_swap)


def test_a_count_that_failed_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, service("a"))

    async def counts() -> int:
        return len((await index.candidates(ServiceQuery(text="counselling"), 10)).facets)

    def broken(self: _Asking, *args: object) -> object:
        raise OSError("gone")

    with monkeypatch.context() as breaking:
        breaking.setattr(_Asking, "counts", broken)
        with pytest.raises(NotReady):
            anyio.run(counts)
    assert anyio.run(counts) == 2


def test_candidates_outlive_a_swap(folder: Path) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, service("a"), service("b"))

    async def over_a_swap() -> None:
        candidates = await index.candidates(ServiceQuery(), 10)
        await EmbeddedIndex(folder).rebuild([service("c")])
        assert {doc.source_id for doc in await candidates.load([0, 1])} == {"a", "b"}
        assert len(candidates.columns["flags"]) == 2

    anyio.run(over_a_swap)


def in_another_process(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Runs `body` with `index` and `service` at hand; it may kill itself."""
    script = f"""
import anyio, os, signal
from pathlib import Path
from directory.search import embedded
from directory.search.embedded import EmbeddedIndex
from directory.search.generations import Generations
from tests.directory.search.test_embedded import service
index = EmbeddedIndex(Path({str(folder)!r}))
{textwrap.dedent(body)}
"""
    root = Path(__file__).resolve().parents[3]
    return subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=60)


def test_another_process_commits(folder: Path) -> None:
    reader = EmbeddedIndex(folder)
    rebuild(reader, service("a"))
    assert total(reader) == 1
    done = in_another_process(folder, "anyio.run(index.put, [service('b')])")
    assert done.returncode == 0, done.stderr
    assert total(reader) == 2


KILL = "os.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.parametrize(
    ("body", "services"),
    [
        pytest.param(
            f"""
            def documents():
                yield service('b')
                {KILL}
            anyio.run(index.rebuild, documents())
            """,
            1,
            id="while documents are written",
        ),
        pytest.param(
            f"""
            def die(self, folder):
                {KILL}
            Generations.publish = die
            anyio.run(index.rebuild, [service('b'), service('c')])
            """,
            1,
            id="before the swap",
        ),
        pytest.param(
            f"""
            def die(self):
                {KILL}
            Generations.sweep = die
            anyio.run(index.rebuild, [service('b'), service('c')])
            """,
            2,
            id="after the swap",
        ),
        pytest.param(
            f"""
            add = embedded._add
            def die(writer, doc):
                add(writer, doc)
                {KILL}
            embedded._add = die
            anyio.run(index.put, [service('b')])
            """,
            1,
            id="while a change is put in",
        ),
    ],
)
def test_a_kill_leaves_the_old_or_the_new(folder: Path, body: str, services: int) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, service("a"))
    assert in_another_process(folder, body).returncode == -9
    assert total(index) == services
    assert total(EmbeddedIndex(folder)) == services
    rebuild(index, service("d"), service("e"), service("f"))
    assert total(index) == 3
    assert len(generations(folder)) == 1


def test_one_writer_at_a_time(folder: Path) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, service("a"))
    with Generations(folder, "any").writing():
        for write, what in ((index.put, [service("b")]), (index.remove, ["a"]), (index.rebuild, [service("b")])):
            with pytest.raises(NotReady, match="Another process is writing"):
                anyio.run(write, what)
        assert total(index) == 1
    anyio.run(index.put, [service("b")])
    assert total(index) == 2


def test_an_index_of_another_version_is_not_read(folder: Path) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, service("a"))
    (live(folder) / "version").write_text("another")
    with pytest.raises(NotReady, match=r"another version.*waymark index rebuild"):
        total(EmbeddedIndex(folder))
    rebuild(EmbeddedIndex(folder), service("a"))
    assert total(index) == 1


@pytest.mark.parametrize(
    ("suffix", "share"),
    [(suffix, share) for suffix in ("meta.json", ".fast", ".idx", ".term", ".store", "version") for share in (0, 0.5)],
)
def test_a_damaged_index_says_so(folder: Path, suffix: str, share: float) -> None:
    rebuild(EmbeddedIndex(folder), *(service(f"s{number}") for number in range(30)))
    for file in live(folder).iterdir():
        if file.name.endswith(suffix):
            content = file.read_bytes()
            file.unlink()
            if share:
                file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(NotReady, match="waymark index rebuild"):
        anyio.run(ask_everything, EmbeddedIndex(folder))
    rebuild(EmbeddedIndex(folder), service("a"))
    assert total(EmbeddedIndex(folder)) == 1


@pytest.mark.parametrize("pointer", ["", "generation-999999", "../elsewhere", "\x00", "é"])
def test_a_pointer_to_nothing(folder: Path, pointer: str) -> None:
    index = EmbeddedIndex(folder)
    rebuild(index, service("a"))
    (folder / "current").write_text(pointer)
    with pytest.raises(NotReady, match="waymark index rebuild"):
        total(index)


def test_a_file_where_the_folder_should_be(folder: Path) -> None:
    folder.write_text("")
    with pytest.raises(NotReady, match="WAYMARK_HOME"):
        rebuild(EmbeddedIndex(folder), service("a"))


def test_a_place_withheld_from_now_on_leaves_the_files(folder: Path) -> None:
    index = EmbeddedIndex(folder)
    refuge = service("refuge", address="7 Zanzibar Wynd", city="Quarrybrae", postal_code="KY99 9ZZ")
    rebuild(index, refuge, service("other"))
    assert holds(folder, b"Quarrybrae")
    anyio.run(index.put, [replace(refuge, visibility=Visibility.UNDISCLOSED)])
    assert not holds(folder, b"Quarrybrae")
    assert total(index) == 2


def holds(folder: Path, word: bytes) -> bool:
    return any(word in file.read_bytes() for file in folder.rglob("*") if file.is_file())
