"""Safety plans: asked for once, written and written anew, their words sealed."""

from collections.abc import Iterator

import pytest

from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import safety_plans
from directory.referrals.loop import Loop
from tests.directory.referrals.builders import a_case, a_loop, ask
from tests.directory.referrals.case_builders import everything, happened, looking, tasks


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        yield made


def asked(loop: Loop, case_id: str, because: str = "danger") -> str:
    return str(safety_plans.ask_for(loop, ask(loop), case_id, because)["id"])


def test_it_is_asked_for_until_it_is_made(loop: Loop) -> None:
    case_id = a_case(loop)
    own = asked(loop, case_id)
    assert asked(loop, case_id, "placement_changed") == own
    assert [task.object_id for task in tasks(loop, "safety_plan", case_id)] == [own]

    safety_plans.make(loop, ask(loop), own, "Ring Wombat first.")

    assert tasks(loop, "safety_plan", case_id) == []
    assert "Wombat" not in everything(loop)
    with looking(loop) as session:
        plan = safety_plans.of_case(session, case_id)[0]
        assert safety_plans.opened(session, loop, plan) == "Ring Wombat first."
    assert happened(loop, case_id)[-1] == "safety_plan.make"


def test_the_next_change_asks_for_another(loop: Loop) -> None:
    case_id = a_case(loop)
    first = asked(loop, case_id)
    safety_plans.make(loop, ask(loop), first, "Stay with Gran.")
    assert asked(loop, case_id, "placement_changed") != first


def test_it_is_written_anew_by_who_saw_the_last_one(loop: Loop) -> None:
    own = asked(loop, a_case(loop))
    safety_plans.make(loop, ask(loop, version=1), own, "One.")
    with pytest.raises(Conflict):
        safety_plans.make(loop, ask(loop, version=1), own, "Other.")
    assert safety_plans.make(loop, ask(loop, version=2), own, "Better.")["version"] == 3


def test_what_cannot_be_a_plan_is_refused(loop: Loop) -> None:
    with pytest.raises(BadInput):
        asked(loop, a_case(loop), "boredom")
    with pytest.raises(BadInput):
        safety_plans.make(loop, ask(loop), asked(loop, a_case(loop)), " ")
    with pytest.raises(NotFound):
        safety_plans.make(loop, ask(loop), "nothing", "Plan.")
