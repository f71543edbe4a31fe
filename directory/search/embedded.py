"""The embedded engine: tantivy, in this process, on files under WAYMARK_HOME; no server, one writer, readers reopen."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import tantivy
from tantivy import FieldType, Occur, Order, Query

from directory.errors import NotReady
from directory.search import analysis, answering, clauses, coarse, indexed
from directory.search.answering import EngineCandidates
from directory.search.clauses import Between, Clause, Clauses, Either, Every, Term, Without, Word
from directory.search.coarse import Found
from directory.search.document import ServiceDocument
from directory.search.generations import REBUILD, Generations, Stamp, stamp
from directory.search.index import COLUMNS, IndexHealth, SearchPage
from directory.search.query import Facet, ServiceQuery
from directory.values import Visibility

SCHEMA = 1
"""Raised whenever `_schema` changes."""
ENGINE = "embedded (tantivy)"
WRITER_BYTES = 256_000_000
"""Memory of the one writing thread. 100,000 services then make few segments, and few segments answer fast."""
FACET_BUCKETS = 10_000
"""More than any facet has."""
CODED, TERMS_KEPT = frozenset({"cover", "family", "harm", "delivery", "flag"}), 4_096
"""Fields of codes, whose clauses are kept ready, and how many at most. What people say is not kept."""
DOCUMENTS_KEPT = 4_096
"""Services kept as they were read for as long as a state of the index stands, some 30 MB at most: lines for all of
Scotland are in most answers, and reading one again takes 17 µs."""
ANSWERS_KEPT, COUNTS_KEPT, WORDS_KEPT = 256, 1_024, 65_536
"""Answers to questions without words (some 60 kB each), counts of filters, and in how many services a word is."""
UNION_TERMS = 16
"""Up to so many terms are joined; more are looked up as a set. At 100,000 services 0.3 ms against 0.6 for six."""

Key = TypeVar("Key")
Kept = TypeVar("Kept")


class _Asking:
    """One state of the index, being asked: plain clauses in, the engine's addresses out (`coarse.Engine`)."""

    def __init__(self, index: tantivy.Index) -> None:
        self.searcher = index.searcher()
        self._schema = index.schema
        self._terms: dict[tuple[str, tuple[str | int, ...]], Query] = {}
        self._documents: dict[tuple[int, int], ServiceDocument] = {}
        self._best: dict[tuple[Clauses, int], tuple[Found, int]] = {}
        self._counted: dict[Clauses, tuple[Facet, ...]] = {}
        self._frequencies: dict[tuple[str, str], int] = {}

    def size(self) -> int:
        return self.searcher.num_docs

    def best(self, wanted: Clauses, limit: int, keep: bool = False) -> tuple[Found, int]:
        found = self._best.get((wanted, limit)) if keep else None
        if found is None:
            found = self.run(self.scored(wanted), limit)
            if keep:
                _keep(self._best, (wanted, limit), found, ANSWERS_KEPT)
        return found

    def by_name(self, wanted: Clauses, limit: int) -> tuple[Found, int]:
        found, total = self.run(self.passing(wanted), limit, order_by_field="order", order=Order.Asc)
        return [(0.0, address) for _, address in found], total

    def run(self, query: Query, limit: int, **order: Any) -> tuple[Found, int]:
        """Hits, and how many match in all (the engine's type hints leave `count` out)."""
        result: Any = self.searcher.search(query, max(1, limit), **order)
        return result.hits, result.count

    def numbers(self, found: Found, *fields: str) -> list[Sequence[int]]:
        if not found:
            return [() for _ in fields]
        addresses = [address for _, address in found]
        values: Any = [self.searcher.fast_field_values(field, addresses) for field in fields]
        return cast(list[Sequence[int]], values)

    def counts(self, wanted: Clauses, field_of: Mapping[str, str]) -> Mapping[str, Iterable[tuple[str | int, int]]]:
        asked = {name: {"terms": {"field": field, "size": FACET_BUCKETS}} for name, field in field_of.items()}
        counted: Any = self.searcher.aggregate(self.passing(wanted), asked)
        return {name: [(one["key"], one["doc_count"]) for one in counted[name]["buckets"]] for name in field_of}

    def services_with(self, field: str, word: str) -> int:
        count = self._frequencies.get((field, word))
        if count is None:
            count = self.searcher.doc_freq(field, word)
            if count:  # a word of services, and not one that only people say
                _keep(self._frequencies, (field, word), count, WORDS_KEPT)
        return count

    def counting(self, query: ServiceQuery, wanted: Clauses) -> answering.Counted:
        """The facets of a match, to be waited for. The engine lets go of Python's lock: they are counted beside the
        query, on another core. A place and an age come again and again, in other words: their counts are kept."""
        kept = self._counted.get(wanted)
        if kept is not None:
            return lambda: kept
        counting = _beside().submit(coarse.facets, wanted, self, coarse.MATCH_FACETS)

        def counted() -> tuple[Facet, ...]:
            with _engine():
                facets = counting.result()
            if not query.is_of_one_person:
                _keep(self._counted, wanted, facets, COUNTS_KEPT)
            return facets

        return counted

    def read(self, found: Found) -> list[ServiceDocument]:
        with _engine():
            return [self._document(address) for _, address in found]

    def _document(self, address: tantivy.DocAddress) -> ServiceDocument:
        own = (address.segment_ord, address.doc)
        document = self._documents.get(own)
        if document is None:
            stored: Any = self.searcher.doc(address).get_first("stored")
            document = ServiceDocument.from_json(bytes(stored))
            _keep(self._documents, own, document, DOCUMENTS_KEPT)
        return document

    def holding(self, clause: Clause, limit: int) -> list[ServiceDocument]:
        """Services that pass one clause, in order of name."""
        return self.read(self.by_name(Clauses(must=(clause,)), limit)[0])

    def scored(self, wanted: Clauses) -> Query:
        """Filters without score, and beside them what scores."""
        parts = [(Occur.Must, Query.const_score_query(self.passing(replace(wanted, words_required=False)), 0.0))]
        words = [self._word(word) for word in wanted.words]
        parts += [(Occur.Must, _any(words))] if wanted.words_required else [(Occur.Should, word) for word in words]
        parts += [(Occur.Should, self._fixed(clause, score)) for clause, score in wanted.scored]
        if wanted.best_of:
            best = [self._fixed(clause, score) for clause, score in wanted.best_of]
            parts.append((Occur.Should, Query.disjunction_max_query(best)))
        return Query.boolean_query(parts)

    def passing(self, wanted: Clauses) -> Query:
        """All that pass the filters."""
        parts = [(Occur.Must, self._clause(clause)) for clause in wanted.must]
        if wanted.words_required:
            parts.append((Occur.Must, _any([self._word(word) for word in wanted.words])))
        if not parts:
            parts.append((Occur.Must, Query.all_query()))
        parts += [(Occur.MustNot, self._clause(clause)) for clause in wanted.must_not]
        return Query.boolean_query(parts)

    def _fixed(self, clause: Clause, score: float) -> Query:
        return Query.const_score_query(self._clause(clause), score)

    def _word(self, word: Word) -> Query:
        return Query.boost_query(Query.term_query(self._schema, word.field, word.token, "freq"), word.weight)

    def _clause(self, clause: Clause) -> Query:
        match clause:
            case Term(field, values):
                return self._term(field, values)
            case Between(field, low, high):
                return Query.range_query(self._schema, field, FieldType.Integer, low, high)
            case Every(parts):
                return Query.boolean_query([(Occur.Must, self._clause(part)) for part in parts])
            case Either(parts):
                return _any([self._clause(part) for part in parts])
            case Without(kept, others):
                out = [(Occur.MustNot, self._clause(other)) for other in others]
                return Query.boolean_query([(Occur.Must, self._clause(kept)), *out])

    def _term(self, field: str, values: tuple[str | int, ...]) -> Query:
        """Made once for each state of the index: the same few codes stand in every question, and in several parts."""
        query = self._terms.get((field, values))
        if query is None:
            query = self._made(field, values)
            if field in CODED and len(self._terms) < TERMS_KEPT:
                self._terms[field, values] = query
        return query

    def _made(self, field: str, values: Sequence[str | int]) -> Query:
        values = clauses.askable(values)
        if len(values) > UNION_TERMS:
            return Query.term_set_query(self._schema, field, values)
        return _any([Query.term_query(self._schema, field, value, "basic") for value in values])


