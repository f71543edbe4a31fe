"""Answers from the record itself, by coverage and family, while no search engine answers.

A few hundred to a few thousand services are chosen by SQL, folded as for the index and asked in memory. What was folded
is kept until the record says otherwise, so an outage costs each service once.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Any

from anyio import to_thread
from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session

from directory.database import Database
from directory.search import analysis, answering, coarse, fold
from directory.search.answering import EngineCandidates
from directory.search.clauses import Clauses
from directory.search.document import ServiceDocument
from directory.search.in_memory import Held, InMemory, held
from directory.search.index import Candidates, SearchPage
from directory.search.query import ServiceQuery
from directory.search.sight import Sight, position, sight, written_since
from directory.tables import Attribute, Service, ServiceArea
from directory.values import Known

MOST = 1_500
"""Services looked at for one question: folding so many takes about a second, the first time."""
KEPT = 20_000
"""Services kept in memory, about 200 MB."""
WORDS_ASKED = 8
_LEADER = func.coalesce(Service.same_as_id, Service.id)


class FromRecord:
    """The readers' half of a `SearchIndex`, over the record."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[str, Held | None] = {}
        """By leader's id; None: not to be found."""
        self._seen: Sight | None = None
        self._lock = Lock()

    async def candidates(self, query: ServiceQuery, limit: int, facets: bool = True) -> Candidates:
        return await to_thread.run_sync(self._candidates, query, limit, facets)

    async def search(self, query: ServiceQuery) -> SearchPage:
        query.check()
        return await to_thread.run_sync(self._search, query)

    async def get(self, service_id: str) -> ServiceDocument | None:
        chosen = select(_LEADER).where((Service.id == service_id) | (Service.source_record_id == service_id))
        own_first = chosen.order_by(Service.same_as_id.is_not(None), Service.id).limit(1)
        found = (await to_thread.run_sync(self._engine, own_first)).by_name(Clauses(), 1)[0]
        return found[0][1].document if found else None

    async def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        *_, last = analysis.words(prefix) or [""]
        if not last or limit < 1:
            return []
        chosen = select(_LEADER).where(Service.status == "active", Service.name.icontains(last, autoescape=True))
        engine = await to_thread.run_sync(self._engine, chosen.order_by(Service.name).limit(MOST))
        return list(dict.fromkeys(doc.name for doc in engine.beginning(prefix)))[:limit]

    def _candidates(self, query: ServiceQuery, limit: int, facets: bool) -> EngineCandidates:
        engine = self._engine(chosen(query))
        wanted, _ = coarse.filtered(query, engine)
        counted = coarse.facets(wanted, engine, coarse.MATCH_FACETS) if facets else ()
        return answering.candidates(query, wanted, limit, engine, lambda: counted)

    def _search(self, query: ServiceQuery) -> SearchPage:
        return answering.page(query, self._engine(chosen(query)))

    def _engine(self, ids: Select[Any]) -> InMemory:
        """The services that these ids stand for, in memory."""
        with self._lock, self._database.reading() as session:
            self._forget_changed(session)
            wanted = list(dict.fromkeys(session.scalars(ids)))
            missing = [own for own in wanted if own not in self._held]
            if len(self._held) + len(missing) > KEPT:
                self._held.clear()
                missing = wanted
            self._held |= dict.fromkeys(missing)
            self._held |= {doc.id: held(doc) for doc in fold.documents(session, missing)}
            return InMemory([one for own in wanted if (one := self._held[own]) is not None])

    def _forget_changed(self, session: Session) -> None:
        if self._seen is None or position(session) != self._seen.position:
            for key in written_since(session, self._seen) if self._seen else ():
                self._held.pop(key, None)
            self._seen = sight(session)


def chosen(query: ServiceQuery) -> Select[Any]:
    """Ids of up to MOST services by coverage and family, nearest coverage first; those with the words before all."""
    families = query.families or tuple(code for code, _ in query.boost_families)
    places = (*query.coverage.residence, *query.coverage.harm_place)
    local = _covers(places) if places else false()
    nearness = case((local, 0), (_covers(("SCOTLAND",)), 1), else_=2)
    wanted = select(_LEADER).where(Service.status == "active")
    if not query.coverage.anywhere:
        unknown = Service.coverage_known != Known.STATED.value
        covering = select(_LEADER).where(or_(local, _covers(("SCOTLAND",)), unknown))
        wanted = wanted.where(_LEADER.in_(covering))
    if families:
        terms = [f"family/{code}" for code in families]
        link = and_(Attribute.link_type == "service", Attribute.link_id == Service.id)
        helping = select(_LEADER).where(exists().where(link, Attribute.taxonomy_term_id.in_(terms)))
        wanted = wanted.where(or_(_LEADER.in_(helping), *map(_called, query.names)))
    said = () if query.boost_families else analysis.words(query.text)[:WORDS_ASKED]
    has_words = or_(false(), *(_says(word) for word in said if word not in analysis.STOP_WORDS))
    order = (func.min(case((has_words, 0), else_=1)), func.min(nearness), func.min(Service.name), _LEADER)
    return wanted.group_by(_LEADER).order_by(*order).limit(MOST)


def _covers(areas: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(ServiceArea.service_id == Service.id, ServiceArea.extent.in_(areas))


def _called(name: str) -> ColumnElement[bool]:
    words = analysis.words(name)
    return and_(*(Service.name.icontains(word, autoescape=True) for word in words)) if words else false()


def _says(word: str) -> ColumnElement[bool]:
    stem = analysis.stem(word)
    root = stem if word.startswith(stem) else stem[:-1]  # "famili" is in no text, "famil" is
    return or_(Service.name.icontains(root, autoescape=True), Service.description.icontains(root, autoescape=True))
