"""When a session is over: idle, too old, signed out, or its account changed."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text

from directory.accounts import actions, sessions, signing_in
from directory.accounts.tables import AccountSession
from tests.builders import NOON
from tests.directory.accounts.conftest import ANN, Staff


def rows(staff: Staff) -> int:
    with staff.record.reading() as session:
        return session.scalar(select(func.count()).select_from(AccountSession)) or 0


def test_an_id_has_256_random_bits_and_is_not_in_the_record(staff: Staff) -> None:
    owner = staff.add()
    tokens = {staff.a_session(owner) for _ in range(50)}
    assert len(tokens) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    with staff.record.reading() as session:
        held = str(session.execute(text("SELECT * FROM account_session")).all())
    assert not any(token in held for token in tokens)


def test_a_session_says_who(staff: Staff) -> None:
    owner = staff.add(ANN, "editor", "auditor")
    user = staff.who(staff.a_session(owner))
    assert user
    assert (user.id, user.full_name, user.roles) == (owner, "Ann Example", {"editor", "auditor"})


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("A" * 43, id="unknown"),
        pytest.param("A" * 44, id="too long"),
        pytest.param("é" * 43, id="not ASCII"),
        pytest.param("A" * 42 + "\n", id="line end"),
        pytest.param("' OR 1=1 --".ljust(43, "A"), id="SQL"),
    ],
)
def test_any_other_id_is_nobody(staff: Staff, token: str | None) -> None:
    staff.a_session(staff.add())
    assert staff.who(token) is None


def test_the_hash_is_no_way_in(staff: Staff) -> None:
    staff.a_session(staff.add())
    with staff.record.reading() as session:
        held = session.scalar(select(AccountSession.token_hash))
    assert held
    assert staff.who(held) is None
    assert staff.who(held[:43]) is None


@pytest.mark.parametrize(
    ("minutes", "alive"), [pytest.param(29.99, True, id="just before"), pytest.param(30, False, id="at the limit")]
)
def test_a_session_not_used_is_over_after_half_an_hour(staff: Staff, minutes: float, alive: bool) -> None:
    token = staff.a_session(staff.add())
    assert (staff.later(minutes=minutes).who(token) is not None) is alive


def test_use_keeps_a_session_open_but_not_beyond_twelve_hours(staff: Staff) -> None:
    token = staff.a_session(staff.add())
    for _ in range(35):
        assert staff.later(minutes=20).who(token)
    assert staff.later(minutes=19.9).who(token)
    assert staff.later(minutes=0.1).who(token) is None


def test_a_look_within_the_minute_writes_nothing(staff: Staff) -> None:
    token = staff.a_session(staff.add())
    for _ in range(5):
        staff.later(seconds=11).who(token)
    with staff.record.reading() as session:
        assert session.scalar(select(AccountSession.last_seen_at).where(AccountSession.last_seen_at != NOON)) is None


@given(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2)),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2)),
)
def test_a_session_is_over_by_either_limit(age: timedelta, idle: timedelta) -> None:
    over = sessions.is_over(NOON - age, NOON - idle, NOON)
    assert over is (idle >= timedelta(minutes=30) or age >= timedelta(hours=12))


def test_signing_out_ends_one_session_only(staff: Staff) -> None:
    owner = staff.add()
    here, elsewhere = staff.a_session(owner), staff.a_session(owner)
    signing_in.sign_out(staff.record, here)
    signing_in.sign_out(staff.record, here)
    assert staff.who(here) is None
    assert staff.who(elsewhere)


def test_a_thousand_sessions_signed_out_are_refused(staff: Staff) -> None:
    owner = staff.add()
    with staff.record.session() as session:
        tokens = [sessions.start(session, owner, staff.now) for _ in range(1001)]
    with staff.record.session() as session:
        for token in tokens[1:]:
            sessions.end(session, token)
    assert [token for token in tokens if staff.who(token)] == tokens[:1]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: actions.disable(s.record, ANN, s.now), id="disabled"),
        pytest.param(lambda s: actions.set_roles(s.record, ANN, ["admin"]), id="other roles"),
        pytest.param(lambda s: actions.set_password(s.record, ANN, "five owls are better", s.now), id="other password"),
    ],
)
def test_a_thousand_old_sessions_are_refused_after_a_change(staff: Staff, change: object) -> None:
    owner, other = staff.add(), staff.add("bea@example.org")
    with staff.record.session() as session:
        tokens = [sessions.start(session, owner, staff.now) for _ in range(1000)]
    kept = staff.a_session(other)
    assert staff.who(tokens[0])
    assert staff.who(tokens[-1])
    change(staff)  # type: ignore[operator]  # a lambda of the list above
    assert [token for token in tokens if staff.who(token)] == []
    assert staff.who(kept)


def test_a_session_put_back_for_a_disabled_account_is_nobody(staff: Staff) -> None:
    owner = staff.add()
    actions.disable(staff.record, ANN, staff.now)
    assert staff.who(staff.a_session(owner)) is None


def test_sessions_that_are_over_are_swept_at_the_next_sign_in(staff: Staff) -> None:
    owner = staff.add()
    staff.a_session(owner)
    staff.later(minutes=20).a_session(owner)
    assert rows(staff) == 2
    staff.later(minutes=15).sign_in()
    assert rows(staff) == 2


def test_ways_in_end_before_sessions_so_that_none_is_taken_between_them(staff: Staff) -> None:
    token, said = staff.a_session(staff.add()), list[str]()
    event.listen(staff.record.engine, "before_cursor_execute", lambda *found: said.append(found[2]))
    with staff.record.session() as session:
        fresh = sessions.only(session, token, staff.now)
        assert fresh
        sessions.end_all(session, "nobody")
    steps = [number for number, each in enumerate(said) if each.startswith("DELETE FROM sign_in_step")]
    ends = [number for number, each in enumerate(said) if each.startswith("DELETE FROM account_session")]
    assert [steps[0] < ends[-2], steps[1] < ends[-1], len(steps)] == [True, True, 2]
