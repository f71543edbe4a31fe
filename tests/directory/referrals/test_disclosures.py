"""Told without agreement: who, whom, what, on what ground, decided with a supervisor; the person is told when safe."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import disclosures
from directory.referrals.disclosures import Passed
from directory.referrals.loop import Loop
from directory.referrals.tables import Disclosure
from tests.directory.referrals.builders import PROVIDER, SUPERVISOR, WORKER, Time, a_case, a_loop, ask
from tests.directory.referrals.case_builders import everything, happened, looking, tasks


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home"), Time()) as made:
        yield made


def passed(**changes: Any) -> Passed:
    facts: dict[str, Any] = {
        "to_whom": "Duty worker Quoll", "categories": "contact|need", "ground": "safeguarding",
        "supervisor": SUPERVISOR.id, "person_told": "yes",
    }  # fmt: skip
    return Passed(**(facts | changes))


def row(loop: Loop, own: str) -> Disclosure:
    with looking(loop) as session:
        return session.get_one(Disclosure, own)


@pytest.mark.parametrize(("told", "asked"), [("yes", 0), ("not_yet", 1), ("not_safe", 0)])
def test_a_task_asks_to_tell_the_person_where_that_is_safe(loop: Loop, told: str, asked: int) -> None:
    case_id = a_case(loop)
    own = disclosures.record(loop, ask(loop), case_id, passed(person_told=told))["id"]
    assert [task.object_id for task in tasks(loop, "tell_person", case_id)] == [own] * asked


def test_the_person_is_told_later(loop: Loop) -> None:
    case_id = a_case(loop)
    own = disclosures.record(loop, ask(loop), case_id, passed(person_told="not_yet"))["id"]

    disclosures.person_told(loop, ask(loop), own)

    assert row(loop, own).person_told == "yes"
    assert tasks(loop, "tell_person", case_id) == []
    assert happened(loop, case_id) == ["disclosure.record", "disclosure.person_told"]
    with pytest.raises(Conflict):
        disclosures.person_told(loop, ask(loop), own)


def test_to_whom_is_sealed(loop: Loop) -> None:
    own = disclosures.record(loop, ask(loop, key="clear"), a_case(loop), passed())["id"]
    assert "Quoll" not in everything(loop)
    with looking(loop) as session:
        assert disclosures.opened(session, loop, session.get_one(Disclosure, own)) == "Duty worker Quoll"


def test_a_supervisor_who_records_it_decided_it(loop: Loop) -> None:
    own = disclosures.record(loop, ask(loop, SUPERVISOR), a_case(loop), passed(supervisor=""))["id"]
    assert row(loop, own).supervisor == SUPERVISOR.id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"to_whom": ""}, "to_whom", id="nobody"),
        pytest.param({"categories": ""}, "categories", id="nothing"),
        pytest.param({"categories": "contact|gossip"}, "categories", id="no such category"),
        pytest.param({"ground": "agreement"}, "ground", id="no such ground"),
        pytest.param({"supervisor": ""}, "supervisor", id="no supervisor"),
        pytest.param({"supervisor": WORKER.id}, "supervisor", id="their own supervisor"),
        pytest.param({"person_told": "perhaps"}, "person_told", id="told?"),
    ],
)
def test_what_is_missing_is_asked_for(loop: Loop, changes: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        disclosures.record(loop, ask(loop), a_case(loop), passed(**changes))
    assert refused.value.field == field


def test_it_was_not_told_tomorrow_nor_by_a_provider(loop: Loop) -> None:
    with pytest.raises(BadInput):
        disclosures.record(loop, ask(loop), a_case(loop), passed(at=loop.clock() + timedelta(days=1)))
    with pytest.raises(NotFound):
        disclosures.record(loop, ask(loop, PROVIDER), a_case(loop), passed())
    with pytest.raises(NotFound):
        disclosures.person_told(loop, ask(loop), "nothing")
