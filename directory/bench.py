"""`waymark bench`: how long a whole answer takes as the directory grows, beside the engine's own query for the same.

Bare query, match and page of one enquiry are timed one after the other, so that they share whatever else the machine
does. Nothing here is a test: no test looks at a time.
"""

import asyncio
import gc
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from directory import bench_engines, settings
from directory.bench_datasette import Datasette, write
from directory.bench_services import services
from directory.errors import WaymarkError
from directory.search.document import ServiceDocument
from directory.search.index import SearchIndex
from directory.search.query import ServiceQuery
from directory.settings import Settings

ROUNDS = 5
"""Times every enquiry is asked, after one round that warms up and is not counted."""

Ask = Callable[[str, Mapping[str, object]], Awaitable[object]]
"""From words, and facts given beside them, to a whole answer."""


ENQUIRIES: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("14 year old battered in Leith, lives in Fife, not sleeping", {}),
    ("girl of 15 raped by a boy at a party, wants to talk to someone", {"residence": "Dundee"}),
    ("mum hit by her 13 year old son, scared to be at home with him", {"residence": "Glasgow"}),
    ("boy of 9 touched by his older brother, parents of both in bits", {"residence": "Falkirk"}),
    ("17, phone taken and punched on the bus, has nightmares", {"residence": "Paisley", "harm_place": "Glasgow"}),
    ("nudes of her shared round the school, she is 13 and will not go in", {"residence": "Inverness"}),
    ("bairn of 8 bullied every day, called names for being Polish", {"residence": "Aberdeen"}),
    ("shop worker threatened with a knife by a lad of 14", {"residence": "Kirkcaldy", "harm_place": "Kirkcaldy"}),
    ("windows put in again by the same weans, old man on his own", {"residence": "Motherwell"}),
    ("her boyfriend is 16 and controls who she sees, hit her twice", {"residence": "Ayr"}),
    ("what happens at a panel for the boy who did it, can I be told", {"residence": "Perth"}),
    ("12 year old deaf girl assaulted, uses BSL, needs counselling", {"residence": "Livingston"}),
    ("harmed in a children's house by another young person, age 15", {"residence": "Dumfries"}),
    ("son of 16 stabbed, sister saw it and cannot sleep", {"residence": "Edinburgh", "harm_place": "Edinburgh"}),
    ("being made to carry drugs for older boys, he is 14", {"residence": "Greenock"}),
    ("our brother was killed by a 15 year old, we need help with the court", {"residence": "Stirling"}),
    ("wants to meet the child who set fire to the garage and ask why", {"residence": "Elgin"}),
    ("self harm after sexual assault at 16, Gaelic speaker", {"residence": "Stornoway"}),
    ("foster carer hit by child in placement, wants someone to speak to", {"residence": "Hamilton"}),
    ("from Carlisle, attacked in Gretna on a school trip, aged 11", {"residence": "Carlisle", "harm_place": "Gretna"}),
    ("teacher punched in class, off work", {"residence": "Cumbernauld"}),
    ("daughter 10 followed home and threatened, afraid to walk to school", {"residence": "Dunfermline"}),
    ("compensation for broken jaw, 19", {"residence": "Kilmarnock"}),
    ("trans boy, 15, spat on and kicked because of it", {"residence": "Edinburgh"}),
    ("gran looks after two boys, one hurts the other", {"residence": "Lerwick"}),
    ("drink and pills since it happened, she is 17", {"residence": "Kirkwall"}),
    ("needs a refuge tonight with two kids, ex is 17", {"residence": "Coatbridge"}),
    ("wee boy of 6 with autism hit at after school club", {"residence": "Alloa"}),
    ("robbed at knife point by three teenagers, student, 20", {"residence": "St Andrews", "harm_place": "Dundee"}),
    ("sexual assault, does not want the police, 18", {"residence": "Galashiels"}),
    ("parent of the girl who was hurt, separated, wants advice about rights", {"residence": "Dumbarton"}),
    ("cousin groomed online by a 16 year old, age 12", {"residence": "Oban"}),
    ("youth worker for a lad who was beaten up and now has been charged himself", {"residence": "Glasgow"}),
    ("stalked by an ex, both 17, same college", {"residence": "Bathgate"}),
    ("witness of a stabbing, 13, has to give evidence", {"residence": "Airdrie"}),
    ("homeless at 16 after violence at home from brother", {"residence": "Aberdeen"}),
    ("racist abuse of a family by children in the close", {"residence": "Glasgow"}),
    ("counselling", {"residence": "Fife"}),
    ("someone to talk to", {}),
    ("EH6 5 physical harm age 14 urgent", {"residence": "Edinburgh", "harm_place": "Edinburgh"}),
)
"""Words as on the phone, with home and place of harm given beside them; all made up."""


