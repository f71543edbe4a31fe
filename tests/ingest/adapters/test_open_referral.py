"""Whole conversations with Open Referral UK feeds, 3.0 and 1.x, and what is read of them."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from directory.database import Database
from directory.errors import SourceUnavailable, UnusableFile
from ingest.adapters import open_referral
from ingest.kinds import KINDS
from ingest.material import Part
from ingest.reading import Reading
from tests.ingest.feed_server import Runs
from tests.ingest.hsds_shapes import a_feed, a_page, a_page_1, a_service, part_of

URL = "https://feeds.example/api"
Answers = Callable[[int], Any]


class Server:
    """A feed. `pages` answers the numbered pages, `own` the page of one service; what was asked is kept."""

    def __init__(self, router: respx.MockRouter) -> None:
        self.asked: list[str] = []
        self.pages: Answers = lambda number: a_page([])
        self.own: dict[str, Any] = {}
        self.takes_full = True
        router.get(url__startswith=f"{URL}/services").mock(side_effect=self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        params, path = request.url.params, request.url.raw_path.decode()
        _, _, id_ = path.partition("?")[0].partition("/services/")
        self.asked.append(id_ or f"{params['page']}{' full' if 'full' in params else ''}")
        if "full" in params and not self.takes_full:
            return httpx.Response(400)
        found = self.own.get(id_) if id_ else self.pages(int(params["page"]))
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)


@pytest.fixture
def server() -> Iterator[Server]:
    with respx.mock(assert_all_called=False) as router:
        yield Server(router)


@pytest.fixture
def source(record: Database, tmp_path: Path) -> Runs:
    return Runs.of(record, tmp_path)


def services(*numbers: int, full: bool = True) -> list[dict[str, Any]]:
    return [a_service(id=f"s{number}") if full else simple(number) for number in numbers]


def simple(number: int) -> dict[str, Any]:
    """A service as a list shows it: with no lists of its own."""
    whole = a_service(id=f"s{number}")
    return {name: value for name, value in whole.items() if not isinstance(value, list)}


def fetched(source: Runs, kind: str = "oruk", **how: Any) -> list[Reading]:
    parts = source.fetch(KINDS[kind], URL, **how).parts
    return list(KINDS[kind].read(a_feed(), parts))


def whole_feed_issues(readings: list[Reading]) -> list[str]:
    return [issue.reason for reading in readings for issue in reading.issues if issue.row == 0]


def ids(readings: list[Reading]) -> list[str]:
    return [reading.draft.source_id for reading in readings if reading.draft]


def test_a_feed_that_answers_in_full_is_asked_for_its_pages_alone(source: Runs, server: Server) -> None:
    server.pages = lambda number: a_page(services(number * 2 - 1, number * 2), number, 3)
    readings = fetched(source)
    assert server.asked == ["1 full", "2 full", "3 full"]
    assert ids(readings) == ["s1", "s2", "s3", "s4", "s5", "s6"]
    assert [reading.row for reading in readings] == [1, 2, 3, 4, 5, 6]
    assert not whole_feed_issues(readings)


def test_a_feed_that_does_not_is_asked_for_each_service(source: Runs, server: Server) -> None:
    server.pages = lambda number: a_page([simple(number)], number, 2)
    server.own = {"s1": a_service(id="s1"), "s2": a_service(id="s2", name="Shore Counselling")}
    readings = fetched(source)
    assert server.asked == ["1 full", "s1", "2 full", "s2"]
    assert [reading.draft.name for reading in readings if reading.draft] == [
        "Kirkhaven Counselling",
        "Shore Counselling",
    ]
    assert all(reading.draft and reading.draft.coverage.areas for reading in readings)


def test_a_feed_that_refuses_what_it_does_not_know_is_asked_again_without(source: Runs, server: Server) -> None:
    server.takes_full = False
    server.pages = lambda number: a_page(services(number), number, 2)
    assert ids(fetched(source)) == ["s1", "s2"]
    assert server.asked == ["1 full", "1", "2"]


def test_1_x(source: Runs, server: Server) -> None:
    old = {
        "id": "s1", "name": "Kirkhaven Counselling", "status": "active", "attending_type": "phone",
        "attending_access": "drop-in", "assured_date": "15/03/2025 00:00:00",
        "organization": {"id": "o1", "name": "Kirkhaven Trust"},
        "service_taxonomys": [
            {"id": "x", "taxonomy": {"id": "esdNeeds:9", "name": "Counselling", "vocabulary": "esdNeeds"}}],
        "eligibilitys": [{"id": "e", "minimum_age": 12, "maximum_age": 18}],
        "service_areas": [{"id": "a", "service_area": "Fife", "extent": None, "uri": None}],
        "regular_schedules": [{"id": "r", "opens_at": "09:00", "closes_at": "17:00", "byday": "MO", "freq": "WEEKLY"}],
        "service_at_locations": [{"id": "l", "location": {"id": "p", "name": "Quay House", "physical_addresses": [
            {"address_1": "12 Quay Lane", "city": "Kirkcaldy", "postal_code": "KY1 1AA", "country": "GB"}]}}],
        "contacts": [{"id": "c", "name": None, "phones": [{"number": "01632 960001"}]}],
    }  # fmt: skip
    server.pages = lambda number: a_page_1([old], number)
    (reading,) = fetched(source, "oruk-1")
    found = reading.draft
    assert found
    assert (found.families, found.delivery, found.referral_routes) == (
        ("counselling",),
        ("phone", "in_person"),
        ("self",),
    )
    assert (found.age.minimum, found.age.maximum, found.as_of) == (12, 18, "2025-03-15")
    assert (found.coverage.areas, found.premises.address_1) == (("S12000047",), "12 Quay Lane")
    assert (found.phone, found.hours.openings[0].byday) == ("01632 960001", "MO")


def test_1_x_that_counts_from_nought(source: Runs, server: Server) -> None:
    server.pages = lambda number: a_page_1(services(number + 1), number + 1, 2) if number < 2 else a_page_1([], 3, 2)
    assert sorted(ids(fetched(source, "oruk-1"))) == ["s1", "s2"]


def test_three_pages_that_are_five(source: Runs, server: Server) -> None:
    server.pages = lambda number: {
        **a_page(services(number) if number <= 5 else [], number, 3, total=3), "last_page": number >= 5
    }  # fmt: skip
    readings = fetched(source)
    assert ids(readings) == ["s1", "s2", "s3", "s4", "s5"]
    assert "it promises 3 pages and has 5" in whole_feed_issues(readings)


def test_a_last_page_before_the_promised_services(source: Runs, server: Server) -> None:
    server.pages = lambda number: {**a_page(services(number) if number <= 4 else [], number, 4), "last_page": True}
    assert ids(fetched(source)) == ["s1", "s2", "s3", "s4"]


def test_fewer_services_than_promised(source: Runs, server: Server) -> None:
    server.pages = lambda number: a_page(services(number), number, 2, total=50) if number <= 2 else None
    readings = fetched(source)
    assert ids(readings) == ["s1", "s2"]
    assert whole_feed_issues(readings) == ["it promises 50 services and has 2"]
    assert [reading.row for reading in readings] == [1, 2]


def test_a_feed_without_an_end_is_given_up(source: Runs, server: Server) -> None:
    server.pages = lambda number: {**a_page(services(number), number, 3), "last_page": False}
    with pytest.raises(SourceUnavailable, match="no end"):
        fetched(source)
    assert len(server.asked) < 100


def test_a_feed_that_gives_the_same_page_for_ever_ends(source: Runs, server: Server) -> None:
    server.pages = lambda number: {"page_number": number, "last_page": False, "contents": services(1)}
    assert ids(fetched(source)) == ["s1"]


def test_services_without_their_own_page_stay_as_they_are(source: Runs, server: Server) -> None:
    server.pages = lambda number: a_page([simple(1), simple(2), simple(3)])
    server.own = {"s1": a_service(id="s1"), "s2": a_service(id="other")}
    first, second, third = fetched(source)
    assert first.draft
    assert (second.held, second.source_id) == (True, "s2")
    assert "of another service" in second.issues[-1].reason
    assert (third.held, third.source_id) == (True, "s3")
    assert "was not received" in third.issues[-1].reason


def test_a_feed_whose_services_have_no_pages_is_given_up(source: Runs, server: Server) -> None:
    server.pages = lambda number: a_page([simple(number) for number in range(20)])
    with pytest.raises(SourceUnavailable):
        fetched(source)


def test_an_id_cannot_lead_out_of_the_feed(source: Runs, server: Server) -> None:
    server.pages = lambda number: a_page([{**simple(1), "id": "../../admin?x=1#y"}])
    fetched(source)
    assert server.asked[1] == "..%2F..%2Fadmin%3Fx%3D1%23y"


@pytest.mark.parametrize(
    ("url", "services_at"),
    [
        pytest.param("https://feeds.example", "https://feeds.example/services", id="a host"),
        pytest.param("https://feeds.example/api/", "https://feeds.example/api/services", id="its root"),
        pytest.param("https://feeds.example/api/services", "https://feeds.example/api/services", id="its services"),
        pytest.param("https://feeds.example/api?a=b", "https://feeds.example/api/services?a=b", id="with a query"),
    ],
)
def test_where_the_services_are(url: str, services_at: str) -> None:
    assert open_referral.services_url(a_feed(url)) == services_at


def read(folder: Path, *values: Any) -> list[Reading]:
    parts = tuple(part_of(folder, value, f"page {number}") for number, value in enumerate(values, start=1))
    return list(open_referral.read(a_feed(), parts))


def test_organisations_and_places_hold_services(tmp_path: Path) -> None:
    service = a_service(organization=..., service_at_locations=...)
    (of_organization,) = read(tmp_path, {"id": "o", "name": "Kirkhaven Trust", "services": [service]})
    assert of_organization.draft
    assert of_organization.draft.organization == "Kirkhaven Trust"
    place = a_service()["service_at_locations"][0]
    (at_place,) = read(tmp_path, {"id": "l", **place, "service": service})
    assert at_place.draft
    assert at_place.draft.premises.address_1 == "12 Quay Lane"
    with_none, with_one = read(tmp_path, [{"name": "A", "services": []}, {"name": "B", "services": [service]}])
    assert with_none.refused
    assert with_one.draft


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"version": "HSDS-UK-3.0", "openapi_url": "https://x.example"}, id="the feed's own description"),
        pytest.param(a_page([{"id": "1", "name": "Counselling", "taxonomy": "x"}]), id="terms"),
        pytest.param([{"id": "1", "name": "Trust", "logo": "x", "legal_status": "y"}], id="organisations"),
        pytest.param([1, 2], id="numbers"),
        pytest.param(a_page([]), id="an empty feed"),
        pytest.param([], id="an empty list"),
    ],
)
def test_what_holds_no_services_is_refused_whole(tmp_path: Path, value: Any) -> None:
    with pytest.raises(UnusableFile, match="no service"):
        read(tmp_path, value)


def test_odd_items_are_rows_too(tmp_path: Path) -> None:
    data = b'{"contents":[' + json.dumps(a_service()).encode() + b',{"id":1,"id":2},null,"x",{"id":"t","term":"y"}]}'
    readings = read(tmp_path, data)
    assert [(reading.row, reading.refused) for reading in readings] == [
        (1, False),
        (2, True),
        (3, True),
        (4, True),
        (5, True),
    ]
    assert "two fields" in readings[1].issues[-1].reason


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["id", "name", "status", "contents", "content", "services", "service", "organization", "location", "phones",
         "total_items", "total_pages", "size", "service_at_locations", "attributes", "schedules", "contacts"]),
        inner, max_size=4),
    max_leaves=15,
)  # fmt: skip


@given(values=st.lists(ANY_JSON, min_size=1, max_size=3))
def test_whatever_json_says_every_row_is_read_once_or_the_part_is_refused(tmp_path_factory: Any, values: Any) -> None:
    with suppress(UnusableFile):
        readings = read(tmp_path_factory.getbasetemp(), *values)
        assert [reading.row for reading in readings] == list(range(1, len(readings) + 1))
        assert all(reading.draft or reading.issues for reading in readings)


def test_circles_are_only_read_once(tmp_path: Path) -> None:
    """Objects cannot hold themselves in JSON; ids can go round, and are not followed."""
    service = a_service(organization={"id": "o1", "name": "Trust", "parent_organization_id": "o1"})
    assert read(tmp_path, [service])[0].draft


def test_the_name_of_a_part_says_what_it_is(tmp_path: Path) -> None:
    parts = (
        part_of(tmp_path, a_page([simple(1)]), "page 1"),
        part_of(tmp_path, b'{"id":"s1","id":"s1"}', "service s1"),
    )
    (reading,) = open_referral.read(a_feed(), parts)
    assert reading.held
    assert "its own page" in reading.issues[-1].reason
    assert isinstance(parts[0], Part)
