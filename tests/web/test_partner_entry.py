"""A partner's way in by mailbox and code: the same for every mailbox, nothing typed is lost, and out means out."""

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from urllib.parse import urlencode

import pytest
from starlette.routing import Route

from directory.referrals import policy
from directory.runtime import Runtime
from tests.builders import a_record
from tests.directory.partners.partner_builders import MORAG, OTHER, a_partner, a_registration, codes_to, kept
from tests.web.conftest import Web
from tests.web.partnering import PartnerVisitor
from tests.web.visiting import Door, a_door
from web import even_time, partner_door, partner_entry, partner_held
from web.app import ROUTES, create_app
from web.guards import FORM_BYTES

PHONE = "01632 960100"
ONE_CODE = "ABCD-1234"


@pytest.fixture(scope="module")
def door(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("partners")
    record = a_record(home)
    yield a_door(installation, record, home)
    record.close()


@pytest.fixture(autouse=True)
def a_while_later(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.clock.pass_(hours=8)
    monkeypatch.setattr(even_time, "STEP_S", 1e-6)


@pytest.fixture
def visitor(door: Door) -> PartnerVisitor:
    return PartnerVisitor(door)


def test_a_code_to_a_mailbox_opens_its_pages(visitor: PartnerVisitor) -> None:
    page = visitor.come_in()
    assert (page.status_code, visitor.path) == (200, "/partners/mine")
    assert MORAG in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert visitor.get("/partners").status_code == 200
    assert visitor.path == "/partners/mine"


def test_known_or_not_every_mailbox_is_answered_with_the_same_bytes(door: Door) -> None:
    a_registration(door.loop, a_partner(door.loop).inside, sent=False)
    answers = set()
    for email in (MORAG, "nobody@known.example"):
        visitor = PartnerVisitor(door)
        visitor.get("/partners")
        page = visitor.send("/partners/code", email=email)
        answers.add((page.status_code, visitor.path, page.text.replace(email, "")))
    assert len(answers) == 1


def test_codes_asked_for_and_tried_are_answered_at_whole_steps() -> None:
    even = {route.endpoint.__name__ for route in partner_entry.ROUTES if getattr(route.endpoint, "is_even", False)}
    assert even == {"send_code", "enter"}


def test_every_partner_page_is_wrapped_or_asks_for_an_account() -> None:
    """But for the way in and what anybody may see; an account's pages have the staff's wrapper."""
    bare = {
        route.path
        for route in ROUTES
        if isinstance(route, Route)
        and route.path.startswith("/partners")
        and not getattr(route.endpoint, "partner_kinds", ())
        and not getattr(route.endpoint, "staff_permission", "")
    }
    open_to_all = {route.path for route in partner_entry.ROUTES} | {"/partners/widget/{service_id}", "/partners/join"}
    assert {path for path in bare - open_to_all if not path.startswith("/partners/join")} == set()


@pytest.mark.parametrize("code", [ONE_CODE, "", "short", "<script>", "٠" * 8])
def test_a_wrong_code_is_told_at_its_field_and_lets_nobody_in(visitor: PartnerVisitor, code: str) -> None:
    visitor.get("/partners")
    visitor.send("/partners/code", email=MORAG)
    page = visitor.send("/partners/enter", code=code)
    assert page.status_code == 422
    assert 'href="#code"' in page.text
    assert visitor.get("/partners/mine").status_code == 200
    assert visitor.path == "/partners"


@pytest.mark.parametrize("email", ["", "nobody", "<b>@x", "a@b@c.example", "x" * 300 + "@y.example"])
def test_what_is_no_address_comes_back_with_what_was_typed(visitor: PartnerVisitor, email: str) -> None:
    visitor.get("/partners")
    page = visitor.send("/partners/code", email=email)
    assert page.status_code == 422
    assert 'href="#email"' in page.text
    assert visitor.form("/partners/code")["email"] == email


def test_signed_out_the_cookie_is_worth_nothing(visitor: PartnerVisitor) -> None:
    visitor.come_in()
    before = dict(visitor.cookies)
    page = visitor.send("/partners/leave")
    assert page.headers["clear-site-data"] == '"cache", "storage"'
    assert visitor.cookies == {}
    visitor.cookies.update(before)
    visitor.get("/partners/mine")
    assert visitor.path == "/partners"


def test_who_opens_a_page_first_comes_back_to_it(visitor: PartnerVisitor, door: Door) -> None:
    own = a_registration(door.loop, a_partner(door.loop).inside, sent=False).id
    visitor.get(f"/partners/registrations/{own}/contact")
    assert visitor.path == "/partners"
    visitor.send("/partners/code", email=MORAG)
    visitor.send("/partners/enter", code=codes_to(door.loop, MORAG)[-1])
    assert visitor.path == f"/partners/registrations/{own}/contact"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/staff",
        "/partners/../staff",
        "/partners\n/x",
        "/partners/%2e%2e/staff",
    ],
)
def test_nobody_is_led_away_from_the_partners_pages(elsewhere: str) -> None:
    assert partner_door.onward(elsewhere) == ""


