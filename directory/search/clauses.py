"""A ServiceQuery as plain clauses over the fields of `indexed`: built here, tested by equality, sent by an engine."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from directory.search import indexed
from directory.search.analysis import tokens
from directory.search.query import Circle, CoverageFilter, ServiceQuery
from taxonomy import terms

LOCAL_SCORE = 1.0
NATIONAL_SCORE = 0.6
"""Coarse score of a service that covers the council, and of one for all Scotland; 0 where no area is stated. Small
against a family asked for (the matcher gives an ideal one 6): a national service for the need stands above a local one
for another need."""
HARM_SCORE = 2.0
NAMED_SCORE = 100.0
"""A service named in the enquiry is always among the candidates."""
WORD_SCORES = (("name", 0.3), ("organization", 0.2), ("body", 0.1))
"""Times BM25: a word in the name counts three times, in the organization twice. At 100,000 services a sentence then
adds 1 to 4, and a rare word in a name about 5."""
METRES_A_DEGREE = 110_500.0
"""Of latitude, rounded down, so that the box holds the whole circle."""
NEAR_SCORE, NEAR_HALF = 1.0, 0.25
"""What lying at the centre of a circle adds where a reader searches by words, and the part of the radius at which it is
half: of services that match alike the nearer comes first, and no word is outweighed by nearness."""
ALL_WORDS_SCORE = 10.0
"""For holding every word, where a reader searches by words alone."""


@dataclass(frozen=True, slots=True)
class Term:
    """Documents with one of these values in a field."""

    field: str
    values: tuple[str | int, ...]


def askable(values: Sequence[str | int]) -> list[str | int]:
    """Those of a term's values that any document could hold: half a surrogate pair, from a broken form, is in none,
    cannot be sent, and an engine would refuse the whole query."""
    return [value for value in values if isinstance(value, int) or _is_text(value)]


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Between:
    """Documents whose number lies between two, both included; None is open."""

    field: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """Documents that pass all clauses."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Documents that pass one clause at least."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Documents that pass the first clause and none of the others."""

    clause: "Clause"
    others: tuple["Clause", ...]


Clause = Term | Between | Every | Either | Without


@dataclass(frozen=True, slots=True)
class Word:
    """Documents with a word in a text field, scored by BM25 times `weight`."""

    field: str
    token: str
    weight: float


@dataclass(frozen=True, slots=True)
class Clauses:
    """What a document must pass, what it must not, and what adds to its score: a fixed sum for each clause of `scored`,
    the greatest of `best_of`, BM25 for a word. `words_required`: one of the words at least must be there."""

    must: tuple[Clause, ...] = ()
    must_not: tuple[Clause, ...] = ()
    scored: tuple[tuple[Clause, float], ...] = ()
    best_of: tuple[tuple[Clause, float], ...] = ()
    words: tuple[Word, ...] = ()
    words_required: bool = False


def filters(query: ServiceQuery, of_place: bool = True) -> Clauses:
    """The filters of a query, unscored; without those `of_place` where it is False. `text` and `near` are not among
    them."""
    must: list[Clause] = []
    if of_place and not query.coverage.anywhere:
        must.append(Term("cover", covering(query.coverage)))
    if query.age:
        must += [Between("fit_min", high=query.age[1]), Between("fit_max", low=query.age[0])]
    of_family = () if query.kinds else query.families
    for field, codes in (("family", of_family), ("delivery", query.delivery), ("source", query.sources)):
        if codes:
            must.append(Term(field, codes))
    if query.kinds:
        must.append(Either(tuple(_kind(families, needs) for families, needs in query.kinds)))
    must_not: list[Clause] = [clause for name in query.avoid for clause in avoided(name)]
    if query.exclude:
        must_not.append(Term("ids", query.exclude))
    if query.for_person_harmed:
        must_not.append(Term("flag", (indexed.NOT_FOR_HARMED,)))
    if query.exclude_schools:
        school = Term("flag", (indexed.SCHOOL,))
        asked_for = named(query.names)
        must_not.append(Without(school, asked_for) if asked_for else school)
    return Clauses(tuple(must), tuple(must_not))


@lru_cache(maxsize=1024)
def _kind(families: tuple[str, ...], needs: tuple[str, ...]) -> Clause:
    """Documents of some families. Needs are not held as terms: the words of a need's label stand in every body."""
    family = Term("family", families)
    if not needs:
        return family
    label = terms.load()["need"].label
    words = (dict.fromkeys(tokens(label(need))) for need in needs)
    return Every((family, Either(tuple(Every(tuple(Term("body", (word,)) for word in each)) for each in words))))


def covering(coverage: CoverageFilter) -> tuple[str, ...]:
    """Every coverage term that lets a service pass: see `indexed.coverage_terms`."""
    unknown = (indexed.UNKNOWN,) if coverage.unknown_too else ()
    return (*_local(coverage), indexed.SCOTLAND, *unknown)


