"""The pages of accounts: somebody new with a code, other roles, a lost telephone, a leaver; never one's own, never the
last administrator."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from directory import runtime
from directory.accounts import set_up_codes, signing_in
from directory.accounts.signing_in import Browser
from directory.accounts.tables import Account
from directory.errors import BadInput
from directory.referrals import managing
from directory.referrals.loop import new_key
from directory.referrals.tables import AuditEvent
from tests.web.desk import Desk
from tests.web.mail_desk import a_mail_desk

PEOPLE = "/staff/admin/people"
NEW = {"email": "new@spoc.example", "name": "Nell New", "roles": "worker"}
PASSWORD = "purple otter lighthouse kettle"
CODE = re.compile(r"<code>((?:[0-9A-F]{4}-){3}[0-9A-F]{4})</code>")


@pytest.fixture
def desk(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Desk]:
    with a_mail_desk(installation, tmp_path) as (desk, _, _):
        yield desk


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password's hash costs a third of a second, and none is guessed here."""
    from argon2 import PasswordHasher

    from directory.accounts import passwords

    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def send(desk: Desk, path: str, role: str = "admin", **form: str) -> tuple[int, str]:
    answer = desk.web.post(PEOPLE + path, {"key": new_key(), **form}, **desk.cookie(role))
    return answer.status_code, answer.text


def of(desk: Desk, email: str) -> Account:
    with desk.running.database.reading() as session:
        return session.query(Account).filter_by(email=email).one()


def sign_in(desk: Desk, email: str, password: str) -> None:
    signing_in.by_password(desk.running.door, email, password, Browser("192.0.2.1", None, "", "/staff"), desk.now)


def test_somebody_new_chooses_their_own_password_with_a_code_that_works_once(desk: Desk) -> None:
    status, text = send(desk, "", **NEW)
    assert status == 200
    found = CODE.search(text)
    assert found
    form = {"email": NEW["email"], "code": found[1].lower(), "password": PASSWORD, "again": PASSWORD}
    assert desk.web.post(set_up_codes.PATH, form).status_code == 303
    sign_in(desk, NEW["email"], PASSWORD)
    assert desk.web.post(set_up_codes.PATH, form).status_code == 422


def test_the_form_sent_again_shows_no_code_once_a_password_was_chosen(desk: Desk) -> None:
    found = CODE.search(send(desk, "", **NEW, key="k-add")[1])
    assert found
    again = CODE.search(send(desk, "", **NEW, key="k-add")[1])
    assert again is not None
    typed, record, keys = (NEW["email"], found[1]), desk.running.database, desk.running.loop.keys
    set_up_codes.use(record, keys, typed, PASSWORD, "192.0.2.1", desk.now + timedelta(hours=1))
    status, text = send(desk, "", **NEW, key="k-add")
    assert (status, CODE.search(text), "chosen their password already" in text) == (409, None, True)


def test_who_sets_up_an_account_is_in_the_audit(desk: Desk) -> None:
    found = CODE.search(send(desk, "", **NEW)[1])
    assert found
    desk.web.post(set_up_codes.PATH, {"email": NEW["email"], "code": found[1], "password": PASSWORD, "again": PASSWORD})
    with desk.running.database.reading() as session:
        line = session.query(AuditEvent).filter_by(purpose="set_up").one()
    assert (line.actor_id, line.object_id) == (of(desk, NEW["email"]).id,) * 2


BAD_CODES: tuple[tuple[dict[str, str], str], ...] = (
    ({"code": "0000-0000-0000-0000"}, "code"),
    ({"email": "nobody@spoc.example"}, "code"),
    ({"again": "something else"}, "again"),
    ({"password": "short", "again": "short"}, "password"),
    ({"code": ""}, "code"),
)


def test_a_code_that_does_not_go_changes_nothing(desk: Desk) -> None:
    found = CODE.search(send(desk, "", **NEW)[1])
    assert found
    before = of(desk, NEW["email"]).password_hash
    for change, field in BAD_CODES:
        form = {"email": NEW["email"], "code": found[1], "password": PASSWORD, "again": PASSWORD, **change}
        answer = desk.web.post(set_up_codes.PATH, form)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
    assert of(desk, NEW["email"]).password_hash == before


