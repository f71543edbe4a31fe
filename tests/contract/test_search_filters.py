"""What passes a query's filters, on every engine: coverage, age, what to avoid, schools, what is not for the harmed."""

import pytest

from directory.draft import AgeLimit, Coverage
from directory.search.document import ServiceDocument
from directory.search.index import SearchIndex
from directory.search.query import CoverageFilter, ServiceQuery
from directory.values import Boundary, Known, Visibility
from taxonomy import terms
from tests.builders import EDINBURGH, FIFE
from tests.contract.conftest import Holding, service

pytestmark = pytest.mark.anyio
PERTH = "S12000048"


async def found(index: SearchIndex, query: ServiceQuery) -> set[str]:
    """source_ids of the candidates; a page of the same query must hold the same."""
    candidates = await index.candidates(query, 300)
    documents = await candidates.load(range(len(candidates.scores)))
    assert candidates.total == len(documents)
    page = await index.search(ServiceQuery(**{**as_fields(query), "text": "", "page_size": 300}))
    assert {hit.service.source_id for hit in page.hits} == {doc.source_id for doc in documents}
    return {doc.source_id for doc in documents}


def as_fields(query: ServiceQuery) -> dict[str, object]:
    return {name: getattr(query, name) for name in query.__slots__}


def covering(*areas: str, outcodes: tuple[str, ...] = (), boundary: Boundary = Boundary.RESIDENCE) -> ServiceDocument:
    return service("it", coverage=Coverage(Known.STATED, areas, outcodes, boundary))


HOME_FIFE = CoverageFilter(residence=(FIFE,))
FIFE_AND_EDINBURGH = CoverageFilter(residence=(FIFE,), harm_place=(EDINBURGH,))
LEITH_HOME = CoverageFilter(residence=(EDINBURGH,), residence_outcodes=("EH6",))


@pytest.mark.parametrize(
    ("doc", "where", "passes"),
    [
        pytest.param(covering(FIFE), HOME_FIFE, True, id="covers the home"),
        pytest.param(covering(EDINBURGH), HOME_FIFE, False, id="covers another council"),
        pytest.param(covering(EDINBURGH, FIFE), HOME_FIFE, True, id="covers several, the home among them"),
        pytest.param(covering("SCOTLAND"), HOME_FIFE, True, id="all of Scotland"),
        pytest.param(covering("SCOTLAND"), CoverageFilter(), True, id="all of Scotland, no council known"),
        pytest.param(covering(FIFE), CoverageFilter(), False, id="a council, no council known"),
        pytest.param(covering(FIFE), CoverageFilter(anywhere=True), True, id="browsing"),
        pytest.param(covering(EDINBURGH), FIFE_AND_EDINBURGH, False, id="covers the place of harm, goes by the home"),
        pytest.param(
            covering(EDINBURGH, boundary=Boundary.HARM_PLACE), FIFE_AND_EDINBURGH, True, id="goes by the place of harm"
        ),
        pytest.param(
            covering(FIFE, boundary=Boundary.HARM_PLACE), FIFE_AND_EDINBURGH, False, id="goes by harm, covers the home"
        ),
        pytest.param(covering(EDINBURGH, boundary=Boundary.EITHER), FIFE_AND_EDINBURGH, True, id="either: the harm"),
        pytest.param(covering(FIFE, boundary=Boundary.EITHER), FIFE_AND_EDINBURGH, True, id="either: the home"),
        pytest.param(
            covering(EDINBURGH),
            CoverageFilter(harm_place=(EDINBURGH,), harm_place_counts=True),
            True,
            id="home outside Scotland: the place of harm counts for all",
        ),
        pytest.param(
            covering(FIFE),
            CoverageFilter(harm_place=(EDINBURGH,), harm_place_counts=True),
            False,
            id="home outside Scotland: another council",
        ),
        pytest.param(
            covering(EDINBURGH, outcodes=("EH6", "EH7")), LEITH_HOME, True, id="a part, and the home is in it"
        ),
        pytest.param(
            covering(EDINBURGH, outcodes=("EH16",)), LEITH_HOME, False, id="a part, and the home is not in it"
        ),
        pytest.param(
            covering(EDINBURGH, outcodes=("EH16",)),
            CoverageFilter(residence=(EDINBURGH,)),
            True,
            id="a part, and only the council is known",
        ),
        pytest.param(covering(EDINBURGH), LEITH_HOME, True, id="the whole council, outcode known"),
        pytest.param(
            covering(FIFE, outcodes=("KY13",)),
            CoverageFilter(residence=(PERTH,), residence_outcodes=("KY13",)),
            False,
            id="the outcode's part in another council",
        ),
        pytest.param(
            covering(EDINBURGH, outcodes=("EH6",), boundary=Boundary.EITHER),
            CoverageFilter(residence=(FIFE,), harm_place=(EDINBURGH,), harm_outcodes=("EH6",)),
            True,
            id="a part, harmed in it",
        ),
        pytest.param(service("it", coverage=Coverage()), HOME_FIFE, True, id="no area stated"),
        pytest.param(
            service("it", coverage=Coverage()),
            CoverageFilter(residence=(FIFE,), unknown_too=False),
            False,
            id="no area stated, and only stated ones wanted",
        ),
        pytest.param(service("it", coverage=Coverage(Known.NONE)), HOME_FIFE, True, id="no limit of area"),
    ],
)
async def test_coverage(holding: Holding, doc: ServiceDocument, where: CoverageFilter, passes: bool) -> None:
    index = await holding(doc, service("elsewhere", coverage=Coverage(Known.STATED, ("S12000027",))))
    assert await found(index, ServiceQuery(coverage=where)) - {"elsewhere"} == ({"it"} if passes else set())


