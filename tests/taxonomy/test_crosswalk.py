"""Other people's categories in our terms: what maps never falls, and nothing of theirs is left without a word."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import crosswalk, soundness
from taxonomy.crosswalk import CrosswalkError

NAMES = crosswalk.names()
HEAD = "# source: Fruit\n# licence: none\ncategory,also,shown_as,terms,out_of_scope\n"


def column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row[name].strip() for row in csv.DictReader(file)]


@pytest.mark.parametrize("name", NAMES)
def test_the_share_that_maps_never_falls(name: str) -> None:
    walk = crosswalk.load(name)
    report = walk.run(row.category for row in walk.rows)
    print(f"{name}: {report.share:.1%} of {report.read} map")  # noqa: T201  (the figure is asked for)
    assert report.share >= crosswalk.floors()[name]
    assert report.covered == 1.0


def test_the_floors_name_every_crosswalk_and_no_other() -> None:
    assert set(crosswalk.floors()) == set(NAMES)
    assert soundness.crosswalk_problems() == []


@pytest.mark.parametrize(
    ("name", "category", "terms"),
    [
        pytest.param(
            "aliss-categories", "gender-based-violence", {"family/rape_crisis", "family/domestic_abuse"}, id="slug"
        ),
        pytest.param("aliss-categories", "21", {"family/rape_crisis"}, id="number"),
        pytest.param("aliss-categories", "Gender Based Violence", {"family/domestic_abuse"}, id="name"),
        pytest.param("aliss-categories", "Community Policing and Safety", {"need/reporting"}, id="it has no slug"),
        pytest.param("aliss-categories", "Safe Housing", {"need/refuge"}, id="safe housing"),
        pytest.param("aliss-groups", "BSL Users", {"communication/bsl"}, id="who"),
        pytest.param("aliss-accessibility", "Hearing loop", {"communication/hearing_loop"}, id="access"),
        pytest.param("open-eligibility", "101-06-01", {"family/domestic_abuse"}, id="Open Eligibility"),
        pytest.param("esd-needs", "Domestic violence", {"family/domestic_abuse"}, id="need"),
        pytest.param("esd-circumstances", "Gender_Female", {"gender/female"}, id="circumstance, as a code"),
        pytest.param("care-inspectorate-service", "Fostering Service", {"family/care_placement"}, id="care service"),
        pytest.param("care-inspectorate-client-group", "Children", {"eligibility/under_18"}, id="client group"),
    ],
)
def test_what_a_category_becomes(name: str, category: str, terms: set[str]) -> None:
    assert terms <= set(crosswalk.load(name).of(category))


@pytest.mark.parametrize("category", ["mediation", "family-mediation", "community-mediation"])
def test_mediation_is_never_taken_for_restorative_justice(category: str) -> None:
    walk = crosswalk.load("aliss-categories")
    assert walk.of(category) == ()
    assert "not restorative justice" in walk.run([category]).out_of_scope[category]


def test_nothing_of_another_list_leads_to_help_for_the_child_who_harmed() -> None:
    never = {"family/intensive_family", "family/mst_can", "family/carm"}
    rows = [(name, row.category) for name in NAMES for row in crosswalk.load(name).rows if never & set(row.terms)]
    assert rows == []


@pytest.mark.parametrize("name", NAMES)
def test_words_shown_to_people_brand_nobody(name: str) -> None:
    for row in crosswalk.load(name).rows:
        assert not re.search("offend|offence|perpetrat|criminal", row.shown_as + row.out_of_scope, re.IGNORECASE), row


def test_a_category_without_a_row_is_told_from_one_left_out() -> None:
    report = crosswalk.run("aliss-categories", ["Counselling", "astrology", "tea leaves", "Counselling"])
    assert dict(report.mapped) == {"Counselling": ("family/counselling", "need/counselling")}
    assert list(report.out_of_scope) == ["astrology"]
    assert report.unmapped == ("tea leaves",)
    assert (report.read, round(report.share, 3), round(report.covered, 3)) == (3, 0.333, 0.667)


def test_of_nothing_everything_maps() -> None:
    assert (crosswalk.run("esd-needs", []).share, crosswalk.run("esd-needs", []).covered) == (1.0, 1.0)


@given(
    st.sampled_from(crosswalk.load("aliss-categories").rows), st.sampled_from([" ", "_", " - ", "  "]), st.booleans()
)
def test_the_way_a_category_is_written_does_not_matter(row: crosswalk.Row, between: str, shouted: bool) -> None:
    said = row.category.replace("-", between)
    assert crosswalk.load("aliss-categories").row(said.upper() if shouted else said) is row


@given(st.lists(st.text(max_size=20), max_size=8))
def test_each_category_is_in_one_of_the_three(categories: list[str]) -> None:
    report = crosswalk.run("aliss-groups", categories)
    assert set(report.mapped) | set(report.out_of_scope) | set(report.unmapped) == set(categories)
    assert report.read == len(set(categories))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("category,terms\n", "the columns should be", id="columns"),
        pytest.param("", "the columns should be", id="empty"),
        pytest.param(HEAD.replace("# licence: none\n", "") + "a,,,harm/hate,\n", "licence", id="no licence"),
        pytest.param(HEAD + "a,,,,\n", "needs either terms or a reason", id="neither"),
        pytest.param(HEAD + "a,,,harm/hate,why\n", "and not both", id="both"),
        pytest.param(HEAD + "a,,,harm/nothing,\n", "no term of ours", id="unknown term"),
        pytest.param(HEAD + "a,,,nothing,\n", "no term of ours", id="no taxonomy"),
        pytest.param(HEAD + "a,,,harm/hate,\nA,,,,why\n", "two rows", id="category twice"),
        pytest.param(HEAD + "a,b,,harm/hate,\nb,,,,why\n", "two rows", id="other key twice"),
    ],
)
def test_a_table_that_is_wrong_says_where(text: str, says: str) -> None:
    with pytest.raises(CrosswalkError, match=says):
        crosswalk.read("fruit", text)


def test_an_unknown_crosswalk_names_those_there_are() -> None:
    with pytest.raises(CrosswalkError, match="aliss-categories"):
        crosswalk.load("../secrets")


@pytest.mark.shared_data
@pytest.mark.parametrize("key", ["slug", "id", "name"])
def test_every_aliss_category_is_mapped_or_left_out_with_a_reason(shared_data: Path, key: str) -> None:
    file = shared_data / "taxonomies" / "aliss_categories.csv"
    asked = [said for said in column(file, key) if said]
    report = crosswalk.run("aliss-categories", asked)
    assert report.unmapped == ()
    assert len(asked) == 312 - (key == "slug")
    assert all(len(reason) > 10 for reason in report.out_of_scope.values())


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "file", "key", "count"),
    [
        pytest.param("aliss-groups", "taxonomies/aliss_community_groups.csv", "slug", 37, id="who"),
        pytest.param("aliss-groups", "taxonomies/aliss_community_groups.csv", "name", 37, id="who, by name"),
        pytest.param("aliss-accessibility", "taxonomies/aliss_accessibility_features.csv", "slug", 16, id="access"),
        pytest.param("open-eligibility", "hsds/ohana_taxonomy.csv", "taxonomy_id", 290, id="Open Eligibility"),
    ],
)
def test_every_category_of_a_list_has_a_row(shared_data: Path, name: str, file: str, key: str, count: int) -> None:
    asked = column(shared_data / file, key)
    assert len(asked) == count
    assert crosswalk.run(name, asked).unmapped == ()


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("care-inspectorate-service", ["CareService"]),
        ("care-inspectorate-subtype", ["Subtype", "AdditionalSubtypes"]),
        ("care-inspectorate-client-group", ["Client_group"]),
    ],
)
def test_every_kind_in_the_register_maps(shared_data: Path, name: str, columns: list[str]) -> None:
    file = shared_data / "services" / "care_inspectorate_services_2026-05-31.csv"
    cells = [cell for each in columns for cell in column(file, each)]
    kinds = {kind.strip() for cell in cells for kind in cell.split(";") if kind.strip()}
    report = crosswalk.run(name, sorted(kinds))
    assert (report.unmapped, dict(report.out_of_scope)) == ((), {})


def _categories(value: Any) -> Iterator[str]:
    """Slugs and names of all categories in an ALISS answer, however deep."""
    if isinstance(value, list):
        for each in value:
            yield from _categories(each)
    elif isinstance(value, dict):
        yield from (value[key] for key in ("slug", "name") if value.get(key))
        yield from _categories(value.get("sub_categories", []))


@pytest.mark.shared_data
def test_what_aliss_answers_is_understood_by_older_names_too(shared_data: Path) -> None:
    said: set[str] = set()
    for file in sorted((shared_data / "responses" / "aliss").glob("*.json")):
        data = json.loads(file.read_text(encoding="utf-8")).get("data", [])
        if file.name.endswith("_categories.json"):
            said |= set(_categories(data))
        for service in data if isinstance(data, list) else [data]:
            said |= set(_categories(service.get("categories", [])))
    assert len(said) > 30
    assert crosswalk.run("aliss-categories", sorted(said)).unmapped == ()
