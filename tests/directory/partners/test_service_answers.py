"""One service of a registration: what a page changes, what is missing still, the draft of it, and no confidential place
anywhere once it is one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from directory import rows
from directory.editing import fields
from directory.errors import BadInput, NotFound
from directory.partners import preview
from directory.partners.answers import Answers, Organization, ServiceAnswers, to_json
from directory.partners.service_answers import PAGES, draft, found, missing, put, with_new, without
from directory.values import Confidence, Known, Visibility
from tests.directory.partners.partner_builders import OWN_SERVICE, full_answers

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
OWN = "a" * 32
EXACT = {
    "visibility": "exact", "address_1": "77 Secret Wynd", "city": "Hidlem", "postal_code": "KY1 2AA",
    "council": "S12000047", "point": {"lat": 56.1, "lon": -3.1},
}  # fmt: skip
TELLING: dict[str, Any] = {
    "name": "Hidlem House", "kind": "Secret Wynd hostel", "description": "At 77 Secret Wynd.", "phone": "01632 960077",
    "phone_note": "Ask in Hidlem", "text_or_chat": "Text HIDLEM", "url": "https://hidlem.example/", "alert": "Hidlem",
    "premises": EXACT,
    "hours": {"known": "stated", "openings": [], "text": "Closed on Hidlem market days"},
    "coverage": {"known": "stated", "areas": ["S12000047"], "outcodes": ["KY1"], "schools": ["5432100"]},
}  # fmt: skip
UNDISCLOSED = {"premises": {"visibility": "undisclosed"}, "delivery": ["residential"]}


def typed(**values: Any) -> Answers:
    """A service whose values are these, every page sent."""
    plain = {name: fields.normal(name, value) for name, value in values.items()}
    whole = full_answers().services[0].values
    service = ServiceAnswers(OWN, {**whole, **plain}, tuple(page.code for page in PAGES))
    return Answers(Organization("Saltire Trust", "SC012345"), services=(service,))


def test_a_whole_service_misses_nothing_and_is_a_draft_of_the_partners_source() -> None:
    whole = full_answers()
    assert missing(whole, OWN_SERVICE) == ()
    made = draft(whole, OWN_SERVICE, AT)
    assert (made.source, made.source_id) == ("partner", f"p-{OWN_SERVICE}")
    assert (made.organization, made.charity_number) == ("Harbour Trust", "SC012345")
    assert (made.confidence, made.as_of, made.status) == (Confidence.CONFIRMED, "2026-11-22", "active")
    rows.check(made)


def test_what_nobody_has_said_is_not_stated() -> None:
    bare = Answers(Organization("Saltire Trust"), services=(ServiceAnswers(OWN, {"name": "Saltire"}),))
    made = draft(bare, OWN, AT)
    assert {made.age.known, made.gender.known, made.coverage.known, made.hours.known} == {Known.UNKNOWN}
    assert made.capacity.state == ""
    assert [each.page for each in missing(bare, OWN)] == [page.code for page in PAGES]


@pytest.mark.parametrize(
    ("page", "values"),
    [
        ("what", {"name": ""}),
        ("what", {"families": []}),
        ("what", {"description": ""}),
        ("who", {"needs": []}),
        ("place", {"delivery": []}),
        ("contact", {"referral_routes": []}),
        ("contact", {"phone": "", "url": "", "text_or_chat": ""}),
    ],
)
def test_what_a_provider_knows_is_missing_until_it_is_said(page: str, values: dict[str, Any]) -> None:
    assert [each.page for each in missing(typed(**values), OWN)] == [page]


def test_a_page_takes_in_its_own_fields_and_no_others() -> None:
    begun = with_new(Answers(), OWN, 20)
    after = found(put(begun, OWN, "what", {"name": "Saltire", "status": "defunct", "phone": "999"}), OWN)
    assert after.values == {"name": "Saltire"}
    assert after.done == ("what",)


def test_every_field_stands_on_one_page_at_most_and_none_is_unknown() -> None:
    names = [name for page in PAGES for name in page.names]
    assert len(names) == len(set(names))
    assert set(names) <= set(fields.BY_NAME)


def test_services_are_added_up_to_a_number_and_taken_out_whole() -> None:
    two = with_new(with_new(Answers(), "a" * 32, 2), "b" * 32, 2)
    assert with_new(two, "b" * 32, 2) == two
    with pytest.raises(BadInput, match="There are 2 services"):
        with_new(two, "c" * 32, 2)
    assert [each.own for each in without(two, "a" * 32).services] == ["b" * 32]
    with pytest.raises(NotFound):
        without(two, "c" * 32)


def test_a_place_made_confidential_leaves_nothing_of_any_page() -> None:
    open_ = typed(**TELLING)
    assert "Hidlem" in to_json(open_)
    hidden = put(open_, OWN, "place", UNDISCLOSED)
    text = to_json(hidden).casefold()
    assert not [word for word in ("hidlem", "secret", "ky1", "960077", "5432100", "56.1") if word in text]
    assert found(hidden, OWN).values["coverage"]["areas"] == ["S12000047"]
    assert [each.page for each in missing(hidden, OWN)] == ["what"]


def test_a_confidential_place_stays_out_whatever_is_put_after() -> None:
    hidden = put(typed(**TELLING), OWN, "place", UNDISCLOSED)
    hidden = put(
        hidden, OWN, "contact", {name: TELLING[name] for name in ("phone", "url", "text_or_chat", "phone_note")}
    )
    hidden = put(hidden, OWN, "hours", {"hours": fields.normal("hours", TELLING["hours"])})
    hidden = put(hidden, OWN, "what", {"name": "A refuge", "description": "A safe house.", "families": ["refuge"]})
    assert "idlem" not in to_json(hidden)
    made = draft(hidden, OWN, AT)
    assert made.premises.visibility is Visibility.UNDISCLOSED
    assert (made.phone, made.url, made.description) == ("", "", "A safe house.")
    assert missing(hidden, OWN) == ()
    again = put(hidden, OWN, "place", UNDISCLOSED)
    assert found(again, OWN).values["name"] == "A refuge"


def test_words_that_tell_a_confidential_place_are_no_draft() -> None:
    hidden = put(typed(), OWN, "place", UNDISCLOSED)
    told = put(hidden, OWN, "what", {"name": "A refuge", "description": "At 77 Secret Wynd.", "families": ["refuge"]})
    with pytest.raises(BadInput, match="may tell where it is"):
        draft(told, OWN, AT)
    assert [each.page for each in missing(told, OWN)] == ["what"]


def test_the_preview_holds_no_more_than_the_record_would() -> None:
    seen = preview.preview(draft(typed(), OWN, AT), AT)
    assert seen.name == "Harbour Counselling"
    assert seen.assurance.state == "provider_confirmed"
    hidden = put(typed(**TELLING), OWN, "place", UNDISCLOSED)
    hidden = put(hidden, OWN, "what", {"name": "A refuge", "description": "A safe house.", "families": ["refuge"]})
    document = preview.preview(draft(hidden, OWN, AT), AT)
    assert (document.point, document.address, document.phone, document.url) == (None, "", "", "")
    assert document.visibility is Visibility.UNDISCLOSED
