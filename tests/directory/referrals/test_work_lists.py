"""Every open obligation stands in a list, each line in exactly its own, and each count is the length of its list."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from directory.accounts.tables import Account, utc
from directory.errors import BadInput
from directory.referrals import case_access, needs, tasks, timers, work_lists, working_time, worklist
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, Concern, HandIn, Mailbox, Need, Referral, Signpost, Task
from directory.referrals.work_lists import LISTS
from directory.referrals.worklist import Line
from tests.directory.referrals.builders import SUPERVISOR, WORKER, Time, a_case, a_loop, a_need, a_referral, ask
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

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TASKS = ("check_entry", "bounced", "offer_wait", "phone_second", "complaint", "check_in", "late_reply", "add_codes")
MAKE: Mapping[str, Callable[[Loop, int], object]] = {
    **{f"referral {state}": lambda loop, _, state=state: a_referral(loop, state) for state in State},
    **{f"task {kind}": lambda loop, day, kind=kind: a_task(loop, kind, timedelta(days=day - 3)) for kind in TASKS},
    "declined, with its task": lambda loop, _: _with_task(loop, State.DECLINED, "declined"),
    "a question, with its task": lambda loop, _: _with_task(loop, State.INFO_REQUESTED, "question"),
    "a reply": lambda loop, _: a_reply(loop, a_referral(loop, State.ACCEPTED)),
    "an urgent one": lambda loop, _: a_referral(loop, State.SENT, urgency="days"),
    "a need at rest": lambda loop, day: a_resting_need(loop, days(loop, day - 2)),
    "a need adrift": lambda loop, _: a_need(loop, a_case(loop)),
    "a case of nobody": lambda loop, _: a_case(loop, lead_worker=""),
    "a restricted case": lambda loop, _: a_need(loop, a_case(loop, restricted=True)),
    "a signpost": lambda loop, day: a_signpost(loop, days(loop, day)),
    "a hand-in": lambda loop, _: a_hand_in(loop),
    "a concern": lambda loop, _: a_concern(loop),
    "an address": lambda loop, _: an_address_to_approve(loop),
}


def _with_task(loop: Loop, state: State, kind: str) -> int:
    own = a_referral(loop, state)
    with loop.database.reading() as session:
        case_id = session.get_one(Referral, own).case_id
    return a_task(loop, kind, referral_id=own, case_id=case_id)


@pytest.fixture(scope="module")
def time() -> Time:
    return Time(MONDAY)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, time: Time) -> Iterator[Loop]:
    """One world that grows from example to example."""
    with a_loop(tmp_path_factory.mktemp("home"), time) as made:
        an_account(made)
        an_account(made, BEN, "Ben Example")
        yield made


@pytest.fixture
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home"), Time(MONDAY)) as made:
        yield made


def obligations(loop: Loop) -> set[tuple[str, object]]:
    """All that is open in the record, told without the work list's own queries."""
    with loop.database.reading() as session:
        known = {row.id for row in session.scalars(select(Case)) if row.erased_at is None}
        waiting = [row for row in tasks.waiting(session) if not row.case_id or row.case_id in known]
        clocks = timers.clocks(session)
        found: set[tuple[str, object]] = {("task", row.id) for row in waiting if row.kind != "cover"}
        found |= {("referral", each.referral_id) for each in clocks if not each.waits_for_mail}
        found |= {("referral", row.id) for row in session.scalars(select(Referral)) if row.state == "draft"}
        found |= {("thing", row.id) for row in session.scalars(select(Need)) if row.state == "resting"}
        found |= {("thing", row.id) for row in needs.adrift(session, working_time.today(loop.clock()))}
        found |= {("thing", row.id) for row in session.scalars(select(Signpost)) if row.ask_on}
        found |= {("thing", row.id) for row in session.scalars(select(HandIn)) if row.state == "waiting"}
        found |= {("thing", row.id) for row in session.scalars(select(Concern)) if not row.supervisor_told_at}
        found |= {("thing", row.id) for row in session.scalars(select(Mailbox)) if not row.verified_at}
        return found | {("thing", row.id) for row in session.scalars(select(Case)) if not row.lead_worker}


