"""What is due is worked out when it is read: by state, urgency and working time, whatever the scheduler did."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from directory.referrals import timers
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import Notice, Referral, ReferralEvent
from directory.referrals.timers import Clock, Does, Due
from tests.directory.referrals.builders import Time, a_loop, a_policy, a_referral

POLICY = a_policy()
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path, Time(MONDAY)) as made:
        yield made


def a_clock(
    state: State = State.SENT, urgent: bool = False, at: datetime = MONDAY, due_on: date | None = None
) -> Clock:
    return Clock("r1", state, timers.STAGES[state], 1, at, urgent, due_on)


def steps(clock: Clock, now: datetime = MONDAY) -> dict[str, datetime]:
    return {each.step.timer: each.at for each in timers.due(POLICY, clock, now)}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("urgent", "expected"),
    [
        pytest.param(
            False,
            {
                "acknowledge": "2026-11-25 09:00",
                "decide": "2026-12-01 09:00",
                "lapse_warning": "2026-12-04 09:00",
                "lapse": "2026-12-08 09:00",
            },
            id="routine, over St Andrew's Day",
        ),
        pytest.param(
            True,
            {
                "acknowledge": "2026-11-23 13:00",
                "decide": "2026-11-24 09:00",
                "lapse_warning": "2026-11-24 13:00",
                "lapse": "2026-11-25 09:00",
            },
            id="urgent",
        ),
    ],
)
def test_an_answer_is_waited_for_so_long(urgent: bool, expected: dict[str, str]) -> None:
    assert steps(a_clock(urgent=urgent)) == {name: moment(text) for name, text in expected.items()}


def test_every_state_that_time_can_move_has_a_stage_and_every_timer_a_span() -> None:
    assert set(timers.STAGES) == {State(state) for state in timers.WATCHED}
    for state in timers.STAGES:
        assert steps(a_clock(state, due_on=date(2026, 12, 1)))


def test_the_day_that_a_provider_named_is_late_only_after_its_end() -> None:
    named = steps(a_clock(State.ACCEPTED, due_on=date(2026, 11, 27)))
    assert named["first_contact"] == moment("2026-11-27 17:00")
    assert named["first_contact+decide"] > named["first_contact"]


def test_a_question_is_ours_to_answer_and_never_lapses() -> None:
    (only,) = timers.due(POLICY, a_clock(State.INFO_REQUESTED), MONDAY)
    assert only.step.does is Does.SUPERVISOR


@given(st.sampled_from(sorted(timers.STAGES)), st.booleans(), st.integers(0, 60 * 24 * 400))
def test_steps_come_one_after_the_other(state: State, urgent: bool, minutes: int) -> None:
    found: tuple[Due, ...] = timers.due(POLICY, a_clock(state, urgent, MONDAY + timedelta(minutes=minutes)), MONDAY)
    moments = [each.at for each in found]
    assert moments == sorted(moments)
    assert all(each.over == MONDAY - each.at for each in found)


def clock_of(loop: Loop, referral_id: str) -> Clock:
    with loop.database.reading() as session:
        (only,) = timers.clocks(session, [referral_id])
        return only


def put(loop: Loop, referral_id: str, event: str, to: str, seq: int, at: datetime, **details: str) -> None:
    with loop.database.session() as session:
        row = session.get_one(Referral, referral_id)
        session.add(
            ReferralEvent(
                referral_id=referral_id, seq=seq, event=event, at=at, actor_kind="provider", state_from=row.state,
                state_to=to, details=details,
            )
        )  # fmt: skip
        row.state, row.version, row.stage_at = to, seq, at


def a_message(loop: Loop, referral_id: str, handed_over: datetime | None) -> None:
    with loop.database.session() as session:
        many = len(session.scalars(select(Notice)).all())
        session.add(
            Notice(
                template="referral", referral_id=referral_id, message_id=f"<m{many}@x.example>", made_at=MONDAY,
                due_at=MONDAY, handed_over_at=handed_over, settled_at=handed_over,
            )
        )  # fmt: skip


def test_a_provider_cannot_be_late_with_what_has_not_left(loop: Loop) -> None:
    own = a_referral(loop, State.SENT)
    a_message(loop, own, None)
    waiting = clock_of(loop, own)
    assert waiting.waits_for_mail
    assert timers.due(POLICY, waiting, MONDAY + timedelta(days=60)) == ()


def test_the_clock_counts_from_when_the_message_was_handed_over(loop: Loop) -> None:
    own = a_referral(loop, State.SENT)
    a_message(loop, own, MONDAY + timedelta(days=1))
    assert clock_of(loop, own).at == MONDAY + timedelta(days=1)


def test_opening_does_not_start_the_clock_anew(loop: Loop) -> None:
    own = a_referral(loop, State.SENT)
    a_message(loop, own, MONDAY)
    put(loop, own, "open", "received", 2, MONDAY + timedelta(days=3))
    found = clock_of(loop, own)
    assert (found.at, found.stage.name, found.key) == (MONDAY, "answer", "answer:1")


def test_our_answer_starts_it_anew(loop: Loop) -> None:
    own = a_referral(loop, State.SENT)
    put(loop, own, "ask_info", "info_requested", 2, MONDAY + timedelta(days=1))
    put(loop, own, "give_info", "received", 3, MONDAY + timedelta(days=2))
    assert clock_of(loop, own).at == MONDAY + timedelta(days=2)


def test_a_second_sending_counts_from_its_own_message(loop: Loop) -> None:
    own = a_referral(loop, State.SENT)
    a_message(loop, own, MONDAY)
    put(loop, own, "decline", "declined", 2, MONDAY + timedelta(days=1))
    put(loop, own, "dispose", "sent", 3, MONDAY + timedelta(days=2))
    assert clock_of(loop, own).at == MONDAY + timedelta(days=2)
    a_message(loop, own, MONDAY + timedelta(days=3))
    assert (clock_of(loop, own).at, clock_of(loop, own).key) == (MONDAY + timedelta(days=3), "answer:3")


def test_each_report_starts_the_wait_for_the_next(loop: Loop) -> None:
    own = a_referral(loop, State.IN_SERVICE)
    put(loop, own, "progress", "in_service", 2, MONDAY + timedelta(days=5))
    assert clock_of(loop, own).key == "update:2"


@pytest.mark.parametrize("state", [State.DRAFT, State.CLOSED, State.WITHDRAWN, State.VOID])
def test_nothing_is_due_of_what_is_over_or_not_begun(loop: Loop, state: State) -> None:
    a_referral(loop, state)
    with loop.database.reading() as session:
        assert timers.clocks(session) == []


@pytest.mark.parametrize(
    ("stopped", "again"),
    [
        pytest.param("2026-12-24 16:00", "2026-12-29 09:00", id="over Christmas"),
        pytest.param("2026-03-27 16:00", "2026-03-30 09:00", id="clocks go forward"),
        pytest.param("2026-10-23 15:00", "2026-10-26 10:00", id="clocks go back"),
    ],
)
def test_what_is_overdue_does_not_depend_on_the_scheduler(stopped: str, again: str) -> None:
    """72 hours without one: asked at any moment between, the answer is that of the moments alone."""
    clock = a_clock(at=moment(stopped) - timedelta(days=7))
    then, now = moment(stopped), moment(again)
    before = {each.step.timer for each in timers.due(POLICY, clock, then) if each.at <= then}
    after = {each.step.timer for each in timers.due(POLICY, clock, now) if each.at <= now}
    assert before <= after
    assert {each.at for each in timers.due(POLICY, clock, then)} == {each.at for each in timers.due(POLICY, clock, now)}
