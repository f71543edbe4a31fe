"""What an engine gives back: order, pages, facets, columns, circles, names; the same on every engine."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.draft import Coverage
from directory.errors import BadInput
from directory.search.columns import pack
from directory.search.document import ServiceDocument
from directory.search.index import COLUMNS, SearchIndex
from directory.search.query import Circle, CoverageFilter, ServiceQuery
from directory.values import Known, Point, Visibility
from tests.builders import EDINBURGH, FIFE, LEITH
from tests.contract.conftest import Holding, service

pytestmark = pytest.mark.anyio
IN_FIFE = CoverageFilter(residence=(FIFE,))


async def best(index: SearchIndex, query: ServiceQuery, limit: int = 300) -> list[str]:
    candidates = await index.candidates(query, limit)
    return [doc.source_id for doc in await candidates.load(range(len(candidates.scores)))]


def covering(*areas: str) -> Coverage:
    return Coverage(Known.STATED, areas)


async def test_words_and_boosts_filter_no_candidate(holding: Holding) -> None:
    index = await holding(service("a"), service("b", families=("housing",), harms=()))
    query = ServiceQuery(text="zebra counselling", boost_families=(("housing", 1.0),), boost_harms=("hate",))
    assert set(await best(index, query)) == {"a", "b"}


async def test_unknown_words_leave_all_candidates(holding: Holding) -> None:
    index = await holding(service("a"), service("b"))
    assert len(await best(index, ServiceQuery(text="zebra"))) == 2


async def test_a_family_asked_for_comes_before_one_that_only_has_the_words(holding: Holding) -> None:
    wordy = service("wordy", name="Assault Assault", families=("housing",), description="Help after assault.")
    asked = service("asked", name="Harbour", families=("victim_support",), description="")
    index = await holding(wordy, asked)
    query = ServiceQuery(text="assault", boost_families=(("victim_support", 6.0),))
    assert await best(index, query) == ["asked", "wordy"]


async def test_two_lesser_families_do_not_add_up_to_a_better_one(holding: Holding) -> None:
    index = await holding(service("both", families=("youth", "housing")), service("made", families=("rape_crisis",)))
    boosts = (("rape_crisis", 6.0), ("youth", 4.0), ("housing", 4.0))
    assert await best(index, ServiceQuery(boost_families=boosts)) == ["made", "both"]


async def test_local_before_national_before_unknown(holding: Holding) -> None:
    index = await holding(
        service("unknown", coverage=Coverage()),
        service("national", coverage=covering("SCOTLAND")),
        service("local", coverage=covering(FIFE)),
    )
    assert await best(index, ServiceQuery(coverage=IN_FIFE)) == ["local", "national", "unknown"]


async def test_a_service_named_comes_first(holding: Holding) -> None:
    index = await holding(
        *(service(f"club-{n}", families=("youth",)) for n in range(5)), service("ruby-project", families=())
    )
    query = ServiceQuery(names=("the Ruby Project",), boost_families=(("youth", 6.0),))
    assert (await best(index, query, 3))[0] == "ruby-project"


@pytest.mark.parametrize("others", [pytest.param(80, id="a few"), pytest.param(400, id="more than are looked at")])
async def test_every_family_asked_for_is_among_few_candidates(holding: Holding, others: int) -> None:
    crowd = [service(f"crowd{n}", families=("victim_support",), coverage=covering(FIFE)) for n in range(others)]
    rare = service("rare", families=("bereavement",), coverage=covering(FIFE))
    nation = service("nation", families=("victim_support",), coverage=covering("SCOTLAND"))
    index = await holding(*crowd, rare, nation)
    boosts = (("victim_support", 6.0), ("bereavement", 3.0))
    found = await best(index, ServiceQuery(coverage=IN_FIFE, boost_families=boosts), 40)
    assert len(found) == len(set(found)) == 40
    assert {"rare", "nation"} <= set(found)


async def test_candidates_are_counted_beyond_the_limit(holding: Holding) -> None:
    index = await holding(*(service(f"s{n}") for n in range(12)))
    candidates = await index.candidates(ServiceQuery(), 5)
    assert (len(candidates.scores), candidates.total) == (5, 12)
    assert list(candidates.scores) == sorted(candidates.scores, reverse=True)


async def test_columns_are_those_of_the_documents(holding: Holding) -> None:
    docs = [
        service("a", languages=("en", "bsl"), as_of="2024-02"),
        service("b", visibility=Visibility.UNDISCLOSED, coverage=covering("SCOTLAND")),
        service("c", families=(), needs=(), coverage=Coverage()),
    ]
    index = await holding(*docs)
    candidates = await index.candidates(ServiceQuery(), 300, facets=False)
    assert candidates.facets == ()
    loaded = await candidates.load(range(3))
    for position, doc in enumerate(loaded):
        assert {name: candidates.columns[name][position] for name in COLUMNS} == pack(doc)


async def test_documents_are_loaded_in_the_order_asked(holding: Holding) -> None:
    index = await holding(*(service(f"s{n}") for n in range(5)))
    candidates = await index.candidates(ServiceQuery(), 5)
    forwards = await candidates.load([0, 3])
    assert list(reversed(forwards)) == await candidates.load([3, 0])


FACETED = [
    service("a", families=("youth", "housing"), delivery=("phone", "online"), languages=("en", "bsl")),
    service("b", families=("youth",), delivery=("phone",), languages=("en",), source="schools"),
    service("c", families=(), delivery=(), languages=(), coverage=covering(FIFE)),
]


async def test_facets_add_up_to_the_services_found(holding: Holding) -> None:
    index = await holding(*FACETED)
    page = await index.search(ServiceQuery(coverage=CoverageFilter(residence=(EDINBURGH,)), page_size=1))
    candidates = await index.candidates(ServiceQuery(coverage=CoverageFilter(residence=(EDINBURGH,))), 1)
    expected = {
        "family": (("youth", 2), ("housing", 1)),
        "delivery": (("phone", 2), ("online", 1)),
        "language": (("en", 2), ("bsl", 1)),
        "source": (("facts", 1), ("schools", 1)),
    }
    assert {facet.field: facet.counts for facet in page.facets} == expected
    assert candidates.facets == tuple(facet for facet in page.facets if facet.field in ("family", "delivery"))


async def test_facets_count_what_the_words_found(holding: Holding) -> None:
    index = await holding(replace(FACETED[0], description="zebra"), FACETED[1])
    page = await index.search(ServiceQuery(text="zebra"))
    assert {facet.field: facet.counts for facet in page.facets}["family"] == (("housing", 1), ("youth", 1))


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(ServiceQuery(), id="browsing"),
        pytest.param(ServiceQuery(sort="name"), id="by name"),
        pytest.param(ServiceQuery(text="harbour"), id="words that all have alike"),
        pytest.param(ServiceQuery(text="leith harbour young"), id="words that some have"),
        pytest.param(ServiceQuery(near=Circle(LEITH, 9_000), sort="distance"), id="by distance, many at one place"),
        pytest.param(ServiceQuery(boost_families=(("youth", 3.0),)), id="boosted"),
    ],
)
async def test_pages_hold_every_service_once(holding: Holding, query: ServiceQuery) -> None:
    docs = [service(f"s{n}", name=f"Harbour {'Leith' if n % 3 else 'Club'}") for n in range(57)]
    index = await holding(*docs)
    await index.put([docs[3], docs[40]])  # a second commit: several segments, another order inside the engine
    seen: list[str] = []
    for number in range(1, 7):
        page = await index.search(replace(query, page=number))
        assert (page.total, page.pages, page.page) == (57, 6, number)
        seen += [hit.service.source_id for hit in page.hits]
    assert sorted(seen) == sorted(doc.source_id for doc in docs)
    assert (await index.search(replace(query, page=7))).hits == ()


async def test_order_by_name_ends_in_id(holding: Holding) -> None:
    docs = [service("b", name="alpha"), service("a", name="Alpha"), service("c", name="Àlp"), service("d", name="Beta")]
    index = await holding(*docs)
    page = await index.search(ServiceQuery(sort="name"))
    same = sorted(docs[:2], key=lambda doc: doc.id)
    assert [hit.service.source_id for hit in page.hits] == ["c", *(doc.source_id for doc in same), "d"]


async def test_all_the_words_come_before_some(holding: Holding) -> None:
    index = await holding(
        service("some", name="Ruby", organization="", description="Ruby ruby ruby"),
        service("all", name="Club", organization="", description="The ruby project"),
        service("none", name="Club", organization="", description=""),
    )
    page = await index.search(ServiceQuery(text="ruby project"))
    assert [hit.service.source_id for hit in page.hits] == ["all", "some"]


@pytest.mark.parametrize("text", ["", "  ", "!?"], ids=["empty", "blank", "no words"])
async def test_no_words_is_browsing(holding: Holding, text: str) -> None:
    index = await holding(service("a"), service("b"))
    assert (await index.search(ServiceQuery(text=text))).total == 2


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        pytest.param("Women's Aid", "womens", id="possessive"),
        pytest.param("Counselling", "COUNSELLED", id="stem and case"),
        pytest.param("Dùn Èideann", "dun eideann", id="accents"),
        pytest.param("Self-harm group", "self harm", id="hyphen"),
        pytest.param("Help and support", "support", id="support is no stop word"),
    ],
)
async def test_words_are_analysed_alike_on_both_sides(holding: Holding, written: str, asked: str) -> None:
    index = await holding(service("it", name=written), service("other", name="Zebra", organization="", description=""))
    page = await index.search(ServiceQuery(text=asked))
    assert page.hits[0].service.source_id == "it"


KIRKCALDY = Point(56.1107, -3.1674)


async def test_a_circle_holds_exact_places_only(holding: Holding) -> None:
    index = await holding(
        service("over-the-water", point=KIRKCALDY),
        service("here", point=LEITH),
        service("area-only", point=LEITH, visibility=Visibility.AREA_ONLY),
        service("withheld", point=LEITH, visibility=Visibility.UNDISCLOSED),
        service("nowhere", point=None),
    )
    near = await index.search(ServiceQuery(near=Circle(LEITH, 5_000), sort="distance"))
    wide = await index.search(ServiceQuery(near=Circle(LEITH, 20_000), sort="distance"))
    assert [hit.service.source_id for hit in near.hits] == ["here"]
    assert [hit.service.source_id for hit in wide.hits] == ["here", "over-the-water"]
    assert [round(hit.distance_m or 0, -2) for hit in wide.hits] == [0, 15_100]
    assert (
        sum(count for facet in near.facets if facet.field == "source" for _, count in facet.counts) == near.total == 1
    )


async def test_of_services_that_match_alike_the_nearer_comes_first(holding: Holding) -> None:
    index = await holding(
        service("b-over-the-water", name="Youth club", point=KIRKCALDY),
        service("c-here", name="Youth club", point=LEITH),
        service("a-said-twice", name="Youth club for youth", organization="Youth club", point=KIRKCALDY),
    )
    circle = Circle(LEITH, 20_000)
    near = await index.search(ServiceQuery(text="youth club", near=circle))
    anywhere = await index.search(ServiceQuery(text="youth club"))
    assert [hit.service.source_id for hit in near.hits].index("c-here") < 2
    order = [hit.service.source_id for hit in near.hits if hit.service.source_id != "a-said-twice"]
    assert order == ["c-here", "b-over-the-water"]
    assert near.hits[-1].score < near.hits[0].score
    assert {hit.service.source_id for hit in anywhere.hits} == {hit.service.source_id for hit in near.hits}


@pytest.mark.parametrize(
    ("metres", "inside"), [pytest.param(1_000, False, id="in the box's corner"), pytest.param(1_300, True, id="inside")]
)
async def test_a_circle_is_round(holding: Holding, metres: int, inside: bool) -> None:
    corner = Point(LEITH.lat + 0.008, LEITH.lon + 0.0142)  # 890 m north and 884 m east: 1,254 m away
    index = await holding(service("it", point=corner))
    assert (await index.search(ServiceQuery(near=Circle(LEITH, metres)))).total == int(inside)
    assert len(await best(index, ServiceQuery(near=Circle(LEITH, metres)))) == int(inside)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(ServiceQuery(sort="distance"), id="distance from nowhere"),
        pytest.param(ServiceQuery(sort="random"), id="no such order"),
        pytest.param(ServiceQuery(page=0), id="page 0"),
        pytest.param(ServiceQuery(page_size=0), id="pages of nothing"),
    ],
)
async def test_a_query_that_cannot_be_answered(holding: Holding, query: ServiceQuery) -> None:
    index = await holding(service("a"))
    with pytest.raises(BadInput) as caught:
        await index.search(query)
    assert caught.value.field
    assert caught.value.advice


async def test_get_by_every_id(holding: Holding) -> None:
    doc = service("f18", also=("CS2003000150", "school:8"))
    repeats = service("f20", also=("f21",))
    index = await holding(doc, repeats, service("f21"))
    for name in (doc.id, "f18", "CS2003000150", "school:8"):
        assert await index.get(name) == doc
    leading = await index.get("f21")
    assert leading is not None
    assert leading.source_id == "f21"
    assert await index.get("f1") is None
    assert await index.get("") is None


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        pytest.param("cou", ["Harbour Counselling"], id="a word begins so"),
        pytest.param("HARB", ["Harbour Café", "Harbour Counselling"], id="in order of name"),
        pytest.param("harbour caf", ["Harbour Café"], id="all words before it"),
        pytest.param("cafe", ["Harbour Café"], id="accents folded"),
        pytest.param("bour", [], id="inside a word"),
        pytest.param("", [], id="nothing"),
        pytest.param("...", [], id="no words"),
    ],
)
async def test_suggest(holding: Holding, prefix: str, names: list[str]) -> None:
    index = await holding(
        service("a", name="Harbour Counselling"), service("b", name="Harbour Café"), service("c", name="Harbour Café")
    )
    assert await index.suggest(prefix) == names
    assert await index.suggest(prefix, limit=1) == names[:1]


async def test_put_replaces_and_remove_takes_out(holding: Holding) -> None:
    index = await holding(service("a"), service("b"))
    assert await index.put([service("a", name="New name"), service("c")]) == 2
    changed = await index.get("a")
    assert changed is not None
    assert changed.name == "New name"
    assert (await index.search(ServiceQuery())).total == 3
    assert await index.remove([service("a").id, "unheard-of"]) == 1
    assert await index.get("a") is None
    assert (await index.health()).services == 2


async def test_a_service_that_closes_is_taken_out_by_put(holding: Holding) -> None:
    index = await holding(service("a"), service("b"))
    await index.put([service("a", status="inactive")])
    assert await index.get("a") is None


async def test_rebuild_leaves_nothing_of_before(holding: Holding) -> None:
    index = await holding(service("a"))
    assert await index.rebuild([service("b"), service("c")]) == 2
    assert await index.get("a") is None
    health = await index.health()
    assert (health.ready, health.services, health.message) == (True, 2, "")


async def test_an_empty_index_answers(holding: Holding) -> None:
    index = await holding()
    page = await index.search(ServiceQuery(text="anything"))
    assert (page.hits, page.total, page.pages) == ((), 0, 1)
    assert await best(index, ServiceQuery(coverage=IN_FIFE, boost_families=(("youth", 1.0),))) == []
    assert await index.suggest("a") == []


@pytest.fixture(scope="module")
async def filled(empty_index: SearchIndex) -> SearchIndex:
    await empty_index.rebuild(
        [service("a"), service("b", name="Women's Aid"), service("c", name='"Odd" (name) AND: *')]
    )
    return empty_index


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(text=st.text() | st.sampled_from(['"', "a AND (", "name:[* TO", "\0", "-", "+ ~ ^2", "\ud800", "'" * 50]))
async def test_no_words_of_a_person_ever_raise(filled: SearchIndex, text: str) -> None:
    query = ServiceQuery(
        text=text, names=(text,), avoid=(text,), exclude=(text,), coverage=IN_FIFE, exclude_schools=True
    )
    await filled.search(query)
    await filled.search(ServiceQuery(text=text))
    await filled.candidates(query, 10)
    await filled.suggest(text)
    await filled.get(text)


families = st.lists(st.sampled_from(["youth", "housing", "counselling"]), unique=True).map(tuple)
areas = st.sampled_from([(EDINBURGH,), (FIFE,), (EDINBURGH, FIFE), ("SCOTLAND",)])
some_services = st.lists(st.tuples(families, areas), max_size=12).map(
    lambda rows: [service(f"s{n}", families=each, coverage=covering(*where)) for n, (each, where) in enumerate(rows)]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(docs=some_services)
async def test_facets_count_what_a_reader_would(empty_index: SearchIndex, docs: list[ServiceDocument]) -> None:
    await empty_index.rebuild(docs)
    page = await empty_index.search(ServiceQuery(coverage=IN_FIFE))
    passing = [doc for doc in docs if {FIFE, "SCOTLAND"} & set(doc.coverage.areas)]
    counted = {facet.field: dict(facet.counts) for facet in page.facets}
    assert page.total == len(passing)
    assert counted["family"] == Counter(code for doc in passing for code in doc.families)