def told(lines: tuple[Line, ...], loop: Loop) -> set[tuple[str, object]]:
    """What the lines stand for; a referral's clock for the task that asks the same."""
    with loop.database.reading() as session:
        twins = {
            (worklist.TWINS[row.kind], row.referral_id): row.id
            for row in tasks.waiting(session)
            if row.kind in worklist.TWINS
        }
    found: set[tuple[str, object]] = {("task", line.task_id) for line in lines if line.task_id}
    found |= {("task", twins[line.kind, line.referral_id]) for line in lines if (line.kind, line.referral_id) in twins}
    found |= {("referral", line.referral_id) for line in lines if line.referral_id and not line.task_id}
    return found | {("thing", line.object_id) for line in lines if not line.referral_id and not line.task_id}


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(MAKE)), st.integers(0, 6)), min_size=3, max_size=9),
    st.integers(0, 40),
)
def test_every_obligation_is_listed_and_every_count_is_its_list(
    world: Loop, time: Time, made: list[tuple[str, int]], hours: int
) -> None:
    for name, day in made:
        MAKE[name](world, day)
    time.pass_(hours=hours)

    whole = board(world)

    assert told(whole.lines, world) == obligations(world)
    assert len({(line.kind, line.object_id, line.task_id) for line in whole.lines}) == len(whole.lines)
    listed = [line for name in LISTS for line in whole.of(name)]
    assert set(listed) == set(whole.lines)
    for name in LISTS:
        lines = whole.of(name)
        assert whole.count(name) == len(lines) == len(set(lines))
        assert set(lines) == {line for line in whole.lines if name in work_lists.lists_of(line, world.clock().date())}
        assert [line.due_at for line in lines] == sorted(line.due_at for line in lines)
    now = world.clock()
    assert set(whole.of("overdue")) == {line for line in whole.lines if line.due_at <= now}
    today = {line for line in whole.lines if line.due_at > now and line.due_at.date() == now.date()}
    assert set(whole.of("due")) == today
    assert all(listed.count(line) == 1 for line in whole.of("later"))


@settings(max_examples=3, deadline=None)
@given(st.lists(st.sampled_from([ADA, BEN, "", WORKER.id]), min_size=1, max_size=6))
def test_the_shares_of_all_workers_make_the_whole(world: Loop, leads: list[str]) -> None:
    for lead in leads:
        a_need(world, a_case(world, lead_worker=lead))
    shares = [board(world, whose={own}, alone=True).lines for own in (ADA, BEN, "", WORKER.id)]
    assert sorted(line.object_id for share in shares for line in share) == sorted(
        line.object_id for line in board(world).lines
    )


@pytest.mark.parametrize(
    ("name", "lists"),
    [
        pytest.param("referral sent", {"later"}, id="with a service: nothing is due yet"),
        pytest.param("referral draft", {"drafts", "unassigned", "overdue"}, id="a draft, which helps nobody yet"),
        pytest.param("declined, with its task", {"dispose"}, id="a no, once; its task holds the need"),
        pytest.param("a question, with its task", {"replies"}, id="a question, once"),
        pytest.param("a reply", {"replies", "later"}, id="a reply, and the first contact that will be due"),
        pytest.param("task bounced", {"failed", "overdue"}, id="a message that failed"),
        pytest.param("a need at rest", {"resting", "overdue"}, id="a rest that is over"),
        pytest.param("a need adrift", {"unassigned", "overdue"}, id="nobody looks after a need"),
        pytest.param("a case of nobody", {"unassigned"}, id="nobody leads a case"),
        pytest.param("a hand-in", {"hand_ins"}, id="handed in"),
        pytest.param("a concern", {"supervisor", "due"}, id="a child at risk"),
        pytest.param("an address", {"supervisor", "overdue"}, id="an address to approve"),
        pytest.param("referral paused", {"resting", "overdue"}, id="a pause without a day"),
    ],
)
def test_where_each_thing_stands(loop: Loop, name: str, lists: set[str]) -> None:
    MAKE[name](loop, 0)
    found = board(loop)
    assert {each for each in LISTS if found.count(each)} == lists


