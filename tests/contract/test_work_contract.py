"""The work list on every database: all that waits, in its lists, and what is done once however many press at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from directory.database import Database
from directory.errors import WaymarkError
from directory.referrals import cover, team, work_done, work_names
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.work_done import Item
from tests.directory.referrals.builders import SUPERVISOR, Time, a_case, a_loop_over, a_need, a_referral, ask
from tests.directory.referrals.work_builders import (
    ADA,
    BEN,
    a_concern,
    a_hand_in,
    a_reply,
    a_resting_need,
    a_signpost,
    a_task,
    an_account,
    an_address_to_approve,
    board,
    days,
    kinds,
    worker,
)


@pytest.fixture
def loop(record: Database, tmp_path: Path) -> Loop:
    made = a_loop_over(record, tmp_path / "home", Time(datetime(2026, 11, 23, 9, tzinfo=UTC)))
    an_account(made)
    an_account(made, BEN, "Ben Example")
    return made


def test_all_that_waits_stands_in_its_lists_and_is_done_once(loop: Loop) -> None:
    for state in (State.SENT, State.DECLINED, State.DRAFT):
        a_referral(loop, state, case_id=a_case(loop, lead_worker=ADA), worker=ADA)
    reply = a_reply(loop, a_referral(loop, State.ACCEPTED, case_id=a_case(loop, lead_worker=ADA), worker=ADA))
    a_task(loop, "bounced", timedelta(days=-2))
    a_resting_need(loop, days(loop, 4))
    a_need(loop, a_case(loop, lead_worker=""))
    a_signpost(loop, days(loop, 0))
    a_hand_in(loop)
    a_concern(loop)
    an_address_to_approve(loop)
    cover.away(loop, ask(loop, SUPERVISOR), ADA, days(loop, 1), BEN)

    found = board(loop)
    assert sorted(kinds(found.lines)) == sorted([
        "timer_answer", "timer_dispose", "draft", "reply", "timer_first_contact", "bounced", "need_review", "signpost",
        "hand_in", "concern", "mailbox", "case_unassigned", *["need_adrift"] * 3,
    ])  # fmt: skip
    assert len(board(loop, worker(ADA), {ADA}, alone=True).lines) == 7
    assert set(work_names.shown(loop, worker(ADA), found.lines).values()) == {"Skye Example"}
    with loop.database.reading() as session:
        members = team.members(session, loop.policy, loop.clock(), SUPERVISOR)
    assert [each.open_cases for each in members] == [4, 0, 4]

    def press(number: int) -> bool:
        try:
            work_done.do(loop, ask(loop, worker(ADA), f"k-{number}"), work_done.SEEN, Item(reply, 1, ""))
        except WaymarkError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(press, range(4))) == [False, False, False, True]
    assert "reply" not in kinds(board(loop).lines)
