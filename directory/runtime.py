"""Builds everything once from the settings: record, index, places, words. Tests build their own."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select

from directory import clock as clocks
from directory import database, settings, unit_postcodes, vocabulary
from directory.errors import NotReady
from directory.matching import matcher, understanding
from directory.matching.enquiry import Enquiry
from directory.matching.results import MatchResult
from directory.places.gazetteer import Gazetteer
from directory.search.embedded import EmbeddedIndex
from directory.search.index import SearchIndex
from directory.spoken import Spoken
from directory.tables import Service
from taxonomy.words import Understanding


@dataclass(slots=True)
class Runtime:
    """One installation, running."""

    settings: settings.Settings
    database: database.Database
    index: SearchIndex
    gazetteer: Gazetteer
    lexicon: understanding.Lexicon
    """Words of the files and names of places and services; `words` has the editors' phrases beside them."""
    clock: clocks.Clock = field(default=clocks.now)
    spoken: Spoken = field(default_factory=Spoken)

    def words(self) -> understanding.Lexicon:
        """All words understood now, those that editors added among them."""
        return self.spoken.lexicon(self.lexicon, self.database, self.clock())

    def understand(self, text: str) -> Understanding:
        """What the words say: `taxonomy.words`, with our places and services' names."""
        return understanding.understand(text, self.words())

    def enquiry(
        self, text: str, given: Mapping[str, object] | None = None, lexicon: understanding.Lexicon | None = None
    ) -> tuple[Enquiry, Understanding]:
        """An enquiry from words, with facts a person gave beside them (those win). Another lexicon tries other words.

        Raises BadInput.
        """
        return understanding.enquiry(text, given or {}, lexicon or self.words(), self.gazetteer)

    async def match(
        self, text: str, given: Mapping[str, object] | None = None, lexicon: understanding.Lexicon | None = None
    ) -> MatchResult:
        """From words to matches, plan and reasons: the main job. Raises BadInput, NotReady."""
        enquiry, understood = self.enquiry(text, given, lexicon)
        return await matcher.match(enquiry, understood, self.index, self.clock())

    @property
    def unit_postcodes_loaded(self) -> bool:
        """Whether an adopter has loaded unit postcodes; without them a postcode is known to its sector."""
        return unit_postcodes.PostcodeLookup(self.database).loaded

    def close(self) -> None:
        self.database.close()


def build(chosen: settings.Settings | None = None, clock: clocks.Clock = clocks.now) -> Runtime:
    """A runtime over the settings' record and index. Raises NotReady when not set up."""
    chosen = chosen or settings.read()
    base = database.open_database(chosen)
    gazetteer = Gazetteer(unit_postcodes=unit_postcodes.PostcodeLookup(base))
    return Runtime(
        settings=chosen,
        database=base,
        index=EmbeddedIndex(chosen.index_dir),
        gazetteer=gazetteer,
        lexicon=understanding.build_lexicon(gazetteer, _names(base)),
        clock=clock,
    )


def _names(base: database.Database) -> tuple[str, ...]:
    """Names of the open services, to be recognised when a caller says one; a school's also without "School"."""
    with base.reading() as session:
        names = tuple(session.scalars(select(Service.name).where(Service.status == "active").distinct()))
    return (
        *names,
        *(name.removesuffix(" School") for name in names if name.count(" ") > 1 and name.endswith(" School")),
    )


@contextmanager
def opened(chosen: settings.Settings | None = None) -> Iterator[Runtime]:
    """A runtime for the length of one command.

    Words and places are a million small objects that never change: the garbage collector need not walk them again
    and again (it took a tenth of a match, and most of its slowest ones).
    """
    waymark = build(chosen)
    gc.freeze()
    try:
        yield waymark
    finally:
        gc.unfreeze()
        waymark.close()


@contextmanager
def words() -> Iterator[tuple[Gazetteer, understanding.Lexicon]]:
    """Places and words for the length of one command; without a record, those of the files alone."""
    with places() as gazetteer:
        lexicon = understanding.build_lexicon(gazetteer)
        try:
            base = database.open_database(settings.read())
        except NotReady:
            yield gazetteer, lexicon
            return
        try:
            yield gazetteer, lexicon.with_added(vocabulary.rows_in_use(base)[1])
        finally:
            base.close()


@contextmanager
def places() -> Iterator[Gazetteer]:
    """Places for the length of one command; without a record, unit postcodes are known to their sector only."""
    try:
        base = database.open_database(settings.read())
    except NotReady:
        yield Gazetteer()
        return
    try:
        yield Gazetteer(unit_postcodes=unit_postcodes.PostcodeLookup(base))
    finally:
        base.close()
