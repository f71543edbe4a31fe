"""The card and the widget: what stands on them, what never does, and how others may show the widget."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import anyio
import httpx
import pytest

from directory import runtime
from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.records import service_id
from directory.referrals.loop import Loop
from directory.search import fold
from directory.search.embedded import EmbeddedIndex
from tests.builders import NOON, a_draft, a_record, a_withheld_draft, write
from tests.directory.partners.keeper import a_keeper
from tests.directory.partners.partner_builders import MORAG, OTHER, a_partner
from tests.directory.referrals.builders import Time, a_loop_over
from tests.web.conftest import PLANTED_ID, SECRETS, Web
from web.app import create_app

SERVICE, HIDDEN = service_id("facts", "f900"), service_id("facts", "f901")
NUMBER = "01632 960001"


class Place:
    """Pages over a record and an index of its own, where a partner keeps a service."""

    def __init__(self, installation: runtime.Runtime, home: Path) -> None:
        self.record = a_record(home)
        self.index = EmbeddedIndex(home / "index")
        write(self.record, a_draft(), a_withheld_draft())
        self.loop: Loop = a_loop_over(self.record, home, Time())
        running = replace(installation, database=self.record, index=self.index, clock=lambda: NOON)
        running._loop = self.loop
        self.web = Web(create_app(running))
        self.cookies: dict[str, str] = {}
        self.fold()

    def fold(self) -> None:
        with self.record.reading() as session:
            found = list(fold.documents(session))
        anyio.run(self.index.rebuild, found)

    def confirm(self, *fields: str) -> None:
        with self.record.session() as session:
            assurance.say(session, SERVICE, State.PROVIDER_CONFIRMED, "somebody", NOON, fields)
        self.fold()

    def get(self, path: str, email: str = MORAG) -> httpx.Response:
        if email not in self.cookies:
            self.cookies[email] = a_partner(self.loop, email).cookie
        return self.web.get(path, Cookie=f"waymark-partner={self.cookies[email]}")


@pytest.fixture
def place(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Place]:
    made = Place(installation, tmp_path)
    a_keeper(made.loop, SERVICE)
    yield made
    made.record.close()


@pytest.fixture(scope="module")
def still(installation: runtime.Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One for all that is only looked at."""
    made = Place(installation, tmp_path_factory.mktemp("still"))
    a_keeper(made.loop, SERVICE, HIDDEN)
    yield made
    made.record.close()


