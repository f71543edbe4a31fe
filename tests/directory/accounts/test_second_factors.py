"""One-time codes: which are taken, that none is taken twice, and what stands in for a lost telephone."""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from directory.accounts import actions, limits, own_account, second_factors, sessions, signing_in, steps
from directory.accounts.own_account import WrongPassword
from directory.accounts.second_factors import WrongCode
from directory.accounts.signing_in import Browser, Entrance
from directory.accounts.steps import Kind, StepOver
from directory.errors import BadInput, TooManyTries, WaymarkError
from directory.keys import Keys
from tests.directory.accounts.conftest import ANN, PASSWORD, Phone, Staff

pytestmark = pytest.mark.usefixtures("cheap_hashes")

BROWSER = Browser("192.0.2.7")


def by_code(staff: Staff, token: str, code: str) -> Entrance:
    return signing_in.by_code(staff.door, token, code, BROWSER, staff.now)


@pytest.fixture
def phone(staff: Staff) -> Phone:
    """Ann's; half a minute later, so that its next code is another one."""
    made = staff.with_factor(staff.add())
    staff.later(seconds=30)
    return made


def test_a_right_password_opens_a_step_and_only_the_code_a_session(staff: Staff, phone: Phone) -> None:
    step = staff.enter()
    assert step.kind is Kind.CODE
    assert staff.who(step.token) is None
    entrance = by_code(staff, step.token, phone.code())
    assert entrance.kind is None
    assert staff.who(entrance.token)
    assert entrance.token != step.token
    with pytest.raises(StepOver):
        by_code(staff, step.token, phone.code(1))


@pytest.mark.parametrize(
    ("around", "right"),
    [
        pytest.param(-2, False, id="a minute old"),
        pytest.param(0, True, id="now"),
        pytest.param(1, True, id="half a minute early"),
        pytest.param(2, False, id="a minute early"),
    ],
)
def test_a_code_is_taken_half_a_minute_round_its_time(staff: Staff, phone: Phone, around: int, right: bool) -> None:
    step = staff.later(minutes=5).enter()
    if right:
        assert by_code(staff, step.token, phone.code(around)).kind is None
        return
    with pytest.raises(WrongCode):
        by_code(staff, step.token, phone.code(around))


@pytest.mark.parametrize("earlier", [0, -1], ids=["the same", "the one before"])
def test_no_time_step_is_taken_twice_nor_one_before_it(staff: Staff, phone: Phone, earlier: int) -> None:
    staff.later(minutes=5)
    by_code(staff, staff.enter().token, phone.code())
    with pytest.raises(WrongCode):
        by_code(staff, staff.enter().token, phone.code(earlier))
    assert by_code(staff, staff.enter().token, phone.code(1)).kind is None


def test_the_code_that_set_it_up_signs_nobody_in(staff: Staff) -> None:
    phone = staff.with_factor(staff.add())
    with pytest.raises(WrongCode):
        by_code(staff, staff.enter().token, phone.code())


@pytest.mark.parametrize("typed", ["", "abc", "00000x", "1" * 5000, "\udcff", "٣٤٥٦٧٨", "O0000"])
def test_what_is_no_code_is_wrong(staff: Staff, phone: Phone, typed: str) -> None:
    with pytest.raises(WrongCode):
        by_code(staff, staff.enter().token, typed)


@given(st.text(max_size=50))
def test_reading_a_code_never_breaks(typed: str) -> None:
    assert second_factors._read(typed).isascii()


def test_blanks_in_a_code_do_not_matter(staff: Staff, phone: Phone) -> None:
    code = phone.code()
    assert by_code(staff, staff.enter().token, f" {code[:3]} {code[3:]} ").kind is None


