"""Nobody goes who is the last supervisor to know of a case that is kept from the others."""

from collections.abc import Callable, Iterator

import pytest

from directory.errors import Conflict
from directory.referrals import leaving, managing
from directory.referrals.asking import Ask
from directory.referrals.loop import Loop
from tests.directory.referrals.access_builders import kept_from, staff
from tests.directory.referrals.builders import Time, a_case, a_loop, ask

Go = Callable[[Loop, Ask, str], object]


@pytest.fixture
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home"), Time()) as made:
        yield made


@pytest.mark.parametrize(
    "go",
    [
        pytest.param(leaving.leave, id="leaves"),
        pytest.param(managing.disable, id="is shut out"),
        pytest.param(
            lambda loop, asked, own: managing.change_roles(loop, asked, own, ["worker"]), id="supervises no more"
        ),
    ],
)
def test_a_case_keeps_a_supervisor_who_may_know_of_it(loop: Loop, go: Go) -> None:
    admin, boss, other = staff(loop, "admin"), staff(loop, "supervisor"), staff(loop, "supervisor")
    kept_from(loop, a_case(loop), other, boss)
    with pytest.raises(Conflict, match="no supervisor"):
        go(loop, ask(loop, admin), boss.id)
    go(loop, ask(loop, admin), other.id)  # it is kept from them as it is
    staff(loop, "supervisor")
    go(loop, ask(loop, admin), boss.id)
