"""Clauses over documents in memory: what passes, what scores, what is counted."""

import pytest

from directory.draft import AgeLimit, Coverage
from directory.search.clauses import Between, Clause, Clauses, Either, Every, Term, Without, Word
from directory.search.document import ServiceDocument
from directory.search.in_memory import InMemory, held
from directory.values import Known
from tests.builders import FIFE
from tests.contract.conftest import service


def engine(*documents: ServiceDocument) -> InMemory:
    return InMemory([held(doc) for doc in documents])


def passing(of: InMemory, *must: Clause) -> set[str]:
    return {doc.source_id for doc in of.read(of.best(Clauses(must), 100)[0])}


DOCS = engine(
    service("leith-club", families=("youth",), age=AgeLimit(Known.STATED, 12, 18)),
    service("leith-advice", families=("housing",), age=AgeLimit(), coverage=Coverage(Known.STATED, (FIFE,))),
)


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        pytest.param(Term("family", ("youth",)), {"leith-club"}, id="a term"),
        pytest.param(Term("family", ("youth", "housing")), {"leith-club", "leith-advice"}, id="one of two terms"),
        pytest.param(Term("cover", (f"r:{FIFE}",)), {"leith-advice"}, id="an area"),
        pytest.param(Term("name", ("club",)), {"leith-club"}, id="a word"),
        pytest.param(Term("column_age_min", (12,)), {"leith-club"}, id="a number"),
        pytest.param(Between("fit_min", high=11), {"leith-advice"}, id="a range"),
        pytest.param(Between("fit_max", low=18), {"leith-club", "leith-advice"}, id="a range, the end included"),
        pytest.param(Every((Term("name", ("leith",)), Term("name", ("club",)))), {"leith-club"}, id="every"),
        pytest.param(
            Either((Term("name", ("club",)), Term("family", ("housing",)))), {"leith-club", "leith-advice"}, id="either"
        ),
        pytest.param(Without(Term("name", ("leith",)), (Term("name", ("club",)),)), {"leith-advice"}, id="without"),
        pytest.param(Every(()), {"leith-club", "leith-advice"}, id="every of nothing"),
        pytest.param(Either(()), set(), id="either of nothing"),
    ],
)
def test_what_passes(clause: Clause, expected: set[str]) -> None:
    assert passing(DOCS, clause) == expected


def test_scores_add_up_and_the_best_family_counts_alone() -> None:
    wanted = Clauses(
        scored=((Term("name", ("leith",)), 1.0), (Term("name", ("club",)), 2.0)),
        best_of=((Term("family", ("youth",)), 6.0), (Term("name", ("leith",)), 3.0)),
    )
    found, total = DOCS.best(wanted, 1)
    assert (found[0][0], total) == (9.0, 2)


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    words = (Word("name", "leith", 1.0), Word("name", "club", 1.0))
    common, rare = (DOCS.best(Clauses(words=(word,), words_required=True), 1)[0][0][0] for word in words)
    assert rare > common > 0


def test_words_that_must_be_there() -> None:
    found, total = DOCS.best(Clauses(words=(Word("name", "club", 1.0),), words_required=True), 10)
    assert (len(found), total) == (1, 1)


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        pytest.param("lei", ["leith advice", "leith club"], id="in order of name"),
        pytest.param("Leith C", ["leith club"], id="all words before it"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_names_that_begin_so(prefix: str, names: list[str]) -> None:
    assert [doc.name for doc in DOCS.beginning(prefix)] == names