@pytest.mark.parametrize(
    ("minutes_between", "until_refused"), [(0.0, 5), (2.0, 20)], ids=["5 in 5 minutes", "20 in an hour"]
)
def test_codes_are_limited(staff: Staff, phone: Phone, minutes_between: float, until_refused: int) -> None:
    for _ in range(until_refused):
        with pytest.raises(WrongCode):
            second_factors.prove(staff.record, staff.keys, _ann(staff), "000000", staff.now)
        staff.later(minutes=minutes_between)
    with pytest.raises(TooManyTries):
        second_factors.prove(staff.record, staff.keys, _ann(staff), phone.code(), staff.now)
    staff.later(hours=1)
    second_factors.prove(staff.record, staff.keys, _ann(staff), phone.code(), staff.now)


def test_twenty_codes_at_once_count_as_twenty(staff: Staff, phone: Phone) -> None:
    token, outcomes = staff.enter().token, Counter[str]()

    def attempt(_: int) -> None:
        try:
            by_code(staff, token, "000000")
        except WaymarkError as error:
            outcomes[type(error).__name__] += 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(20)))
    assert outcomes.total() == 20
    assert 0 < outcomes["WrongCode"] <= limits.CODE_LIMITS[0][1]


def test_one_code_sent_twice_at_once_opens_one_session(staff: Staff, phone: Phone) -> None:
    token, code = staff.enter().token, phone.code()

    def attempt(_: int) -> str:
        try:
            return by_code(staff, token, code).token
        except WaymarkError:
            return ""

    with ThreadPoolExecutor(4) as pool:
        opened = [found for found in pool.map(attempt, range(4)) if found]
    assert len(opened) == 1


def test_a_step_is_over_after_a_quarter_of_an_hour(staff: Staff, phone: Phone) -> None:
    step = staff.enter()
    staff.later(minutes=15)
    with pytest.raises(StepOver):
        by_code(staff, step.token, phone.code())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: actions.disable(s.record, ANN, s.now), id="disabled"),
        pytest.param(lambda s: actions.set_roles(s.record, ANN, ["admin"]), id="other roles"),
        pytest.param(lambda s: actions.set_password(s.record, ANN, "five owls are better", s.now), id="password"),
        pytest.param(lambda s: actions.reset_second_factor(s.record, ANN), id="reset"),
    ],
)
def test_what_ends_sessions_ends_a_sign_in_on_its_way(staff: Staff, phone: Phone, change: object) -> None:
    step = staff.enter()
    change(staff)  # type: ignore[operator]  # a lambda of the list above
    with pytest.raises(StepOver):
        by_code(staff, step.token, phone.code())


def test_a_recovery_code_signs_in_once(staff: Staff, phone: Phone) -> None:
    assert len(set(phone.recovery)) == second_factors.RECOVERY_CODES
    code = phone.recovery[3]
    assert by_code(staff, staff.enter().token, code.lower().replace("-", " ")).kind is None
    with pytest.raises(WrongCode):
        by_code(staff, staff.enter().token, code)
    assert own_account.standing(staff.record, _ann(staff), staff.now).recovery_left == 9


def test_a_recovery_code_is_nobody_elses(staff: Staff, phone: Phone) -> None:
    other = staff.with_factor(staff.add("bea@example.org"))
    with pytest.raises(WrongCode):
        by_code(staff, staff.enter().token, other.recovery[0])


def test_neither_secret_nor_codes_are_in_the_record(staff: Staff, phone: Phone) -> None:
    with staff.record.reading() as session:
        held = str(
            [session.execute(text(f"SELECT * FROM {table}")).all() for table in ("account_factor", "recovery_code")]
        )
    for secret in (phone.secret, phone.code(), *phone.recovery, *(code.replace("-", "") for code in phone.recovery)):
        assert secret not in held


def test_a_factor_outlives_a_new_key(staff: Staff, phone: Phone) -> None:
    staff.keys = Keys("k2", {**staff.keys.masters, "k2": b"2" * 32})
    assert by_code(staff, staff.enter().token, phone.code()).kind is None
    assert by_code(staff, staff.enter().token, phone.recovery[0]).kind is None