def _keep(kept: dict[Key, Kept], key: Key, value: Kept, most: int) -> None:
    """For as long as a state of the index stands; begun anew when there are too many."""
    if len(kept) >= most:
        kept.clear()
    kept[key] = value


@cache
def _beside() -> ThreadPoolExecutor:
    """The one thread of this process that counts facets."""
    return ThreadPoolExecutor(1, thread_name_prefix="waymark-facets")


@dataclass(frozen=True, slots=True)
class _Live:
    """One opened state of the index: a generation, and a commit of it."""

    index: tantivy.Index
    asking: _Asking
    meta: Path
    pointer: Stamp | None
    commit: Stamp | None
    answers: dict[tuple[ServiceQuery, int], EngineCandidates] = field(default_factory=dict)
    """Candidates of questions without words, by query and limit."""


class EmbeddedIndex:
    """A `SearchIndex` over one folder. Opens nothing until asked; raises NotReady when there is no usable index."""

    def __init__(self, directory: Path) -> None:
        self._generations = Generations(directory, indexed.version(SCHEMA))
        self._opened: _Live | None = None

    async def candidates(self, query: ServiceQuery, limit: int, facets: bool = True) -> EngineCandidates:
        """See `answering.candidates`. What steps of a plan ask for has no words in it: for a place and an age it is the
        same whatever was said, and the answer is kept."""
        with _engine():
            live = self._open()
            kept = live.answers.get((query, limit))
            if kept is not None and not facets:
                return kept
            wanted, _ = coarse.filtered(query, live.asking)
            counted = live.asking.counting(query, wanted) if facets else lambda: ()
            found = answering.candidates(query, wanted, limit, live.asking, counted)
            if not (facets or query.text or query.is_of_one_person):
                _keep(live.answers, (query, limit), found, ANSWERS_KEPT)
            return found

    def prepared(self, query: ServiceQuery, limit: int) -> Callable[[], int]:
        """The engine's own query for the same candidates, built once: what the bench calls bare. Gives the total."""
        with self._reading() as asking:
            wanted, _ = coarse.filtered(query, asking)
            words = coarse.telling(query.text, asking, common=False)
            built = asking.scored(coarse.ranked(query, wanted, words))
        return lambda: asking.run(built, limit)[1]

    async def search(self, query: ServiceQuery) -> SearchPage:
        """See `answering.page`. Raises BadInput for a page below 1, an unknown order, or order by distance without a
        circle."""
        query.check()
        with self._reading() as asking:
            return answering.page(query, asking)

    async def get(self, service_id: str) -> ServiceDocument | None:
        """By UUID, source id or one of `also`; a service that leads by that id before one that repeats it."""
        with self._reading() as asking:
            held = asking.holding(Term("ids", (service_id,)), 10)
        leading = [doc for doc in held if service_id in (doc.id, doc.source_id)]
        return next(iter(leading or held), None)

    async def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Names of services that have a word beginning so, and all the words before it; in order of name."""
        *before, last = analysis.words(prefix) or [""]
        if not last or limit < 1:
            return []
        with self._reading() as asking:
            endings = tuple(word for word, _ in asking.searcher.terms_with_prefix("name_words", last, limit=100))
            whole = (Term("name_words", (word,)) for word in before)
            held = asking.holding(Every((Term("name_words", endings), *whole)), limit * 8)
        return list(dict.fromkeys(doc.name for doc in held))[:limit]

    async def put(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        """Puts in or replaces; a service that is not active is taken out instead. Returns how many were given.

        There is one writer at a time, so `position` changes nothing here.

        Raises NotReady without an index (a part of the services would pass for all of them), and while another
        process writes. A service whose place is withheld from now on leaves no trace of it in the files.
        """
        given = list(documents)
        with self._generations.writing():
            live = self._open()
            hidden = [doc for doc in given if doc.visibility is Visibility.UNDISCLOSED]
            was_open = any(
                before.visibility is not Visibility.UNDISCLOSED
                for doc in hidden
                for before in live.asking.holding(Term("id", (doc.id,)), 1)
            )
            with _writing(live.index) as writer:
                for doc in given:
                    writer.delete_documents_by_term("id", doc.id)
                    _add(writer, doc)
            if was_open:
                self._replace(self._everything())
        return len(given)

    async def remove(self, service_ids: Iterable[str], position: int = 0) -> int:
        """Takes services out by UUID; returns how many were there. Raises NotReady as `put` does."""
        given = list(service_ids)
        with self._generations.writing():
            live = self._open()
            there = sum(len(live.asking.holding(Term("id", (service_id,)), 1)) for service_id in given)
            with _writing(live.index) as writer:
                for service_id in given:
                    writer.delete_documents_by_term("id", service_id)
        return there

    async def rebuild(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        """All documents into a new generation beside the live one, then swapped; returns how many it holds.

        Whatever `documents` raises passes through, and the live generation stays.
        """
        with self._generations.writing():
            return self._replace(documents)

    async def roll_back(self) -> str:
        """Raises NotReady: one folder holds the live generation alone."""
        raise NotReady("The embedded index keeps none from before.", REBUILD)

    async def fingerprints(self) -> dict[str, str]:
        """Of every service held, by id."""
        with self._reading():
            return {doc.id: doc.fingerprint for doc in self._everything()}

    async def health(self) -> IndexHealth:
        """Whether this index can answer, and if not, why and what to do."""
        try:
            with self._reading() as asking:
                return IndexHealth(True, asking.size(), ENGINE)
        except NotReady as error:
            return IndexHealth(False, 0, ENGINE, str(error))

    async def close(self) -> None:
        """Nothing to let go of: files are closed when the process ends."""

    def bytes_on_disk(self) -> int:
        """Of the live generation."""
        return sum(file.stat().st_size for file in self._generations.live().iterdir() if file.is_file())

    @contextmanager
    def _reading(self) -> Iterator[_Asking]:
        """The newest state of the index; the engine's own errors become NotReady."""
        with _engine():
            yield self._open().asking

    def _open(self) -> _Live:
        """The live generation's last commit, opened anew only when the files changed: two `stat` calls a query."""
        live = self._opened
        if live is not None and live.pointer == self._generations.stamp():
            commit = stamp(live.meta)
            if commit == live.commit:
                return live
            if commit is not None:
                with _engine():
                    live.index.reload()
                    self._opened = replace(live, asking=_Asking(live.index), commit=commit, answers={})
                return self._opened
        self._opened = self._open_generation()
        return self._opened

    def _open_generation(self) -> _Live:
        while True:
            pointer = self._generations.stamp()
            try:
                folder = self._generations.live()
                commit = stamp(folder / "meta.json")
                with _engine():
                    index = tantivy.Index.open(str(folder))
                    return _Live(index, _Asking(index), folder / "meta.json", pointer, commit)
            except NotReady:
                # Another process may have swapped and swept between our reading the pointer and opening the folder.
                if pointer == self._generations.stamp():
                    raise

    def _everything(self) -> Iterator[ServiceDocument]:
        asking = self._open().asking
        for hit in asking.by_name(Clauses(), asking.size())[0]:
            yield from asking.read([hit])

    def _replace(self, documents: Iterable[ServiceDocument]) -> int:
        """The swap, under the lock: either the new generation is live at the end, or the half-made one is gone."""
        folder = self._generations.begin()
        try:
            with _engine("written"):
                index = tantivy.Index(_schema(), path=str(folder))
            with _writing(index) as writer:
                count = sum(_add(writer, doc) for doc in documents)
            self._generations.publish(folder)
        finally:
            self._generations.sweep()
        return count


