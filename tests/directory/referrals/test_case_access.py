"""Who may know of a case: their own, with a reason others' too, restricted ones and those kept from them not at all."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.accounts import sessions
from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.referrals import case_access, case_blocks, case_lists, case_rows, case_view, cases, erasing, hand_ins
from directory.referrals.access_tables import CaseLook
from directory.referrals.asking import Who
from directory.referrals.case_rows import PurposeNeeded
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, Referral, Task
from tests.directory.referrals.access_builders import again, kept_from, looked, staff
from tests.directory.referrals.builders import PROVIDER, a_loop, a_referral, ask
from tests.directory.referrals.case_builders import an_opening, audited, case, everything, happened, looking


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        staff(made, "supervisor")  # one who is never kept from anything
        yield made


def opened(loop: Loop, by: Who, **changes: object) -> str:
    return str(cases.open_case(loop, ask(loop, by), an_opening(**changes))["id"])


def reads(loop: Loop, who: Who, case_id: str) -> str:
    """ "there", "why?" or "missing"."""
    try:
        case_view.read(loop, who, case_id)
    except PurposeNeeded:
        return "why?"
    except NotFound:
        return "missing"
    return "there"


@pytest.mark.parametrize(
    ("role", "restricted", "on_it", "kept", "expected"),
    [
        pytest.param("worker", False, True, False, "there", id="their own"),
        pytest.param("worker", False, False, False, "why?", id="another's"),
        pytest.param("worker", True, True, False, "there", id="their own, restricted"),
        pytest.param("worker", True, False, False, "missing", id="another's, restricted"),
        pytest.param("worker", False, True, True, "missing", id="their own, kept from them"),
        pytest.param("worker", False, False, True, "missing", id="another's, kept from them"),
        pytest.param("supervisor", False, False, False, "there", id="a supervisor"),
        pytest.param("supervisor", True, False, False, "there", id="a supervisor, restricted"),
        pytest.param("supervisor", False, False, True, "missing", id="a supervisor, kept from them"),
        pytest.param("supervisor", True, True, True, "missing", id="a supervisor on it, kept from them"),
    ],
)
def test_who_reads_a_case(loop: Loop, role: str, restricted: bool, on_it: bool, kept: bool, expected: str) -> None:
    boss, who = staff(loop, "supervisor"), staff(loop, role)
    own = opened(loop, staff(loop), restricted=restricted)
    if on_it:
        case_access.assign(loop, ask(loop, boss), own, who.id)
    if kept:
        kept_from(loop, own, who, boss)
    listed = {line.id for line in case_lists.listed(loop, who)}

    assert reads(loop, who, own) == expected
    assert (own in listed) == (expected != "missing")


class TestWhoWorksOnIt:
    def test_who_opens_a_case_leads_it(self, loop: Loop) -> None:
        ann = staff(loop)
        assert case(loop, opened(loop, ann)).lead_worker == ann.id

    def test_who_opens_it_for_a_colleague_works_beside_them(self, loop: Loop) -> None:
        ann, ben = staff(loop), staff(loop)
        own = opened(loop, ann, lead_worker=ben.id, restricted=True)
        assert (reads(loop, ann, own), reads(loop, ben, own)) == ("there", "there")

    def test_a_case_that_nobody_leads_can_be_taken_unseen(self, loop: Loop) -> None:
        ann, ben = staff(loop), staff(loop)
        own = opened(loop, ann)
        case_access.unassign(loop, ask(loop, ann), own, ann.id)
        assert reads(loop, ben, own) == "why?"

        case_access.take(loop, ask(loop, ben), own)

        assert (case(loop, own).lead_worker, reads(loop, ben, own), reads(loop, ann, own)) == (ben.id, "there", "why?")
        assert happened(loop, own)[-2:] == ["case.unlead", "case.lead"]

    def test_one_whose_lead_works_here_no_longer_can_be_taken(self, loop: Loop) -> None:
        ben = staff(loop)
        own = opened(loop, ben, lead_worker=staff(loop, disabled=True).id)
        case_access.take(loop, ask(loop, ben), own)
        assert case(loop, own).lead_worker == ben.id

    def test_a_colleagues_case_is_not_taken(self, loop: Loop) -> None:
        own = opened(loop, staff(loop))
        with pytest.raises(Forbidden):
            case_access.take(loop, ask(loop, staff(loop)), own)

    def test_a_supervisor_gives_it_to_somebody_and_who_led_it_stays_beside(self, loop: Loop) -> None:
        ann, ben, boss = staff(loop), staff(loop), staff(loop, "supervisor")
        own = opened(loop, ann)
        version = case(loop, own).version
        case_access.assign(loop, ask(loop, boss, version=version), own, ben.id, leads=True)
        with looking(loop) as session:
            assert case_access.beside(session, own) == [ann.id]
            assert case_access.assigned(session, own, ben.id)
        assert (case(loop, own).lead_worker, case(loop, own).version) == (ben.id, version + 1)
        with pytest.raises(Conflict):
            case_access.assign(loop, ask(loop, boss, version=version), own, ann.id)

    @pytest.mark.parametrize("role", ["analyst", "auditor", "liaison", "admin", "editor"])
    def test_only_who_works_on_cases_is_given_one(self, loop: Loop, role: str) -> None:
        own, boss = opened(loop, staff(loop)), staff(loop, "supervisor")
        with pytest.raises(BadInput):
            case_access.assign(loop, ask(loop, boss), own, staff(loop, role).id)

    def test_not_to_somebody_who_left_or_from_whom_it_is_kept(self, loop: Loop) -> None:
        boss, gone, near = staff(loop, "supervisor"), staff(loop, disabled=True), staff(loop)
        own = opened(loop, staff(loop))
        kept_from(loop, own, near, boss)
        for who in (gone, near):
            with pytest.raises(BadInput):
                case_access.assign(loop, ask(loop, boss), own, who.id)

    def test_workers_move_nobody_but_themselves(self, loop: Loop) -> None:
        ann, ben = staff(loop), staff(loop)
        own = opened(loop, ann)
        with pytest.raises(Forbidden):
            case_access.assign(loop, ask(loop, ann), own, ben.id)
        with pytest.raises(Forbidden):
            case_access.unassign(loop, ask(loop, ben), own, ann.id)

    def test_nobody_with_no_account_is_on_every_case_without_a_lead(self, loop: Loop) -> None:
        ann = staff(loop)
        own = opened(loop, ann)
        case_access.unassign(loop, ask(loop, ann), own, ann.id)
        with looking(loop) as session:
            assert not case_access.assigned(session, own, "")


class TestSayingWhy:
    def test_the_reason_opens_it_and_stands_in_the_audit_of_every_later_look(self, loop: Loop) -> None:
        own, ben = opened(loop, staff(loop)), staff(loop)
        looked(loop, own, ben, "call")
        assert (reads(loop, ben, own), reads(loop, ben, own)) == ("there", "there")
        lines = [line for line in audited(loop) if line.actor_id == ben.id]
        assert [(line.action, line.object_type, line.purpose) for line in lines] == [
            ("create", "case_look", "call"), ("view", "case", "call"), ("view", "case", "call"),
        ]  # fmt: skip

    def test_it_ends_with_the_session(self, loop: Loop) -> None:
        own, ben = opened(loop, staff(loop)), staff(loop)
        looked(loop, own, ben)
        assert (reads(loop, ben, own), reads(loop, again(ben), own)) == ("there", "why?")
        assert timedelta(hours=12) >= sessions.ABSOLUTE_LIMIT  # a reason holds no longer than this

    def test_it_opens_no_other_case_and_to_nobody_else(self, loop: Loop) -> None:
        ann, ben = staff(loop), staff(loop)
        own, other = opened(loop, ann), opened(loop, ann)
        looked(loop, own, ben)
        assert (reads(loop, ben, other), reads(loop, staff(loop), own)) == ("why?", "why?")

    def test_it_opens_no_restricted_case_later(self, loop: Loop) -> None:
        ann, ben = staff(loop), staff(loop)
        own = opened(loop, ann)
        looked(loop, own, ben)
        cases.amend(loop, ask(loop, ann), own, flags={"restricted": True})
        assert reads(loop, ben, own) == "missing"

    @pytest.mark.parametrize(
        ("purpose", "line"),
        [("", ""), ("working", ""), ("supervising", ""), ("bored", ""), ("other", ""), ("cover", "x" * 201)],
    )
    def test_a_reason_is_of_the_list(self, loop: Loop, purpose: str, line: str) -> None:
        own, ben = opened(loop, staff(loop)), staff(loop)
        with pytest.raises(BadInput):
            looked(loop, own, ben, purpose, line)
        assert reads(loop, ben, own) == "why?"

    def test_what_is_written_beside_it_is_sealed_and_erased_with_the_person(self, loop: Loop, tmp_path: Path) -> None:
        own, ben = opened(loop, staff(loop)), staff(loop)
        looked(loop, own, ben, "other", "Asked about the bandicoot")
        assert "bandicoot" not in everything(loop)
        with looking(loop) as session:
            (look,) = case_access.looks(session, loop, session.get_one(Case, own))
        assert (look.account_id, look.purpose, look.line) == (ben.id, "other", "Asked about the bandicoot")
        subject_id = case(loop, own).subject_id
        erasing.erase(loop, ask(loop), subject_id, tmp_path, erasing.ASKED)
        with looking(loop) as session:
            assert session.scalar(select(CaseLook.line_sealed).where(CaseLook.case_id == own)) is None
            (look,) = case_access.looks(session, loop, session.get_one(Case, own))
        assert (look.purpose, look.line) == ("other", "")

    @pytest.mark.parametrize("case_id", ["nothing", "restricted"])
    def test_nobody_says_why_for_what_is_not_there(self, loop: Loop, case_id: str) -> None:
        own = opened(loop, staff(loop), restricted=True) if case_id == "restricted" else case_id
        with pytest.raises(NotFound) as missing:
            looked(loop, own, staff(loop))
        assert missing.value.args == NotFound(*case_rows.NO_CASE).args

    def test_nothing_can_be_done_to_a_case_without_one(self, loop: Loop) -> None:
        own, ben = opened(loop, staff(loop)), staff(loop)
        with pytest.raises(PurposeNeeded):
            cases.close(loop, ask(loop, ben), own, "settled")

    def test_a_list_tells_no_name_before(self, loop: Loop) -> None:
        own, ben = opened(loop, staff(loop), name="Quoll Example"), staff(loop)
        (line,) = (each for each in case_lists.search(loop, ben, "quoll") if each.id == own)
        assert (line.is_open, line.name, line.age_band, line.council, line.needs) == (False, "", "", "", ())
        assert [each.fields for each in audited(loop, "search") if each.actor_id == ben.id] == ["reference"]
        looked(loop, own, ben)
        (line,) = (each for each in case_lists.search(loop, ben, "quoll") if each.id == own)
        assert (line.is_open, line.name) == (True, "Quoll Example")

    def test_what_was_handed_in_to_it_needs_one_too(self, loop: Loop) -> None:
        ann, ben = staff(loop), staff(loop)
        own = hand_ins.receive(loop, ask(loop, ann), hand_ins.News("school", "phone", "A girl was hit."))["id"]
        assert hand_ins.read(loop, ben, own).state == "waiting"
        hand_ins.take(loop, ask(loop, ann), own, an_opening())
        with pytest.raises(PurposeNeeded):
            hand_ins.read(loop, ben, own)


class TestKeptFrom:
    def test_by_who_works_on_it_and_by_supervisors_alone(self, loop: Loop) -> None:
        ann, ben, near = staff(loop), staff(loop), staff(loop)
        own = opened(loop, ann)
        with pytest.raises(Forbidden):
            kept_from(loop, own, near, by=ben)
        kept_from(loop, own, near, by=ann)
        assert reads(loop, near, own) == "missing"
        with pytest.raises(BadInput):
            kept_from(loop, own, near, by=ann)

    def test_anybody_keeps_a_case_from_themselves(self, loop: Loop) -> None:
        own, ben = opened(loop, staff(loop)), staff(loop)
        kept_from(loop, own, ben, by=ben)
        assert reads(loop, ben, own) == "missing"

    def test_it_can_be_lifted_but_not_by_them(self, loop: Loop) -> None:
        ann, near = staff(loop), staff(loop)
        own = opened(loop, ann)
        block = kept_from(loop, own, near, by=ann)
        with pytest.raises(NotFound):
            case_blocks.lift(loop, ask(loop, near), own, block)
        case_blocks.lift(loop, ask(loop, ann), own, block)
        assert reads(loop, near, own) == "why?"
        with pytest.raises(Conflict):
            case_blocks.lift(loop, ask(loop, ann), own, block)
        kept_from(loop, own, near, by=ann)
        assert happened(loop, own)[-3:] == ["case_block.block", "case_block.lift", "case_block.block"]

    def test_a_block_of_another_case_is_not_lifted_here(self, loop: Loop) -> None:
        ann, near = staff(loop), staff(loop)
        own, other = opened(loop, ann), opened(loop, ann)
        block = kept_from(loop, other, near, by=ann)
        with pytest.raises(NotFound):
            case_blocks.lift(loop, ask(loop, ann), own, block)

    def test_who_led_it_leads_it_no_longer_and_what_waited_for_them_is_nobodys(self, loop: Loop) -> None:
        ann, boss = staff(loop), staff(loop, "supervisor")
        own = opened(loop, ann)
        with loop.database.session() as session:
            session.add(Task(kind="reply", case_id=own, assigned_to=ann.id, made_at=loop.clock(), due_at=loop.clock()))
        sent = a_referral(loop, State.SENT, case_id=own)
        with loop.database.session() as session:
            session.get_one(Referral, sent).worker = ann.id
        kept_from(loop, own, ann, by=boss)
        with looking(loop) as session:
            assert session.scalar(select(Task.assigned_to).where(Task.case_id == own)) == ""
            assert session.get_one(Referral, sent).worker == ""
        assert case(loop, own).lead_worker == ""

    def test_named_when_the_case_is_opened(self, loop: Loop) -> None:
        ann, near = staff(loop), staff(loop, "auditor")
        own = opened(loop, ann, kept_from=(near.id, near.id))
        with looking(loop) as session:
            assert [row.account_id for row in case_blocks.of_case(session, own)] == [near.id]
        with pytest.raises(BadInput):
            opened(loop, ann, kept_from=("nobody",))

    def test_a_supervisor_must_be_left(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        with a_loop(tmp_path_factory.mktemp("alone")) as alone:
            ann, boss, gone = staff(alone), staff(alone, "supervisor"), staff(alone, "supervisor", disabled=True)
            own = opened(alone, ann)
            with pytest.raises(Conflict, match="No supervisor would be left"):
                kept_from(alone, own, boss, by=ann)
            assert reads(alone, boss, own) == "there"
            assert kept_from(alone, own, gone, by=ann)
            second = staff(alone, "supervisor")
            kept_from(alone, own, boss, by=second)
            with pytest.raises(Conflict):
                kept_from(alone, own, second, by=second)

    def test_nobody_outside_does_any_of_it(self, loop: Loop) -> None:
        own = opened(loop, staff(loop))
        with pytest.raises(NotFound):
            case_blocks.block(loop, ask(loop, PROVIDER), own, PROVIDER.id, "friend")
        with pytest.raises(Forbidden):
            case_access.take(loop, ask(loop, PROVIDER), own)