@dataclass(frozen=True, slots=True)
class BenchResult:
    """One size. Times are milliseconds; page times are None when no page was asked for."""

    engine: str | None
    """Said when it is not the embedded one alone."""
    services: int
    index_seconds: float
    index_mb: float
    bare_ms_p50: float
    bare_ms_p95: float
    match_ms_p50: float
    match_ms_p95: float
    page_ms_p50: float | None
    page_ms_p95: float | None
    datasette_page_ms_p50: float | None = None
    datasette_json_ms_p50: float | None = None

    def as_json(self) -> dict[str, object]:
        """Datasette's figures only when it was asked, the engine only when there are several."""
        told = asdict(self).items()
        return {name: value for name, value in told if value is not None or name in ("page_ms_p50", "page_ms_p95")}


def table(results: Iterable[BenchResult]) -> str:
    """The results as lines to read: a column for each figure, "-" for what was not measured."""
    rows = [result.as_json() for result in results]
    names = list(rows[0]) if rows else []
    lines = ["  ".join(names)]
    for row in rows:
        cells = ("-" if row[name] is None else _cell(row[name]) for name in names)
        lines.append("  ".join(cell.rjust(len(name)) for cell, name in zip(cells, names, strict=True)))
    return "\n".join(lines)


def run(
    sizes: Iterable[int],
    match_over: Callable[[SearchIndex], Ask],
    page_over: Callable[[SearchIndex], Ask] | None = None,
    seed: int = 1,
    rounds: int = ROUNDS,
    tick: Callable[[], None] = lambda: None,
    datasette: bool = False,
    engines: Sequence[str] = (bench_engines.EMBEDDED,),
    chosen: Settings | None = None,
) -> Iterator[BenchResult]:
    """A result for each size and engine, as soon as it is there; every index is gone afterwards.

    `match_over` gives the match over an index (from text to reasons, with facets), `page_over` the rendered page.
    `tick` is called for every service indexed; `datasette` asks Datasette the same in the same rounds. `engines` are
    asked in turn in one run; Elasticsearch is at the address of the settings `chosen`. Raises WaymarkError when a
    match asks the index for nothing.
    """
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="waymark-bench-") as folder:
            beside = Path(folder, "bench.db") if datasette else None
            yield from asyncio.run(
                _measured(size, engines, chosen or settings.read({}), match_over, page_over, seed, rounds, tick, beside)
            )


@dataclass(slots=True)
class _Bench:
    """One engine under measurement: what is asked of it, and how long each asking took (seconds)."""

    engine: str
    index: bench_engines.Measured
    index_seconds: float
    asked: list[tuple[ServiceQuery, int]]
    asks: dict[str, Callable[[int], Awaitable[object]]]
    times: dict[str, list[float]]


async def _measured(
    size: int,
    engines: Sequence[str],
    chosen: Settings,
    match_over: Callable[[SearchIndex], Ask],
    page_over: Callable[[SearchIndex], Ask] | None,
    seed: int,
    rounds: int,
    tick: Callable[[], None],
    beside: Path | None,
) -> list[BenchResult]:
    async with AsyncExitStack() as open_indices:
        benches: list[_Bench] = []
        for engine in engines:
            index = await open_indices.enter_async_context(bench_engines.opened(engine, chosen))
            making = _Making(size, seed, tick, None if benches else beside)
            match, page = match_over(index), page_over(index) if page_over else None
            benches.append(await _prepared(engine, index, making, match, page))
        if beside:
            datasette, asked = Datasette(beside), benches[0].asked
            benches[0].asks["datasette_page"] = lambda number: datasette.page(asked[number][0])
            benches[0].asks["datasette_json"] = lambda number: datasette.json(asked[number][0])
        order = list(range(len(ENQUIRIES))) * rounds
        random.Random(seed).shuffle(order)
        await _timed(benches, order)
        return [await _result(size, each, several=len(benches) > 1) for each in benches]


