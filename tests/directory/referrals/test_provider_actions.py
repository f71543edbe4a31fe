"""A provider's answers: each with a proved session, from where the table allows, never turned away when late."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.errors import BadInput, Conflict, NotSignedIn, WaymarkError
from directory.referrals import actions, agreements, exclusions, locators, moves, provider_actions, system_actions
from directory.referrals.asking import SYSTEM, Ask, Who
from directory.referrals.lifecycle import OVER, TRANSITIONS, Actor, Event, State
from directory.referrals.loop import Answer, Loop
from directory.referrals.outcomes_said import OutcomeSaid
from directory.referrals.tables import Agreement, LinkSession, Need, ReferralEvent, Task
from tests.directory.referrals.builders import (
    SERVICE,
    WORKER,
    Time,
    a_loop,
    a_provider,
    a_referral,
    ask,
    referral,
)

SOON = date(2026, 12, 1)
TODAY = date(2026, 11, 22)
GOOD = OutcomeSaid("E1", "S1", "N1")
Does = Callable[[Loop, Ask, str], Answer]
ANSWERS: dict[Event, Does] = {
    Event.OPEN: provider_actions.open_,
    Event.ASK_INFO: lambda loop, ask, own: provider_actions.ask_info(loop, ask, own, "age"),
    Event.ACCEPT: lambda loop, ask, own: provider_actions.accept(loop, ask, own, SOON, "The Leith team"),
    Event.WAITLIST: lambda loop, ask, own: provider_actions.waitlist(loop, ask, own, "w12", SOON),
    Event.DECLINE: lambda loop, ask, own: provider_actions.decline(loop, ask, own, "D1", True),
    Event.SCHEDULE: lambda loop, ask, own: provider_actions.schedule(loop, ask, own, SOON, "phone"),
    Event.MISSED: lambda loop, ask, own: provider_actions.missed(loop, ask, own, "person"),
    Event.NOT_REACHED: lambda loop, ask, own: provider_actions.not_reached(loop, ask, own, 3, 2),
    Event.START: lambda loop, ask, own: provider_actions.start(loop, ask, own, TODAY),
    Event.PROGRESS: lambda loop, ask, own: provider_actions.progress(loop, ask, own, True, SOON),
    Event.OUTCOME: lambda loop, ask, own: provider_actions.outcome(loop, ask, own, GOOD),
    Event.REOPEN: provider_actions.reopen,
}


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock) as opened:
        yield opened


def events(loop: Loop, own: str) -> list[ReferralEvent]:
    with loop.database.reading() as session:
        return moves.events(session, own)


def tasks_of(loop: Loop, own: str) -> set[str]:
    with loop.database.reading() as session:
        return set(session.scalars(select(Task.kind).where(Task.referral_id == own, Task.done_at.is_(None))))


def need_of(loop: Loop, own: str) -> Need:
    with loop.database.reading() as session:
        return session.get_one(Need, referral(loop, own).need_id)


def theirs(loop: Loop, own: str) -> Ask:
    return ask(loop, a_provider(loop, own), version=referral(loop, own).version)


@pytest.mark.parametrize("event", ANSWERS)
def test_an_answer_moves_it_from_where_the_table_says_and_nowhere_else(loop: Loop, event: Event) -> None:
    for state in State:
        own = a_referral(loop, state)
        before = referral(loop, own)
        kept = state in TRANSITIONS[event].sources or (state in OVER and event is not Event.OPEN)
        if kept:
            ANSWERS[event](loop, theirs(loop, own), own)
            line = events(loop, own)[-1]
            late = state in OVER and not (state is State.CLOSED and event in (Event.OUTCOME, Event.REOPEN))
            assert line.event == ("late_reply" if late else event.value)
            assert line.actor_kind == "provider"
            assert line.link_session_id == line.actor_id != ""
            assert referral(loop, own).version == before.version + 1
        elif event is Event.OPEN:
            assert ANSWERS[event](loop, theirs(loop, own), own)["state"] == state.value
            assert referral(loop, own).version == before.version
        else:
            with pytest.raises(WaymarkError) as refused:
                ANSWERS[event](loop, theirs(loop, own), own)
            assert refused.value.status in (403, 409)
            assert (referral(loop, own).state, referral(loop, own).version) == (before.state, before.version)


@pytest.mark.parametrize(
    "how", ["a worker", "not proved", "ended", "idle", "too long", "cut off", "of another", "unknown"]
)
def test_without_a_proved_session_nothing_is_seen_or_changed(loop: Loop, clock: Time, how: str) -> None:
    own = a_referral(loop, State.SENT)
    who = a_provider(loop, a_referral(loop, State.SENT) if how == "of another" else own)
    spoil(loop, clock, own, who, how)
    if how == "a worker":
        who = WORKER
    elif how == "unknown":
        who = Who(Actor.PROVIDER, "a0000000-0000-4000-8000-00000000dead")
    said = set()
    for event, does in ANSWERS.items():
        with pytest.raises(NotSignedIn) as refused:
            does(loop, ask(loop, who), own)
        said.add((event is not None, str(refused.value)))
    assert len(said) == 1
    assert [line.event for line in events(loop, own)] == ["send"]


def spoil(loop: Loop, clock: Time, own: str, who: Who, how: str) -> None:
    with loop.database.session() as session:
        row = session.get_one(LinkSession, who.id)
        if how == "not proved":
            row.proved_at = None
        elif how == "ended":
            row.ended_at = loop.clock()
        elif how == "idle":
            row.last_seen_at = loop.clock() - timedelta(minutes=20)
        elif how == "too long":
            row.proved_at = loop.clock() - timedelta(minutes=60)
        elif how == "cut off":
            locators.revoke(session, own, loop.clock())


def test_a_colleague_who_was_quicker_is_named_and_nothing_is_overwritten(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    first, second = theirs(loop, own), theirs(loop, own)
    provider_actions.decline(loop, first, own, "D1", True)
    with pytest.raises(Conflict, match=r"the service said no \(by the service, 22 November 2026 12:00 UTC\)"):
        provider_actions.accept(loop, second, own, SOON)


def test_silence_that_ran_out_while_they_wrote_turns_nobody_away(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    looked = theirs(loop, own)
    system_actions.time_out(loop, Ask(SYSTEM, loop.clock()), own)
    provider_actions.accept(loop, looked, own, SOON)
    assert referral(loop, own).state == State.UNANSWERED
    assert "late_reply" in tasks_of(loop, own)
    assert events(loop, own)[-1].details["reply"] == "accept"


def test_an_outcome_written_while_a_worker_closed_it_is_kept(loop: Loop) -> None:
    own = a_referral(loop, State.IN_SERVICE)
    looked = theirs(loop, own)
    actions.outcome(loop, ask(loop), own, OutcomeSaid("E3", "S8", "N6", says="worker"))
    provider_actions.outcome(loop, looked, own, GOOD)
    assert [line.details.get("corrects") for line in events(loop, own)][1:] == [None, 2]


def test_a_worker_who_was_quicker_with_something_else_is_a_conflict(loop: Loop) -> None:
    own = a_referral(loop, State.WAITLISTED)
    looked = theirs(loop, own)
    with loop.database.session() as session:
        moves.advance(session, moves.held(session, own), Event.PAUSE, ask(loop), {"review_on": "2026-12-01"})
    with pytest.raises(Conflict, match="paused"):
        provider_actions.accept(loop, looked, own, SOON)


def test_the_name_of_a_team_is_sealed_and_no_part_of_the_event(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    provider_actions.accept(loop, theirs(loop, own), own, SOON, "The Leith team")
    line = events(loop, own)[-1]
    assert "Leith" not in str(line.details)
    with loop.database.reading() as session:
        sealer = loop.sealer(session, referral(loop, own).subject_id)
        assert sealer.open(line.note_sealed, "referral_event", str(line.id), "note") == "The Leith team"
    assert referral(loop, own).due_on == SOON


@pytest.mark.parametrize(
    ("does", "field"),
    [
        pytest.param(
            lambda loop, by, own: provider_actions.accept(loop, by, own, date(2026, 11, 21)),
            "first_contact_by",
            id="past",
        ),
        pytest.param(
            lambda loop, by, own: provider_actions.accept(loop, by, own, date(2029, 1, 1)), "first_contact_by", id="far"
        ),
        pytest.param(
            lambda loop, by, own: provider_actions.accept(loop, by, own, SOON, "x" * 101), "team", id="long name"
        ),
        pytest.param(
            lambda loop, by, own: provider_actions.decline(loop, by, own, "D19", True), "reason", id="no such reason"
        ),
        pytest.param(
            lambda loop, by, own: provider_actions.waitlist(loop, by, own, "soon", SOON), "wait_band", id="no band"
        ),
        pytest.param(
            lambda loop, by, own: provider_actions.waitlist(loop, by, own, "w4", date(2026, 12, 21)),
            "next_update_on",
            id="29 days",
        ),
        pytest.param(
            lambda loop, by, own: provider_actions.ask_info(loop, by, own, "why"), "question", id="no such question"
        ),
        pytest.param(
            lambda loop, by, own: provider_actions.not_reached(loop, by, own, 2, 2), "attempts", id="two attempts"
        ),
        pytest.param(lambda loop, by, own: provider_actions.not_reached(loop, by, own, 3, 1), "attempts", id="one day"),
        pytest.param(
            lambda loop, by, own: provider_actions.not_reached(loop, by, own, 3, 4),
            "attempts",
            id="more days than tries",
        ),
        pytest.param(lambda loop, by, own: provider_actions.start(loop, by, own, SOON), "on", id="started tomorrow"),
        pytest.param(
            lambda loop, by, own: provider_actions.schedule(loop, by, own, SOON, "pigeon"), "channel", id="no channel"
        ),
        pytest.param(
            lambda loop, by, own: provider_actions.outcome(loop, by, own, OutcomeSaid("E1", "S1", "N9")),
            "need_result",
            id="N9",
        ),
    ],
)
def test_a_wrong_word_is_named_and_changes_nothing(loop: Loop, does: Does, field: str) -> None:
    own = a_referral(loop, State.ACCEPTED)
    with pytest.raises(BadInput) as refused:
        does(loop, theirs(loop, own), own)
    assert refused.value.field == field
    assert len(events(loop, own)) == 1


def test_the_second_missed_contact_counts_as_not_reached_and_a_new_try_counts_anew(loop: Loop) -> None:
    own = a_referral(loop, State.SCHEDULED)
    said = [provider_actions.missed(loop, theirs(loop, own), own, who)["state"] for who in ("us", "person")]
    assert said == ["scheduled", "not_reached"]
    assert "not_reached" in tasks_of(loop, own)
    provider_actions.schedule(loop, theirs(loop, own), own, SOON, "phone")
    assert provider_actions.missed(loop, theirs(loop, own), own, "person")["state"] == "scheduled"


@pytest.mark.parametrize(
    ("feedback", "kept"),
    [
        pytest.param("outcome", {"engagement": "E1", "service": "S1", "need_result": "N1"}, id="all of it"),
        pytest.param("attended", {"engagement": "E1", "service": "", "need_result": ""}, id="only whether they came"),
        pytest.param("none", {"engagement": "", "service": "", "need_result": ""}, id="nothing"),
    ],
)
def test_of_an_outcome_only_what_was_agreed_to_is_kept(loop: Loop, feedback: str, kept: dict[str, str]) -> None:
    own = a_referral(loop, State.IN_SERVICE)
    with loop.database.session() as session:
        session.get_one(Agreement, referral(loop, own).agreement_id).feedback = feedback
    provider_actions.outcome(loop, theirs(loop, own), own, GOOD)
    details = events(loop, own)[-1].details
    assert {name: details[name] for name in kept} == kept
    assert referral(loop, own).state == State.CLOSED


def test_an_outcome_is_corrected_by_adding_and_after_a_fortnight_asks_a_worker(loop: Loop, clock: Time) -> None:
    own = a_referral(loop, State.IN_SERVICE)
    provider_actions.outcome(loop, theirs(loop, own), own, GOOD)
    clock.pass_(days=13)
    provider_actions.outcome(loop, theirs(loop, own), own, OutcomeSaid("E2", "S2", "N2"))
    clock.pass_(days=1)
    provider_actions.outcome(loop, theirs(loop, own), own, OutcomeSaid("E3", "S7", "N3"))
    kinds = [(line.event, line.details.get("corrects")) for line in events(loop, own)]
    assert kinds == [("send", None), ("outcome", None), ("outcome", 2), ("late_reply", 3)]
    assert "late_reply" in tasks_of(loop, own)


def test_an_unsafe_pair_is_excluded_with_no_detail_even_when_told_late(loop: Loop) -> None:
    for state in (State.RECEIVED, State.UNANSWERED):
        own = a_referral(loop, state)
        provider_actions.decline(loop, theirs(loop, own), own, "D8", False)
        with loop.database.reading() as session:
            assert SERVICE in exclusions.ids(session, referral(loop, own).case_id)


def test_a_person_who_told_them_no_rests_the_need_until_a_day(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    provider_actions.decline(loop, theirs(loop, own), own, "D12", False)
    assert need_of(loop, own).state == "resting"
    assert need_of(loop, own).review_on is not None


def test_a_person_who_came_back_reopens_what_was_closed(loop: Loop) -> None:
    own = a_referral(loop, State.CLOSED)
    assert provider_actions.reopen(loop, theirs(loop, own), own)["state"] == "in_service"
    assert (referral(loop, own).episode, need_of(loop, own).state) == (2, "in_hand")
    assert "person_returned" in tasks_of(loop, own)


def test_back_with_them_without_an_agreement_that_holds_is_for_us_to_ask(loop: Loop, clock: Time) -> None:
    own = a_referral(loop, State.CLOSED)
    clock.pass_(days=200)
    assert provider_actions.reopen(loop, theirs(loop, own), own)["state"] == "closed"
    assert tasks_of(loop, own) == {"person_returned", "late_reply"}


def test_nothing_opens_any_more_once_the_agreement_is_withdrawn(loop: Loop) -> None:
    own = a_referral(loop, State.ACCEPTED)
    looked = theirs(loop, own)
    agreements.withdraw(loop, ask(loop), referral(loop, own).agreement_id, "phone")
    with pytest.raises(NotSignedIn):
        provider_actions.start(loop, looked, own, TODAY)
    assert referral(loop, own).state == State.WITHDRAWN


def test_the_answer_tells_a_provider_nothing_of_the_case(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    assert provider_actions.accept(loop, theirs(loop, own), own, SOON).keys() == {"id", "state", "version"}
