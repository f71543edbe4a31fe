"""A person who wants it is asked how it went, on the day they chose."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.accounts.tables import utc
from directory.errors import BadInput
from directory.referrals import check_ins, worklist
from directory.referrals.loop import Loop
from directory.referrals.tables import Task
from tests.builders import NOON
from tests.directory.referrals.builders import SUPERVISOR, WORKER, a_case, a_loop, ask


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path) as made:
        yield made


def test_it_is_on_the_list_that_day_for_who_leads_the_case(loop: Loop) -> None:
    case, day = a_case(loop), date(2027, 1, 11)
    check_ins.ask_on(loop, ask(loop), case, day)
    with loop.database.reading() as session:
        task = session.scalars(select(Task)).one()
        assert (task.kind, task.assigned_to, utc(task.due_at).date()) == ("check_in", WORKER.id, day)
        lines = worklist.lines(session, loop.policy, NOON + timedelta(days=60), SUPERVISOR)
    assert "check_in" in {line.kind for line in lines if line.is_overdue}


def test_asked_twice_it_is_one_question(loop: Loop) -> None:
    case = a_case(loop)
    for _ in range(2):
        check_ins.ask_on(loop, ask(loop), case, date(2027, 1, 11))
    with loop.database.reading() as session:
        assert len(session.scalars(select(Task)).all()) == 1


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(None, id="no day"),
        pytest.param(date(2026, 11, 1), id="a day that is over"),
        pytest.param(date(2099, 1, 1), id="too far away"),
    ],
)
def test_a_day_to_come_is_needed(loop: Loop, day: date | None) -> None:
    with pytest.raises(BadInput):
        check_ins.ask_on(loop, ask(loop), a_case(loop), day)
