"""ALISS in its own shape, page after page, with the counts and the `next` that it really sends."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from directory.database import Database
from directory.draft import ServiceDraft
from directory.errors import UnusableFile
from directory.values import Known, Visibility
from ingest.adapters import aliss
from ingest.kinds import KINDS
from ingest.reading import Reading
from tests.ingest.feed_server import Runs
from tests.ingest.hsds_shapes import a_feed, part_of

URL = "https://feeds.example/v5/import"
META = {"licence": "https://creativecommons.org/licenses/by/4.0/", "attribution": []}


def an_aliss_service(**fields: Any) -> dict[str, Any]:
    service = {
        "id": "3f0a0000-0000-4000-8000-000000000001",
        "organisation": {"id": "o1", "name": "Kirkhaven Trust"},
        "name": "Kirkhaven Counselling",
        "description": "One to one.",
        "url": "https://kirkhaven.example",
        "phone": "01632 960001",
        "email": "jane.example@kirkhaven.example",
        "categories": [{"name": "Counselling", "slug": "counselling"}],
        "locations": [
            {"formatted_address": "12 Quay Lane, Kirkcaldy, KY1 1AA", "name": "Quay House",
             "street_address": "12 Quay Lane", "locality": "Kirkcaldy", "region": "Fife",
             "postal_code": "KY1 1AA", "country": "GB", "latitude": 56.1, "longitude": -3.15}
        ],
        "service_areas": [{"code": "S12000015", "type": "Local Authority", "name": "Fife"}],
        "aliss_url": "https://aliss.example/services/kirkhaven-counselling",
        "last_updated": "2026-02-17T16:22:50.910751+00:00",
    }  # fmt: skip
    return {**service, **fields}


def a_page(services: list[Any], count: int, next_: str | None = None) -> dict[str, Any]:
    return {"meta": META, "count": count, "next": next_, "previous": None, "data": services}


def read(folder: Path, value: Any, **options: Any) -> list[Reading]:
    return list(aliss.read(a_feed(**options), (part_of(folder, value),)))


def draft(folder: Path, **fields: Any) -> ServiceDraft:
    (reading,) = read(folder, a_page([an_aliss_service(**fields)], 1))
    assert reading.draft, reading.issues
    return reading.draft


def test_a_service(tmp_path: Path) -> None:
    found = draft(tmp_path)
    assert (found.name, found.organization, found.kind) == ("Kirkhaven Counselling", "Kirkhaven Trust", "Counselling")
    assert (found.families, found.coverage.areas) == (("counselling",), ("S12000047",))
    assert (found.premises.address_1, found.premises.council) == ("12 Quay Lane", "S12000047")
    assert (found.phone, found.as_of) == ("01632 960001", "2026-02-17")
    assert found.source_url == "https://aliss.example/services/kirkhaven-counselling"
    assert "jane" not in str(found).casefold()


def test_the_addresss_council_is_not_the_area_served(tmp_path: Path) -> None:
    assert draft(tmp_path, service_areas=[]).coverage.known is Known.UNKNOWN


def test_what_version_5_adds(tmp_path: Path) -> None:
    found = draft(
        tmp_path,
        description_formatted="<p>One to <b>one</b>.</p><ul><li>Free</li></ul>",
        community_groups=[{"name": "Age range", "slug": "age-range", "is_range": True, "min": 12, "max": 25}],
        accessibility_features=[{"name": "Hearing loop", "slug": "hearing-loop", "location_id": None}],
        last_reviewed="2026-06-01T00:00:00",
    )
    assert (found.age.minimum, found.age.maximum) == (12, 25)
    assert found.access.offers == ("hearing_loop",)
    assert found.as_of == "2026-06-01"
    assert "<" not in found.description


@pytest.mark.parametrize(
    ("slugs", "held", "reason"),
    [
        pytest.param(["lunch-club", "social-group"], False, "outside the families", id="a lunch club"),
        pytest.param(["health-social-care-services"], False, "outside the families", id="a heading over everything"),
        pytest.param(["foodbank"], False, "outside the families", id="a need that no family of ours is for"),
        pytest.param(["counselling", "family-mediation"], True, "never offered", id="mediation"),
        pytest.param(["a-new-category"], True, "none of its categories", id="a category nobody has mapped"),
        pytest.param([], True, "none of its categories", id="no category"),
    ],
)
def test_what_does_not_go_in(tmp_path: Path, slugs: list[str], held: bool, reason: str) -> None:
    service = an_aliss_service(categories=[{"name": slug, "slug": slug} for slug in slugs])
    (reading,) = read(tmp_path, a_page([service], 1))
    assert (reading.draft, reading.held) == (None, held)
    assert reason in reading.issues[-1].reason


def test_a_refuge_is_withheld(tmp_path: Path) -> None:
    found = draft(tmp_path, name="Kirkhaven Women's Aid", aliss_url="https://aliss.example/services/kirkhaven")
    assert found.premises.visibility is Visibility.UNDISCLOSED
    assert not [secret for secret in ("Quay", "KY1", "960001", "kirkhaven") if secret in str(found)]


def test_a_services_and_an_organisations_own_page(tmp_path: Path) -> None:
    service = an_aliss_service()
    organisation = service.pop("organisation")
    (alone,) = read(tmp_path, {"meta": META, "data": an_aliss_service()})
    assert alone.draft
    (listed,) = read(tmp_path, {"meta": META, "data": {**organisation, "services": [service]}})
    assert listed.draft
    assert listed.draft.organization == "Kirkhaven Trust"


def test_a_new_licence_is_for_a_person_to_look_at(tmp_path: Path) -> None:
    (same,) = read(tmp_path, a_page([an_aliss_service()], 1))
    assert not same.issues
    (other,) = read(tmp_path, {**a_page([an_aliss_service()], 1), "meta": {"licence": "https://x.example/all-rights"}})
    assert [(issue.row, issue.field) for issue in other.issues] == [(0, "licence")]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"meta": META, "data": [{"name": "Money", "slug": "money"}]}, id="categories"),
        pytest.param({"meta": META, "data": [{"code": "S12000047", "name": "Fife"}]}, id="areas"),
        pytest.param(a_page([], 0), id="nothing found"),
        pytest.param({"error": "Invalid Postcode"}, id="an error"),
        pytest.param(b"{meta: {}}", id="names without quotation marks"),
    ],
)
def test_what_holds_no_services_is_refused_whole(tmp_path: Path, value: Any) -> None:
    with pytest.raises(UnusableFile):
        read(tmp_path, value)


@pytest.fixture
def asked() -> Iterator[list[int]]:
    """ALISS with 45 services, 20 a page, whose `next` is what its code makes of them: missing on page 2, and there
    behind the end."""
    pages: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        pages.append(number)
        services = [an_aliss_service(id=f"a{at}") for at in range((number - 1) * 20, min(number * 20, 45))]
        next_ = None if number == 45 // 20 else f"/api/v5/import?page={number + 1}"
        return httpx.Response(200, json=a_page(services, 45, next_))

    with respx.mock as router:
        router.get(url__startswith=URL).mock(side_effect=answer)
        yield pages


def test_every_service_is_read_though_next_is_missing(record: Database, tmp_path: Path, asked: list[int]) -> None:
    parts = Runs.of(record, tmp_path).fetch(KINDS["aliss-import"], URL).parts
    readings = list(KINDS["aliss-import"].read(a_feed(), parts))
    assert asked == [1, 2, 3]
    assert len({reading.draft.source_id for reading in readings if reading.draft}) == 45
    assert not [issue for reading in readings for issue in reading.issues]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["slug", "name", "code", "is_range", "min", "max", "postal_code", "latitude", "id"]),
        inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(
    fields=st.dictionaries(st.sampled_from([*an_aliss_service(), "community_groups", "accessibility_features"]), ODD)
)
def test_whatever_a_field_holds(tmp_path_factory: Any, fields: dict[str, Any]) -> None:
    (reading,) = read(tmp_path_factory.getbasetemp(), [an_aliss_service(**fields)])
    assert (reading.draft is not None) + reading.held + reading.refused == 1
