"""Needs: open until the person says met or rests them; nothing is forgotten; every contact brings them back."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.referrals import needs, signposts, tasks
from directory.referrals.lifecycle import LIVE, State
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, Need, Referral
from tests.directory.referrals.builders import (
    PROVIDER,
    SERVICE,
    SUPERVISOR,
    WORKER,
    a_case,
    a_loop,
    a_need,
    a_referral,
    ask,
)
from tests.directory.referrals.case_builders import audited, case, happened, looking, need, opened, refreshed

TODAY = date(2026, 11, 22)
NEXT_WEEK = TODAY + timedelta(days=7)


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """One record for all: each test has a case of its own."""
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        yield made


def adrift(loop: Loop, own: str, today: date = TODAY) -> bool:
    with looking(loop) as session:
        return own in [row.id for row in needs.adrift(session, today)]


def put(loop: Loop, state: State, need_id: str, case_id: str) -> str:
    return a_referral(loop, state, need_id=need_id, case_id=case_id)


MOVES: dict[str, Callable[[Loop, str], Any]] = {
    "met": lambda loop, own: needs.met(loop, ask(loop), own),
    "resting": lambda loop, own: needs.rest(loop, ask(loop), own, NEXT_WEEK),
    "moved": lambda loop, own: needs.end(loop, ask(loop), own, "moved"),
    "died": lambda loop, own: needs.end(loop, ask(loop), own, "died"),
    "duplicate": lambda loop, own: needs.end(loop, ask(loop), own, "duplicate"),
}
STATES = {"met": "met", "resting": "resting", "moved": "ended", "died": "ended", "duplicate": "ended"}


class TestMoves:
    @pytest.mark.parametrize("to", MOVES)
    def test_an_open_need_goes_where_the_person_says(self, loop: Loop, to: str) -> None:
        own = a_need(loop, a_case(loop))

        answer = MOVES[to](loop, own)

        assert answer == {"id": own, "state": STATES[to], "version": 2}
        assert need(loop, own).state == STATES[to]

    @pytest.mark.parametrize("by", ["met", "resting", "moved"])
    def test_a_person_who_comes_back_opens_it_again(self, loop: Loop, by: str) -> None:
        own = a_need(loop, a_case(loop))
        MOVES[by](loop, own)

        assert needs.person_returned(loop, ask(loop), own)["state"] == "open"
        assert need(loop, own).review_on is None
        assert need(loop, own).ended_reason == ""

    @pytest.mark.parametrize("by", ["died", "duplicate"])
    def test_what_ended_for_good_is_opened_by_a_supervisor_alone(self, loop: Loop, by: str) -> None:
        own = a_need(loop, a_case(loop))
        MOVES[by](loop, own)

        with pytest.raises(Forbidden, match="This need ended"):
            needs.person_returned(loop, ask(loop), own)
        with pytest.raises(Conflict):
            needs.met(loop, ask(loop), own)
        assert needs.person_returned(loop, ask(loop, SUPERVISOR), own)["state"] == "open"

    def test_a_person_who_never_left_cannot_return(self, loop: Loop) -> None:
        with pytest.raises(Conflict, match="This need is open"):
            needs.person_returned(loop, ask(loop), a_need(loop, a_case(loop)))

    @pytest.mark.parametrize("day", [None, TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=400)], ids=str)
    def test_a_need_rests_until_a_day_to_come(self, loop: Loop, day: date | None) -> None:
        own = a_need(loop, a_case(loop))

        with pytest.raises(BadInput) as refused:
            needs.rest(loop, ask(loop), own, day)

        assert refused.value.field == "review_on"
        assert need(loop, own).state == "open"

    def test_what_was_seen_must_still_be_so(self, loop: Loop) -> None:
        own = a_need(loop, a_case(loop))
        needs.rest(loop, ask(loop), own, NEXT_WEEK)

        with pytest.raises(Conflict, match="resting at the person's wish until 2026-11-29"):
            needs.met(loop, ask(loop, version=1), own)

    def test_the_same_form_sent_twice_is_done_once(self, loop: Loop) -> None:
        own = a_need(loop, a_case(loop))

        answers = [needs.met(loop, ask(loop, key=f"met {own}"), own) for _ in range(2)]

        assert answers[0] == answers[1]
        assert happened(loop, need(loop, own).case_id) == ["need.met"]

    def test_each_move_leaves_a_line_in_the_case_and_in_the_audit(self, loop: Loop) -> None:
        case_id = a_case(loop)
        own = a_need(loop, case_id)
        needs.met(loop, ask(loop), own)
        needs.person_returned(loop, ask(loop), own)

        assert happened(loop, case_id) == ["need.met", "need.person_returned"]
        moved = [
            (line.object_id, line.state_from, line.state_to) for line in audited(loop, "move") if line.object_id == own
        ]
        assert moved == [(own, "open", "met"), (own, "met", "open")]

    def test_a_need_met_asks_no_more_about_its_signposts(self, loop: Loop) -> None:
        own = a_need(loop, a_case(loop))
        given = signposts.give(loop, ask(loop), own, SERVICE, NEXT_WEEK)

        needs.met(loop, ask(loop), own)

        with looking(loop) as session:
            assert signposts.of_case(session, need(loop, own).case_id)[0].state == "no_follow_up_wanted"
        assert given["state"] == "given"


class TestAdding:
    def test_a_case_gets_another_need(self, loop: Loop) -> None:
        case_id = a_case(loop)

        answer = needs.add(loop, ask(loop), case_id, "counselling")

        assert need(loop, answer["id"]).state == "open"

    def test_a_closed_case_opens_again_with_it(self, loop: Loop) -> None:
        case_id = a_case(loop, closed_at=loop.clock())
        needs.add(loop, ask(loop), case_id, "counselling")
        assert case(loop, case_id).closed_at is None

    def test_a_need_that_is_going_is_not_added_twice(self, loop: Loop) -> None:
        case_id = a_case(loop)
        needs.add(loop, ask(loop), case_id, "counselling")
        with pytest.raises(Conflict, match="has that need already"):
            needs.add(loop, ask(loop), case_id, "counselling")

    def test_a_need_is_of_the_list(self, loop: Loop) -> None:
        with pytest.raises(BadInput, match="Choose the need") as refused:
            needs.add(loop, ask(loop), a_case(loop), "her brother")
        assert "brother" not in str(refused.value)

    def test_no_case_no_need(self, loop: Loop) -> None:
        with pytest.raises(NotFound):
            needs.add(loop, ask(loop), "nothing", "counselling")
        with pytest.raises(NotFound):
            needs.met(loop, ask(loop), "nothing")

    def test_a_provider_moves_no_need_itself(self, loop: Loop) -> None:
        with pytest.raises(NotFound):
            needs.met(loop, ask(loop, PROVIDER), a_need(loop, a_case(loop)))


class TestRefresh:
    @pytest.mark.parametrize("state", list(State), ids=str)
    def test_a_need_is_in_hand_while_a_referral_is_live(self, loop: Loop, state: State) -> None:
        case_id = a_case(loop)
        own = a_need(loop, case_id)
        put(loop, state, own, case_id)

        assert refreshed(loop, own) == ("in_hand" if state in LIVE else "open")

    def test_a_need_whose_last_referral_ended_is_open_again(self, loop: Loop) -> None:
        case_id = a_case(loop)
        own = a_need(loop, case_id)
        referral_id = put(loop, State.SENT, own, case_id)
        refreshed(loop, own)
        with loop.database.session() as session:
            session.get_one(Referral, referral_id).state = State.DECLINED.value

        assert refreshed(loop, own) == "open"

    @pytest.mark.parametrize("settled", ["met", "resting", "moved"])
    def test_a_provider_in_touch_brings_a_need_back(self, loop: Loop, settled: str) -> None:
        own = a_need(loop, a_case(loop))
        MOVES[settled](loop, own)

        assert refreshed(loop, own, who=PROVIDER) == "open"
        assert happened(loop, need(loop, own).case_id)[-1] == "need.contact"

    @pytest.mark.parametrize("settled", ["died", "duplicate"])
    def test_but_never_one_that_ended_for_good(self, loop: Loop, settled: str) -> None:
        own = a_need(loop, a_case(loop))
        MOVES[settled](loop, own)
        assert refreshed(loop, own, who=PROVIDER) == "ended"

    @pytest.mark.parametrize("who", [WORKER, PROVIDER], ids=["worker", "provider"])
    @pytest.mark.parametrize("contact", [True, False], ids=["contact", "no contact"])
    def test_who_calls_says_what_is_contact(self, loop: Loop, who: Any, contact: bool) -> None:
        own = a_need(loop, a_case(loop))
        MOVES["resting"](loop, own)
        assert refreshed(loop, own, who=who, contact=contact) == ("open" if contact else "resting")

    def test_a_worker_who_tidies_up_leaves_a_met_need_met(self, loop: Loop) -> None:
        case_id = a_case(loop)
        own = a_need(loop, case_id, state="met")
        put(loop, State.PAUSED, own, case_id)
        assert refreshed(loop, own) == "met"

    def test_a_case_that_was_closed_opens_with_its_need(self, loop: Loop) -> None:
        case_id = a_case(loop, closed_at=loop.clock())
        own = a_need(loop, case_id, state="met")
        refreshed(loop, own, who=PROVIDER)
        assert case(loop, case_id).closed_at is None


class TestAdrift:
    def test_a_need_that_nobody_looks_after_is_listed_the_same_day(self, loop: Loop) -> None:
        own = opened(loop)["needs"]["counselling"]
        assert adrift(loop, own)

    @pytest.mark.parametrize("state", list(State), ids=str)
    def test_a_live_referral_looks_after_it(self, loop: Loop, state: State) -> None:
        case_id = a_case(loop)
        own = a_need(loop, case_id)
        put(loop, state, own, case_id)
        assert adrift(loop, own) is (state not in LIVE)

    def test_a_question_to_come_looks_after_it(self, loop: Loop) -> None:
        own = a_need(loop, a_case(loop))
        given = signposts.give(loop, ask(loop), own, SERVICE, NEXT_WEEK)
        assert not adrift(loop, own)

        signposts.follow_up(loop, ask(loop), given["id"], "tried_no_answer")
        assert adrift(loop, own)

    def test_a_signpost_without_a_question_does_not(self, loop: Loop) -> None:
        own = a_need(loop, a_case(loop))
        signposts.give(loop, ask(loop), own, SERVICE, None)
        assert adrift(loop, own)

    def test_a_task_about_it_does_until_it_is_done(self, loop: Loop) -> None:
        case_id = a_case(loop)
        own = a_need(loop, case_id)
        referral_id = put(loop, State.DECLINED, own, case_id)
        with loop.database.session() as session:
            tasks.add(session, "declined", loop.clock(), loop.clock(), referral=session.get_one(Referral, referral_id))
        assert not adrift(loop, own)

        with loop.database.session() as session:
            tasks.settle(session, referral_id, ("declined",), WORKER.id, loop.clock())
        assert adrift(loop, own)

    def test_a_task_about_something_else_does_not(self, loop: Loop) -> None:
        case_id = a_case(loop)
        own = a_need(loop, case_id)
        other_id = a_need(loop, case_id, "safety_planning")
        referral_id = put(loop, State.DECLINED, other_id, case_id)
        given = signposts.give(loop, ask(loop), other_id, SERVICE, None)
        with loop.database.session() as session:
            tasks.add(session, "complaint", loop.clock(), loop.clock(), case_id=case_id)
            tasks.add(session, "declined", loop.clock(), loop.clock(), referral=session.get_one(Referral, referral_id))
            tasks.add(session, "signpost", loop.clock(), loop.clock(), case_id=case_id, object_id=given["id"])
        assert adrift(loop, own)

    def test_a_day_to_look_again_does_until_it_is_over(self, loop: Loop) -> None:
        own = a_need(loop, a_case(loop))
        needs.look_again(loop, ask(loop), own, NEXT_WEEK)

        assert not adrift(loop, own, NEXT_WEEK)
        assert adrift(loop, own, NEXT_WEEK + timedelta(days=1))

    def test_a_need_that_rests_is_reviewed_not_adrift(self, loop: Loop) -> None:
        own = a_need(loop, a_case(loop))
        needs.rest(loop, ask(loop), own, NEXT_WEEK)
        assert not adrift(loop, own, NEXT_WEEK + timedelta(days=30))

    def test_one_that_rests_without_a_day_is_an_error(self, loop: Loop) -> None:
        own = a_need(loop, a_case(loop), state="resting")
        assert adrift(loop, own)

    def test_who_was_erased_is_listed_nowhere(self, loop: Loop) -> None:
        case_id = a_case(loop)
        own = a_need(loop, case_id)
        with loop.database.session() as session:
            session.get_one(Case, case_id).erased_at = loop.clock()
        assert not adrift(loop, own)


ACTIONS = st.lists(st.sampled_from([*MOVES, "return", "provider", "sent", "over", "worker"]), max_size=8)


@settings(deadline=None, max_examples=40)
@given(actions=ACTIONS)
def test_whatever_happens_a_need_is_settled_with_a_reason_or_somebody_sees_it(loop: Loop, actions: list[str]) -> None:
    """Met and ended by somebody's word, resting with a day, in hand by a live referral, or listed as adrift."""
    case_id = a_case(loop)
    own = a_need(loop, case_id)
    referral_id = put(loop, State.DRAFT, own, case_id)
    for action in actions:
        _do(loop, own, referral_id, action)

    row = need(loop, own)
    with looking(loop) as session:
        live = session.get_one(Referral, referral_id).state in LIVE
    if row.state == "resting":
        assert row.review_on is not None
    elif row.state == "ended":
        assert row.ended_reason
    elif row.state == "in_hand":
        assert live
    elif row.state == "open":
        assert not live
        assert adrift(loop, own)


def _do(loop: Loop, own: str, referral_id: str, action: str) -> None:
    try:
        if action in MOVES:
            MOVES[action](loop, own)
        elif action == "return":
            needs.person_returned(loop, ask(loop), own)
        elif action in ("sent", "over"):
            with loop.database.session() as session:
                state = State.SENT if action == "sent" else State.CLOSED
                session.get_one(Referral, referral_id).state = state.value
            refreshed(loop, own, contact=action == "sent")
        else:
            refreshed(loop, own, who=PROVIDER if action == "provider" else WORKER)
    except (Conflict, Forbidden):
        assert isinstance(need(loop, own), Need)
