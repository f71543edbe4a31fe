"""A provider's answer by link: nothing is told before the code, and everything can be said in plain forms after it."""

import logging
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from directory.referrals import disclosure, locators, moves
from directory.referrals.disclosure import Tier
from directory.referrals.lifecycle import OVER, Actor, Event, State
from directory.referrals.tables import Agreement, AuditEvent, Notice, Referral
from directory.runtime import Runtime
from directory.tables import Base
from tests.builders import a_record
from tests.directory.referrals.builders import a_case, referral
from tests.directory.referrals.door_builders import a_link, locator
from tests.web.visiting import Door, Visitor, a_door
from web import answer_replies, answer_words, answers, even_time
from web.app import ROUTES

PHONE = "01632 960100"


@pytest.fixture(scope="module")
def door(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("door")
    record = a_record(home)
    yield a_door(installation, record, home)
    record.close()


@pytest.fixture(autouse=True)
def a_while_later(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test uses up what another may ask for in five minutes, or waits."""
    door.clock.pass_(minutes=16)
    monkeypatch.setattr(even_time, "STEP_S", 1e-6)


@given(seconds=st.floats(min_value=0, max_value=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answers_come_at_whole_steps(seconds: float) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(even_time, "STEP_S", 0.2)
        steps = (seconds + even_time.left(seconds)) / 0.2
    assert abs(steps - round(steps)) < 1e-6
    assert 0 <= steps * 0.2 - seconds <= 0.2 + 1e-9


def test_codes_asked_for_and_tried_are_answered_at_whole_steps() -> None:
    even = {route.endpoint.__name__ for route in answers.ROUTES if getattr(route.endpoint, "is_even", False)}
    assert even == {"send_code", "enter"}


def inside(door: Door, state: State = State.RECEIVED, **changes: str) -> Visitor:
    visitor = Visitor(door, a_link(door.loop, state))
    assert visitor.enter().status_code == 200
    return visitor


def state_of(visitor: Visitor) -> str:
    return referral(visitor.door.loop, visitor.link.referral_id).state


def everything(door: Door) -> dict[str, int]:
    """How many rows each table of the record has, and what links and referrals say."""
    with door.loop.database.reading() as session:
        counts = {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }
        said = [(row.id, row.state, row.version) for row in session.scalars(select(Referral).order_by(Referral.id))]
        return counts | {"referrals": hash(tuple(said))}


# Before the code


def stranger(how: str, door: Door) -> str:
    """The token of a link in use, or of one that is not."""
    if how == "in use":
        return a_link(door.loop).token
    if how == "revoked":
        link = a_link(door.loop)
        with door.loop.database.session() as session:
            locators.revoke(session, link.referral_id, door.loop.clock())
        return link.token
    if how == "withdrawn":
        return a_link(door.loop, State.WITHDRAWN).token
    return {"unknown": "x" * 43, "malformed": "%00%0d%0aé;'\"<b>", "dots": "...", "long": "z" * 3000}[how]


STRANGERS = ["in use", "revoked", "withdrawn", "unknown", "malformed", "dots", "long"]


def seen(answer: httpx.Response) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    headers = {name: value for name, value in answer.headers.items() if name not in ("set-cookie", "location")}
    return answer.status_code, sha256(answer.content).hexdigest(), tuple(sorted(headers.items()))


@pytest.mark.parametrize("rest", ["", "/code", "/referral", "/referral?said=accept"])
def test_every_link_shows_the_same_page(door: Door, rest: str) -> None:
    pages = {seen(door.web.get(f"/r/{stranger(how, door)}{rest}")) for how in STRANGERS}
    assert len(pages) == 1
    assert "set-cookie" not in door.web.get("/r/x").headers


@pytest.mark.parametrize(("rest", "data"), [("", {}), ("/code", {}), ("/done", {}), ("/referral/accept", {})])
def test_every_link_takes_a_form_alike(door: Door, rest: str, data: dict[str, str]) -> None:
    seen_of = {seen(door.web.post(f"/r/{stranger(how, door)}{rest}", data)) for how in STRANGERS}
    assert len(seen_of) == 1


@pytest.mark.parametrize("code", ["", "ABC", "ABCD-1234", "'; DROP"])
def test_every_link_refuses_a_wrong_code_alike(door: Door, code: str) -> None:
    form = {"code": code, "name": "Mo"}
    pages = {seen(door.web.post(f"/r/{stranger(how, door)}/enter", form)) for how in STRANGERS}
    assert len(pages) == 1
    assert {status for status, _, _ in pages} == {422}


def test_cookies_before_the_code_tell_nothing(door: Door) -> None:
    for how in STRANGERS:
        cookie = door.web.post(f"/r/{stranger(how, door)}").headers["set-cookie"]
        assert re.fullmatch(r"waymark-r[0-9a-f]{12}=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", cookie)


def test_two_thousand_links_have_one_face(door: Door) -> None:
    app = door.web.app
    pages: set[tuple[int, str, tuple[tuple[str, str], ...]]] = set()
    known = a_link(door.loop).token

    async def all_of_them() -> None:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            for number in range(2_000):
                token = known if number % 500 == 0 else secrets.token_urlsafe(32)
                pages.add(seen(await client.get(f"/r/{token}")))

    import anyio

    anyio.run(all_of_them)
    assert len(pages) == 1


def test_looking_changes_nothing(door: Door) -> None:
    link = a_link(door.loop)
    before = everything(door)
    for number in range(250):
        path = f"/r/{link.token}{('', '/code', '/referral')[number % 3]}"
        for method in ("GET", "HEAD"):
            answer = door.web.send(method, path)
            assert answer.status_code == (401 if path.endswith("referral") else 200)
            assert "set-cookie" not in answer.headers
    assert everything(door) == before


def test_the_page_says_what_it_is_and_whom_to_ring(door: Door) -> None:
    page = door.web.get(f"/r/{a_link(door.loop).token}")
    assert "A message about a referral" in page.text
    assert "Send me a code" in page.text
    assert PHONE in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert page.headers["referrer-policy"] == "same-origin"
    for word in ("Harbour", "counsel", "Fife"):
        assert word not in page.text


def test_robots_stay_out(door: Door) -> None:
    assert "Disallow: /r/" in door.web.get("/robots.txt").text


def test_no_log_holds_a_link_a_code_or_a_name(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    visitor = Visitor(door, a_link(door.loop))
    with caplog.at_level(logging.DEBUG):
        visitor.get()
        code = visitor.code()
        visitor.post("/enter", {"code": "ABCD1234", "name": "Canary Name"})
        visitor.post("/enter", {"code": code, "name": "Canary Name"})
        visitor.reply("accept", team="Canary Team")
        door.web.get(f"/r/{visitor.link.token}/nothing/here")
    log = "\n".join(each.getMessage() for each in caplog.records if each.name.startswith("waymark"))
    assert "POST /r/(link)/enter 303" in log
    for secret in (visitor.link.token, code, "Canary", *visitor.cookies.values()):
        assert secret not in log


def test_a_forwarded_link_in_another_browser_opens_nothing(door: Door) -> None:
    owner, other = inside(door), None
    other = Visitor(door, owner.link)
    assert other.get("/referral").status_code == 401
    before = everything(door)["notice"]
    page = other.post("/code", {"email": "me@elsewhere.example"})
    with door.loop.database.reading() as session:
        newest = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
        assert newest is not None
        assert newest.mailbox_id == session.get_one(Referral, owner.link.referral_id).mailbox_id
    assert everything(door)["notice"] == before + 1
    assert "elsewhere" not in page.text


# The code


def test_the_code_opens_and_the_referral_is_received(door: Door) -> None:
    visitor = Visitor(door, a_link(door.loop))
    code = visitor.code()
    before = dict(visitor.cookies)
    page = visitor.post("/enter", {"code": code.lower(), "name": "Mo Reid"})
    assert "Can you help this person?" in page.text
    assert state_of(visitor) == "received"
    assert visitor.cookies != before, "the session is new"
    visitor.cookies = before
    assert visitor.get("/referral").status_code == 401


def test_what_was_typed_stays_when_the_code_is_wrong(door: Door) -> None:
    visitor = Visitor(door, a_link(door.loop))
    visitor.code()
    page = visitor.post("/enter", {"code": "ABCD-1234", "name": "Mo “Reid”"})
    assert page.status_code == 422
    assert "That is not the code" in page.text
    assert "Mo “Reid”" in page.text
    assert 'value="ABCD-1234"' in page.text
    assert 'href="#code"' in page.text


def test_asking_for_a_code_inside_leads_to_the_referral(door: Door) -> None:
    visitor = inside(door)
    before = everything(door)
    assert "Can you help this person?" in visitor.post().text
    assert everything(door)["link_code"] == before["link_code"]


def test_too_many_codes_from_one_network(door: Door) -> None:
    token = "w" * 43
    statuses = [door.web.post(f"/r/{token}").status_code for _ in range(11)]
    assert statuses == [303] * 10 + [429]
    page = door.web.post(f"/r/{token}")
    assert "Wait five minutes" in page.text
    assert PHONE in page.text


def test_a_session_ends_after_twenty_idle_minutes(door: Door) -> None:
    visitor = inside(door)
    door.clock.pass_(minutes=19)
    assert visitor.get("/referral").status_code == 200
    door.clock.pass_(minutes=1)
    page = visitor.post("/referral/accept", visitor.form("accept"))
    assert page.status_code == 401
    assert "Your time at this link is over" in page.text
    assert state_of(visitor) == "received"


def test_a_session_in_use_ends_after_an_hour(door: Door) -> None:
    visitor = inside(door, State.IN_SERVICE)
    for _ in range(3):
        door.clock.pass_(minutes=18)
        assert visitor.reply("progress", engaged="yes").status_code == 200
    door.clock.pass_(minutes=6)
    assert visitor.get("/referral").status_code == 401


def test_leaving_ends_it_here_and_in_the_browser(door: Door) -> None:
    visitor = inside(door)
    kept = dict(visitor.cookies)
    answer = visitor.post("/done")
    assert "You have left" in answer.text
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    visitor.cookies = kept
    assert visitor.get("/referral").status_code == 401


def test_a_session_of_one_link_is_nothing_at_another(door: Door) -> None:
    visitor, other = inside(door), a_link(door.loop)
    [value] = visitor.cookies.values()
    theirs = Visitor(door, other)
    theirs.post()
    theirs.cookies = dict.fromkeys(theirs.cookies, value)
    assert theirs.get("/referral").status_code == 401


def test_a_withdrawal_shuts_the_page_at_once(door: Door) -> None:
    visitor = inside(door, State.ACCEPTED)
    form = visitor.form("start")
    with door.loop.database.session() as session:
        locators.revoke(session, visitor.link.referral_id, door.loop.clock())
    assert visitor.get("/referral").status_code == 401
    assert visitor.post("/referral/start", form).status_code == 401
    assert state_of(visitor) == "accepted"


# Answers


def day(door: Door, days: int = 3) -> str:
    return (door.loop.clock() + timedelta(days=days)).date().isoformat()


ANSWERS = [
    pytest.param(State.SENT, "accept", {}, "accepted", "How to reach the person", id="accept with the day given"),
    pytest.param(State.RECEIVED, "accept", {"team": "Team Blue"}, "accepted", "How to reach", id="accept for a team"),
    pytest.param(State.RECEIVED, "waitlist", {"wait_band": "w12"}, "waitlisted", "want to wait", id="waitlist"),
    pytest.param(
        State.RECEIVED, "decline", {"reason": "D1", "may_contact_again": "yes"}, "declined", "other help", id="decline"
    ),
    pytest.param(
        State.RECEIVED, "decline", {"reason": "D2", "may_contact_again": "no", "wait_band": "w12"}, "declined",
        "other help", id="decline with a wait",
    ),
    pytest.param(State.RECEIVED, "ask_info", {"question": "area"}, "info_requested", "A worker answers", id="ask"),
    pytest.param(State.ACCEPTED, "schedule", {"channel": "phone"}, "scheduled", "day is kept", id="schedule"),
    pytest.param(State.SCHEDULED, "missed", {"who_missed": "person"}, "scheduled", "another day", id="missed"),
    pytest.param(
        State.ACCEPTED, "not_reached", {"attempts": "3", "days": "2"}, "not_reached", "rings you", id="not reached"
    ),
    pytest.param(State.ACCEPTED, "start", {}, "in_service", "how it goes", id="start"),
    pytest.param(State.IN_SERVICE, "progress", {"engaged": "yes"}, "in_service", "tell us again", id="progress"),
    pytest.param(
        State.IN_SERVICE, "outcome", {"engagement": "E1", "service": "S1", "need_result": "N1"}, "closed",
        "closed now", id="outcome",
    ),
    pytest.param(State.WAITLISTED, "accept", {}, "accepted", "How to reach the person", id="off the waiting list"),
    pytest.param(State.DECLINED, "accept", {}, "declined", "over when your answer came", id="late: after a no"),
    pytest.param(State.UNANSWERED, "waitlist", {"wait_band": "w4"}, "unanswered", "a worker looks", id="late: a wait"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "name", "fields", "then", "told"), ANSWERS)
def test_every_answer_by_its_form(
    door: Door, state: State, name: str, fields: dict[str, str], then: str, told: str
) -> None:
    visitor = inside(door, state)
    if name == "schedule":
        fields = {**fields, "on": day(door)}
    page = visitor.reply(name, **fields)
    assert page.status_code == 200, page.text
    assert (state_of(visitor), told in page.text) == (then, True)
    assert str(page.url).endswith(("?said=late", f"?said={name}"))


def test_a_closed_one_is_put_right_and_opened_again(door: Door) -> None:
    visitor = inside(door, State.IN_SERVICE)
    fields = {"engagement": "E1", "service": "S1", "need_result": "N1"}
    visitor.reply("outcome", **fields)
    visitor.reply("outcome", **{**fields, "need_result": "N2"})
    with door.loop.database.reading() as session:
        last = moves.events(session, visitor.link.referral_id)[-1]
        assert (last.event, last.details["need_result"]) == ("outcome", "N2")
    page = visitor.reply("reopen")
    assert ("open again" in page.text, state_of(visitor)) == (True, "in_service")


@pytest.mark.parametrize("state", list(answer_replies.OFFERED))
def test_what_is_offered_is_what_the_table_allows(state: State) -> None:
    first, more = answer_replies.OFFERED[state]
    allowed = {event.value for event in moves_of(state)} - {"open", "late_reply"}
    if state in OVER - {State.CLOSED}:
        assert Event.LATE_REPLY in moves_of(state)
        assert {*first, *more} <= {"accept", "waitlist", "decline", "outcome"}
    else:
        assert {*first, *more} == allowed


def moves_of(state: State) -> tuple[Event, ...]:
    from directory.referrals import lifecycle

    return lifecycle.moves(state, Actor.PROVIDER)


def test_a_state_without_answers_has_none_that_are_allowed() -> None:
    assert not [
        state for state in State if state not in answer_replies.OFFERED and moves_of(state) and state not in OVER
    ]


def test_every_state_and_field_has_its_words() -> None:
    assert set(answer_words.STANDING) == set(State)
    shown = {name for tier in (2, 3, 4) for name in disclosure.TIERS[Tier(tier)]}
    assert shown == set(answer_words.FIELDS)


@pytest.mark.parametrize(
    ("state", "name", "fields", "at"),
    [
        pytest.param(State.RECEIVED, "accept", {"first_contact_by": ""}, "first_contact_by", id="no day"),
        pytest.param(State.RECEIVED, "accept", {"first_contact_by": "soon"}, "first_contact_by", id="no such day"),
        pytest.param(State.RECEIVED, "accept", {"first_contact_by": "31/2/2027"}, "first_contact_by", id="30 Feb"),
        pytest.param(State.RECEIVED, "accept", {"first_contact_by": "2020-01-01"}, "first_contact_by", id="over"),
        pytest.param(State.RECEIVED, "accept", {"team": "x" * 200}, "team", id="a novel"),
        pytest.param(State.RECEIVED, "decline", {"may_contact_again": "yes"}, "reason", id="no reason"),
        pytest.param(State.RECEIVED, "decline", {"reason": "D1"}, "may_contact_again", id="no yes or no"),
        pytest.param(
            State.RECEIVED, "decline", {"reason": "D99", "may_contact_again": "no"}, "reason", id="no such code"
        ),
        pytest.param(State.RECEIVED, "waitlist", {"wait_band": "w4", "next_update_on": "2029-01-01"}, "next_update_on",
                     id="too far off"),
        pytest.param(State.ACCEPTED, "not_reached", {"attempts": "1", "days": "1"}, "attempts", id="too few tries"),
        pytest.param(State.ACCEPTED, "not_reached", {"attempts": "many", "days": "1"}, "attempts", id="no number"),
        pytest.param(State.ACCEPTED, "start", {"on": "2029-01-01"}, "on", id="begun in the future"),
        pytest.param(State.IN_SERVICE, "outcome", {"engagement": "E1", "service": "S8", "need_result": "N1"},
                     "service", id="a code for workers"),
    ],
)  # fmt: skip
def test_a_mistake_keeps_everything_and_says_where_it_is(
    door: Door, state: State, name: str, fields: dict[str, str], at: str
) -> None:
    visitor = inside(door, state)
    key = visitor.form(name)["key"]
    page = visitor.reply(name, **fields)
    assert page.status_code == 422, page.text
    assert f'href="#{name}-{at}"' in page.text
    assert re.search(rf'<details class="answer answer--{name}" open', page.text)
    assert state_of(visitor) == state.value
    assert visitor.form(name)["key"] == key
    for field, value in fields.items():
        if field != at or value in ("yes", "no"):
            assert value in page.text


@pytest.mark.parametrize("version", ["", "-1", "x", "9" * 40, "²"])
@pytest.mark.parametrize("key", ["", "k" * 500])
def test_a_form_of_nobodys_making_does_nothing(door: Door, version: str, key: str) -> None:
    visitor = inside(door)
    page = visitor.reply("accept", version=version, key=key)
    assert page.status_code == 422
    assert state_of(visitor) == "received"


def test_a_form_sent_twice_is_one_answer(door: Door) -> None:
    visitor = inside(door)
    form = visitor.form("accept")
    first, second = (visitor.post("/referral/accept", form) for _ in range(2))
    assert (first.status_code, state_of(visitor)) == (200, "accepted")
    assert second.status_code in (200, 409), second.text
    with door.loop.database.reading() as session:
        lines = [line.event for line in moves.events(session, visitor.link.referral_id)]
    assert lines.count("accept") == 1


def test_who_looked_too_early_sees_how_it_stands_now(door: Door) -> None:
    one, two = inside(door), None
    two = Visitor(door, one.link)
    two.enter("Jo Grant")
    one.get("/referral")
    one.reply("accept")
    page = two.reply("decline", reason="D1", may_contact_again="no")
    assert page.status_code == 409
    assert "Somebody else changed this meanwhile" in page.text
    assert "You have said yes" in page.text
    assert state_of(one) == "accepted"
    assert two.form("decline")["version"] == str(referral(door.loop, one.link.referral_id).version)


@pytest.mark.parametrize("name", ["outcome", "reopen", "void", "send", "nonsense", "%2e%2e"])
def test_an_answer_that_is_not_offered_shows_how_it_stands(door: Door, name: str) -> None:
    visitor = inside(door)
    form = visitor.form("accept")
    page = visitor.post(f"/referral/{name}", form)
    assert page.status_code in (404, 409)
    assert state_of(visitor) == "received"


def test_no_more_is_asked_than_the_person_agreed_that_we_hear(door: Door) -> None:
    for feedback, names in (
        ("outcome", ["engagement", "service", "need_result"]),
        ("attended", ["engagement"]),
        ("none", []),
    ):
        visitor = inside(door, State.IN_SERVICE)
        with door.loop.database.session() as session:
            own = session.get_one(Referral, visitor.link.referral_id)
            session.get_one(Agreement, own.agreement_id).feedback = feedback
        page = visitor.get("/referral")
        assert [name for name in ("engagement", "service", "need_result") if f'name="{name}"' in page.text] == names
        said = {"engagement": "E1", "service": "S1", "need_result": "N1"}
        visitor.reply("outcome", **{name: said[name] for name in names})
        with door.loop.database.reading() as session:
            details = moves.events(session, visitor.link.referral_id)[-1].details
        assert {name: details[name] for name in said} == {name: said[name] if name in names else "" for name in said}


def test_a_reminder_can_be_put_off_once(door: Door) -> None:
    visitor = inside(door, State.WAITLISTED)
    page = visitor.reply("snooze", reason="staff_away", longer="no")
    assert "comes later" in page.text
    due = referral(door.loop, visitor.link.referral_id).due_on
    assert due == (door.loop.clock() + timedelta(days=7)).date()
    assert locator(door.loop, visitor.link).snoozed_at is not None
    assert "/referral/snooze" not in page.text


# What is shown


def words_of(page: httpx.Response) -> dict[str, str]:
    """The facts that a page shows: label → value."""
    rows = re.findall(r"<dt[^>]*>(.*?)</dt><dd[^>]*>(.*?)</dd>", page.text, re.DOTALL)
    return {label: re.sub(r"<[^>]*>", "", value) for label, value in rows}


LABELS = answer_words.FIELDS
FRAME = {"organization", "reference"}
TIER_2 = {
    "need",
    "urgency",
    "age_band",
    "relation",
    "council",
    "languages",
    "contact_kind",
    "safety_flag",
    "spoc_phone",
}
TIER_3 = TIER_2 | {"name", "contact", "contact_hours", "contact_voicemail"}


@pytest.mark.parametrize(
    ("state", "names"),
    [
        pytest.param(State.RECEIVED, TIER_2, id="undecided"),
        pytest.param(State.WAITLISTED, TIER_2, id="waiting, never accepted"),
        pytest.param(State.PAUSED, TIER_2, id="paused"),
        pytest.param(State.ACCEPTED, TIER_3, id="accepted"),
        pytest.param(State.IN_SERVICE, TIER_3, id="in service"),
        pytest.param(State.DECLINED, {"state", "sent_on", "ended_on", "spoc_phone"}, id="declined"),
        pytest.param(State.UNANSWERED, {"state", "sent_on", "ended_on", "spoc_phone"}, id="unanswered"),
    ],
)
def test_a_page_shows_the_fields_of_its_tier_and_no_other(door: Door, state: State, names: set[str]) -> None:
    visitor = inside(door, state)
    assert set(words_of(visitor.get("/referral"))) == {LABELS[name] for name in names}


def test_no_page_says_more_than_its_tier(door: Door) -> None:
    case = a_case(door.loop, name="Canaryname Smith", phone="01632 960777")
    from tests.directory.referrals.builders import a_referral

    own = a_referral(door.loop, State.RECEIVED, case_id=case)
    visitor = Visitor(door, a_link(door.loop, referral_id=own))
    page = visitor.enter()
    for secret in ("Canaryname", "960777"):
        assert secret not in page.text
    accepted = visitor.reply("accept")
    for shown in ("Canaryname Smith", "01632 960777"):
        assert shown in accepted.text
    declined = visitor.reply("decline", reason="D8", may_contact_again="no")
    assert declined.status_code == 200
    for secret in ("Canaryname", "960777", "Fife", "12 to 15"):
        assert secret not in declined.text


def test_reading_is_written_down_by_names_of_fields(door: Door) -> None:
    visitor = inside(door, State.ACCEPTED)
    visitor.get("/referral")
    with door.loop.database.reading() as session:
        line = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert line is not None
        assert (line.action, line.purpose, line.object_id) == ("view", "tier_3", visitor.link.referral_id)
        assert {"name", "contact"} <= set(line.fields.split("|"))
        assert "Skye" not in line.fields


def test_every_route_of_a_link_is_a_door() -> None:
    assert {route.path for route in ROUTES if getattr(route, "path", "").startswith("/r/")} == {
        route.path for route in answers.ROUTES
    }