def test_where_all_must_have_one_nothing_opens_before_it_is_set_up(staff: Staff) -> None:
    owner = staff.add()
    staff.required = True
    step = staff.enter()
    assert step.kind is Kind.SET_UP
    assert staff.who(step.token) is None
    phone = Phone(staff, second_factors.new_secret(staff.record, staff.keys, owner))
    with pytest.raises(WrongCode):
        signing_in.by_set_up(staff.door, step.token, phone.code(5), BROWSER, staff.now)
    with pytest.raises(StepOver):
        by_code(staff, step.token, phone.code())
    entrance, codes = signing_in.by_set_up(staff.door, step.token, phone.code(), BROWSER, staff.now)
    assert staff.who(entrance.token)
    assert len(codes) == second_factors.RECOVERY_CODES
    assert staff.later(seconds=30).enter().kind is Kind.CODE


def test_it_is_set_up_in_one_browser_at_a_time(staff: Staff) -> None:
    owner = staff.add()
    staff.required = True
    first, second = staff.enter(), staff.enter()
    phone = Phone(staff, second_factors.new_secret(staff.record, staff.keys, owner))
    with pytest.raises(StepOver):
        signing_in.by_set_up(staff.door, first.token, phone.code(), BROWSER, staff.now)
    assert signing_in.by_set_up(staff.door, second.token, phone.code(), BROWSER, staff.now)[0].kind is None


def test_setting_up_another_keeps_the_first_until_it_is_proved(staff: Staff, phone: Phone) -> None:
    owner = _ann(staff)
    token = staff.a_session(owner)
    elsewhere = staff.a_session(owner)
    for password, code in ((PASSWORD, ""), (PASSWORD, "000000"), ("wrong", phone.code())):
        with pytest.raises(BadInput):
            own_account.begin_second_factor(staff.door, owner, password, code, "192.0.2.7", staff.now)
    own_account.begin_second_factor(staff.door, owner, PASSWORD, phone.code(), "192.0.2.7", staff.now)
    staff.later(seconds=30)
    another = Phone(staff, second_factors.new_secret(staff.record, staff.keys, owner))
    assert by_code(staff, staff.enter().token, phone.code()).kind is None
    with pytest.raises(own_account.WrongPassword):
        own_account.confirm_second_factor(staff.door, owner, token, "wrong", another.code(), "192.0.2.7", staff.now)
    typed = (PASSWORD, another.code(), "192.0.2.7")
    fresh, _ = own_account.confirm_second_factor(staff.door, owner, token, *typed, staff.now)
    assert [staff.who(each) is not None for each in (token, elsewhere, fresh)] == [False, False, True]
    staff.later(seconds=30)
    with pytest.raises(WrongCode):
        by_code(staff, staff.enter().token, phone.code())
    assert by_code(staff, staff.enter().token, another.code()).kind is None


def test_removing_it_needs_a_code_and_is_refused_where_all_must_have_one(staff: Staff, phone: Phone) -> None:
    owner, token = _ann(staff), staff.a_session(_ann(staff))
    with pytest.raises(WrongCode):
        own_account.remove_second_factor(staff.door, owner, token, "000000", staff.now)
    staff.required = True
    with pytest.raises(BadInput, match="Everybody"):
        own_account.remove_second_factor(staff.door, owner, token, phone.code(), staff.now)
    staff.required = False
    assert staff.who(own_account.remove_second_factor(staff.door, owner, token, phone.code(), staff.now))
    assert staff.enter().kind is None


def test_a_reset_takes_all_of_it_and_every_session(staff: Staff, phone: Phone) -> None:
    token = staff.a_session(_ann(staff))
    actions.reset_second_factor(staff.record, ANN)
    assert staff.who(token) is None
    assert staff.enter().kind is None