@pytest.mark.parametrize(
    ("limit", "age", "passes"),
    [
        pytest.param(AgeLimit(Known.STATED, 12, 18), (14, 14), True, id="inside"),
        pytest.param(AgeLimit(Known.STATED, 12, 18), (12, 12), True, id="the youngest"),
        pytest.param(AgeLimit(Known.STATED, 12, 18), (18, 18), True, id="the oldest"),
        pytest.param(AgeLimit(Known.STATED, 12, 18), (11, 11), False, id="a year too young"),
        pytest.param(AgeLimit(Known.STATED, 12, 18), (19, 19), False, id="a year too old"),
        pytest.param(AgeLimit(Known.STATED, 12, 18), (16, 25), True, id="some of the ages it may be"),
        pytest.param(AgeLimit(Known.STATED, 12, 18), (0, 11), False, id="none of the ages it may be"),
        pytest.param(AgeLimit(Known.STATED, 16, None), (90, 90), True, id="open above"),
        pytest.param(AgeLimit(Known.STATED, None, 5), (0, 0), True, id="open below"),
        pytest.param(AgeLimit(), (120, 120), True, id="not stated"),
        pytest.param(AgeLimit(Known.NONE), (3, 3), True, id="stated that there is none"),
        pytest.param(AgeLimit(Known.STATED, 8, 17, "child_who_harmed"), (40, 40), True, id="the age of somebody else"),
        pytest.param(AgeLimit(Known.STATED, 12, 18), None, True, id="no age said"),
    ],
)
async def test_age(holding: Holding, limit: AgeLimit, age: tuple[int, int] | None, passes: bool) -> None:
    index = await holding(service("it", age=limit))
    assert await found(index, ServiceQuery(age=age)) == ({"it"} if passes else set())


LEITH_CLUB = service("club", name="Leith Academy Youth Club", organization="Harbour Trust", address="", city="Leith")


@pytest.mark.parametrize(
    ("avoid", "stays"),
    [
        pytest.param("Leith Academy", False, id="words of the name"),
        pytest.param("academy, LEITH", False, id="in another order and case"),
        pytest.param("Harbour Trust", False, id="the organization"),
        pytest.param("Harbour Youth Club", False, id="name and organization together"),
        pytest.param("Leith", False, id="the place"),
        pytest.param("Trinity Academy", True, id="one word of two"),
        pytest.param("counselling", True, id="only in the description"),
        pytest.param("", True, id="nothing"),
        pytest.param("!?", True, id="no words"),
    ],
)
async def test_avoid(holding: Holding, avoid: str, stays: bool) -> None:
    index = await holding(LEITH_CLUB, service("other", organization="Beacon", address="", city="Perth"))
    assert await found(index, ServiceQuery(avoid=(avoid,))) == ({"club", "other"} if stays else {"other"})


async def test_a_street_to_avoid(holding: Holding) -> None:
    index = await holding(service("it", address="12 Harbour Row, Leith"))
    assert await found(index, ServiceQuery(avoid=("Harbour Row",))) == set()


async def test_excluded_services_stay_out_by_any_of_their_ids(holding: Holding) -> None:
    index = await holding(service("f1"), service("f2", also=("CS1",)), service("f3"))
    assert await found(index, ServiceQuery(exclude=("f1", "CS1"))) == {"f3"}


async def test_many_excluded_services(holding: Holding) -> None:
    index = await holding(*(service(f"f{number}") for number in range(40)))
    assert await found(index, ServiceQuery(exclude=tuple(f"f{number}" for number in range(39)))) == {"f39"}


SCHOOL = service("school", source="schools", name="Leith Academy", age=AgeLimit(Known.STATED, 11, 18))