def test_a_claimed_service_goes_along_to_their_list() -> None:
    own = "a0000000-0000-4000-8000-000000000001"
    assert (
        partner_door.onward("", own)
        == partner_door.onward(f"/partners/mine?claim={own}")
        == (f"/partners/mine?claim={own}")
    )
    assert partner_door.onward("", "<script>") == ""


def test_what_was_sent_too_late_is_sent_again_with_one_button(visitor: PartnerVisitor, door: Door) -> None:
    visitor.come_in()
    own = a_registration(door.loop, a_partner(door.loop).inside, sent=False)
    path = f"/partners/registrations/{own.id}/contact"
    visitor.get(path)
    form = visitor.form("")
    door.clock.pass_(hours=2)
    page = visitor.post(path, {**form, "name": "Ada | Lovelace", "phone": "01632 960003"})
    assert page.status_code == 401
    visitor.send("/partners/code", email=MORAG)
    page = visitor.send("/partners/enter", code=codes_to(door.loop, MORAG)[-1])
    assert "still here" in page.text
    assert "Lovelace" not in visitor.path
    visitor.send(path)
    assert kept(door.loop, a_partner(door.loop).inside, own.id).answers.contact.name == "Ada | Lovelace"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '["/staff", ["a", "b"]]', '["/partners/mine", "x"]', "[" * 10_000, "1"]
)
def test_what_was_not_held_by_us_is_left_out(text: str) -> None:
    assert partner_held.of_form({"held": text}) is None


@pytest.fixture(params=["no rules", "no key"])
def shut(request: pytest.FixtureRequest, door: Door) -> Web:
    """An installation that cannot write to anybody yet."""
    shipped = replace(door.loop, policy=policy.shipped())
    running = replace(door.running)
    running._loop = shipped if request.param == "no rules" else None
    if request.param == "no key":
        running = replace(running, settings=replace(running.settings, key_file=running.settings.home / "none"))
    return Web(create_app(running))


def test_before_mail_is_set_up_the_first_page_says_that_it_is_not_open(shut: Web) -> None:
    page = shut.get("/partners")
    assert page.status_code == 200
    assert "Registering is not open yet" in page.text
    assert 'action="/partners/code"' not in page.text
    asked = shut.post("/partners/code", {"email": MORAG})
    assert asked.status_code == 503
    assert "Registering is not open yet" in asked.text


def test_whom_to_ring_is_said_where_it_is_known(door: Door) -> None:
    rules = {**policy.shipped().sections, "adopter": {**policy.shipped().sections["adopter"], "phone": PHONE}}
    running = replace(door.running)
    running._loop = replace(door.loop, policy=policy.Policy(rules))
    page = Web(create_app(running)).get("/partners")
    assert "Registering is not open yet" in page.text
    assert PHONE in unescape(page.text)


def test_every_public_page_leads_there(web: Web) -> None:
    assert '<a href="/partners">Register your service</a>' in web.get("/").text


def test_another_mailbox_never_sees_it(visitor: PartnerVisitor, door: Door) -> None:
    own = a_registration(door.loop, a_partner(door.loop).inside, sent=False).id
    visitor.come_in(OTHER)
    for page in ("", "/organization", "/contact", "/referrals", "/mailbox", "/check"):
        missing = visitor.get(f"/partners/registrations/{own}{page}")
        none = visitor.get(f"/partners/registrations/{'0' * 36}{page}")
        assert (missing.status_code, missing.text) == (none.status_code, none.text)
        assert missing.status_code == 404


def test_what_is_too_long_to_come_along_is_shown_to_be_copied(visitor: PartnerVisitor, door: Door) -> None:
    visitor.come_in()
    own = a_registration(door.loop, a_partner(door.loop).inside, sent=False)
    path = f"/partners/registrations/{own.id}/contact"
    visitor.get(path)
    form, long = visitor.form(""), "We listen. " * 40_000
    door.clock.pass_(hours=2)
    page = visitor.post(path, {**form, "name": "Ada", "role": long})
    assert page.status_code == 401
    assert "too long to come along" in page.text
    assert f"\n{long}</textarea>" in page.text
    assert page.text.count("</textarea>") == 1
    assert "is kept in this page" not in page.text
    assert "held" not in visitor.form("/partners/code")
    assert visitor.form("/partners/code")["next"] == path


def test_the_longest_that_comes_along_is_not_too_large_for_the_next_page() -> None:
    longest = partner_held.Held("/partners/x", (("name", '"' * (partner_held.MOST_CHARACTERS // 2 - 60)),))
    assert not longest.is_too_large
    assert len(urlencode({"held": longest.text, "email": MORAG})) < FORM_BYTES
    assert partner_held.of_form({"held": longest.text}) == longest


@pytest.mark.parametrize("page", ["/partners/code", "/partners/enter"])
def test_half_a_sign_in_a_form_is_an_answer_and_no_fault(door: Door, page: str) -> None:
    parts = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n'
        "Content-Type: text/plain; charset=raw_unicode_escape\r\n\r\n\\ud800\r\n"
        for name in ("email", "code", "held", "next")
    )
    body = f"{parts}--B--\r\n".encode()
    kind = "multipart/form-data; boundary=B; charset=raw_unicode_escape"
    answer = door.web.send("POST", page, content=body, headers={"Sec-Fetch-Site": "same-origin", "Content-Type": kind})
    assert answer.status_code == 422
