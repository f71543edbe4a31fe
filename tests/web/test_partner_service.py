"""A service of a registration, page by page: what is typed comes back, every mistake at its field, nothing of a
confidential place stays, and the preview is what the pages would show."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from directory.partners import claiming, registrations, service_answers
from directory.partners.answers import Answers, ServiceAnswers, to_json
from directory.partners.service_answers import PAGES
from directory.runtime import Runtime
from tests.builders import EDINBURGH, FIFE, a_draft, a_record, write
from tests.directory.partners.partner_builders import ask_of
from tests.web.forms_of import forms_of
from tests.web.partner_visiting import Provider, a_provider
from tests.web.visiting import Door, a_door
from web import tile_grid
from web.render import STATIC

TYPED: dict[str, dict[str, Any]] = {
    "what": {"name": "Saltire Youth Counselling", "families": ["counselling"], "description": "Talks at school."},
    "who": {"needs": ["counselling"], "harm_known": "any", "relations_known": "some", "relations": ["harmed_person"]},
    "ages": {"age_known": "stated", "minimum": "12", "maximum": "18", "gender_known": "none"},
    "areas": {"areas": [FIFE, EDINBURGH]},
    "place": {
        "delivery": ["in_person"], "visibility": "exact", "address_1": "12 Harbour Row", "city": "Leith",
        "postal_code": "EH6 5QG",
    },
    "contact": {"phone": "01632 960001", "referral_routes": ["self"]},
    "hours": {"hours_known": "stated", "hours_MO": "09:00 to 17:00", "hours_TU": "9-17"},
    "room": {"state": "waiting_list", "minimum_weeks": "2", "maximum_weeks": "6"},
    "access": {"languages": ["en"], "access_step_free": "offers"},
}  # fmt: skip
TELLING = ("hidlem", "secret wynd", "ky1 2aa", "960077", "60777")


@pytest.fixture(scope="module")
def door(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("partner-service")
    record = a_record(home)
    yield a_door(installation, record, home)
    record.close()


@pytest.fixture
def provider(door: Door) -> Provider:
    door.clock.pass_(minutes=16)
    return a_provider(door)


def service_of(provider: Provider, path: str) -> ServiceAnswers:
    return service_answers.found(provider.answers, path.rpartition("/")[2])


def filled(provider: Provider, *, until: str = "") -> str:
    """A service whose pages are sent as the form leads, up to a page; its path."""
    path = provider.new_service()
    for page in PAGES:
        if page.code == until:
            break
        answer = provider.send(f"{path}/{page.code}", **TYPED[page.code])
        assert answer.status_code == 303, re.findall(r"error-message.*", answer.text)
    return path


def test_each_page_leads_to_the_next_and_then_nothing_is_missing(provider: Provider) -> None:
    path = provider.new_service()
    for number, page in enumerate(PAGES):
        onward = provider.send(f"{path}/{page.code}", **TYPED[page.code]).headers["location"]
        assert onward == (f"{path}/{PAGES[number + 1].code}" if page is not PAGES[-1] else path)
    own = path.rpartition("/")[2]
    assert service_answers.missing(provider.answers, own) == ()
    shown = provider.get(path).text
    assert shown.count(">Done<") == len(PAGES)
    assert "12 to 18" in shown
    assert "12 Harbour Row, Leith, EH6 5QG" in shown


def test_a_page_sent_as_it_is_shown_changes_nothing(provider: Provider) -> None:
    path = filled(provider)
    before = service_of(provider, path)
    for page in PAGES:
        assert provider.send(f"{path}/{page.code}").status_code == 303, page.code
    assert service_of(provider, path) == before


def test_nobody_answers_for_them_before_they_have(provider: Provider) -> None:
    path = provider.new_service()
    for page, names in (
        ("who", {"harm_known", "relations_known", "needs"}),
        ("ages", {"age_known", "gender_known"}),
        ("areas", {"coverage_known"}),
        ("place", {"delivery", "visibility"}),
        ("contact", {"referral_routes"}),
        ("hours", {"hours_known"}),
    ):
        answer = provider.send(f"{path}/{page}")
        assert answer.status_code == 422
        summary = answer.text.partition("govuk-error-summary__list")[2].partition("</ul>")[0]
        assert names == set(re.findall(r'href="#([a-z_]+)"', summary))


BAD: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a script in the name": ("what", {"name": "<script>alert(1)</script>"}, "name", "without these signs"),
    "an e-mail in the description": ("what", {"description": "Write to mo@saltire.example"}, "description", "e-mail"),
    "a long kind": ("what", {"kind": "x" * 201}, "kind", "“What do you call such a service?” has 201"),
    "a long description": ("what", {"description": "x" * 6_000}, "description", "has 6,000 characters"),
    "five megabytes": ("what", {"description": "x" * 5_000_000}, "description", "has 5,000,000 characters"),
    "no name": ("what", {"name": " "}, "name", "Write what people call it"),
    "no kind of service": ("what", {"families": []}, "families", "Tick at least one kind of service"),
    "a kind that there is not": ("what", {"families": ["witchcraft"]}, "families", "none of ours"),
    "ages crossed": ("ages", {"minimum": "18", "maximum": "12"}, "minimum", "is above the oldest"),
    "an age in words": ("ages", {"minimum": "twelve"}, "minimum", "not a whole number"),
    "an age of thousands": ("ages", {"maximum": "4000"}, "maximum", "from 0 to 120"),
    "an area in England": ("areas", {"areas": [FIFE, "E06000001"]}, "areas", "no council area of Scotland"),
    "a board in England": (
        "areas", {"coverage_known": "boards", "boards": ["health_board:Cumbria"]}, "boards", "no health board",
    ),
    "no area": ("areas", {"coverage_known": "stated", "areas": []}, "areas", "No area is ticked"),
    "no board": ("areas", {"coverage_known": "boards", "areas": []}, "boards", "No health board is ticked"),
    "two kinds of areas": ("areas", {"boards": ["health_board:Fife"]}, "coverage_known", "where people may come from"),
    "a postcode in the sea": ("place", {"postal_code": "ZE99 9ZZ"}, "postal_code", "choose for now that no address"),
    "a postcode in England": ("place", {"postal_code": "NE1 4LP"}, "postal_code", "not in Scotland"),
    "no postcode": ("place", {"postal_code": " "}, "postal_code", "Write it, or choose another answer"),
    "half a postcode": ("place", {"postal_code": "EH6"}, "postal_code", "no whole postcode"),
    "no street": ("place", {"address_1": " "}, "address_1", "street is missing"),
    "a script in the street": ("place", {"address_1": "<b>1 Quay"}, "address_1", "cannot be kept"),
    "a number that cannot be": ("contact", {"phone": "0123"}, "phone", "no phone number"),
    "a page that is none": ("contact", {"url": "javascript:alert(1)"}, "url", "no web address"),
    "no way to it": ("contact", {"phone": "", "url": ""}, "phone", "One is enough"),
    "hours overlapping": ("hours", {"hours_MO": "09:00 to 13:00, 12:00 to 17:00"}, "hours_MO", "overlap"),
    "hours backwards": ("hours", {"hours_MO": "17:00 to 09:00"}, "hours_MO", "close before it opens"),
    "hours in words": ("hours", {"hours_TU": "mornings"}, "hours_TU", "cannot be read"),
    "a wait backwards": ("room", {"minimum_weeks": "9"}, "minimum_weeks", "above the longest"),
    "until yesterday": ("room", {"expires": "2020-01-01"}, "expires", "no day to come"),
    "a language that is none": ("access", {"languages": ["tlh"]}, "languages", "none of ours"),
}  # fmt: skip


@pytest.mark.parametrize(("page", "typed", "field", "words"), BAD.values(), ids=BAD)
def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(
    provider: Provider, page: str, typed: dict[str, Any], field: str, words: str
) -> None:
    path = provider.new_service()
    wrong = TYPED[page] | typed
    answer = provider.send(f"{path}/{page}", **wrong)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    told = re.search(rf'id="{field}-error">(.*?)</p>', answer.text, re.DOTALL)
    assert told is not None
    assert words in unescape(told[1])
    assert f'id="{field}"' in answer.text
    assert answer.text.startswith("<!DOCTYPE html>")
    assert "<title>Error: " in answer.text
    again = next(each for each in forms_of(answer.text) if each.action == f"{path}/{page}").fields
    for name, said in wrong.items():
        if isinstance(said, str) and again[name].is_written:
            assert again[name].values[:1] == [said], name
        elif isinstance(said, list):
            assert set(said) & set(again[name].choices) == set(again[name].values), name
    assert service_of(provider, path).done == ()


def test_a_health_board_stands_for_its_councils_by_name(provider: Provider) -> None:
    path = provider.new_service()
    provider.send(f"{path}/areas", coverage_known="boards", boards=["health_board:Lothian"])
    cover = service_of(provider, path).values["coverage"]
    assert cover["divisions"] == ["health_board:Lothian"]
    assert EDINBURGH in cover["areas"]
    assert len(cover["areas"]) == 4
    shown = provider.form(f"{path}/areas").fields
    assert shown["coverage_known"].values == ["boards"]
    provider.send(f"{path}/areas", coverage_known="stated", areas=cover["areas"][:3])
    assert service_of(provider, path).values["coverage"]["divisions"] == []


def test_the_grid_has_every_council_once_and_draws_what_is_ticked(provider: Provider) -> None:
    tiles = tile_grid.tiles()
    assert len({(tile.row, tile.column) for tile in tiles}) == len({tile.code for tile in tiles}) == 32
    assert all(tile.broken.replace(tile_grid.SOFT_HYPHEN, "") == tile.name for tile in tiles)
    css = STATIC.joinpath("partner.css").read_text()
    assert all(f".areas:has(#area-{tile.gss}:checked) .t-{tile.gss}" in css for tile in tiles)
    assert all(f".tile--r{tile.row} " in css and f".tile--c{tile.column} " in css for tile in tiles)
    path = provider.new_service()
    assert set(provider.form(f"{path}/areas").fields["areas"].choices) == {tile.gss for tile in tiles}
    assert {each.tile.name for each in tile_grid.drawing([FIFE]) if each.chosen} == {"Fife"}
    assert all(each.chosen for each in tile_grid.drawing(["SCOTLAND"]))


def hide(provider: Provider, path: str) -> Any:
    return provider.send(
        f"{path}/place", delivery=["residential"], visibility="undisclosed", address_1="77 Secret Wynd"
    )


def with_a_place(provider: Provider) -> str:
    """An open service that tells its place in every field."""
    path = filled(provider)
    told = {
        "what": {"name": "Hidlem House", "kind": "77 Secret Wynd hostel", "description": "At the mill at Hidlem."},
        "place": {"address_1": "77 Secret Wynd", "city": "Hidlem", "postal_code": "KY1 2AA"},
        "contact": {
            "phone": "01632 960077", "url": "https://hidlem.example/", "text_or_chat": "Text HIDLEM to 60777",
            "phone_note": "Ask at 77",
        },
        "hours": {"hours_text": "Closed on Hidlem market days"},
    }  # fmt: skip
    for page, typed in told.items():
        assert provider.send(f"{path}/{page}", **typed).status_code == 303
    return path


def tells(text: str) -> list[str]:
    return [word for word in TELLING if word in text.casefold()]


def test_a_confidential_place_leaves_nothing_behind(provider: Provider) -> None:
    path = with_a_place(provider)
    assert tells(to_json(provider.answers)) == list(TELLING)
    answer = hide(provider, path)
    assert tells(to_json(provider.answers)) == []
    # what they had written stands on this one page, to be put right, and nowhere else
    assert answer.status_code == 200
    again = next(each for each in forms_of(answer.text) if each.action == f"{path}/what")
    assert again.fields["name"].values == ["Hidlem House"]
    assert "Secret Wynd hostel" in answer.text
    assert "960077" not in answer.text
    assert not any(tells(provider.get(f"{path}/{page.code}").text) for page in PAGES)
    lacks = service_answers.missing(provider.answers, path.rpartition("/")[2])
    assert [each.page for each in lacks] == ["what"]


def test_words_that_tell_a_confidential_place_are_refused(provider: Provider) -> None:
    path = with_a_place(provider)
    hide(provider, path)
    for page, name, words in (
        ("what", "description", "Ring at 77 Secret Wynd."),
        ("what", "name", "Refuge KY1 2AA"),
        ("what", "kind", "See www.hidlem.example"),
    ):
        answer = provider.send(f"{path}/{page}", **(TYPED[page] | {name: words}))
        assert answer.status_code == 422
        assert "may tell where it is" in answer.text
    safe = {"name": "Women’s Aid refuge", "families": ["refuge"], "description": "A safe house for women and children."}
    assert provider.send(f"{path}/what", **safe).status_code == 303
    # what no form of ours sends is not taken either
    forged = TYPED["contact"] | {"url": "https://hidlem.example/"}
    assert provider.send(f"{path}/contact", **forged).status_code == 303
    assert provider.send(f"{path}/hours", **TYPED["hours"], hours_text="At 77 Secret Wynd").status_code == 303
    assert provider.send(f"{path}/place", visibility="undisclosed", address_1="77 Secret Wynd").status_code == 303
    assert tells(to_json(provider.answers)) == []
    assert service_answers.missing(provider.answers, path.rpartition("/")[2]) == ()
    shown = provider.get(f"{path}/preview").text
    assert "Place withheld for safety" in shown
    assert "960001" not in shown


def test_a_refuge_is_confidential_unless_they_say_otherwise(provider: Provider) -> None:
    path = provider.new_service()
    assert provider.form(f"{path}/place").fields["visibility"].values == []
    provider.send(f"{path}/what", **(TYPED["what"] | {"families": ["refuge"]}))
    assert provider.form(f"{path}/place").fields["visibility"].values == ["undisclosed"]


def test_the_preview_is_what_the_pages_would_show(provider: Provider, door: Door) -> None:
    path = filled(provider, until="hours")
    shown = provider.get(f"{path}/preview")
    assert shown.status_code == 200
    assert "Still missing" in shown.text
    assert f'href="{path}/hours"' in shown.text
    for words in (
        "12 Harbour Row, Leith",
        "01632 960001",
        "City of Edinburgh and Fife",
        "12 to 18",
        "Not stated. Ask first.",
    ):
        assert words in shown.text, words
    assert "So far only you have said this." in shown.text
    for untrue in ("Quality:", "Checked by the service", "Confirmed", "Is it running?"):
        assert untrue not in shown.text, untrue
    with door.loop.database.reading() as session:  # looking wrote nothing
        found = (
            session.connection().exec_driver_sql("select count(*) from service where source_id = 'partner'").scalar()
        )
    assert found == 0


def test_a_service_without_a_name_cannot_be_shown_yet(provider: Provider) -> None:
    shown = provider.get(f"{provider.new_service()}/preview")
    assert shown.status_code == 200
    assert "It cannot be shown yet." in shown.text


def test_the_same_form_again_adds_no_second_service(provider: Provider) -> None:
    form = {"key": "one-key-of-one-form", "version": str(provider.kept.version)}
    first, second = (provider.post(f"{provider.path}/services", form).headers["location"] for _ in range(2))
    assert first == second
    assert len(provider.answers.services) == 1


def test_no_more_services_than_a_registration_may_have(provider: Provider, door: Door) -> None:
    most = door.loop.policy.number("partners", "most_services")
    for _ in range(most):
        provider.new_service()
    form = {"key": "one-more-service", "version": str(provider.kept.version)}
    answer = provider.post(f"{provider.path}/services", form)
    assert answer.status_code == 422
    assert f"There are {most} services" in answer.text


def test_a_service_is_taken_out_with_all_that_was_written(provider: Provider) -> None:
    path = filled(provider, until="who")
    form = {"key": "taking-out", "version": str(provider.kept.version)}
    assert provider.post(f"{path}/remove", form).headers["location"] == provider.path
    assert provider.answers.services == ()
    assert provider.get(path).status_code == 404


def test_what_somebody_else_saved_meanwhile_is_shown_beside_what_was_typed(provider: Provider) -> None:
    path = filled(provider, until="who")
    stale = {name: field.values for name, field in provider.form(f"{path}/what").fields.items()}
    provider.send(f"{path}/what", name="Saltire Talks")
    answer = provider.post(f"{path}/what", stale | {"name": "Saltire Circle"})
    assert answer.status_code == 409
    assert "Saltire Talks" in answer.text
    again = next(each for each in forms_of(answer.text) if each.action == f"{path}/what")
    assert again.fields["name"].values == ["Saltire Circle"]
    assert service_of(provider, path).values["name"] == "Saltire Talks"


def test_a_service_that_is_here_already_is_claimed_without_typing_again(provider: Provider) -> None:
    first, path = provider.new_service(), filled(provider, until="place")
    provider.send(f"{path}/what", name="Harbour Counselling")
    shown = provider.get(path)
    assert "Is this you?" in shown.text
    form = next(each for each in forms_of(shown.text) if each.action.endswith("/claim")).hidden()
    assert provider.post(f"{path}/claim", form | {"service": "0" * 36, "key": "another-one"}).status_code == 404
    assert provider.post(f"{path}/claim", form).headers["location"] == path
    assert provider.kept.claims_service_id == form["service"]
    # the claimed one stands first, and no second one is offered
    assert [each.own for each in provider.answers.services] == [at.rpartition("/")[2] for at in (path, first)]
    shown = provider.get(path)
    assert "a service that is here already" in shown.text
    assert "Is this you?" not in shown.text
    again = form | {"key": "once-more", "version": str(provider.kept.version)}
    assert provider.post(f"{path}/claim", again).status_code == 409


def test_is_this_you_is_asked_as_soon_as_there_is_a_name(provider: Provider, door: Door) -> None:
    """Before the organisation has a page, and while nothing but the first page is written."""
    loop, inside = door.loop, provider.at.inside
    ask = ask_of(loop, inside, provider.kept.version)
    registrations.change(loop, ask, inside, provider.registration, lambda _: Answers(), "organization")
    path = provider.new_service()
    provider.send(f"{path}/what", **(TYPED["what"] | {"name": "Harbour Counselling"}))
    for at in (f"{path}/who", path, f"{provider.path}/check"):
        assert "Is this you?" in provider.get(at).text, at
    assert "Is this you?" not in provider.get(f"{path}/ages").text
    form = next(each for each in forms_of(provider.get(f"{path}/who").text) if each.action.endswith("/claim")).hidden()
    assert provider.post(f"{path}/claim", form).headers["location"] == path
    assert "Is this you?" not in provider.get(f"{provider.path}/check").text


def test_every_mistake_is_told_at_once_in_the_order_of_the_page(provider: Provider) -> None:
    path = provider.new_service()
    wrong: dict[str, tuple[dict[str, Any], list[str]]] = {
        "hours": (
            {"hours_MO": "mornings", "hours_WE": "17 to 9", "hours_FR": "8-10"},
            ["hours_MO", "hours_WE", "hours_FR"],
        ),
        "ages": ({"minimum": "twelve", "maximum": "eighty"}, ["minimum", "maximum"]),
        "room": ({"minimum_weeks": "few", "expires": "2020-01-01"}, ["minimum_weeks", "expires"]),
        "what": ({"name": "", "description": "", "families": []}, ["name", "families", "description"]),
    }
    for page, (typed, names) in wrong.items():
        answer = provider.send(f"{path}/{page}", **(TYPED[page] | typed))
        summary = answer.text.partition("govuk-error-summary__list")[2].partition("</ul>")[0]
        assert re.findall(r'href="#(\w+)"', summary) == names, page


def test_an_address_that_is_not_published_is_said_to_be_left_out(provider: Provider) -> None:
    path = filled(provider, until="areas")
    said, place = "so we do not keep the one that you typed", {"delivery": ["in_person"], "visibility": "area_only"}
    at = provider.send(f"{path}/place", **place, postal_code="EH6 6JJ").headers["location"]
    assert said in provider.get(at).text
    again = provider.send(f"{path}/place", **place, address_1="", address_2="", city="", postal_code="")
    assert said not in provider.get(again.headers["location"]).text


def test_look_it_through_holds_nothing_that_nobody_answered(provider: Provider) -> None:
    path = provider.new_service()
    provider.send(f"{path}/what", **TYPED["what"])
    shown = unescape(provider.get(f"{provider.path}/check").text)
    assert "What kind of service is it?" in shown
    for unasked in ("no address is published", "Its address", "Families of services"):
        assert unasked not in shown, unasked


def test_a_service_that_nobody_finds_is_named_to_nobody(provider: Provider, door: Door) -> None:
    gone = a_draft(source="gone", source_id="g1", name="Forgotten Youth Circle", phone="", url="")
    write(door.running.database, gone)  # and never indexed
    path = filled(provider, until="place")
    provider.send(f"{path}/what", name="Forgotten Youth Circle")
    with door.loop.database.reading() as session:
        found = claiming.offered(session, provider.kept, path.rpartition("/")[2])
    assert [each.name for each in found] == ["Forgotten Youth Circle"]
    assert "Is this you?" not in provider.get(path).text
    form = {"key": "a-guessed-one", "version": str(provider.kept.version), "service": found[0].id}
    assert provider.post(f"{path}/claim", form).status_code == 404


@pytest.mark.parametrize("rest", ["", "/what", "/preview"])
def test_another_mailbox_sees_none_of_it(provider: Provider, door: Door, rest: str) -> None:
    path = filled(provider, until="who")
    other = a_provider(door, "ada@other.example")
    assert other.get(path + rest).status_code == 404
    none = f"{other.path}/services/{path.rpartition('/')[2]}{rest}"
    assert other.get(none).status_code == 404
    assert door.web.get(path + rest).status_code == 303
    form = {"key": "not-of-theirs", "version": str(provider.kept.version)}
    assert other.post(f"{path}/remove", form).status_code == 404


def test_the_place_is_in_no_log(
    provider: Provider, door: Door, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(0)
    hide(provider, with_a_place(provider))
    assert tells(caplog.text) == []
