"""Whether an installation is in order, in words an operator can act on: `waymark check`."""

from collections.abc import Iterator
from dataclasses import dataclass

from directory import clock, database, runtime
from directory.errors import WaymarkError
from directory.places import data_age
from directory.search import indexing
from directory.settings import Settings
from taxonomy import pathways


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    said: str


def run(settings: Settings) -> list[Finding]:
    """Every finding, in the order an operator would mend them."""
    return list(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding("home", True, str(settings.home))
    yield Finding("pathways", True, f"{len(pathways.load())} read")
    try:
        base = database.open_database(settings)
    except WaymarkError as error:
        yield Finding("record", False, str(error))
        return
    base.close()
    yield Finding("record", True, base.engine.dialect.name)
    with runtime.opened(settings) as waymark:
        yield waymark.run(_index, waymark)
        loaded = waymark.unit_postcodes_loaded
        said = "unit postcodes of 2020 (Code-Point Open 2020.3)" if loaded else "sectors only: no unit postcodes loaded"
        yield Finding("places", True, said)
    today = clock.now().date()
    for known in data_age.stale(today):
        if loaded or known.name != "unit_postcodes":
            yield Finding("data age", True, known.sentence(today))
    live = "live" if settings.live else "not live: every public page says that it is example data"
    yield Finding("live", True, live)


async def _index(waymark: runtime.Runtime) -> Finding:
    health = await waymark.index.health()
    if not health.ready:
        return Finding("index", False, health.message)
    difference = await indexing.compare(waymark.database, waymark.index)
    wrong = len(difference.missing) + len(difference.extra) + len(difference.different)
    if wrong:
        return Finding("index", False, f"{wrong} services differ from the record. Run `waymark index rebuild`.")
    return Finding("index", True, f"{health.engine}, {health.services:,} services, same as the record")