def test_a_no_left_too_long_waits_for_a_supervisor(loop: Loop) -> None:
    a_referral(loop, State.DECLINED)
    assert not board(loop).of("supervisor")
    loop.clock.pass_(days=2)  # type: ignore[attr-defined]  # a clock that a test moves
    assert kinds(board(loop).of("supervisor")) == kinds(board(loop).of("dispose")) == ["timer_dispose"]


def test_the_most_overdue_comes_first_or_what_waits_longest(loop: Loop) -> None:
    late = a_task(loop, "complaint", timedelta(days=-4))
    loop.clock.pass_(hours=1)  # type: ignore[attr-defined]  # a clock that a test moves
    later = a_task(loop, "complaint", timedelta(days=-5))
    assert [line.task_id for line in board(loop).of("overdue")] == [later, late]
    assert [line.task_id for line in board(loop, sort="oldest").of("overdue")] == [late, later]


def test_lists_narrow_to_a_need_and_to_what_is_urgent(loop: Loop) -> None:
    case_id = a_case(loop)
    a_need(loop, case_id, "housing")
    a_referral(loop, State.SENT, case_id=case_id, urgency="days")
    assert {line.need for line in board(loop, need="housing").lines} == {"housing"}
    assert kinds(board(loop, urgent=True).lines) == ["timer_answer"]
    assert board(loop, need="housing").count("unassigned") == 1


def test_what_somebody_had_who_left_is_nobodys(loop: Loop) -> None:
    an_account(loop)
    an_account(loop, BEN, "Ben Example")
    a_referral(loop, State.DECLINED, case_id=a_case(loop, lead_worker=ADA), worker=ADA)
    assert board(loop, worker(BEN), {BEN}).lines == ()
    with loop.database.session() as session:
        session.get_one(Account, ADA).disabled_at = loop.clock()
    found = board(loop, worker(BEN), {BEN})
    assert set(kinds(found.lines)) == {"timer_dispose", "case_unassigned", "need_adrift"}
    assert {line.worker for line in found.lines} == {""}


def test_of_a_case_that_is_kept_from_somebody_no_count_tells(loop: Loop) -> None:
    case_id = a_case(loop, restricted=True, lead_worker=ADA)
    a_need(loop, case_id)
    a_task(loop, "check_contact", case_id=case_id)
    own = a_referral(loop, State.DECLINED, case_id=case_id)
    a_reply(loop, own)
    a_concern(loop, case_id)
    assert board(loop, worker(BEN)).lines == ()
    assert len(board(loop, worker(ADA)).lines) == 6


def test_a_case_given_to_a_colleague_takes_what_waits_with_it(loop: Loop) -> None:
    an_account(loop)
    an_account(loop, BEN, "Ben Example")
    case_id = a_case(loop, lead_worker=ADA)
    own = a_referral(loop, State.DECLINED, case_id=case_id, worker=ADA)
    a_task(loop, "offer_wait", case_id=case_id, referral_id=own, assigned_to=ADA)
    case_access.assign(loop, ask(loop, SUPERVISOR), case_id, BEN, leads=True)
    assert board(loop, whose={ADA}, alone=True).lines == ()
    assert sorted(kinds(board(loop, whose={BEN}, alone=True).lines)) == ["offer_wait", "timer_dispose"]


def test_there_is_no_other_list(loop: Loop) -> None:
    with pytest.raises(BadInput):
        board(loop).of("everything")


def test_a_reply_that_was_not_looked_at_holds_no_need(loop: Loop) -> None:
    """A closed referral's news must not hide that nobody looks after its need."""
    own = a_referral(loop, State.CLOSED)
    with loop.database.session() as session:
        session.get_one(Need, session.get_one(Referral, own).need_id).state = "open"
    a_reply(loop, own)
    assert set(kinds(board(loop).lines)) == {"reply", "need_adrift"}
    with loop.database.session() as session:
        assert utc(session.scalars(select(Task)).one().made_at) == MONDAY
