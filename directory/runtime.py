"""Builds everything once from the settings: record, index, places, words. Tests build their own."""

import gc
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from sqlalchemy import select

from directory import clock as clocks
from directory import database, settings, unit_postcodes, vocabulary
from directory.accounts.signing_in import Door
from directory.errors import NotReady, WaymarkError
from directory.keys import Keys, open_keys
from directory.matching import correcting, left_out, matcher, scope, understanding, why
from directory.matching.correcting import Corrections
from directory.matching.enquiry import Enquiry
from directory.matching.gaps import GapCounter
from directory.matching.left_out import LeftOutReport
from directory.matching.results import MatchResult
from directory.matching.why import Why
from directory.next_doors import NextDoors
from directory.places.gazetteer import Gazetteer
from directory.referrals import policy
from directory.referrals.living import Living
from directory.referrals.loop import Loop
from directory.search.embedded import EmbeddedIndex
from directory.search.fallback import WithFallback
from directory.search.from_record import FromRecord
from directory.search.index import SearchIndex
from directory.spoken import Spoken
from directory.steering import Steering
from directory.tables import Service
from taxonomy.pathways import Pathways
from taxonomy.words import Understanding

if TYPE_CHECKING:
    from directory.accounts.organization import Organization

Answer = TypeVar("Answer")


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
    steering: Steering = field(default_factory=Steering)
    living: Living = field(default_factory=Living, init=False)
    served: scope.Scope = field(default_factory=scope.shipped)
    """Whom this single point of contact serves."""
    gaps: GapCounter = field(default_factory=GapCounter)
    _organization: "Organization | None" = field(default=None, init=False, repr=False)
    _loop: Loop | None = field(default=None, init=False, repr=False)

    @property
    def keys(self) -> Keys:
        """The key file as it stands now. Raises NotReady, UnusableFile."""
        return open_keys(self.settings.key_file)

    @property
    def door(self) -> Door:
        """What staff come in by."""
        required = self.settings.live or self.settings.second_factor
        return Door(self.database, lambda: self.keys, required)

    @property
    def organization(self) -> "Organization | None":
        """Where staff may sign in beside here, when the settings name one."""
        if self._organization is None and self.settings.oidc is not None:
            from directory.accounts.organization import Organization  # a third of a second that few need

            self._organization = Organization(self.settings.oidc, self.settings.public_url, self.clock)
        return self._organization

    @property
    def loop(self) -> Loop:
        """Cases and referrals, by the rules and words in use now. Raises NotReady without a key file, UnusableFile."""
        if self._loop is None:
            rules = policy.read(self.settings.home)
            self._loop = Loop(self.database, self.keys, rules, self.clock, NextDoors(self))
        return self.living.over(self._loop, self.settings.key_file, self.clock())

    def follow(self) -> None:
        """Reads what was changed live, when it is time to: called in a thread, for the record may be slow."""
        with suppress(WaymarkError):
            _ = self.loop

    @property
    def file_rules(self) -> policy.Policy:
        """The rules as the files say them, without what was changed live. Raises NotReady, UnusableFile."""
        _ = self.loop
        assert self._loop is not None
        return self._loop.policy

    def words(self) -> understanding.Lexicon:
        """All words understood now, those that editors added among them."""
        return self.spoken.lexicon(self.lexicon, self.database, self.clock())

    def pathways(self) -> Pathways:
        """The pathways in use now, those that a domain lead has published among them."""
        return self.steering.pathways(self.database, self.clock())

    def understand(self, text: str) -> Understanding:
        """What the words say: `taxonomy.words`, with our places and services' names."""
        return understanding.understand(text, self.words())

    def enquiry(
        self,
        text: str,
        given: Mapping[str, object] | None = None,
        lexicon: understanding.Lexicon | None = None,
        corrections: Corrections = correcting.NONE,
    ) -> tuple[Enquiry, Understanding]:
        """An enquiry from words, with facts a person gave beside them (those win). Another lexicon tries other words.

        Raises BadInput.
        """
        return understanding.enquiry(text, given or {}, lexicon or self.words(), self.gazetteer, corrections)

    async def match(
        self,
        text: str,
        given: Mapping[str, object] | None = None,
        lexicon: understanding.Lexicon | None = None,
        pathways: Pathways | None = None,
        corrections: Corrections = correcting.NONE,
    ) -> MatchResult:
        """From words to matches, plan and reasons. Other pathways try an edit. Raises BadInput, NotReady."""
        enquiry, understood = self.enquiry(text, given, lexicon, corrections)
        chosen = pathways or self.pathways()
        try:
            return await matcher.match(enquiry, understood, self.index, self.clock(), self.served, chosen)
        except NotReady:  # the engine stopped, or the services changed, between the finding and the reading
            return await matcher.match(enquiry, understood, self.index, self.clock(), self.served, chosen)

    async def left_out(self, result: MatchResult) -> LeftOutReport:
        """What an answer does not show, and why: on demand, for it asks the engine again. Raises NotReady."""
        return await left_out.report(result, self.index, self.pathways())

    async def why(self, text: str, given: Mapping[str, object], service_id: str) -> Why:
        """Why one service stands where it does, and what would change that. Raises BadInput, NotFound, NotReady."""
        enquiry, _ = self.enquiry(text, given)
        return await why.why(enquiry, service_id, self.index, self.clock(), self.pathways())

    @property
    def unit_postcodes_loaded(self) -> bool:
        """Whether an adopter has loaded unit postcodes; without them a postcode is known to its sector."""
        return unit_postcodes.PostcodeLookup(self.database).loaded

    def run(self, ask: Callable[..., Awaitable[Answer]], *args: Any) -> Answer:
        """One question from a command, which has no event loop of its own; connections are let go at its end."""

        async def asked() -> Answer:
            try:
                return await ask(*args)
            finally:
                await self.index.close()

        return anyio.run(asked)

    def close(self) -> None:
        self.gaps.close()
        self.database.close()