@contextmanager
def _writing(index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
    """Commits when all went well; otherwise nothing of it is kept. Either way the engine's own lock is given back."""
    with _engine("written"):
        writer = index.writer(WRITER_BYTES, 1)
    try:
        yield writer
        with _engine("written"):
            writer.commit()
    except BaseException:
        writer.rollback()
        raise
    finally:
        writer.wait_merging_threads()


def _add(writer: tantivy.IndexWriter, doc: ServiceDocument) -> int:
    if doc.status != "active":
        return 0
    fields = indexed.indexed(doc)
    with _engine("written"):
        writer.add_document(tantivy.Document(stored=indexed.stored(doc).encode(), **fields))
    return 1


def _any(queries: list[Query]) -> Query:
    if len(queries) < 2:
        return queries[0] if queries else Query.empty_query()
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in indexed.TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in indexed.TERM_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in indexed.COUNTED_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("order", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("key", indexed=True, fast=True)
    for name in (*indexed.NUMBER_FIELDS, *map(indexed.column, COLUMNS)):
        builder.add_integer_field(name, fast=True)
    builder.add_bytes_field("stored", stored=True)
    return builder.build()


@contextmanager
def _engine(done: str = "read") -> Iterator[None]:
    """The engine's own failures as NotReady: it raises ValueError and OSError, and panics on files cut short."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise NotReady(f"The index of services cannot be {done}.", REBUILD) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise NotReady("The index of services is damaged.", REBUILD) from error
