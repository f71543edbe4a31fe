"""What Elasticsearch is told of our fields, and what of one document is sent."""

from datetime import UTC, datetime

import pytest

from directory.draft import AgeLimit
from directory.search import columns, elastic_mapping, elastic_packing, indexed
from directory.search.document import ServiceDocument
from directory.search.index import COLUMNS
from directory.values import Known, Point, Visibility
from taxonomy import terms
from tests.builders import LEITH, NOON, a_document

LONG = 2**63
"""Beyond the greatest number that either engine holds."""


def test_every_field_that_is_sent_is_mapped_and_nothing_else() -> None:
    assert set(elastic_mapping.source(a_document())) == set(elastic_mapping.mapping()["properties"])
    assert elastic_mapping.mapping()["dynamic"] == "strict"


def test_numbers_are_packed_and_come_back() -> None:
    sent = elastic_mapping.source(a_document(point=Point(58.2, -6.4)))
    back = elastic_packing.unpacked("waymark-v1", sent["packed"])
    assert back.id == sent["id"]
    assert back.key == sent["key"]
    assert dict(zip(COLUMNS, back.columns, strict=True)) == columns.pack(a_document(point=Point(58.2, -6.4)))


def test_a_column_each_by_doc_values() -> None:
    fields = elastic_mapping.mapping()["properties"]
    assert {fields[indexed.column(name)]["type"] for name in COLUMNS} == {"long"}


@pytest.mark.parametrize(
    ("limit", "ages"),
    [
        pytest.param(AgeLimit(Known.STATED, 12, 18), {"gte": 12, "lte": 18}, id="both"),
        pytest.param(AgeLimit(Known.STATED, 16, None), {"gte": 16}, id="open above"),
        pytest.param(AgeLimit(Known.STATED, None, 5), {"gte": 0, "lte": 5}, id="open below"),
        pytest.param(AgeLimit(), {"gte": 0}, id="unknown rules nobody out"),
        pytest.param(AgeLimit(Known.NONE), {"gte": 0}, id="none"),
        pytest.param(AgeLimit(Known.STATED, 8, 17, "child_who_harmed"), {"gte": 0}, id="somebody else's age"),
    ],
)
def test_ages_are_a_range(limit: AgeLimit, ages: dict[str, int]) -> None:
    assert elastic_mapping.source(a_document(age=limit))["fit"] == ages


@pytest.mark.parametrize(
    ("doc", "is_sent"),
    [
        pytest.param(a_document(point=LEITH), True, id="exact"),
        pytest.param(a_document(point=LEITH, visibility=Visibility.AREA_ONLY), False, id="area only"),
        pytest.param(a_document(point=LEITH, visibility=Visibility.UNDISCLOSED), False, id="withheld"),
        pytest.param(a_document(point=None), False, id="none known"),
    ],
)
def test_a_point_is_sent_only_where_the_place_is_exact(doc: ServiceDocument, is_sent: bool) -> None:
    assert ("point" in elastic_mapping.source(doc)) is is_sent


def test_the_fingerprint_is_that_of_the_document_as_stored() -> None:
    sent = elastic_mapping.source(a_document())
    assert sent["fingerprint"] == a_document().fingerprint == ServiceDocument.from_json(sent["stored"]).fingerprint


def test_a_withheld_place_is_nowhere_in_what_is_sent() -> None:
    doc = a_document(visibility=Visibility.UNDISCLOSED, address="9 Hidden Wynd", city="Crail", postal_code="KY10 3XX")
    text = str(elastic_mapping.source(doc)).casefold()
    assert not [word for word in ("hidden", "crail", "ky10") if word in text]


def test_every_mask_is_a_number_that_the_engines_can_hold() -> None:
    vocabulary = terms.load()
    whole = a_document(
        families=tuple(vocabulary["family"].terms), needs=tuple(vocabulary["need"].terms),
        harms=tuple(vocabulary["harm"].terms), relations=tuple(vocabulary["relation"].terms),
        groups=tuple(vocabulary["group"].terms), delivery=tuple(vocabulary["delivery"].terms),
        referral_routes=tuple(vocabulary["route"].terms), languages=columns.LANGUAGES,
    )  # fmt: skip
    assert all(-LONG <= value < LONG for value in columns.pack(whole).values())


def test_a_name_tells_version_and_time() -> None:
    name = elastic_mapping.index_name("waymark", datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    assert name == f"waymark-v{elastic_mapping.version()}-20261122t120000-000000"
    assert elastic_mapping.version_of(name) == elastic_mapping.version()
    assert elastic_mapping.made_at(name) == "20261122t120000-000000"
    assert elastic_mapping.index_name("waymark", NOON) == name


@pytest.mark.parametrize("name", ["waymark", "waymark-v1", "other-index", ""])
def test_other_names_tell_nothing(name: str) -> None:
    assert (elastic_mapping.version_of(name), elastic_mapping.made_at(name)) == ("", "")


@pytest.mark.parametrize(
    ("other", "newer"),
    [
        pytest.param("99.1.1.1-0123456789abcdef", True, id="newer"),
        pytest.param("0.9.9.9-0123456789abcdef", False, id="older"),
        pytest.param(elastic_mapping.version(), False, id="the same"),
        pytest.param("", False, id="none"),
    ],
)
def test_which_version_is_newer(other: str, newer: bool) -> None:
    assert elastic_mapping.is_newer(other) is newer
