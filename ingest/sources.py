"""Lists the sources that come with Waymark, one row each, and finds what any source, theirs or added, is read by."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from directory.database import Database
from directory.errors import NotFound
from directory.feeds import sources as settings
from directory.records import SourceInfo
from ingest.adapters import care_inspectorate, edinburgh_community_centres, facts, schools, spreadsheet
from ingest.kinds import KINDS, Kind
from ingest.material import Feed, by_path
from ingest.reading import Reading

EDINBURGH = (
    "Contains public sector information from the City of Edinburgh Council licensed under the Open Government Licence "
    "v2.0. Contains OS data © Crown copyright and database right."
)
EDINBURGH_LISTS = {
    "edinburgh-day-services": "Edinburgh day services",
    "edinburgh-housing-support": "Edinburgh housing support",
    "edinburgh-outdoor-education": "Edinburgh outdoor education centres",
    "edinburgh-special-schools": "Edinburgh special schools",
}
"""Lists read by one of our own column mappings (`ingest/data/mappings`): id → name."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source. `files` are paths under a data folder, which together are all that it lists; `read` is its adapter:
    a file → readings, one a row. `standing` as in `tables.Source`.

    `url` and `every_hours`: where and how often it is fetched, until a person says otherwise.
    """

    id: str
    name: str
    publisher: str
    licence: str
    attribution: str
    files: tuple[str, ...]
    read: Callable[[Path], Iterator[Reading]]
    standing: str = "feed"
    url: str = ""
    every_hours: int | None = None

    def info(self) -> SourceInfo:
        """As the record names it."""
        return SourceInfo(
            self.id, self.name, self.publisher, self.licence, self.attribution, self.standing, self.url,
            self.every_hours,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source that is to be run. `row` None: a person added it, and all that is known of it is in the record."""

    feed: Feed
    kind: Kind
    row: SourceRow | None = None

    @property
    def id(self) -> str:
        return self.feed.id

    def is_whole(self, names: Sequence[str]) -> bool:
        """Whether parts of these names are all that the source lists: else nothing is missed in them."""
        if self.row is None or len(self.row.files) < 2:
            return True
        return {Path(name).name for name in self.row.files} <= {Path(name).name for name in names}


SOURCES = (
    SourceRow(
        id=facts.SOURCE,
        name="Facts about Scottish services",
        publisher="Waymark",
        licence="Facts, restated; no licence needed",
        attribution="Facts read on public pages and restated; each service names its page and how well it is known.",
        files=("services/scotland_service_facts.csv", "services/scotland_service_facts_more.csv"),
        read=facts.read,
    ),
    SourceRow(
        id=care_inspectorate.SOURCE,
        name="Care Inspectorate register of care services",
        publisher="Care Inspectorate",
        licence="Open Government Licence v3.0",
        attribution="Contains public sector information from the Care Inspectorate licensed under the Open Government "
        "Licence v3.0.",
        files=("services/care_inspectorate_services_2026-05-31.csv",),
        read=care_inspectorate.read,
        standing="register",
    ),
    SourceRow(
        id=schools.SOURCE,
        name="School roll 2023",
        publisher="Scottish Government",
        licence="Open Government Licence v3.0",
        attribution="Contains public sector information from the Scottish Government licensed under the Open "
        "Government Licence v3.0.",
        files=("services/scottish_schools_2023.csv",),
        read=schools.read,
        standing="register",
    ),
    SourceRow(
        id=edinburgh_community_centres.SOURCE,
        name="Edinburgh community centres",
        publisher="City of Edinburgh Council",
        licence="Open Government Licence v2.0",
        attribution=EDINBURGH,
        files=("services/raw_feeds/edinburgh_community_centres.csv",),
        read=edinburgh_community_centres.read,
    ),
    *(
        SourceRow(
            id=source_id,
            name=name,
            publisher="City of Edinburgh Council",
            licence="Open Government Licence v2.0",
            attribution=EDINBURGH,
            files=(f"services/raw_feeds/{source_id.replace('-', '_')}.csv",),
            read=spreadsheet.shipped(source_id),
        )
        for source_id, name in EDINBURGH_LISTS.items()
    ),
)
"""In order of precedence: when several tell of one service, the first of these leads."""


def source(source_id: str) -> SourceRow:
    """The source of that name. Raises NotFound, naming those there are."""
    for row in SOURCES:
        if row.id == source_id:
            return row
    raise NotFound(f"There is no source {source_id!r}.", f"The sources are: {', '.join(row.id for row in SOURCES)}.")


def files(row: SourceRow, folder: Path) -> list[Path]:
    """The source's files that are in a data folder, as published ("services/…") or lying flat in it."""
    found = []
    for name in row.files:
        choices = (folder / name, folder / name.removeprefix("services/"), folder / Path(name).name)
        found += [path for path in choices if path.is_file()][:1]
    return found


def wanted(database: Database, source_id: str, as_of: str = "") -> Wanted:
    """The source of that name, with what people have set of it. `as_of`: the day, "2026-11-22". Raises NotFound."""
    row = next((row for row in SOURCES if row.id == source_id), None)
    with database.reading() as session:
        kept = {each.id: each for each in settings.load(session)}
    chosen = kept.get(source_id)
    if row is None and chosen is None:
        known = dict.fromkeys((*(row.id for row in SOURCES), *kept))
        raise NotFound(f"There is no source {source_id!r}.", f"The sources are: {', '.join(known)}.")
    feed = (
        Feed(source_id, chosen.url, as_of, chosen.options) if chosen else Feed(source_id, row.url if row else "", as_of)
    )
    return Wanted(feed, kind_of(source_id, chosen.kind if chosen else ""), row)


def kind_of(source_id: str, kind: str) -> Kind:
    """How a source is fetched and read. Raises NotFound for a kind that this Waymark does not have."""
    for row in SOURCES:
        if row.id == source_id:
            return Kind("", row.name, by_path(row.read))
    if kind not in KINDS:
        raise NotFound(f"There is no kind of source {kind!r}.", f"The kinds are: {', '.join(KINDS)}.")
    return KINDS[kind]