def test_a_locked_session_is_nobodys_until_it_is_unlocked_with_another_id(staff: Staff, phone: Phone) -> None:
    owner, token = _ann(staff), staff.a_session(_ann(staff))
    sessions.lock(staff.record, token, staff.now)
    assert staff.who(token) is None
    with pytest.raises(WrongPassword):
        own_account.unlock(staff.door, token, owner, "wrong password here", "", "", staff.now)
    with pytest.raises(WrongCode):
        own_account.unlock(staff.door, token, owner, "", "000000", "", staff.now)
    by_password = own_account.unlock(staff.door, token, owner, PASSWORD, "", "", staff.now)
    assert staff.who(by_password)
    assert staff.who(token) is None
    sessions.lock(staff.record, by_password, staff.now)
    by_phone = own_account.unlock(staff.door, by_password, owner, "", phone.code(), "", staff.now)
    assert staff.who(by_phone)
    assert len({token, by_password, by_phone}) == 3
    assert len(sessions.listed(staff.record, owner, staff.now)) == 1


def test_unlocking_does_not_lengthen_a_session(staff: Staff) -> None:
    owner = staff.add()
    token = staff.a_session(owner)
    for _ in range(25):
        staff.later(minutes=28)
        sessions.lock(staff.record, token, staff.now)
        token = own_account.unlock(staff.door, token, owner, PASSWORD, "", "", staff.now)
    assert staff.who(token)
    assert staff.later(minutes=20).who(token) is None


def test_sessions_are_listed_and_ended_by_their_owner_only(staff: Staff) -> None:
    owner, other = staff.add(), staff.add("bea@example.org")
    here, there, hers = staff.sign_in(), staff.sign_in(), staff.a_session(other)
    shown = sessions.listed(staff.record, owner, staff.now)
    assert [each.device for each in shown] == ["Firefox", "Firefox"]
    seen = sessions.seen(staff.record, there, staff.now)
    assert seen
    assert sessions.revoke(staff.record, other, [seen.handle]) == 0
    assert sessions.revoke(staff.record, owner, [seen.handle]) == 1
    assert [staff.who(token) is not None for token in (here, there, hers)] == [True, False, True]
    assert staff.who(seen.handle) is None
    staff.later(hours=1)
    assert sessions.listed(staff.record, owner, staff.now) == []


def test_a_changed_password_keeps_this_session_alone_under_another_id(staff: Staff) -> None:
    owner = staff.add()
    here, there = staff.a_session(owner), staff.a_session(owner)
    change = (staff.record, owner, here)
    with pytest.raises(WrongPassword) as wrong:
        own_account.change_password(*change, "wrong password here", "five owls are better", "", staff.now)
    with pytest.raises(BadInput) as weak:
        own_account.change_password(*change, PASSWORD, "owls", "", staff.now)
    assert (wrong.value.field, weak.value.field) == ("current", "new")
    fresh = own_account.change_password(*change, PASSWORD, "five owls are better", "", staff.now)
    assert [staff.who(token) is not None for token in (here, there, fresh)] == [False, False, True]


def test_no_log_holds_a_code_a_secret_or_an_address(
    staff: Staff, phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "waymark"):
        step = staff.enter()
        with pytest.raises(WrongCode):
            by_code(staff, step.token, "000000")
        entrance = by_code(staff, step.token, phone.code())
    log = "\n".join(record.getMessage() for record in caplog.records)
    assert "code refused: account" in log
    for secret in (phone.secret, phone.code(), "000000", step.token, entrance.token, "example.org"):
        assert secret not in log


def test_steps_left_behind_are_swept(staff: Staff, phone: Phone) -> None:
    staff.enter()
    staff.later(minutes=20).enter()
    with staff.record.reading() as session:
        assert session.execute(text("SELECT count(*) FROM sign_in_step")).scalar() == 1
    assert timedelta(minutes=15) == steps.LIFE


def _ann(staff: Staff) -> str:
    return actions.find(staff.record, ANN).id
