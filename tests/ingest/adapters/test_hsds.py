"""One service of a feed: what of it enters the record, and what is held, refused or left out."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory import rows
from directory.draft import ServiceDraft
from directory.values import Boundary, Confidence, Known, Visibility
from ingest.adapters.hsds import Rows
from ingest.reading import Reading
from tests.ingest.hsds_shapes import COUNSELLING, a_feed, a_location, a_service


def read(options: dict[str, Any] | None = None, **fields: Any) -> Reading:
    return Rows(a_feed(**(options or {}))).service(a_service(**fields))


def draft(options: dict[str, Any] | None = None, **fields: Any) -> ServiceDraft:
    found = read(options, **fields)
    assert found.draft, found.issues
    rows.check(found.draft)
    return found.draft


def reasons(reading: Reading) -> dict[str, str]:
    return {issue.field: issue.reason for issue in reading.issues}


def term(name: str, taxonomy: str = "esdNeeds") -> dict[str, Any]:
    return {"taxonomy_term": {"taxonomy": taxonomy, "name": name}}


def test_a_whole_service() -> None:
    found = read()
    assert not found.issues
    service = draft()
    assert (service.source, service.source_id) == ("feed", "0a1b2c3d-0000-4000-8000-000000000001")
    assert (service.name, service.organization) == ("Kirkhaven Counselling", "Kirkhaven Trust")
    assert service.description == "Counselling after harm of any kind."
    assert (service.families, service.needs) == (("counselling",), ("counselling",))
    assert service.coverage.areas == ("S12000047",)
    assert service.premises.visibility is Visibility.EXACT
    assert (service.premises.address_1, service.premises.city) == ("12 Quay Lane", "Kirkcaldy")
    assert (service.premises.postal_code, service.premises.council) == ("KY1 1AA", "S12000047")
    assert service.phone == "01632 960001"
    assert [(row.byday, row.opens_at, row.closes_at) for row in service.hours.openings] == [("MO,TU", "09:00", "17:00")]
    assert service.url == "https://kirkhaven.example"
    assert service.delivery == ("in_person",)
    assert (service.status, service.status_known) == ("active", Known.STATED)
    assert (service.as_of, service.confidence) == ("2026-03-01", Confidence.PAGE_READ)
    assert found.known_as == ("Kirkhaven Counselling", "Kirkhaven Trust")


@pytest.mark.parametrize(
    ("fields", "held", "reason"),
    [
        pytest.param({"id": ...}, False, "no id", id="no id"),
        pytest.param({"id": None}, False, "no id", id="null id"),
        pytest.param({"id": True}, False, "no id", id="an id that is true"),
        pytest.param({"id": {"a": 1}}, False, "no id", id="an id that is an object"),
        pytest.param({"name": ...}, False, "no name", id="no name"),
        pytest.param({"name": "<p> </p>"}, False, "no name", id="a name of tags alone"),
        pytest.param({"name": ["Kirkhaven"]}, False, "no name", id="a name that is a list"),
        pytest.param({"name": "x" * 400}, True, "too long to be a name", id="a name too long"),
        pytest.param({"name": "Mrs Jane Example"}, True, "names a person", id="a person's name"),
        pytest.param({"organization": {"name": "Mr J Example"}}, True, "names a person", id="a sole trader"),
        pytest.param({"attributes": []}, True, "none of its categories", id="no category"),
        pytest.param({"attributes": [term("Pottery")]}, True, "none of its categories", id="a category nobody mapped"),
        pytest.param({"attributes": [term("Sport and physical activity")]}, False, "outside the families", id="sport"),
        pytest.param(
            {"attributes": [COUNSELLING, term("mediation", "aliss-categories")]}, True, "never offered", id="mediation"
        ),
        pytest.param({"service_areas": [{"uri": "E09000007"}]}, False, "outside Scotland", id="Camden only"),
        pytest.param(
            {"service_areas": [], "service_at_locations": [{"location": a_location(country="US")}]},
            True, "its address is outside Scotland", id="an American address and no area",
        ),
        pytest.param(
            {"service_areas": [], "service_at_locations": [{"location": a_location(postal_code="SW1A 1AA")}]},
            True, "its address is outside Scotland", id="a London address and no area",
        ),
    ],
)  # fmt: skip
def test_what_does_not_go_in(fields: dict[str, Any], held: bool, reason: str) -> None:
    found = read(**fields)
    assert found.draft is None
    assert (found.held, found.refused) == (held, not held)
    assert reason in found.issues[-1].reason


def test_a_held_row_says_which_service_it_is() -> None:
    assert read(attributes=[]).source_id == a_service()["id"]


def test_an_id_that_is_a_web_address_becomes_its_hash() -> None:
    found = [draft(id=given).source_id for given in ("https://x.example/1?a=b", "https://x.example/2", "é 1")]
    assert len(set(found)) == 3
    assert all(len(given) == 42 and given.isascii() for given in found)
    assert (draft(id=17).source_id, draft(id=" s-17 ").source_id) == ("17", "s-17")


def test_an_id_stands_for_one_row() -> None:
    taken = Rows(a_feed())
    first, second = taken.service(a_service()), taken.service(a_service(name="Another"))
    assert first.draft
    assert (second.row, second.held, second.issues[-1].reason) == (2, True, "the id of an earlier row")


@pytest.mark.parametrize(
    ("areas", "codes"),
    [
        pytest.param([], (), id="none: unknown, whatever the address"),
        pytest.param([{"uri": "http://x.example/S12000015"}], ("S12000047",), id="a superseded code"),
        pytest.param([{"code": "S12000036"}, {"name": "Fife"}], ("S12000036", "S12000047"), id="two councils"),
        pytest.param([{"name": "Scotland"}, {"name": "Fife"}], ("SCOTLAND",), id="the nation"),
        pytest.param([{"uri": "K02000001"}], ("SCOTLAND",), id="the United Kingdom"),
        pytest.param([{"uri": "S08000029"}], ("S12000047",), id="a health board"),
        pytest.param([{"code": "S37000025", "name": "Scottish Borders"}], ("S12000026",), id="a partnership, by name"),
        pytest.param([{"extent": "Fife", "extent_type": "text"}], ("S12000047",), id="an extent in words"),
        pytest.param([{"name": "Nationwide"}], (), id="a word that says too little"),
        pytest.param([{"name": "Greater Manchester"}], (), id="words we do not know"),
        pytest.param([{"extent": '{"type":"Polygon"}'}], (), id="a drawn shape"),
        pytest.param([{"uri": "E09000007"}, {"name": "Fife"}], ("S12000047",), id="in part outside Scotland"),
    ],
)
def test_the_area_served(areas: list[Any], codes: tuple[str, ...]) -> None:
    found = draft(service_areas=areas).coverage
    assert found.areas == codes
    assert found.known is (Known.STATED if codes else Known.UNKNOWN)


def test_an_area_that_could_not_be_read_is_said() -> None:
    assert "could not be read" in reasons(read(service_areas=[{"name": "Greater Manchester"}]))["service_areas"]


def test_rape_crisis_goes_by_home_or_harm() -> None:
    assert draft(attributes=[term("Sexual abuse")]).coverage.boundary is Boundary.EITHER


@pytest.mark.parametrize(
    ("location", "address"),
    [
        pytest.param(a_location(), "12 Quay Lane", id="physical"),
        pytest.param(a_location(location_type="virtual"), "", id="virtual"),
        pytest.param(a_location(address_type="postal"), "", id="only for letters"),
        pytest.param(a_location(postal_code="SW1A 1AA"), "", id="in London"),
        pytest.param(None, "", id="null"),
        pytest.param("Quay House", "", id="a text"),
    ],
)
def test_one_place(location: Any, address: str) -> None:
    assert draft(service_at_locations=[{"location": location}]).premises.address_1 == address


def test_several_places_are_named_and_none_is_the_address() -> None:
    links = [{"location": a_location()}, {"location": a_location(name="Shore Hall", address_1="3 Shore")}]
    found = draft(service_at_locations=links)
    assert (found.premises.visibility, found.premises.address_1) == (Visibility.AREA_ONLY, "")
    assert (found.premises.city, found.premises.council) == ("Kirkcaldy", "S12000047")
    assert "It works from 2 places: Quay House, 12 Quay Lane, Kirkcaldy, KY1 1AA; Shore Hall" in found.description
    assert "several places" in reasons(read(service_at_locations=links))["location"]


def test_a_confidential_place_to_talk_is_no_secret_address() -> None:
    said = "A safe and confidential place to talk, in a confidential environment."
    assert draft(description=said).premises.visibility is Visibility.EXACT


def test_a_place_for_letters_is_not_online() -> None:
    assert draft(service_at_locations=[{"location": a_location(location_type="postal")}]).delivery == ()
    assert draft(service_at_locations=[{"location": a_location(location_type="virtual")}]).delivery == ("online",)


SECRETS = ("Quay", "KY1", "Kirkcaldy", "960001", "kirkhaven.example")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"name": "Kirkhaven Women's Aid"}, id="a Women's Aid group"),
        pytest.param({"organization": {"name": "The Kirkhaven Refuge"}}, id="run by a refuge"),
        pytest.param({"name": "Kirkhaven Women's Aid", "attributes": []}, id="a Women's Aid group of no category"),
        pytest.param({"attributes": [term("Emergency accommodation")]}, id="a refuge by its category"),
        pytest.param({"confidential": True}, id="a flag"),
        pytest.param({"service_at_locations": [{"location": a_location(redacted="yes")}]}, id="a flag of the place"),
        pytest.param({"service_at_locations": [{"location": a_location(location_type="redacted")}]}, id="its type"),
        pytest.param({"description": "We meet at a confidential address."}, id="said in words"),
        pytest.param(
            {"service_at_locations": [{"location": a_location(description="Location is kept confidential.")}]},
            id="said of the place",
        ),
        pytest.param(
            {"attributes": [term("Domestic abuse")],
             "service_at_locations": [{"location": a_location(location_type="virtual")}]},
            id="domestic abuse with a place that is only virtual",
        ),
    ],
)  # fmt: skip
def test_withheld(fields: dict[str, Any]) -> None:
    found = draft(**fields)
    assert found.premises.visibility is Visibility.UNDISCLOSED
    assert not [secret for secret in SECRETS if secret in str(found)]


def test_a_withheld_service_whose_id_tells_its_place_is_held() -> None:
    assert read(id="12-quay-lane", confidential=True).held


def test_nobody_named_enters() -> None:
    found = read(
        description="Ask for Jane Example or write to jane.example@kirkhaven.example.",
        contacts=[{"name": "Jane Example", "email": "jane@kirkhaven.example", "phones": [{"number": "07700 900123"}]}],
        phones=[],
        service_at_locations=[{"location": a_location(attention="Jane Example")}],
    )
    assert found.draft
    assert "Jane" not in str(found.draft)
    assert "@" not in str(found.draft)
    assert found.draft.phone == ""
    assert {"a person's name was taken out", "an e-mail address was taken out"} <= {
        issue.reason for issue in found.issues
    }


@pytest.mark.parametrize(
    ("phones", "expected"),
    [
        pytest.param([{"number": "01632 960001"}], ("01632 960001", "", ""), id="one"),
        pytest.param([{"number": "+44 1632 960001"}], ("01632 960001", "", ""), id="international"),
        pytest.param(
            [{"number": "01632 960001", "extension": 12}], ("01632 960001", "Extension 12.", ""), id="extension"
        ),
        pytest.param(
            [{"number": "01632 960001 / 01632 960002"}], ("01632 960001", "Also 01632 960002.", ""), id="two in a field"
        ),
        pytest.param([{"number": "01632 960001", "type": "fax"}], ("", "", ""), id="a fax"),
        pytest.param(
            [{"number": "01632 960003", "type": "textphone"}], ("", "Textphone 01632 960003.", ""), id="textphone"
        ),
        pytest.param([{"number": "(312) 938-2106"}], ("", "", ""), id="American"),
        pytest.param([{"number": 1632960001}], ("", "", ""), id="a number that lost its nought"),
        pytest.param([{"number": None}, 5, {}], ("", "", ""), id="odd"),
    ],
)
def test_numbers(phones: list[Any], expected: tuple[str, str, str]) -> None:
    found = draft(phones=phones)
    assert (found.phone, found.phone_note, found.text_or_chat) == expected


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        pytest.param({"freq": "WEEKLY", "byday": "SA", "opens_at": "9:30", "closes_at": "12:00Z"},
                     [("SA", "09:30", "12:00")], id="one day"),
        pytest.param({"byday": "FR", "opens_at": "22:00", "closes_at": "02:00"},
                     [("FR", "22:00", "24:00"), ("SA", "00:00", "02:00")], id="past midnight"),
        pytest.param({"weekday": "Monday", "opens_at": "9am", "closes_at": "4:00 PM"},
                     [("MO", "09:00", "16:00")], id="HSDS 1.0"),
        pytest.param({"freq": "WEEKLY", "dtstart": "2026-11-18", "opens_at": "09:00", "closes_at": "10:00"},
                     [("WE", "09:00", "10:00")], id="the day of its first date"),
        pytest.param({"freq": "MONTHLY", "byday": "1MO", "opens_at": "09:00", "closes_at": "10:00"}, [], id="monthly"),
        pytest.param({"freq": "WEEKLY", "byday": "MO", "interval": 2, "opens_at": "09:00", "closes_at": "10:00"}, [],
                     id="every other week"),
        pytest.param({"byday": "MO", "opens_at": "09:00", "closes_at": "10:00", "valid_to": "2020-01-01"}, [],
                     id="over"),
        pytest.param({"byday": "MO", "opens_at": "25:00", "closes_at": "26:00"}, [], id="no time of day"),
        pytest.param({"description": "Mon-Fri, 9am-5pm"}, [("MO,TU,WE,TH,FR", "09:00", "17:00")], id="words"),
    ],
)  # fmt: skip
def test_hours(schedule: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    found = draft(schedules=[schedule]).hours
    assert [(row.byday, row.opens_at, row.closes_at) for row in found.openings] == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, (Known.UNKNOWN, None, None), id="not said"),
        pytest.param({"minimum_age": 12, "maximum_age": 17}, (Known.STATED, 12, 17), id="both"),
        pytest.param({"minimum_age": "11.5"}, (Known.STATED, 12, None), id="a text"),
        pytest.param({"minimum_age": 0, "maximum_age": 100}, (Known.NONE, None, None), id="everybody"),
        pytest.param({"minimum_age": 20, "maximum_age": 10}, (Known.UNKNOWN, None, None), id="turned round"),
        pytest.param({"minimum_age": -3}, (Known.UNKNOWN, None, None), id="negative"),
        pytest.param({"minimum_age": "NaN"}, (Known.UNKNOWN, None, None), id="no number"),
        pytest.param({"eligibilitys": [{"minimum_age": 5, "maximum_age": 9}, {"minimum_age": 8, "maximum_age": 12}]},
                     (Known.STATED, 5, 12), id="1.x: two rows"),
        pytest.param({"attributes": [COUNSELLING, term("Adult", "esdCircumstances")]}, (Known.STATED, 18, None),
                     id="a circumstance"),
        pytest.param(
            {"attributes": [COUNSELLING, term("Adult", "esdCircumstances"), term("Refugee", "esdCircumstances")]},
            (Known.UNKNOWN, None, None), id="one circumstance among others",
        ),
    ],
)  # fmt: skip
def test_ages(fields: dict[str, Any], expected: tuple[Known, int | None, int | None]) -> None:
    age = draft(**fields).age
    assert (age.known, age.minimum, age.maximum) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("active", ("active", Known.STATED), id="active"),
        pytest.param("Temporarily Closed", ("temporarily closed", Known.STATED), id="temporarily closed"),
        pytest.param("temporarily_closed", ("temporarily closed", Known.STATED), id="with an underscore"),
        pytest.param("closed", ("defunct", Known.STATED), id="closed"),
        pytest.param(..., ("active", Known.UNKNOWN), id="not said"),
        pytest.param("pending review", ("inactive", Known.UNKNOWN), id="a word that is no status"),
    ],
)
def test_status(said: Any, expected: tuple[str, Known]) -> None:
    found = draft(status=said)
    assert (found.status, found.status_known) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"assured_date": "15/03/2025 00:00:00"}, "2025-03-15", id="1.x"),
        pytest.param({"assured_date": "2099-01-01"}, "", id="in the future"),
        pytest.param({"assured_date": "0001-01-01"}, "", id="the year 1"),
        pytest.param({"assured_date": "2025-02-29"}, "", id="29 February of a common year"),
        pytest.param({"assured_date": 20250315}, "2025-03-15", id="a number that is a date"),
        pytest.param(
            {"assured_date": "", "last_modified": "2026-05-01T10:30:45.123Z"}, "2026-05-01", id="last modified"
        ),
    ],
)
def test_how_old_it_is(fields: dict[str, Any], expected: str) -> None:
    assert draft(**fields).as_of == expected


def test_tags_make_a_service_for_one_group_only_when_all_say_so() -> None:
    who = [term("women", "aliss-groups"), term("ethnic-minorities", "aliss-groups")]
    mixed = draft(attributes=[COUNSELLING, *who])
    assert (mixed.gender.known, mixed.groups) == (Known.UNKNOWN, ())
    women = draft(attributes=[COUNSELLING, who[0]])
    assert (women.gender.known, women.gender.rule) == (Known.STATED, "female")
    assert draft(attributes=[COUNSELLING, who[1]]).groups == ("black_minority_ethnic",)


def test_a_persons_mapping_of_the_sources_categories() -> None:
    mine = {"terms": {"Pottery": "family/youth need/youth_activities", "Gone": "family/no_such", "*": "family/housing"}}
    assert draft(mine, attributes=[term("pottery", "Own words")]).families == ("youth",)
    assert draft(mine, attributes=[]).families == ("housing",)
    assert read(mine, attributes=[term("Sport and physical activity")]).refused


def test_one_harm_among_others_is_no_limit() -> None:
    both = draft(attributes=[COUNSELLING, term("Bullying")])
    assert (both.harms, both.any_harm) == (("bullying",), True)
    only = draft(attributes=[term("Hate crime")])
    assert (only.harms, only.any_harm) == (("hate",), False)


def test_access_languages_and_charity() -> None:
    place = a_location(accessibility=[{"accessibility": "Wheelchair access on all floors; no lift"}])
    found = draft(
        service_at_locations=[{"location": place}],
        languages=[{"language": "Polish"}, {"code": "gd"}, {"name": "Klingon"}],
        organization={"name": "Kirkhaven Trust", "organization_identifiers": [{"identifier": "SC 012345"}]},
    )
    assert (found.access.offers, found.access.lacks) == (("step_free",), ("lift",))
    assert found.languages == ("pl", "gd")
    assert found.charity_number == "SC012345"


ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just([]) | st.just({})
NESTED = st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["name", "number", "id", "location", "addresses", "phones", "taxonomy_term", "uri", "freq", "byday",
                     "opens_at", "closes_at", "minimum_age", "postal_code", "latitude", "longitude", "description"]),
    inner, max_size=4), max_leaves=8)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.dictionaries(st.sampled_from([*a_service(), "contacts", "languages", "minimum_age", "maximum_age",
                                                "eligibilitys", "url", "alert", "last_modified", "accessibility",
                                                "locations", "attending_type"]), NESTED, max_size=4))  # fmt: skip
def test_whatever_a_field_holds_a_row_gives_one_reading_fit_for_the_record(changes: dict[str, Any]) -> None:
    found = Rows(a_feed()).service(a_service(**changes))
    assert found.row == 1
    assert (found.draft is not None) + found.held + found.refused == 1
    assert found.draft or found.issues
    if found.draft:
        rows.check(found.draft)


@given(value=NESTED)
def test_whatever_a_row_is(value: Any) -> None:
    assert Rows(a_feed()).service(value).draft is None
