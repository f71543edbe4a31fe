"""A provider writes a service on a phone with scripts off; the grid of councils by keyboard; axe, and large targets."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.partners import service_answers
from directory.runtime import Runtime
from tests.builders import a_record
from tests.web.browser.looking import LOOKS, faults, small
from tests.web.desk import served
from tests.web.partner_visiting import Provider, a_provider
from tests.web.visiting import Door, a_door

pytestmark = pytest.mark.browser
TARGETS = "main button, summary, main input:not([type=radio], [type=checkbox], [type=hidden]), select, .tick, .tile"
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True}


@pytest.fixture(scope="module")
def door(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("partner-service-pages")
    record = a_record(home)
    yield a_door(installation, record, home)
    record.close()


@pytest.fixture(scope="module")
def address(base: str, door: Door) -> Iterator[str]:
    with served(door.running) as address:
        yield address


@pytest.fixture(scope="module")
def provider(door: Door) -> Provider:
    return a_provider(door)


def a_page(browser: Browser, address: str, provider: Provider, **look: object) -> Page:
    context = browser.new_context(**look)  # type: ignore[arg-type]
    context.add_cookies([{"name": "waymark-partner", "value": provider.at.cookie, "url": address}])
    return context.new_page()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_load_state()


def test_a_service_is_written_on_a_phone_with_scripts_off(browser: Browser, address: str, provider: Provider) -> None:
    path = provider.new_service()
    page = a_page(browser, address, provider, **PHONE, java_script_enabled=False)
    page.goto(f"{address}{path}/what")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Write what people call it.")
    page.get_by_label("Name of the service").fill("Saltire Youth Counselling")
    page.get_by_label("Counselling", exact=True).check()
    page.get_by_label("What does it do?").fill("One-to-one talks with a trained counsellor, at school or online.")
    save(page)
    page.get_by_label("Counselling or therapy").check()
    page.get_by_label("Any harm", exact=True).check()
    page.get_by_label("Those that I tick here").check()
    page.get_by_label("Person harmed").check()
    save(page)
    page.get_by_label("Yes, as written below").check()
    page.get_by_label("Youngest").fill("12")
    page.get_by_label("Oldest").fill("18")
    page.get_by_label("Anybody, of any gender").check()
    save(page)
    page.get_by_label("Fife", exact=True).check()
    save(page)
    page.get_by_label("Phone").check()
    page.get_by_label("There is no place to go to").check()
    save(page)
    expect(page.get_by_label("Phone number")).to_have_value("01632 960001")  # their own, which they wrote before
    page.get_by_label("Self").check()
    save(page)
    page.get_by_label("By appointment").check()
    save(page)
    page.get_by_label("Yes", exact=True).check()
    save(page)
    save(page)
    assert page.url == address + path
    assert service_answers.missing(provider.answers, path.rpartition("/")[2]) == ()
    page.goto(f"{address}{path}/preview")
    expect(page.get_by_text("As our staff see it")).to_be_visible()
    page.context.close()


def test_councils_are_ticked_by_keyboard_on_the_tiles(browser: Browser, address: str, provider: Provider) -> None:
    page = a_page(browser, address, provider, **LOOKS["desktop"])
    page.goto(f"{address}{provider.new_service()}/areas")
    page.get_by_label("Aberdeen City", exact=True).focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Argyll and Bute", exact=True)).to_be_checked()
    places = {
        name: page.get_by_label(name, exact=True).locator("..").bounding_box()
        for name in ("Shetland Islands", "Fife", "Moray")
    }
    assert all(places.values())
    south, east = ({name: box[side] for name, box in places.items() if box} for side in ("y", "x"))
    assert south["Shetland Islands"] < south["Moray"] < south["Fife"]
    assert east["Moray"] < east["Fife"] < east["Shetland Islands"]
    page.context.close()


@pytest.mark.parametrize("look", ["320 px", "dark"])
def test_pages_are_sound_however_they_are_looked_at(
    browser: Browser, address: str, provider: Provider, look: str
) -> None:
    path = provider.new_service()
    page = a_page(browser, address, provider, **LOOKS[look])
    for own in ("areas", "what") if look == "320 px" else ("areas",):
        page.goto(f"{address}{path}/{own}")
        save(page)
        expect(page.locator(".govuk-error-summary")).to_be_focused()
        assert faults(page) == []
        assert small(page, TARGETS) == []
    for rest in ("", "/place", "/access", "/who") if look == "320 px" else ("",):
        page.goto(f"{address}{path}{rest}")
        assert faults(page) == []
        assert small(page, TARGETS) == []
    page.context.close()