def words(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def test_anybody_may_frame_the_widget_which_runs_nothing_and_asks_nobody(still: Place) -> None:
    page = still.web.get(f"/partners/widget/{SERVICE}")
    policy = page.headers["content-security-policy"]
    assert page.status_code == 200
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "x-frame-options" not in page.headers
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "no-store"
    assert "<script" not in page.text
    assert all(
        each.startswith("/static/") for each in re.findall(r'<(?:link|img)[^>]+(?:href|src)="([^"]+)"', page.text)
    )


def test_every_other_page_stays_unframed(still: Place) -> None:
    for path in (f"/services/{SERVICE}", "/partners", "/partners/widget"):
        page = still.web.get(path)
        assert page.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_a_number_that_nobody_has_checked_is_on_neither(still: Place) -> None:
    assert NUMBER in still.web.get(f"/services/{SERVICE}").text  # with its note
    for page in (still.web.get(f"/partners/widget/{SERVICE}"), still.get(f"/partners/services/{SERVICE}/card")):
        assert page.status_code == 200
        assert NUMBER not in words(page)
        assert "Not confirmed" in words(page)


def test_what_the_service_confirmed_stands_there_with_the_day(place: Place) -> None:
    place.confirm()
    for page in (place.web.get(f"/partners/widget/{SERVICE}"), place.get(f"/partners/services/{SERVICE}/card")):
        assert NUMBER in words(page)
        assert "Confirmed by the service on 22 November 2026." in words(page)


@pytest.mark.parametrize("own", [HIDDEN, "f901"])
def test_a_confidential_place_is_on_neither(installation: runtime.Runtime, still: Place, own: str) -> None:
    page = still.web.get(f"/partners/widget/{own}")
    if page.status_code == 303:
        page = still.web.get(page.headers["location"])
    card = still.get(f"/partners/services/{HIDDEN}/card")
    planted = Web(create_app(installation)).get(f"/partners/widget/{PLANTED_ID}")
    assert "Lighthouse Women's Aid" in words(page)
    assert "Lighthouse Women's Aid" in words(card)
    assert "You can get in touch yourself" not in words(card)
    assert "Planted Women's Aid" in words(planted)
    for each in (page, card, planted):
        assert [secret for secret in (*SECRETS, "Harbour Row") if secret in words(each)] == []


def test_what_was_never_public_and_what_is_no_more_are_the_same_page(place: Place) -> None:
    unknown = place.web.get("/partners/widget/00000000-0000-5000-8000-00000000dead")
    anyio.run(place.index.remove, [SERVICE])
    gone = place.web.get(f"/partners/widget/{SERVICE}")
    assert (unknown.status_code, gone.status_code) == (404, 404)
    assert unknown.content == gone.content
    own = {name: value for name, value in unknown.headers.items() if name != "date"}
    assert own == {name: value for name, value in gone.headers.items() if name != "date"}
    assert "frame-ancestors *" in own["content-security-policy"]
    card = place.get(f"/partners/services/{SERVICE}/card")
    assert card.status_code == 200
    assert "not in the directory at present" in words(card)
    assert 'class="paper ' not in card.text


def test_a_card_is_for_who_keeps_the_service(still: Place) -> None:
    for rest in ("card", "widget", "elsewhere"):
        assert still.get(f"/partners/services/{SERVICE}/{rest}").status_code == 200
        stranger = still.get(f"/partners/services/{SERVICE}/{rest}", OTHER)
        unknown = still.get(f"/partners/services/00000000-0000-5000-8000-00000000dead/{rest}", OTHER)
        assert (stranger.status_code, stranger.text) == (404, unknown.text)
        assert still.web.get(f"/partners/services/{SERVICE}/{rest}").status_code == 303


def test_the_card_carries_the_code_of_the_public_page_in_both_sizes(still: Place) -> None:
    for size, shown in (("a6", "a6"), ("a4", "a4"), ("huge", "a6")):
        page = still.get(f"/partners/services/{SERVICE}/card?size={size}")
        assert f'class="paper paper--{shown}"' in page.text
        assert f'aria-label="QR code of http://localhost:8000/services/{SERVICE}"' in page.text


def test_the_lines_to_copy_hold_nothing_of_the_service(still: Place) -> None:
    page = still.get(f"/partners/services/{SERVICE}/widget")
    snippet = unescape(page.text.split('id="snippet"')[1].split(">", 1)[1].split("</textarea>")[0])
    assert f'src="http://localhost:8000/partners/widget/{SERVICE}"' in snippet
    assert "Harbour" not in snippet


def test_other_lists_and_entries_like_it_are_told_and_another_partners_are_not(still: Place) -> None:
    twin = a_draft(source="list", source_id="l1", age=replace(a_draft().age, minimum=10), same_as="f900")
    alike = a_draft(source="list", source_id="l2", name="Harbour Befriending", phone="01632 960002", url="")
    kept = a_draft(source="list", source_id="l3", name="Harbour Drop-in", phone="01632 960003", url="")
    write(still.record, twin, alike, kept)
    a_keeper(still.loop, service_id("list", "l3"), email=OTHER, name="Other Trust")
    page = words(still.get(f"/partners/services/{SERVICE}/elsewhere"))
    assert "Harbour Befriending" in page
    assert "It stands under the name of your organisation." in page
    assert "Harbour Drop-in" not in page