def test_a_code_is_too_old_after_three_days(desk: Desk) -> None:
    found = CODE.search(send(desk, "", **NEW)[1])
    assert found
    typed, record, keys = (NEW["email"], found[1]), desk.running.database, desk.running.loop.keys
    with pytest.raises(BadInput, match="too old"):
        set_up_codes.use(record, keys, typed, PASSWORD, "192.0.2.1", desk.now + timedelta(days=4))
    set_up_codes.use(record, keys, typed, PASSWORD, "192.0.2.1", desk.now + timedelta(days=3))


MISTAKES: tuple[tuple[dict[str, str], str], ...] = (
    ({"email": "no address"}, "not an e-mail address"),
    ({"email": "worker@example.org"}, "There is an account with this address"),
    ({"roles": ""}, "An account needs a role"),
    ({"name": ""}, "The name cannot be used"),
)


def test_a_mistake_is_told_and_nothing_typed_is_lost(desk: Desk) -> None:
    for change, said in MISTAKES:
        status, text = send(desk, "", **(NEW | change))
        assert status == 422
        assert said in text
        assert NEW["email"] in text or change.get("email", "-") in text


def test_roles_change_at_once_and_are_told_in_the_audit_without_a_name(desk: Desk) -> None:
    own, cookie = desk.ids["worker"], desk.cookie("worker")
    assert send(desk, f"/{own}/roles", role="admin", **{})[0] == 422
    chosen = {"key": "k", "role": ["worker", "editor"]}
    assert desk.web.post(f"{PEOPLE}/{own}/roles", chosen, **desk.cookie("admin")).status_code == 303
    assert desk.web.get("/staff", **cookie).status_code == 303
    with desk.running.database.reading() as session:
        line = session.query(AuditEvent).filter_by(object_type="account").one()
        assert (line.object_id, line.purpose, line.fields) == (own, "roles", "roles=worker>editor,worker")


def test_an_administrator_changes_nothing_of_their_own_account(desk: Desk) -> None:
    for act in ("disable", "sessions", "factor", "code", "leave"):
        assert send(desk, f"/{desk.ids['admin']}/{act}")[0] == 403


def test_the_last_administrator_stays(desk: Desk) -> None:
    second = managing.add(desk.running.loop, _ask(desk), "b@spoc.example", "Bea Second", ["admin"])["id"]
    assert send(desk, f"/{second}/disable")[0] == 303
    asked_by_second = _ask(desk, second)
    with pytest.raises(Exception, match="last administrator"):
        managing.change_roles(desk.running.loop, asked_by_second, desk.ids["admin"], ["worker"])
    with pytest.raises(Exception, match="last administrator"):
        managing.disable(desk.running.loop, asked_by_second, desk.ids["admin"])


def test_a_leaver_is_shut_out_and_a_colleague_is_named_first(desk: Desk) -> None:
    own = desk.ids["worker"]
    assert send(desk, f"/{own}/leave", hand_over_to="choose", sure="yes")[0] == 422
    assert send(desk, f"/{own}/leave", hand_over_to=desk.ids["supervisor"])[0] == 422
    assert send(desk, f"/{own}/leave", hand_over_to=desk.ids["supervisor"], sure="yes")[0] == 303
    text = desk.web.get(f"{PEOPLE}/{own}", **desk.cookie("admin")).text
    assert "Open the account again" in text
    assert of(desk, "worker@example.org").disabled_at is not None


def test_only_who_manages_accounts_sees_them(desk: Desk) -> None:
    assert {desk.web.get(PEOPLE, **desk.cookie(role)).status_code for role in ("worker", "supervisor")} == {403}
    assert send(desk, f"/{desk.ids['worker']}/explode")[0] == 404


def _ask(desk: Desk, by: str = "") -> managing.Ask:
    from directory.referrals.asking import Who
    from directory.referrals.lifecycle import Actor

    return managing.Ask(Who(Actor.WORKER, by or desk.ids["admin"]), desk.now, new_key())
