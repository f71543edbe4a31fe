"""The embedded engine: tantivy, in this process, on files under WAYMARK_HOME; no server, one writer, readers reopen."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Order, Query

from directory.errors import BadInput, NotReady
from directory.places import areas
from directory.places.distance import distance_m, haversine_m
from directory.search import analysis, clauses, document, indexed
from directory.search.clauses import Between, Clause, Clauses, Either, Every, Term, Without, Word
from directory.search.columns import SCOTLAND_BIT
from directory.search.document import ServiceDocument
from directory.search.generations import REBUILD, Generations, Stamp, stamp
from directory.search.index import COLUMNS, Hit, IndexHealth, SearchPage
from directory.search.query import Facet, ServiceQuery
from directory.values import Point, Visibility
from taxonomy import terms

SCHEMA = 1
"""Raised whenever `_schema` changes."""
ENGINE = "embedded (tantivy)"
WRITER_BYTES = 256_000_000
"""Memory of the one writing thread. 100,000 services then make few segments, and few segments answer fast."""
WORDS_READ = 16
"""Words of a text that are looked up, rarest first: a caller's story has many that tell nothing apart."""
COMMON_SERVICES, COMMON_SHARE = 1_000, 0.1
"""A word in more services than both is left out of the coarse score: each costs 0.2 ms at 100,000 services."""
FACET_BUCKETS = 10_000
"""More than any facet has."""
MASKED = (("family", "families"), ("delivery", "delivery"))
"""Facets counted by mask, with their column; the others by term."""
SCOTLAND_MASK = 1 << SCOTLAND_BIT
UNION_TERMS = 16
"""Up to so many terms are joined; more are looked up as a set. At 100,000 services 0.3 ms against 0.6 for six."""
RESERVED = 12
"""Candidates kept for each family asked for, and for services of all Scotland, when others would fill every place."""
LOOKED_AT = 1_000
"""Services among which the reserved ones are found: one query for all families takes half as long as one for each."""
TIES_READ = 1_000
"""Services of one score that are put in order of name; more are left in the engine's order."""

Address = tantivy.DocAddress
Found = list[tuple[float, Address]]


@dataclass(frozen=True, slots=True)
class _Live:
    """One opened state of the index: a generation, and a commit of it."""

    index: tantivy.Index
    searcher: tantivy.Searcher
    meta: Path
    pointer: Stamp | None
    commit: Stamp | None


class EmbeddedCandidates:
    """Candidates of one query, as columns read when first asked for. It keeps its own state of the index open."""

    def __init__(self, searcher: tantivy.Searcher, hits: Found, total: int, facets: tuple[Facet, ...]) -> None:
        self._searcher = searcher
        self._addresses = [address for _, address in hits]
        self.scores: Sequence[float] = [score for score, _ in hits]
        self.columns: Mapping[str, Sequence[int]] = _Columns(searcher, self._addresses)
        self.total = total
        self.facets = facets

    async def load(self, positions: Sequence[int]) -> list[ServiceDocument]:
        """The documents at these positions, in the order asked."""
        return [_read(self._searcher, self._addresses[position]) for position in positions]


class _Columns(Mapping[str, Sequence[int]]):
    def __init__(self, searcher: tantivy.Searcher, addresses: list[Address]) -> None:
        self._searcher = searcher
        self._addresses = addresses
        self._values: dict[str, Sequence[int]] = {}

    def __getitem__(self, name: str) -> Sequence[int]:
        if name not in self._values:
            if name not in COLUMNS:
                raise KeyError(name)
            self._values[name] = _numbers(self._searcher, indexed.column(name), self._addresses)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COLUMNS)

    def __len__(self) -> int:
        return len(COLUMNS)


