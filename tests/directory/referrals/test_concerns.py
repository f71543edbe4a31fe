"""Concerns: one action, told by phone; a supervisor knows within the hour; never a referral, a link or a mail."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from directory.errors import BadInput, Conflict, NotFound
from directory.places import areas, duty
from directory.referrals import concerns, worklist
from directory.referrals.concerns import Told
from directory.referrals.loop import Loop
from directory.referrals.tables import Concern, Locator, Notice, Referral
from tests.directory.referrals.builders import PROVIDER, SUPERVISOR, Time, a_case, a_loop, ask
from tests.directory.referrals.case_builders import case, everything, happened, looking


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home"), Time()) as made:
        yield made


def told(**changes: Any) -> Told:
    facts: dict[str, Any] = {
        "about": "harmed", "told": "social_work_duty", "ground": "child_at_risk", "what": "Wombat hits her again.",
        "told_whom": "Duty worker Quoll",
    }  # fmt: skip
    return Told(**(facts | changes))


def row(loop: Loop, own: str) -> Concern:
    with looking(loop) as session:
        return session.get_one(Concern, own)


def listed(loop: Loop, own: str) -> list[worklist.Line]:
    with looking(loop) as session:
        found = worklist.lines(session, loop.policy, loop.clock() + timedelta(days=3), SUPERVISOR)
    return [line for line in found if line.object_id == own]


def test_it_says_who_was_told_and_waits_for_a_supervisor(loop: Loop) -> None:
    case_id = a_case(loop)

    answer = concerns.record(loop, ask(loop), case_id, told())

    assert answer["supervisor_told"] is False
    assert [line.for_supervisor for line in listed(loop, answer["id"])] == [True]
    with looking(loop) as session:
        said = concerns.opened(session, loop, concerns.of_case(session, case_id)[0])
    assert said == concerns.Opened("Wombat hits her again.", "Duty worker Quoll")

    concerns.supervisor_told(loop, ask(loop, SUPERVISOR), answer["id"])
    assert row(loop, answer["id"]).supervisor == SUPERVISOR.id
    assert listed(loop, answer["id"]) == []
    assert happened(loop, case_id) == ["concern.record", "concern.supervisor_told"]


def test_a_supervisor_who_records_it_knows(loop: Loop) -> None:
    assert concerns.record(loop, ask(loop, SUPERVISOR), a_case(loop), told())["supervisor_told"] is True


def test_a_worker_names_the_supervisor_they_told(loop: Loop) -> None:
    own = concerns.record(loop, ask(loop), a_case(loop), told(supervisor=SUPERVISOR.id))["id"]
    assert row(loop, own).supervisor_told_at is not None
    with pytest.raises(Conflict):
        concerns.supervisor_told(loop, ask(loop, SUPERVISOR), own)


def test_nobody_is_their_own_supervisor(loop: Loop) -> None:
    own = concerns.record(loop, ask(loop), a_case(loop), told())["id"]
    for named in ("", ask(loop).who.id):
        with pytest.raises(BadInput) as refused:
            concerns.supervisor_told(loop, ask(loop), own, named)
        assert refused.value.field == "supervisor"


def test_nothing_is_sent_and_nothing_is_in_clear(loop: Loop) -> None:
    concerns.record(loop, ask(loop, key="clear"), a_case(loop), told())
    kept = everything(loop)
    assert not [word for word in ("Wombat", "Quoll") if word in kept]
    with looking(loop) as session:
        assert [session.query(table).count() for table in (Notice, Locator, Referral)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"about": "a dog"}, "about", id="about"),
        pytest.param({"told": "email"}, "told", id="never by mail"),
        pytest.param({"ground": "a feeling"}, "ground", id="ground"),
        pytest.param({"what": ""}, "what", id="what"),
        pytest.param({"told_whom": " "}, "told_whom", id="nobody was told"),
    ],
)
def test_what_is_missing_is_asked_for(loop: Loop, changes: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        concerns.record(loop, ask(loop), a_case(loop), told(**changes))
    assert refused.value.field == field


def test_nobody_will_be_told_tomorrow(loop: Loop) -> None:
    with pytest.raises(BadInput):
        concerns.record(loop, ask(loop), a_case(loop), told(told_at=loop.clock() + timedelta(minutes=1)))


def test_what_is_not_there_is_not_found(loop: Loop) -> None:
    with pytest.raises(NotFound):
        concerns.supervisor_told(loop, ask(loop), "nothing")
    with pytest.raises(NotFound):
        concerns.record(loop, ask(loop, PROVIDER), a_case(loop), told())


@pytest.mark.parametrize("gss", [area.gss for area in areas.councils()])
def test_a_duty_line_is_the_councils_own_or_101(loop: Loop, gss: str) -> None:
    line = concerns.duty_line(case(loop, a_case(loop, council=gss)))
    assert line == duty.line(gss)
    for number in (line.daytime, line.out_of_hours):
        assert number.known or number.number == "101"


def test_where_nobody_knows_the_council_it_is_101(loop: Loop) -> None:
    line = concerns.duty_line(case(loop, a_case(loop, council="")))
    assert (line.daytime.number, line.out_of_hours.number) == ("101", "101")
    assert line.as_of == "" or date.fromisoformat(line.as_of)
