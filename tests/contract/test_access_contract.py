"""Who may see a case, on every database: the one predicate, one live block a person, and lists without a trace."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from directory.database import Database
from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import case_access, case_blocks, case_lists, case_view, cases, look_ups
from directory.referrals.access_tables import CaseBlock
from directory.referrals.case_rows import PurposeNeeded
from directory.referrals.loop import Loop, new_key
from tests.directory.referrals.access_builders import kept_from, looked, staff
from tests.directory.referrals.builders import Time, a_loop_over, ask
from tests.directory.referrals.case_builders import an_opening, case, looking


@pytest.fixture
def loop(record: Database, tmp_path: Path) -> Loop:
    return a_loop_over(record, tmp_path / "home", Time())


def test_a_case_is_opened_with_a_reason_kept_and_given_on(loop: Loop) -> None:
    ann, ben, boss, near = staff(loop), staff(loop), staff(loop, "supervisor"), staff(loop)
    own = str(cases.open_case(loop, ask(loop, ann), an_opening(kept_from=(near.id,)))["id"])
    with pytest.raises(PurposeNeeded):
        case_view.read(loop, ben, own)
    looked(loop, own, ben, "other", "Rang about a meeting")
    case_view.read(loop, ben, own)
    assert [(each.purpose, each.lines) for each in look_ups.read(loop, boss, date(2026, 11, 22)).look_ups] == [
        ("other", ("Rang about a meeting",))
    ]
    case_access.assign(loop, ask(loop, boss), own, ben.id, leads=True)
    cases.amend(loop, ask(loop, ben), own, flags={"restricted": True})
    assert [len(case_lists.listed(loop, who)) for who in (ann, ben, boss, near, staff(loop))] == [1, 1, 1, 0, 0]
    with pytest.raises(NotFound):
        case_view.read(loop, near, own)


def test_of_many_at_once_one_keeps_it_from_them(loop: Loop) -> None:
    ann, near = staff(loop), staff(loop)
    staff(loop, "supervisor")
    own = str(cases.open_case(loop, ask(loop, ann), an_opening())["id"])

    def block(_: int) -> str:
        try:
            return kept_from(loop, own, near, by=ann)
        except (BadInput, Conflict):
            return ""

    with ThreadPoolExecutor(8) as pool:
        made = [each for each in pool.map(block, range(8)) if each]
    with looking(loop) as session:
        live = select(func.count()).select_from(CaseBlock).where(CaseBlock.lifted_at.is_(None))
        assert (len(made), session.scalar(live)) == (1, 1)
    case_blocks.lift(loop, ask(loop, ann), own, made[0])
    assert kept_from(loop, own, near, by=ann) != made[0]


def test_of_many_who_take_a_case_one_leads_it(loop: Loop) -> None:
    ann, others = staff(loop), [staff(loop) for _ in range(6)]
    own = str(cases.open_case(loop, ask(loop, ann), an_opening())["id"])
    case_access.unassign(loop, ask(loop, ann), own, ann.id)
    seen = case(loop, own).version

    def take(place: int) -> str:
        try:
            case_access.take(loop, ask(loop, others[place], key=new_key(), version=seen), own)
        except Conflict:
            return ""
        return others[place].id

    with ThreadPoolExecutor(6) as pool:
        (leader,) = [each for each in pool.map(take, range(6)) if each]
    assert case(loop, own).lead_worker == leader
