"""The pages of a partner's people: every route for everybody, and the whole way from a letter to an answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from uuid import uuid4

import httpx
import pyotp
import pytest
from starlette.routing import Route

from directory.accounts import second_factors, sessions
from directory.accounts.tables import AccountFactor
from directory.partners import edits, team
from directory.partners.members import ANSWERER, EDITOR, OWNER
from directory.referrals.lifecycle import State
from directory.runtime import Runtime
from tests.builders import a_draft, a_record, write
from tests.directory.partners.member_builders import OTHER_SERVICE, Team, a_team, arrived, ask, put_account
from tests.directory.partners.partner_builders import a_partner
from tests.directory.referrals.builders import SERVICE, a_mailbox, referral
from tests.web.test_service_editor import held
from tests.web.visiting import Door, a_door
from web import app, even_time, partner_edit, partner_inbox, partner_team, partner_work
from web.guards import SAFE_METHODS

ROUTES = (*partner_work.ROUTES, *partner_team.ROUTES, *partner_inbox.ROUTES, *partner_edit.ROUTES)
OURS = {"Sec-Fetch-Site": "same-origin"}
STAFF = ("worker", "supervisor", "admin")
HOME = "/partners/work"


@dataclass(slots=True)
class Office:
    """Two partners, a referral to the first, and a browser for everybody: `office.get("owner", path)`."""

    door: Door
    ours: Team
    theirs: Team
    referral: str
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def cookie(self, who: str) -> dict[str, str]:
        return self.cookies.get(who, {})

    def get(self, who: str, path: str) -> httpx.Response:
        return self.door.web.get(path, **self.cookie(who))

    def post(self, who: str, path: str, **form: str) -> httpx.Response:
        answer = self.door.web.post(path, {"key": str(uuid4()), **form}, **self.cookie(who))
        if answer.status_code == 303:
            return self.get(who, answer.headers["location"])
        return answer

    def signed_in(self, account_id: str) -> dict[str, str]:
        with self.door.loop.database.session() as session:
            token = sessions.start(session, account_id, self.door.loop.clock())
        return {"Cookie": f"waymark={token}"}


@pytest.fixture(scope="module")
def office(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    home = tmp_path_factory.mktemp("partners")
    record = a_record(home)
    door = a_door(installation, record, home)
    write(record, a_draft(source_id="f902", name="Second Door"))
    a_mailbox(door.loop)
    made = Office(door, a_team(door.loop), a_team(door.loop, OTHER_SERVICE, "other.example", "Other Trust"), "")
    made.referral = arrived(door.loop).referral_id
    for role, own in made.ours.people.items():
        made.cookies[role] = made.signed_in(own)
    made.cookies["theirs"] = made.signed_in(made.theirs.people[OWNER])
    with door.loop.database.session() as session:
        staff = {role: put_account(door.loop, session, f"{role}@spoc.example", role, role) for role in STAFF}
    for role, own in staff.items():
        made.cookies[role] = made.signed_in(own)
    made.cookies["mailbox"] = {"Cookie": f"waymark-partner={a_partner(door.loop, 'owner@harbour.example').cookie}"}
    made.cookies["leaver"] = made.signed_in(made.theirs.people[EDITOR])
    team.leave(door.loop, ask(door.loop, made.theirs.who()), made.theirs.members[EDITOR])
    yield made
    record.close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(even_time, "STEP_S", 1e-6)


def method(route: Route) -> str:
    (found,) = set(route.methods or ()) - {"HEAD"}
    return found


def address(office: Office, route: Route, missing: bool = False) -> str:
    """A route's address, of the first partner's things or, `missing`, of none; what is no id stays as it is."""
    fixed = {"group": "what", "act": "role", "reply": "accept"}
    own = {
        "service_id": SERVICE, "partner_id": office.ours.partner_id, "member_id": office.ours.members[EDITOR],
        "referral": office.referral,
    }  # fmt: skip
    known = fixed if missing else fixed | own
    return re.sub(r"{(\w+)(:\w+)?}", lambda name: known.get(name[1]) or str(uuid4()), route.path)


def asked(office: Office, who: str, route: Route, missing: bool = False) -> httpx.Response:
    path = address(office, route, missing)
    if method(route) in SAFE_METHODS:
        return office.get(who, path)
    return office.door.web.post(path, {"key": str(uuid4()), "role": EDITOR, "number": "1"}, **office.cookie(who))


def is_out(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


def test_every_page_under_work_is_for_partners_with_an_account(office: Office) -> None:
    under = [route for route in app.ROUTES if isinstance(route, Route) and f"{route.path}/".startswith(f"{HOME}/")]
    assert {route.path for route in ROUTES} <= {route.path for route in under}
    for route in under:
        for who in ("nobody", "mailbox", "leaver"):
            assert is_out(asked(office, who, route)), (who, route)
        for who in STAFF:
            answer = asked(office, who, route)
            assert (answer.status_code, "Harbour" in answer.text) == (403, False), (who, route)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{method(route)} {route.path}")
def test_nobody_reaches_what_is_not_theirs(office: Office, route: Route) -> None:
    if route.param_convertors:
        answer, none = asked(office, "theirs", route), asked(office, "theirs", route, missing=True)
        assert (answer.status_code, answer.content, dict(answer.headers)) == (404, none.content, dict(none.headers))
        assert "Harbour" not in answer.text
    part = route.path.removeprefix(HOME).split("/")[1:2]
    shut = {
        EDITOR: {"team": (403, 404), "referrals": (403, 404)},
        ANSWERER: {"team": (403, 404), "services": (403, 404)},
    }
    for who, parts in shut.items():
        if part and part[0] in parts:
            assert asked(office, who, route).status_code in parts[part[0]], who
    if route.path.endswith("/mailbox"):
        assert asked(office, EDITOR, route).status_code == 403


@pytest.mark.parametrize("route", [route for route in ROUTES if method(route) == "GET"], ids=lambda route: route.path)
def test_pages_open_for_whom_they_are(office: Office, route: Route) -> None:
    answer = asked(office, OWNER, route)
    if answer.status_code == 303:
        answer = office.get(OWNER, answer.headers["location"])
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.count("<h1") == 1


def test_staff_and_partners_have_homes_of_their_own(office: Office) -> None:
    sent = office.get(OWNER, "/staff")
    assert (sent.status_code, sent.headers["location"]) == (303, HOME)
    assert office.get("worker", "/staff").status_code == 200
    for path in ("/staff/cases", "/staff/work", "/staff/proposals", "/staff/admin", "/staff/call"):
        assert office.get(OWNER, path).status_code == 403, path
    page = office.get(OWNER, "/staff/account").text
    assert 'href="/partners/work/team"' in page
    assert 'href="/staff/cases"' not in page
    assert ("An owner of your organisation changes" in page, "An administrator" in page) == (True, False)
    assert "An administrator changes these." in office.get("worker", "/staff/account").text


def test_the_first_page_leads_to_all_that_is_theirs(office: Office) -> None:
    page = office.get(OWNER, HOME).text
    for rest in ("review", "room", "card", "widget", "elsewhere"):
        assert f'href="/partners/services/{SERVICE}/{rest}"' in page
    assert 'href="/partners/mine"' in page
    assert 'href="/sign-in?next=/partners/work"' in office.get("nobody", "/partners").text


def test_partners_read_nothing_of_sources_and_second_people(office: Office) -> None:
    for group in edits.GROUPS:
        page = office.get(OWNER, f"{HOME}/services/{SERVICE}/edit/{group.code}").text
        for words in ("A second person", "says:", "No source states this.", "Set by"):
            assert words not in page, (group.code, words)
    assert "https://harbour.example/</td>" in office.get(OWNER, f"{HOME}/services/{SERVICE}").text
    page = office.get(OWNER, f"{HOME}/services/{SERVICE}/edit/who").text
    assert "We look at this first." in page
    shown = page.split("<summary>More", 1)
    assert ('value="emotional_support"' in shown[0], 'value="emotional_support"' in shown[1]) == (True, False)


def form(page: str, action: str) -> dict[str, str]:
    """What a form of a page holds: hidden fields, and what is written in the others."""
    found = re.search(rf'<form action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert found, f"no form for {action}"
    said = [dict(re.findall(r'([a-z]+)="([^"]*)"', each)) for each in re.findall(r"<input [^>]*>", found[0])]
    return {each["name"]: unescape(each.get("value", "")) for each in said if each.get("type") == "hidden"}


def test_from_the_letter_to_the_first_page(office: Office) -> None:
    email, password = "kirsty@harbour.example", "seven quiet otters swim"
    told = office.post(OWNER, f"{HOME}/team/{office.ours.partner_id}", email=email, role=ANSWERER)
    assert "A letter is on its way" in told.text
    again = office.post(OWNER, f"{HOME}/team/{office.ours.partner_id}", email=email, role=ANSWERER)
    assert (again.status_code, "They are asked already." in again.text) == (422, True)
    assert f'value="{email}"' in again.text
    assert office.get("nobody", "/partners/join").status_code == 303
    office.cookies["new"] = {"Cookie": f"waymark-partner={a_partner(office.door.loop, email).cookie}"}
    page = office.get("new", "/partners/join")
    hidden = form(page.text, "/partners/join")
    wrong = office.door.web.post(
        "/partners/join", {**hidden, "name": "Kirsty", "password": password, "again": "other"}, **office.cookie("new")
    )
    assert (wrong.status_code, password in wrong.text, 'value="Kirsty"' in wrong.text) == (422, False, True)
    typed = {**hidden, "name": "Kirsty Example", "password": password, "again": password}
    sent = office.door.web.post("/partners/join", typed, **office.cookie("new"))
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in/set-up")
    step = {"Cookie": sent.headers["set-cookie"].split(";")[0]}
    loop = office.door.loop
    with loop.database.reading() as session:
        (own,) = [row.account_id for row in session.query(AccountFactor)]
    code = pyotp.TOTP(second_factors.new_secret(loop.database, office.door.running.keys, own)).at(loop.clock())
    done = office.door.web.post("/sign-in/set-up", {"code": code}, **step)
    assert 'href="/partners/work"' in done.text
    token = re.search(r"waymark=([\w-]{43})", done.headers["set-cookie"])
    assert token
    office.cookies["new"] = {"Cookie": f"waymark={token[1]}"}
    assert "Answerer: answers referrals" in office.get("new", HOME).text
    removed = office.post("new", "/staff/account/second-factor/remove", code=code)
    assert (removed.status_code, "must have a second factor" in removed.text) == (422, True)


def test_a_referral_is_opened_and_answered(office: Office) -> None:
    own = arrived(office.door.loop).referral_id
    path = f"{HOME}/referrals/{own}"
    shut = office.get(ANSWERER, path)
    assert "Skye" not in shut.text
    assert referral(office.door.loop, own).state == State.SENT
    page = office.post(ANSWERER, f"{path}/open", **form(shut.text, f"{path}/open"))
    assert referral(office.door.loop, own).state == State.RECEIVED
    assert ("Skye" in page.text, "Yes, we take them" in page.text) == (False, True)
    hidden = form(page.text, f"{path}/answers/accept")
    wrong = office.post(ANSWERER, f"{path}/answers/accept", **hidden, first_contact_by="31/31/2026", team="")
    assert (wrong.status_code, "That is not a day." in wrong.text, 'value="31/31/2026"' in wrong.text) == (
        422,
        True,
        True,
    )
    page = office.post(ANSWERER, f"{path}/answers/accept", **hidden, first_contact_by="24/11/2026", team="")
    assert ("Skye Example" in page.text, "Thank you for saying yes" in page.text) == (True, True)
    office.door.clock.pass_(minutes=21)
    office.cookies[ANSWERER] = office.signed_in(office.ours.people[ANSWERER])
    assert "Skye" not in office.get(ANSWERER, path).text
    hidden = {"key": str(uuid4()), "version": hidden["version"]}
    stale = office.post(ANSWERER, f"{path}/answers/decline", **hidden, reason="D1", may_contact_again="yes")
    assert (stale.status_code, "accepted" in stale.text) == (409, True)


def test_a_service_is_changed_and_what_could_hurt_waits(office: Office) -> None:
    office.cookies[EDITOR] = office.signed_in(office.ours.people[EDITOR])
    path = f"{HOME}/services/{SERVICE}"
    page = office.get(EDITOR, f"{path}/edit/what").text
    assert ('name="alert"' in page, 'name="description"' in page) == (False, True)
    typed = held(page)
    said = office.post(EDITOR, f"{path}/edit/what", **{**typed, "description": "We listen.", "name": "Other Name"})
    assert "Some of it is changed now; the rest waits" in said.text
    assert ("We listen." in said.text, "Waits for us" in said.text) == (True, True)
    stale = office.post(EDITOR, f"{path}/edit/what", **{**typed, "key": "again", "description": "We talk."})
    assert (stale.status_code, "We talk." in stale.text, "We listen." in stale.text) == (409, True, True)
    wrong = office.post(EDITOR, f"{path}/edit/what", **{**typed, "key": "long", "description": "x" * 30_000})
    assert (wrong.status_code, 'href="#description"' in wrong.text) == (422, True)
    back = office.post(EDITOR, f"{path}/withdraw", **form(said.text, f"{path}/withdraw"))
    assert "You took it back." in back.text
    mine = office.get(EDITOR, HOME).text
    assert "Taken back" in mine
    assert office.get("supervisor", "/staff/registrations/samples").status_code == 200
    for who in ("worker", OWNER):
        assert office.get(who, "/staff/registrations/samples").status_code == 403


def test_another_mailbox_waits_for_staff(office: Office) -> None:
    path = f"{HOME}/services/{SERVICE}"
    office.cookies[OWNER] = office.signed_in(office.ours.people[OWNER])
    page = office.get(OWNER, f"{path}/mailbox").text
    assert ("harbour.example" in page, "referrals@harbour" in page) == (True, False)
    wrong = office.post(OWNER, f"{path}/mailbox", email="no address")
    assert (wrong.status_code, 'value="no address"' in wrong.text) == (422, True)
    told = office.post(OWNER, f"{path}/mailbox", email="new@harbour.example")
    assert "We have it. Nothing goes there before" in told.text
    assert "Another mailbox for referrals." in office.get(OWNER, path).text
    assert "Harbour Counselling" in office.get("supervisor", "/staff/registrations/samples").text
    for who, leads in (("supervisor", True), ("worker", False)):
        page = office.get(who, "/staff/proposals")
        assert (page.status_code, '<p><a href="/staff/registrations/samples">' in page.text) == (200, leads), who


def test_people_change_and_leave_by_the_page(office: Office) -> None:
    own = office.ours.members[EDITOR]
    path = f"{HOME}/team/{office.ours.partner_id}"
    page = office.get(OWNER, path).text
    hidden = form(page, f"{path}/people/{own}/leave")
    unsure = office.post(OWNER, f"{path}/people/{own}/leave", **hidden)
    assert (unsure.status_code, f'href="#sure-{own}"' in unsure.text) == (422, True)
    assert ("You leave, and every way in of yours ends now" in page, "Save the role" in page) == (True, True)
    last = office.ours.members[OWNER]
    alone = office.post(
        OWNER, f"{path}/people/{last}/leave", **{**form(page, f"{path}/people/{last}/leave"), "sure": "yes"}
    )
    assert (alone.status_code, "This is the last owner." in alone.text) == (409, True)
    gone = office.post(OWNER, f"{path}/people/{own}/leave", **{**hidden, "sure": "yes"})
    assert "They have no way in any more." in gone.text
    assert is_out(office.get(EDITOR, HOME))