class EmbeddedIndex:
    """A `SearchIndex` over one folder. Opens nothing until asked; raises NotReady when there is no usable index."""

    def __init__(self, directory: Path) -> None:
        self._generations = Generations(directory, _version())
        self._schema = _schema()
        self._opened: _Live | None = None

    async def candidates(self, query: ServiceQuery, limit: int, facets: bool = True) -> EmbeddedCandidates:
        """Up to `limit` services that pass the filters, best coarse score first. Words and boosts filter nothing."""
        with self._reading() as searcher:
            wanted, _ = self._wanted(query, searcher)
            ranked = self._ranked(query, wanted, searcher)
            hits, total = self._best(ranked, searcher, limit)
            counted = self._facets(wanted, searcher) if facets else ()
            if total > limit:
                hits = self._with_reserved(query, searcher, hits)
        return EmbeddedCandidates(searcher, hits, total, counted)

    def prepared(self, query: ServiceQuery, limit: int) -> Callable[[], int]:
        """The engine's own query for the same candidates, built once: what the bench calls bare. Gives the total."""
        with self._reading() as searcher:
            wanted, _ = self._wanted(query, searcher)
            built = self._query(self._ranked(query, wanted, searcher))

        return lambda: _search(searcher, built, limit)[1]

    async def search(self, query: ServiceQuery) -> SearchPage:
        """One page. With words, at least one must match, and services that hold all of them come first.

        Raises BadInput for a page below 1, an unknown order, or order by distance without a circle.
        """
        _check(query)
        with self._reading() as searcher:
            wanted, distances = self._wanted(query, searcher)
            if analysis.tokens(query.text):
                words = _telling(query.text, searcher)
                wanted = replace(wanted, words=clauses.by_words(words), words_required=True)
            start = (query.page - 1) * query.page_size
            hits, total = self._ordered(query, wanted, searcher, start + query.page_size, distances)
            services = [_read(searcher, address) for _, address in hits[start:]]
            facets = self._facets(wanted, searcher)
        page = tuple(
            Hit(service, score, _shown_distance(query, service))
            for service, (score, _) in zip(services, hits[start:], strict=True)
        )
        return SearchPage(page, total, facets, query.page, query.page_size)

    async def get(self, service_id: str) -> ServiceDocument | None:
        """By UUID, source id or one of `also`; a service that leads by that id before one that repeats it."""
        with self._reading() as searcher:
            found = searcher.search(self._term("ids", (service_id,)), 10).hits
            documents = [_read(searcher, address) for _, address in found]
        leading = [doc for doc in documents if service_id in (doc.id, doc.source_id)]
        return next(iter(leading or documents), None)

    async def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Names of services that have a word beginning so, and all the words before it; in order of name."""
        said = analysis.words(prefix)
        if not said or limit < 1:
            return []
        with self._reading() as searcher:
            endings = tuple(word for word, _ in searcher.terms_with_prefix("name_words", said[-1], limit=100))
            if not endings:
                return []
            asked = Every((Term("name_words", endings), *(Term("name_words", (word,)) for word in said[:-1])))
            query = self._clause(asked)
            found = searcher.search(query, limit * 8, order_by_field="order", order=Order.Asc).hits
            names = dict.fromkeys(_read(searcher, address).name for _, address in found)
        return list(names)[:limit]

    async def put(self, documents: Iterable[ServiceDocument]) -> int:
        """Puts in or replaces; a service that is not active is taken out instead. Returns how many were given.

        Raises NotReady without an index (a part of the services would pass for all of them), and while another
        process writes. A service whose place is withheld from now on leaves no trace of it in the files.
        """
        given = list(documents)
        with self._generations.writing():
            searcher = self._open().searcher
            hidden = [
                doc for doc in given if doc.visibility is Visibility.UNDISCLOSED and self._was_open(searcher, doc)
            ]
            with self._writer(self._open().index) as writer:
                for doc in given:
                    writer.delete_documents_by_term("id", doc.id)
                    self._add(writer, doc)
            if hidden:
                self._replace(self._everything())
        return len(given)

    async def remove(self, service_ids: Iterable[str]) -> int:
        """Takes services out by UUID; returns how many were there. Raises NotReady as `put` does."""
        with self._generations.writing():
            live = self._open()
            wanted = list(service_ids)
            there = sum(_search(live.searcher, self._term("id", (name,)), 1)[1] for name in wanted)
            with self._writer(live.index) as writer:
                for service_id in wanted:
                    writer.delete_documents_by_term("id", service_id)
        return there

    async def rebuild(self, documents: Iterable[ServiceDocument]) -> int:
        """All documents into a new generation beside the live one, then swapped; returns how many it holds.

        Whatever `documents` raises passes through, and the live generation stays.
        """
        with self._generations.writing():
            return self._replace(documents)

    async def health(self) -> IndexHealth:
        """Whether this index can answer, and if not, why and what to do."""
        try:
            with self._reading() as searcher:
                return IndexHealth(True, searcher.num_docs, ENGINE)
        except NotReady as error:
            return IndexHealth(False, 0, ENGINE, str(error))

    def bytes_on_disk(self) -> int:
        """Of the live generation."""
        return sum(file.stat().st_size for file in self._generations.live().iterdir() if file.is_file())

    # Reading

    @contextmanager
    def _reading(self) -> Iterator[tantivy.Searcher]:
        """The newest state of the index; the engine's own errors become NotReady."""
        with _engine():
            yield self._open().searcher

    def _open(self) -> _Live:
        """The live generation's last commit, opened anew only when the files changed: two `stat` calls a query."""
        live = self._opened
        pointer = self._generations.stamp()
        if live is not None and live.pointer == pointer:
            commit = stamp(live.meta)
            if commit == live.commit:
                return live
            if commit is not None:
                with _engine():
                    live.index.reload()
                    self._opened = replace(live, searcher=live.index.searcher(), commit=commit)
                return self._opened
        self._opened = self._open_generation()
        return self._opened

    def _open_generation(self) -> _Live:
        for attempt in (1, 2, 3):
            pointer = self._generations.stamp()
            try:
                folder = self._generations.live()
                commit = stamp(folder / "meta.json")
                with _engine():
                    index = tantivy.Index.open(str(folder))
                    return _Live(index, index.searcher(), folder / "meta.json", pointer, commit)
            except NotReady:
                # Another process may have swapped and swept between our reading the pointer and opening the folder.
                if attempt == 3 or pointer == self._generations.stamp():
                    raise
        raise AssertionError("unreachable")

    def _everything(self) -> Iterator[ServiceDocument]:
        searcher = self._open().searcher
        for _, address in searcher.search(Query.all_query(), max(1, searcher.num_docs)).hits:
            yield _read(searcher, address)

    def _was_open(self, searcher: tantivy.Searcher, doc: ServiceDocument) -> bool:
        found = searcher.search(self._term("id", (doc.id,)), 1).hits
        return any(_read(searcher, address).visibility is not Visibility.UNDISCLOSED for _, address in found)

    # Writing, under the lock

    def _replace(self, documents: Iterable[ServiceDocument]) -> int:
        folder = self._generations.begin()
        try:
            with _engine("written"):
                index = tantivy.Index(self._schema, path=str(folder))
            count = 0
            with self._writer(index) as writer:
                for doc in documents:
                    count += self._add(writer, doc)
            self._generations.publish(folder)
        finally:
            # Either the new generation is live and the old one goes, or the half-made one does.
            self._generations.sweep()
        return count

    @contextmanager
    def _writer(self, index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
        """Commits when all went well; otherwise nothing of it is kept."""
        with _engine("written"):
            writer = index.writer(WRITER_BYTES, 1)
        try:
            yield writer
        except BaseException:
            writer.rollback()
            raise
        with _engine("written"):
            writer.commit()
            writer.wait_merging_threads()

    def _add(self, writer: tantivy.IndexWriter, doc: ServiceDocument) -> int:
        if doc.status != "active":
            return 0
        fields = indexed.indexed(doc)
        with _engine("written"):
            writer.add_document(tantivy.Document(stored=indexed.stored(doc).encode(), **fields))
        return 1

    # Asking

    def _wanted(self, query: ServiceQuery, searcher: tantivy.Searcher) -> tuple[Clauses, dict[int, float]]:
        """The filters, a circle among them, and for every service in the circle its distance in metres, by key."""
        wanted = clauses.filters(query)
        if query.near is None:
            return wanted, {}
        circle = query.near
        boxed = replace(wanted, must=(*wanted.must, clauses.box(circle)))
        addresses = [address for _, address in self._best(boxed, searcher, searcher.num_docs)[0]]
        lat, lon, keys = (
            _numbers(searcher, name, addresses) for name in (indexed.column("lat"), indexed.column("lon"), "key")
        )
        distances = {
            key: haversine_m(circle.centre, Point(y / 1_000_000, x / 1_000_000))
            for y, x, key in zip(lat, lon, keys, strict=True)
        }
        inside = {key: metres for key, metres in distances.items() if metres <= circle.radius_m}
        return replace(wanted, must=(*wanted.must, Term("key", tuple(inside)))), inside

    def _ranked(self, query: ServiceQuery, wanted: Clauses, searcher: tantivy.Searcher) -> Clauses:
        coarse = clauses.scores(query, _telling(query.text, searcher, common=False))
        return replace(wanted, scored=coarse.scored, best_of=coarse.best_of, words=coarse.words)

    def _best(self, wanted: Clauses, searcher: tantivy.Searcher, limit: int) -> tuple[Found, int]:
        return _search(searcher, self._query(wanted), limit)

    def _with_reserved(self, query: ServiceQuery, searcher: tantivy.Searcher, hits: Found) -> Found:
        """Where others fill every place: a few of each family asked for, and of those for all of Scotland."""
        addresses = [address for _, address in hits]
        held = Counter(_numbers(searcher, indexed.column("families"), addresses))
        nations = Counter(_numbers(searcher, indexed.column("councils"), addresses))[SCOTLAND_MASK]
        there = {(address.segment_ord, address.doc) for address in addresses}
        family = terms.load()["family"]
        short: dict[str, int] = {}
        for code, _ in query.boost_families:
            count = sum(services for mask, services in held.items() if mask >> family[code].bit & 1)
            if count < RESERVED:
                short[code] = RESERVED - count
        extra: Found = []
        if short:
            more, _ = self._best(clauses.reserve(query, tuple(short)), searcher, LOOKED_AT)
            masks = _numbers(searcher, indexed.column("families"), [address for _, address in more])
            for hit, mask in zip(more, masks, strict=True):
                codes = [code for code in _codes("family", mask) if short.get(code)]
                if codes and (hit[1].segment_ord, hit[1].doc) not in there:
                    extra.append(hit)
                    for code in codes:
                        short[code] -= 1
        if nations < RESERVED:
            there |= {(address.segment_ord, address.doc) for _, address in extra}
            more, _ = self._best(clauses.national_reserve(query), searcher, RESERVED)
            extra += [hit for hit in more if (hit[1].segment_ord, hit[1].doc) not in there]
        extra.sort(key=lambda hit: -hit[0])
        return hits[: len(hits) - len(extra)] + extra

    def _ordered(
        self, query: ServiceQuery, wanted: Clauses, searcher: tantivy.Searcher, limit: int, distances: dict[int, float]
    ) -> tuple[Found, int]:
        """The first `limit` in the order asked, and how many there are in all; ties end in name and id."""
        if query.sort == "distance":
            found, total = self._best(wanted, searcher, len(distances))
            keys = _numbers(searcher, "key", [address for _, address in found])
            ranks = sorted(range(len(found)), key=lambda at: (distances[keys[at]], keys[at]))
            return [found[at] for at in ranks[:limit]], total
        if query.sort == "name" or not (wanted.words_required or query.boost_families or query.boost_harms):
            by_name, total = _search(searcher, self._passing(wanted), limit, order_by_field="order", order=Order.Asc)
            return [(0.0, address) for _, address in by_name], total
        words = _telling(query.text, searcher)
        coarse = clauses.scores(replace(query, text=""), ())
        everything = ((clauses.all_words(words), clauses.ALL_WORDS_SCORE),) if words else ()
        ranked = replace(wanted, scored=coarse.scored + everything, best_of=coarse.best_of)
        found, total = self._best(ranked, searcher, limit + 1)
        if len(found) > limit and found[limit][0] == found[limit - 1][0]:
            found, total = self._best(ranked, searcher, limit + TIES_READ)
        return _ties_by_name(searcher, found, limit), total

    def _facets(self, wanted: Clauses, searcher: tantivy.Searcher) -> tuple[Facet, ...]:
        """Counts over all that pass the filters.

        At 100,000 services 1.1 ms, of which the filters 0.8: families and delivery are counted by their masks and
        taken apart here; all four as lists of terms take 1.7 ms.
        """
        fields = {name: indexed.column(mask) for name, mask in MASKED} | {name: name for name in indexed.COUNTED_FIELDS}
        asked = {name: {"terms": {"field": field, "size": FACET_BUCKETS}} for name, field in fields.items()}
        counted: Any = searcher.aggregate(self._passing(wanted), asked)
        facets = []
        for name in fields:
            counts: Counter[str] = Counter()
            for bucket in counted[name]["buckets"]:
                for code in _codes(name, bucket["key"]):
                    counts[code] += bucket["doc_count"]
            facets.append(Facet(name, tuple(sorted(counts.items(), key=lambda count: (-count[1], count[0])))))
        return tuple(facets)

    # From clauses to the engine's queries

    def _query(self, wanted: Clauses) -> Query:
        """Filters without score, and beside them what scores."""
        parts = [(Occur.Must, Query.const_score_query(self._passing(replace(wanted, words_required=False)), 0.0))]
        if wanted.words_required:
            parts.append((Occur.Must, self._any([self._word(word) for word in wanted.words])))
        else:
            parts += [(Occur.Should, self._word(word)) for word in wanted.words]
        parts += [(Occur.Should, self._scored(clause, score)) for clause, score in wanted.scored]
        if wanted.best_of:
            best = [self._scored(clause, score) for clause, score in wanted.best_of]
            parts.append((Occur.Should, Query.disjunction_max_query(best)))
        return Query.boolean_query(parts)

    def _scored(self, clause: Clause, score: float) -> Query:
        return Query.const_score_query(self._clause(clause), score)

    def _passing(self, wanted: Clauses) -> Query:
        """All that pass the filters."""
        parts = [(Occur.Must, self._clause(clause)) for clause in wanted.must]
        if wanted.words_required:
            parts.append((Occur.Must, self._any([self._word(word) for word in wanted.words])))
        if not parts:
            parts.append((Occur.Must, Query.all_query()))
        parts += [(Occur.MustNot, self._clause(clause)) for clause in wanted.must_not]
        return Query.boolean_query(parts)

    def _clause(self, clause: Clause) -> Query:
        match clause:
            case Term(field, values):
                return self._term(field, values)
            case Between(field, low, high):
                return Query.range_query(self._schema, field, FieldType.Integer, low, high)
            case Every(parts):
                return Query.boolean_query([(Occur.Must, self._clause(part)) for part in parts])
            case Either(parts):
                return self._any([self._clause(part) for part in parts])
            case Without(kept, others):
                out = [(Occur.MustNot, self._clause(other)) for other in others]
                return Query.boolean_query([(Occur.Must, self._clause(kept)), *out])

    def _term(self, field: str, values: Sequence[str | int]) -> Query:
        if len(values) > UNION_TERMS:
            return Query.term_set_query(self._schema, field, list(values))
        return self._any([Query.term_query(self._schema, field, value, "basic") for value in values])

    def _word(self, word: Word) -> Query:
        return Query.boost_query(Query.term_query(self._schema, word.field, word.token, "freq"), word.weight)

    def _any(self, queries: list[Query]) -> Query:
        if len(queries) < 2:
            return queries[0] if queries else Query.empty_query()
        return Query.boolean_query([(Occur.Should, query) for query in queries])


def _search(searcher: tantivy.Searcher, query: Query, limit: int, **order: Any) -> tuple[Found, int]:
    """The best hits, and how many match in all (the engine's type hints leave `count` out)."""
    result: Any = searcher.search(query, max(1, limit), **order)
    return result.hits, result.count


def _telling(text: str, searcher: tantivy.Searcher, common: bool = True) -> list[str]:
    """The words of a text that the index knows, rarest first, at most WORDS_READ; `common` ones too, or not."""
    most = searcher.num_docs if common else max(COMMON_SERVICES, int(COMMON_SHARE * searcher.num_docs))
    found = []
    for word in dict.fromkeys(analysis.tokens(text)):
        services = max(searcher.doc_freq(field, word) for field, _ in clauses.WORD_SCORES)
        if 0 < services <= most:
            found.append((services, word))
    return [word for _, word in sorted(found)[:WORDS_READ]]


def _ties_by_name(searcher: tantivy.Searcher, found: Found, limit: int) -> Found:
    """The first `limit`, services of one score in order of name, then id. Only groups of several are read."""
    ordered: Found = []
    for _, group in groupby(found, key=lambda hit: hit[0]):
        tied = list(group)
        if len(tied) > 1:
            tied.sort(key=lambda hit: _name_and_id(_read(searcher, hit[1])))
        ordered += tied
        if len(ordered) >= limit:
            break
    return ordered[:limit]


def _name_and_id(doc: ServiceDocument) -> tuple[str, str]:
    return analysis.fold(doc.name), doc.id


def _shown_distance(query: ServiceQuery, service: ServiceDocument) -> float | None:
    return distance_m(query.near.centre, service.point) if query.near and service.point else None


def _check(query: ServiceQuery) -> None:
    if query.page < 1 or query.page_size < 1:
        raise BadInput("Pages are counted from 1.", "Start at page 1.", field="page")
    if query.sort not in ("relevance", "name", "distance"):
        raise BadInput("There is no such order.", "Order by relevance, name or distance.", field="sort")
    if query.sort == "distance" and query.near is None:
        raise BadInput("Ordering by distance needs a place.", "Give a place, or order by name.", field="near")


def _read(searcher: tantivy.Searcher, address: Address) -> ServiceDocument:
    stored: Any = searcher.doc(address).get_first("stored")
    return ServiceDocument.from_json(bytes(stored).decode())


def _numbers(searcher: tantivy.Searcher, field: str, addresses: list[Address]) -> Sequence[int]:
    values: Any = searcher.fast_field_values(field, addresses)
    return values  # type: ignore[no-any-return]


@lru_cache(maxsize=10_000)
def _codes(facet: str, key: str | int) -> tuple[str, ...]:
    """The codes of one bucket: those of a mask, or the term itself."""
    return terms.load()[facet].codes(key) if isinstance(key, int) else (key,)


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


@cache
def _version() -> str:
    """Whatever changes this changes what the files mean: then they are made anew."""
    vocabulary = files("taxonomy").joinpath("data/terms.csv").read_bytes()
    councils = " ".join(area.gss for area in areas.councils())
    numbers = f"{document.VERSION}.{indexed.VERSION}.{analysis.VERSION}.{SCHEMA}"
    return f"{numbers}-{hashlib.sha256(vocabulary + councils.encode()).hexdigest()[:16]}"


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