@pytest.mark.parametrize(
    ("query", "gets_in"),
    [
        pytest.param(ServiceQuery(), True, id="schools are services"),
        pytest.param(ServiceQuery(exclude_schools=True), False, id="not asked about"),
        pytest.param(ServiceQuery(exclude_schools=True, names=("leith academy",)), True, id="named"),
        pytest.param(ServiceQuery(exclude_schools=True, names=("Leith High",)), False, id="another named"),
        pytest.param(ServiceQuery(exclude_schools=True, names=("", "?")), False, id="nothing named"),
        pytest.param(ServiceQuery(names=("leith academy",), avoid=("leith academy",)), False, id="named and avoided"),
        pytest.param(ServiceQuery(names=("leith academy",), exclude=("school",)), False, id="named and excluded"),
        pytest.param(ServiceQuery(names=("leith academy",), age=(9, 9)), False, id="named and too young for it"),
        pytest.param(ServiceQuery(names=("leith academy",), coverage=HOME_FIFE), False, id="named and out of area"),
    ],
)
async def test_schools_and_names(holding: Holding, query: ServiceQuery, gets_in: bool) -> None:
    index = await holding(SCHOOL)
    assert await found(index, query) == ({"school"} if gets_in else set())


async def test_services_not_for_the_person_harmed(holding: Holding) -> None:
    index = await holding(service("programme", not_for_harmed=True), service("club"))
    assert await found(index, ServiceQuery()) == {"club"}
    assert await found(index, ServiceQuery(for_person_harmed=False)) == {"club", "programme"}


@pytest.mark.parametrize("status", ["inactive", "defunct", "temporarily closed"])
async def test_a_service_that_is_not_active_is_never_found(holding: Holding, status: str) -> None:
    index = await holding(service("closed", status=status), service("open"))
    assert await found(index, ServiceQuery()) == {"open"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(ServiceQuery(families=("youth",)), {"a", "c"}, id="family, also when not the main one"),
        pytest.param(ServiceQuery(families=("youth", "housing")), {"a", "b", "c"}, id="families combine with or"),
        pytest.param(ServiceQuery(families=("youth",), delivery=("online",)), {"c"}, id="filters combine with and"),
        pytest.param(ServiceQuery(sources=("schools",)), {"b"}, id="source"),
        pytest.param(ServiceQuery(families=("hate_crime",)), set(), id="none such"),
    ],
)
async def test_families_delivery_and_sources(holding: Holding, query: ServiceQuery, expected: set[str]) -> None:
    index = await holding(
        service("a", families=("youth",), delivery=("phone",)),
        service("b", families=("housing",), delivery=("online",), source="schools"),
        service("c", families=("counselling", "youth"), delivery=("phone", "online")),
    )
    assert await found(index, query) == expected


KINDS = ((("youth",), ("advocacy",)), (("housing", "legal_rights"), ()))


@pytest.mark.parametrize(
    ("families", "needs", "passes"),
    [
        pytest.param(("youth",), ("advocacy",), True, id="a family and a need of one kind"),
        pytest.param(("counselling", "youth"), ("sleep", "advocacy"), True, id="among others"),
        pytest.param(("youth",), ("sleep",), False, id="the family, another need"),
        pytest.param(("counselling",), ("advocacy",), False, id="the need, another family"),
        pytest.param(("legal_rights",), (), True, id="a kind of any need"),
    ],
)
async def test_kinds(holding: Holding, families: tuple[str, ...], needs: tuple[str, ...], passes: bool) -> None:
    index = await holding(service("it", families=families, needs=needs, description=""))
    asked = ServiceQuery(families=("youth", "housing", "legal_rights"), kinds=KINDS)
    assert await found(index, asked) == ({"it"} if passes else set())


async def test_no_need_hides_a_service_that_meets_it(holding: Holding) -> None:
    needs = tuple(terms.load()["need"].terms)
    index = await holding(*(service(need, families=("youth",), needs=(need,), description="") for need in needs))
    for need in needs:
        assert need in await found(index, ServiceQuery(families=("youth",), kinds=((("youth",), (need,)),)))


async def test_a_withheld_place_is_never_a_word_to_find(holding: Holding) -> None:
    refuge = service(
        "refuge", visibility=Visibility.UNDISCLOSED, address="9 Hidden Wynd", city="Crail", postal_code="KY10 3XX"
    )
    index = await holding(refuge)
    for word in ("Crail", "Hidden Wynd", "KY10"):
        assert (await index.search(ServiceQuery(text=word))).total == 0
    kept = await index.get("refuge")
    assert kept is not None
    assert (kept.address, kept.city, kept.postal_code, kept.point) == ("", "", "", None)