def scores(query: ServiceQuery, words: Sequence[str]) -> Clauses:
    """What ranks candidates before the exact ranking: concepts first, then nearness of coverage, then words."""
    scored: list[tuple[Clause, float]] = []
    if not query.coverage.anywhere:
        local = _local(query.coverage)
        scored += [(Term("cover", local), LOCAL_SCORE)] if local else []
        scored.append((Term("cover", (indexed.SCOTLAND,)), NATIONAL_SCORE))
    if query.boost_harms:
        scored.append((Term("harm", query.boost_harms), HARM_SCORE))
    scored += [(clause, NAMED_SCORE) for clause in named(query.names)]
    # The best family counts, not their sum: two that help a little are not one that is made for it.
    families = tuple((Term("family", (code,)), weight) for code, weight in query.boost_families if weight > 0)
    return Clauses(scored=tuple(scored), best_of=families, words=by_words(words))


def reserve(query: ServiceQuery, families: tuple[str, ...]) -> Clauses:
    """Services of these families that cover the council. Coverage is filtered and not scored: four times faster."""
    local = _local(query.coverage)
    return _within(query, (*((Term("cover", local),) if local else ()), Term("family", families)))


def national_reserve(query: ServiceQuery) -> Clauses:
    """Services for all of Scotland, of any family asked for."""
    asked_for = tuple(code for code, _ in query.boost_families)
    return _within(query, (Term("cover", (indexed.SCOTLAND,)), *((Term("family", asked_for),) if asked_for else ())))


def _within(query: ServiceQuery, first: tuple[Clause, ...]) -> Clauses:
    rest = filters(query, of_place=False)
    harm: tuple[tuple[Clause, float], ...] = ((Term("harm", query.boost_harms), HARM_SCORE),) * bool(query.boost_harms)
    return replace(rest, must=(*first, *rest.must), scored=harm)


def by_words(words: Iterable[str]) -> tuple[Word, ...]:
    """Each word in each field that is read for relevance."""
    return tuple(Word(field, word, weight) for word in words for field, weight in WORD_SCORES)


def all_words(words: Sequence[str]) -> Clause:
    """Documents that hold every word, each in whichever field."""
    return Every(tuple(Either(tuple(Term(field, (word,)) for field, _ in WORD_SCORES)) for word in words))


def named(names: Iterable[str]) -> tuple[Clause, ...]:
    """Documents whose name holds all words of one of the names, a clause a name; nameless ones are passed over."""
    return tuple(
        Every(tuple(Term("name", (word,)) for word in dict.fromkeys(tokens(name)))) for name in names if tokens(name)
    )


def avoided(name: str) -> tuple[Clause, ...]:
    """Documents to keep away from: all words in name and organization taken together, or all in the place."""
    found = tuple(dict.fromkeys(tokens(name)))
    if not found:
        return ()
    called = Every(tuple(Either((Term("name", (word,)), Term("organization", (word,)))) for word in found))
    return called, Every(tuple(Term("place", (word,)) for word in found))


@lru_cache(maxsize=1024)
def _local(coverage: CoverageFilter) -> tuple[str, ...]:
    wanted = [("r", gss, coverage.residence_outcodes) for gss in coverage.residence]
    wanted += [("h", gss, coverage.harm_outcodes) for gss in coverage.harm_place]
    if coverage.harm_place_counts:
        wanted += [("r", gss, coverage.harm_outcodes) for gss in coverage.harm_place]
    found: dict[str, None] = {}
    for letter, gss, outcodes in wanted:
        # One for the whole council always passes; one for a part by outcode, or by council when no outcode is known.
        terms = (f"{letter}:{gss}", *(indexed.area_terms(letter, gss, outcodes)[1:] or (f"{letter}p:{gss}",)))
        found.update(dict.fromkeys(terms))
    schools = (f"s:{seed}" for seed in coverage.schools) if coverage.schools else _any_school(coverage)
    return (*found, *schools)


def _any_school(coverage: CoverageFilter) -> tuple[str, ...]:
    """No school is known: one for pupils of some schools of the council passes, and is asked about."""
    homes = coverage.residence or (coverage.harm_place if coverage.harm_place_counts else ())
    return tuple(f"rs:{gss}" for gss in homes)


def box(circle: Circle) -> Every:
    """Documents whose point lies in the square around a circle: the engine's first cut, a little too wide."""
    north = circle.radius_m / METRES_A_DEGREE
    shrink = math.cos(math.radians(min(89.0, abs(circle.centre.lat) + north)))
    east = north / shrink
    lat, lon = circle.centre.lat, circle.centre.lon
    return Every(
        (
            Between(indexed.column("lat"), math.floor((lat - north) * 1_000_000), math.ceil((lat + north) * 1_000_000)),
            Between(indexed.column("lon"), math.floor((lon - east) * 1_000_000), math.ceil((lon + east) * 1_000_000)),
        )
    )
