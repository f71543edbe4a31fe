"""Who is away, until when, who covers; and the team's figures, which are their lists' lengths."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from directory.errors import BadInput, Forbidden, NotFound
from directory.referrals import cover, team, worklist
from directory.referrals.asking import Who
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from tests.directory.referrals.builders import SUPERVISOR, Time, a_case, a_loop, a_referral, ask
from tests.directory.referrals.case_builders import audited
from tests.directory.referrals.work_builders import ADA, BEN, an_account, board, days, kinds, worker


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path, Time(datetime(2026, 11, 23, 9, tzinfo=UTC))) as made:
        an_account(made)
        an_account(made, BEN, "Ben Example")
        yield made


def whose(loop: Loop, account_id: str) -> frozenset[str]:
    with loop.database.reading() as session:
        return worklist.whose(session, account_id, loop.clock())


def test_what_waits_for_somebody_away_stands_in_the_others_list_until_the_last_day(loop: Loop) -> None:
    a_referral(loop, State.DECLINED, case_id=a_case(loop, lead_worker=ADA), worker=ADA)
    assert board(loop, worker(BEN), whose(loop, BEN)).lines == ()
    cover.away(loop, ask(loop, SUPERVISOR), ADA, days(loop, 2), BEN)
    assert "timer_dispose" in kinds(board(loop, worker(BEN), whose(loop, BEN)).lines)
    assert whose(loop, ADA) == {ADA}
    loop.clock.pass_(days=2)  # type: ignore[attr-defined]  # a clock that a test moves
    assert whose(loop, BEN) == {ADA, BEN}
    loop.clock.pass_(days=1)  # type: ignore[attr-defined]  # a clock that a test moves
    assert whose(loop, BEN) == {BEN}


def test_said_again_it_is_changed_and_back_ends_it(loop: Loop) -> None:
    cover.away(loop, ask(loop, SUPERVISOR), ADA, days(loop, 2), BEN)
    cover.away(loop, ask(loop, SUPERVISOR), ADA, days(loop, 9), BEN)
    with loop.database.reading() as session:
        assert cover.now(session, loop.clock()) == [cover.Away(ADA, BEN, days(loop, 9))]
    cover.back(loop, ask(loop, SUPERVISOR), ADA)
    assert whose(loop, BEN) == {BEN}
    assert [line.purpose for line in audited(loop, "change") if line.object_id == ADA] == ["away", "away", "back"]
    assert board(loop).lines == ()


@pytest.mark.parametrize(
    ("who", "account", "by", "ahead", "error"),
    [
        pytest.param(SUPERVISOR, ADA, ADA, 2, BadInput, id="nobody covers for themselves"),
        pytest.param(SUPERVISOR, ADA, "", 2, BadInput, id="somebody covers"),
        pytest.param(SUPERVISOR, ADA, SUPERVISOR.id, 2, BadInput, id="no such colleague"),
        pytest.param(SUPERVISOR, ADA, BEN, 0, BadInput, id="until a day to come"),
        pytest.param(SUPERVISOR, SUPERVISOR.id, BEN, 2, NotFound, id="no such worker"),
        pytest.param(worker(), ADA, BEN, 2, Forbidden, id="a supervisor says so"),
    ],
)
def test_who_is_away_must_be_right(
    loop: Loop, who: Who, account: str, by: str, ahead: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        cover.away(loop, ask(loop, who), account, days(loop, ahead), by)
    assert whose(loop, BEN) == {BEN}


def test_the_teams_figures_are_their_lists(loop: Loop) -> None:
    for lead in (ADA, ADA, BEN, ""):
        a_referral(loop, State.DECLINED, case_id=a_case(loop, lead_worker=lead), worker=lead)
    a_case(loop, lead_worker="left-long-ago")
    loop.clock.pass_(days=3)  # type: ignore[attr-defined]  # a clock that a test moves
    with loop.database.reading() as session:
        found = {each.account_id: each for each in team.members(session, loop.policy, loop.clock(), SUPERVISOR)}
    assert list(found) == [ADA, BEN, ""]
    for own in (ADA, BEN):
        mine = board(loop, SUPERVISOR, {own}, alone=True)
        assert (found[own].due, found[own].overdue) == (mine.count("due"), mine.count("overdue"))
        assert found[own].oldest == mine.of("overdue")[0]
    assert [found[own].open_cases for own in (ADA, BEN, "")] == [2, 1, 2]
    with loop.database.reading() as session:
        assert [len(team.open_cases(session, SUPERVISOR, own)) for own in (ADA, BEN, "")] == [2, 1, 2]