def build(chosen: settings.Settings | None = None, clock: clocks.Clock = clocks.now) -> Runtime:
    """A runtime over the settings' record and index. Raises NotReady when not set up, UnusableFile for scope.toml."""
    chosen = chosen or settings.read()
    base = database.open_database(chosen)
    gazetteer = Gazetteer(unit_postcodes=unit_postcodes.PostcodeLookup(base))
    return Runtime(
        settings=chosen,
        database=base,
        index=WithFallback(engine(chosen), FromRecord(base)),
        gazetteer=gazetteer,
        lexicon=understanding.build_lexicon(gazetteer, _names(base)),
        clock=clock,
        served=scope.read(chosen.home / scope.FILE),
    )


def engine(chosen: settings.Settings) -> SearchIndex:
    """The search engine of the settings; asks it nothing yet. Raises BadInput for a setting that cannot be used."""
    if chosen.elasticsearch_url is None:
        return EmbeddedIndex(chosen.index_dir)
    from directory.search.elastic import ElasticIndex  # half a second that nobody else need wait for
    from directory.search.elastic_client import ASK_SECONDS, Connection, Server

    seconds = chosen.elasticsearch_seconds or ASK_SECONDS
    server = Server(chosen.elasticsearch_url, chosen.elasticsearch_index, chosen.elasticsearch_ca, seconds)
    return ElasticIndex(Connection(server))


def _names(base: database.Database) -> tuple[str, ...]:
    """Names of the open services, to be recognised when a caller says one; a school's also without "School"."""
    with base.reading() as session:
        names = tuple(session.scalars(select(Service.name).where(Service.status == "active").distinct()))
    return (
        *names,
        *(name.removesuffix(" School") for name in names if name.count(" ") > 1 and name.endswith(" School")),
    )


@contextmanager
def opened(chosen: settings.Settings | None = None, clock: clocks.Clock = clocks.now) -> Iterator[Runtime]:
    """A runtime for the length of one command.

    Words and places are a million small objects that never change: the garbage collector need not walk them again
    and again (it took a tenth of a match, and most of its slowest ones).
    """
    waymark = build(chosen, clock)
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