async def _prepared(
    engine: str, index: bench_engines.Measured, making: "_Making", match: Ask, page: Ask | None
) -> _Bench:
    """The index filled, and every enquiry asked once: that warms up, and tells what a match asks the engine."""
    started = time.perf_counter()
    await index.rebuild(making)
    index_seconds = time.perf_counter() - started - making.seconds
    asked = [await _asked(index, match, page, text, given) for text, given in ENQUIRIES]
    bare = [await index.bare(*each) for each in asked]
    asks: dict[str, Callable[[int], Awaitable[object]]] = {
        "bare": lambda number: bare[number](),
        "match": lambda number: match(*ENQUIRIES[number]),
    }
    if page is not None:
        asks["page"] = lambda number: page(*ENQUIRIES[number])
    return _Bench(engine, index, index_seconds, asked, asks, {})


async def _timed(benches: Sequence[_Bench], order: Sequence[int]) -> None:
    """Each enquiry asked in every way, one after the other."""
    gc.collect()
    gc.freeze()
    try:
        for number in order:
            for each in benches:
                for name, ask in each.asks.items():
                    started = time.perf_counter()
                    await ask(number)
                    each.times.setdefault(name, []).append(time.perf_counter() - started)
    finally:
        gc.unfreeze()


async def _result(size: int, bench: _Bench, several: bool) -> BenchResult:
    times = bench.times
    return BenchResult(
        engine=bench.engine if several or bench.engine != bench_engines.EMBEDDED else None,
        services=size,
        index_seconds=round(bench.index_seconds, 2),
        index_mb=round(await bench.index.megabytes(), 2),
        bare_ms_p50=_milliseconds(times["bare"], 50),
        bare_ms_p95=_milliseconds(times["bare"], 95),
        match_ms_p50=_milliseconds(times["match"], 50),
        match_ms_p95=_milliseconds(times["match"], 95),
        page_ms_p50=_measured_ms(times, "page", 50),
        page_ms_p95=_measured_ms(times, "page", 95),
        datasette_page_ms_p50=_measured_ms(times, "datasette_page", 50),
        datasette_json_ms_p50=_measured_ms(times, "datasette_json", 50),
    )


async def _asked(
    index: bench_engines.Measured, match: Ask, page: Ask | None, text: str, given: Mapping[str, object]
) -> tuple[ServiceQuery, int]:
    """Warms up with one enquiry and gives the query that its match asked the engine."""
    if page is not None:
        await page(text, given)
    index.asked = None
    await match(text, given)
    if index.asked is None:
        raise WaymarkError(
            "The match asked the index for no candidates.", "Give bench a match over the index it makes."
        )
    return index.asked


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


class _Making:
    """Made-up services, and how long the making took: that is not the index's time."""

    def __init__(self, size: int, seed: int, tick: Callable[[], None], beside: Path | None) -> None:
        self.seconds = 0.0
        made = services(size, seed)
        self._made = write(made, beside) if beside else made
        self._tick = tick

    def __iter__(self) -> Iterator[ServiceDocument]:
        while True:
            started = time.perf_counter()
            doc = next(self._made, None)
            self.seconds += time.perf_counter() - started
            if doc is None:
                return
            self._tick()
            yield doc


def _milliseconds(seconds: Sequence[float], percentile: int) -> float:
    ranked = sorted(seconds)
    return round(ranked[min(len(ranked) - 1, len(ranked) * percentile // 100)] * 1_000, 2)


def _measured_ms(times: Mapping[str, Sequence[float]], name: str, percentile: int) -> float | None:
    return _milliseconds(times[name], percentile) if name in times else None
