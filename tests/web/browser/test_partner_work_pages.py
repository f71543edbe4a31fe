"""The pages of a partner's people in a browser: narrow, wide and dark, with mistakes and without."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from directory.accounts import sessions
from directory.partners import invitations
from directory.referrals.lifecycle import State
from directory.runtime import Runtime
from tests.builders import a_record
from tests.directory.partners.member_builders import Team, a_team, arrived, ask
from tests.directory.partners.partner_builders import a_partner
from tests.directory.referrals.builders import SERVICE, a_mailbox
from tests.web.browser.looking import LOOKS, faults, small
from tests.web.casework import apart
from tests.web.desk import served
from tests.web.visiting import Door, a_door

pytestmark = pytest.mark.browser
HOME = "/partners/work"
TARGETS = "main button, main summary, main input:not([type=hidden], [type=checkbox], [type=radio]), main select"


@dataclass(slots=True)
class Site:
    door: Door
    team: Team
    address: str
    referral: str


@pytest.fixture(scope="module")
def site(base: str, installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("partner-work-pages")
    record = a_record(home)
    door = a_door(installation, record, home)
    a_mailbox(door.loop)
    team = a_team(door.loop)
    arrived(door.loop, State.DECLINED)
    with served(door.running) as address:
        yield Site(door, team, address, arrived(door.loop, State.ACCEPTED).referral_id)
    record.close()


def test_every_page_fits_and_is_without_fault(site: Site, browser: Browser) -> None:
    looks = {"320 px": ("home", "people", "open", "mistake"), "desktop": ("people",), "dark": ("open",)}
    found = {}
    for look, names in looks.items():
        with browser.new_context(**LOOKS[look]) as context:
            page = signed_in(site, context.new_page())
            for name in names:
                visit(site, page, name)
                found[look, name] = (faults(page), small(page, TARGETS))
    assert found == {key: ([], []) for key in found}


def test_somebody_joins_on_a_small_phone(site: Site, browser: Browser) -> None:
    loop, email = site.door.loop, "kirsty@harbour.example"
    apart(invitations.invite, loop, ask(loop, site.team.who()), site.team.partner_id, email, "editor")
    cookie = apart(lambda: a_partner(loop, email).cookie)
    with browser.new_context(**LOOKS["320 px"], java_script_enabled=False) as context:
        context.add_cookies([{"name": "waymark-partner", "value": cookie, "url": site.address}])
        page = context.new_page()
        page.goto(f"{site.address}/partners/join")
        page.get_by_label("Your full name").fill("Kirsty Example")
        page.get_by_label("Choose a password").fill("seven quiet otters swim")
        page.get_by_label("The same again").fill("seven quiet otters swam")
        page.get_by_role("button", name="Make my account").click()
        assert page.get_by_label("Your full name").input_value() == "Kirsty Example"
        page.get_by_label("Choose a password").fill("seven quiet otters swim")
        page.get_by_label("The same again").fill("seven quiet otters swim")
        page.get_by_role("button", name="Make my account").click()
        assert page.url.endswith("/sign-in/set-up")


def signed_in(site: Site, page: Page) -> Page:
    def token() -> str:
        with site.door.loop.database.session() as session:
            return sessions.start(session, site.team.people["owner"], site.door.loop.clock())

    page.context.add_cookies([{"name": "waymark", "value": apart(token), "url": site.address}])
    return page


def visit(site: Site, page: Page, name: str) -> None:
    own = f"{HOME}/services/{SERVICE}"
    open_ = f"{HOME}/referrals/{site.referral}"
    paths = {"home": HOME, "people": f"{HOME}/team", "open": open_, "mistake": f"{own}/edit/who"}
    page.goto(site.address + paths[name])
    if name == "open" and page.get_by_role("button", name="Open it").count():
        page.get_by_role("button", name="Open it").click()
    if name == "people":
        page.get_by_label("Their e-mail address at work").fill("no address")
        page.get_by_role("button", name="Ask them").click()
    if name == "mistake":
        page.locator("#minimum").fill("18")
        page.locator("#maximum").fill("11")
        page.get_by_role("button", name="Save").click()
