"""Sign-in on every database: codes and recovery codes used once, steps taken once, identities bound once; a leaver."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import argon2
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select

from directory import keys
from directory.accounts import actions, first_admin, passwords, second_factors, sessions, signing_in
from directory.accounts.second_factors import WrongCode
from directory.accounts.signing_in import Browser, Identity
from directory.accounts.steps import StepOver
from directory.accounts.tables import Account, AccountSession
from directory.database import Database
from directory.errors import BadInput, Conflict, NotFound, WaymarkError
from directory.referrals import case_access, leaving, tasks
from directory.referrals.asking import Who
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Case, Referral, Task
from tests.builders import NOON
from tests.directory.accounts.conftest import ANN, PASSWORD, Phone, Staff
from tests.directory.referrals.access_builders import kept_from, staff
from tests.directory.referrals.builders import Time, a_case, a_loop_over, a_referral, ask

BROWSER = Browser("192.0.2.7")


@pytest.fixture
def office(record: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    monkeypatch.setattr(passwords, "_HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    keys.make_keys(tmp_path / "key")
    return Staff(record, keys.open_keys(tmp_path / "key"))


def at_once(do: Callable[[], object], times: int = 4) -> list[object]:
    """Does the same several times at the same moment; what came of those that were not refused."""

    def attempt(_: int) -> object:
        try:
            return do()
        except WaymarkError:
            return None

    with ThreadPoolExecutor(times) as pool:
        return [found for found in pool.map(attempt, range(times)) if found is not None]


def test_a_code_a_recovery_code_and_a_step_are_each_used_once(office: Staff) -> None:
    phone = office.with_factor(office.add())
    office.later(seconds=30)
    step = office.enter().token
    opened = at_once(lambda: signing_in.by_code(office.door, step, phone.code(), BROWSER, office.now))
    assert len(opened) == 1
    twice = [office.enter().token, office.enter().token]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda step: recovered(office, step, phone), twice))
    assert sorted(found) == [False, True]
    with pytest.raises(StepOver):
        signing_in.by_code(office.door, step, phone.code(1), BROWSER, office.now)


def recovered(office: Staff, step: str, phone: Phone) -> bool:
    try:
        signing_in.by_code(office.door, step, phone.recovery[0], BROWSER, office.now)
    except WrongCode:
        return False
    return True


def test_an_identity_is_bound_once_and_an_account_to_one_subject(office: Staff) -> None:
    office.add()
    enter = signing_in.by_organization
    assert enter(office.door, Identity("https://a.example", "s1", ANN), BROWSER, office.now).kind is None
    assert enter(office.door, Identity("https://a.example", "s1"), BROWSER, office.now).kind is None
    assert enter(office.door, Identity("https://b.example", "s1", ANN), BROWSER, office.now).kind is None
    with pytest.raises(signing_in.NoAccountHere):
        enter(office.door, Identity("https://a.example", "s2", ANN), BROWSER, office.now)


def test_a_session_is_locked_renewed_and_left_alone_of_all(office: Staff) -> None:
    owner = office.add()
    here, there = office.a_session(owner), office.a_session(owner)
    sessions.lock(office.record, here, office.now)
    assert office.who(here) is None
    with office.record.session() as session:
        fresh = sessions.only(session, here, office.later(minutes=5).now)
    assert [office.who(token) is not None for token in (here, there, fresh)] == [False, False, True]
    with office.record.reading() as session:
        row = session.scalars(select(AccountSession)).one()
    assert row.locked_at is None


def test_the_first_administrator_is_made_by_one_of_several_at_once(office: Staff) -> None:
    code, made = first_admin.code(office.keys), (ANN, "Ann Example")
    make = first_admin.make
    opened = at_once(lambda: make(office.record, office.keys, code, made, PASSWORD, "192.0.2.7", NOON))
    assert len(opened) == 1
    assert len(actions.everyone(office.record)) == 1


def test_going_back_and_forth_keeps_accounts_roles_and_sessions(office: Staff) -> None:
    token = office.a_session(office.add(ANN, "editor"))
    config = Config()
    config.set_main_option("script_location", str(files("directory").joinpath("migrations")))
    with office.record.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0011")
        command.upgrade(config, "head")
    user = office.who(token)
    assert user
    assert (user.roles, user.single_keys) == ({"editor"}, True)


@pytest.fixture
def loop(record: Database, tmp_path: Path) -> Loop:
    return a_loop_over(record, tmp_path / "home", Time())


def account(loop: Loop, who: Who) -> Account:
    with loop.database.reading() as session:
        return session.get_one(Account, who.id)


def test_somebody_leaves_and_nothing_is_lost(loop: Loop) -> None:
    leaver, heir, admin, supervisor = staff(loop), staff(loop), staff(loop, "admin"), staff(loop, "supervisor")
    led = a_case(loop, lead_worker=leaver.id)
    kept = a_case(loop, lead_worker=leaver.id, phone="01632 960201")
    other = a_case(loop, lead_worker=heir.id, phone="01632 960202")
    closed = a_case(loop, lead_worker=leaver.id, phone="01632 960203", closed_at=loop.clock() - timedelta(days=1))
    kept_from(loop, kept, heir, supervisor)
    case_access.assign(loop, ask(loop, supervisor), other, leaver.id)
    referral = a_referral(loop, State.SENT, case_id=led, worker=leaver.id)
    with loop.database.session() as session:
        for case_id in (led, kept, other, ""):
            tasks.add(session, "reply", NOON, NOON, case_id=case_id, assigned_to=leaver.id, object_id=case_id)
        token = sessions.start(session, leaver.id, loop.clock())
    left = leaving.leave(loop, ask(loop, admin, key="k1"), leaver.id, heir.id)
    assert leaving.leave(loop, ask(loop, admin, key="k1"), leaver.id, heir.id) == left
    assert left.tasks == 4
    assert account(loop, leaver).disabled_at
    assert sessions.user(loop.database, token, loop.clock()) is None
    with loop.database.reading() as session:
        leads = {row.id: row.lead_worker for row in session.scalars(select(Case))}
        waiting = {row.case_id: row.assigned_to for row in session.scalars(select(Task).where(Task.kind == "reply"))}
        assert not case_access.assigned(session, other, leaver.id)
        assert session.get_one(Referral, referral).worker == heir.id
        written = session.scalars(select(AuditEvent).where(AuditEvent.purpose == "leave")).one()
        references = {row.id: row.reference for row in session.scalars(select(Case))}
    assert leads == {led: heir.id, kept: "", other: heir.id, closed: heir.id}
    assert waiting == {led: heir.id, kept: "", other: heir.id, "": heir.id}
    assert left.nobodys == (references[kept],)
    assert set(left.handed_over) == {references[led], references[other], references[closed]}
    assert (written.actor_id, written.object_id) == (admin.id, leaver.id)


def test_to_nobody_all_of_it_waits_for_somebody(loop: Loop) -> None:
    leaver, _ = staff(loop), staff(loop, "admin")
    led = a_case(loop, lead_worker=leaver.id)
    left = leaving.leave(loop, ask(loop), leaver.id)
    with loop.database.reading() as session:
        assert session.get_one(Case, led).lead_worker == ""
        assert left.nobodys == (session.get_one(Case, led).reference,)


def test_only_somebody_who_works_on_cases_goes_on_with_them(loop: Loop) -> None:
    leaver = staff(loop)
    for to in (staff(loop, "analyst"), staff(loop, disabled=True), leaver):
        with pytest.raises(BadInput, match="Choose a colleague"):
            leaving.leave(loop, ask(loop), leaver.id, to.id)
    assert account(loop, leaver).disabled_at is None


def test_the_last_administrator_cannot_leave_nor_somebody_unknown(loop: Loop) -> None:
    admin = staff(loop, "admin")
    with pytest.raises(Conflict, match="another administrator first"):
        leaving.leave(loop, ask(loop), admin.id)
    with pytest.raises(NotFound):
        leaving.leave(loop, ask(loop), "a0000000-0000-4000-8000-00000000000f")
    staff(loop, "admin")
    leaving.leave(loop, ask(loop), admin.id)
    assert account(loop, admin).disabled_at


def test_right_codes_use_up_no_tries(office: Staff) -> None:
    owner = office.add()
    phone = office.with_factor(owner)
    for _ in range(8):
        office.later(seconds=30)
        second_factors.prove(office.record, office.keys, owner, phone.code(), office.now)
