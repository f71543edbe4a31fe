"""Cases: opened from the match page's facts with nothing personal in clear, amended, led, closed, found again."""

from collections.abc import Iterator
from typing import Any

import pytest

from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import case_access, case_view, cases, needs, safety_plans, sealing
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor, State
from directory.referrals.loop import Loop
from directory.referrals.tables import Person, Subject
from tests.builders import FIFE
from tests.directory.referrals.builders import PROVIDER, SUPERVISOR, WORKER, a_case, a_loop, a_referral, ask
from tests.directory.referrals.case_builders import (
    GIVEN,
    an_opening,
    audited,
    case,
    everything,
    happened,
    looking,
    opened,
    tasks,
)

OTHER_WORKER = Who(Actor.WORKER, "a0000000-0000-4000-8000-000000000009", frozenset({"worker"}))


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        yield made


def asked(loop: Loop, case_id: str) -> dict[str, Any]:
    with looking(loop) as session:
        return cases.given(session, loop, session.get_one(cases.Case, case_id))


class TestOpening:
    def test_it_holds_the_codes_that_are_counted(self, loop: Loop) -> None:
        answer = opened(loop)

        row = case(loop, answer["id"])
        assert (row.relation, row.age_band, row.council) == ("harmed_person", "12_15", FIFE)
        assert (row.harms, row.languages, row.lead_worker) == ("physical_harm", "pl", WORKER.id)
        assert row.reference == answer["reference"]
        assert list(answer["needs"]) == ["counselling"]

    def test_it_gives_the_matcher_back_its_facts(self, loop: Loop) -> None:
        own = opened(loop)["id"]

        expected = GIVEN | {"age": {"min": 14, "max": 14}, "relation": "harmed_person"}
        assert asked(loop, own) == expected

    def test_nothing_personal_is_in_clear_anywhere(self, loop: Loop) -> None:
        named = an_opening(name="Canary Quoll", person={"full_name": "Canary Quoll Wombat", "address": "9 Numbat Wynd"})
        cases.open_case(loop, ask(loop, key="canary"), named)

        kept = everything(loop)

        for word in ("Quoll", "Wombat", "Numbat", "KY11", "01632 960200", "01632960200"):
            assert word not in kept

    def test_a_form_sent_twice_opens_one_case(self, loop: Loop) -> None:
        first, second = (cases.open_case(loop, ask(loop, key="twice"), an_opening()) for _ in range(2))
        assert first == second

    def test_the_same_form_with_something_else_in_it_is_refused(self, loop: Loop) -> None:
        cases.open_case(loop, ask(loop, key="else"), an_opening())
        with pytest.raises(BadInput, match="sent already"):
            cases.open_case(loop, ask(loop, key="else"), an_opening(name="Somebody Else"))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            pytest.param({"relation": "stranger"}, "relation", id="relation"),
            pytest.param({"relation": ""}, "relation", id="no relation"),
            pytest.param({"given": {"needs": ["her story"]}}, "needs", id="need"),
            pytest.param({"given": {"text": "what happened"}}, "text", id="words"),
            pytest.param({"given": {"age": "young"}}, "age", id="age"),
            pytest.param({"age": 130}, "age", id="age too high"),
            pytest.param({"age_band": "teen"}, "age_band", id="band"),
            pytest.param({"council": "Narnia"}, "council", id="council"),
            pytest.param({"from_agency": "newspaper"}, "from_agency", id="agency"),
            pytest.param({"name": "x" * 301}, "name", id="long name"),
            pytest.param({"person": {"shoe_size": "4"}}, "shoe_size", id="no such field"),
            pytest.param({"person": {"date_of_birth": "last May"}}, "date_of_birth", id="date of birth"),
        ],
    )
    def test_what_cannot_be_kept_is_refused_by_its_field(self, loop: Loop, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(BadInput) as refused:
            opened(loop, **changes)
        assert refused.value.field == field

    def test_what_was_refused_leaves_no_half_case(self, loop: Loop) -> None:
        with looking(loop) as session:
            before = session.query(Subject).count()
        with pytest.raises(BadInput):
            opened(loop, person={"date_of_birth": "last May"})
        with looking(loop) as session:
            assert session.query(Subject).count() == before

    def test_a_provider_opens_none(self, loop: Loop) -> None:
        with pytest.raises(BadInput):
            cases.open_case(loop, ask(loop, PROVIDER), an_opening())

    @pytest.mark.parametrize(
        ("changes", "flags"),
        [
            pytest.param({"age": 11, "given": {}}, (True, None), id="the person is 11"),
            pytest.param({"age": 12, "given": {}}, (False, None), id="the person is 12"),
            pytest.param({"given": {"age": "11 to 13"}}, (None, None), id="11 to 13: not known"),
            pytest.param({"given": {"other_age": 10}}, (None, True), id="the child who harmed is 10"),
            pytest.param({"given": {"other_age": {"min": 12, "max": 14}}}, (None, False), id="12 to 14"),
            pytest.param({"given": {"other_age": 10}, "harmed_by_under_12": False}, (None, False), id="said"),
            pytest.param({"given": {}}, (None, None), id="nothing said"),
        ],
    )
    def test_two_flags_say_who_was_under_12(
        self, loop: Loop, changes: dict[str, Any], flags: tuple[bool | None, bool | None]
    ) -> None:
        row = case(loop, opened(loop, **changes)["id"])
        assert (row.harmed_under_12, row.harmed_by_under_12) == flags

    def test_of_the_child_who_harmed_nothing_is_kept_but_codes(self, loop: Loop) -> None:
        own = opened(loop, given={"other_age": 13, "harmed_by": ["sibling"], "needs": ["counselling"]})["id"]

        with looking(loop) as session:
            row = session.get_one(cases.Case, own)
            assert cases.harmed_by(session, loop, row) == ("sibling",)
        assert set(asked(loop, own)) == {"needs", "relation"}

    def test_an_age_band_alone_is_enough_for_the_matcher(self, loop: Loop) -> None:
        own = opened(loop, given={}, age_band="16_17")["id"]
        assert asked(loop, own)["age"] == {"min": 16, "max": 17}

    def test_the_council_is_found_by_the_place(self, loop: Loop) -> None:
        assert case(loop, opened(loop, council="")["id"]).council == FIFE

    def test_a_place_nobody_knows_has_no_council(self, loop: Loop) -> None:
        assert case(loop, opened(loop, council="", given={"residence": "Nowhereville"})["id"]).council == ""


class TestAmending:
    def test_facts_are_written_anew(self, loop: Loop) -> None:
        own = opened(loop)["id"]

        cases.amend(loop, ask(loop, version=1), own, given={"age": 17, "harms": ["threats"]})

        row = case(loop, own)
        assert (row.age_band, row.harms, row.version, row.relation) == ("16_17", "threats", 2, "harmed_person")
        assert "residence" not in asked(loop, own)

    def test_what_was_seen_must_still_be_so(self, loop: Loop) -> None:
        own = opened(loop)["id"]
        cases.amend(loop, ask(loop, version=1), own, flags={"safety_flag": True})
        with pytest.raises(Conflict, match="meanwhile"):
            cases.amend(loop, ask(loop, version=1), own, flags={"safety_flag": False})
        assert case(loop, own).safety_flag

    def test_a_mark_there_is_not_is_refused(self, loop: Loop) -> None:
        with pytest.raises(BadInput):
            cases.amend(loop, ask(loop), opened(loop)["id"], flags={"lead_worker": True})

    def test_a_change_of_placement_asks_for_a_safety_plan(self, loop: Loop) -> None:
        own = opened(loop)["id"]

        answer = cases.placement_changed(loop, ask(loop), own, residence="Dundee")

        assert asked(loop, own)["residence"] == "Dundee"
        assert case(loop, own).council != FIFE
        with looking(loop) as session:
            plan = safety_plans.of_case(session, own)[0]
            assert (plan.id, plan.because, plan.made_at) == (answer["safety_plan"], "placement_changed", None)
        assert [task.object_id for task in tasks(loop, "safety_plan", own)] == [plan.id]

    def test_a_change_that_is_not_the_persons_own_keeps_where_they_live(self, loop: Loop) -> None:
        own = opened(loop, given=GIVEN | {"harmed_by": ["sibling"]})["id"]
        cases.placement_changed(loop, ask(loop), own)
        assert asked(loop, own)["residence"] == "KY11 4AB"

    def test_a_moved_person_keeps_their_other_facts(self, loop: Loop) -> None:
        own = opened(loop, given=GIVEN | {"harmed_by": ["sibling"]})["id"]
        cases.placement_changed(loop, ask(loop), own, residence="Dundee")
        with looking(loop) as session:
            assert cases.harmed_by(session, loop, session.get_one(cases.Case, own)) == ("sibling",)
        assert asked(loop, own)["needs"] == ["counselling"]

    def test_one_worker_leads(self, loop: Loop) -> None:
        own = opened(loop)["id"]
        case_access.take(loop, ask(loop, SUPERVISOR), own)
        assert case(loop, own).lead_worker == SUPERVISOR.id


class TestClosing:
    def test_every_need_must_be_settled_first(self, loop: Loop) -> None:
        answer = opened(loop)
        with pytest.raises(Conflict, match="A need is still open"):
            cases.close(loop, ask(loop), answer["id"], "settled")

        needs.met(loop, ask(loop), answer["needs"]["counselling"])
        cases.close(loop, ask(loop), answer["id"], "settled")
        assert case(loop, answer["id"]).closed_at is not None
        with pytest.raises(Conflict, match="closed already"):
            cases.close(loop, ask(loop), answer["id"], "settled")

    def test_no_referral_may_be_with_a_service(self, loop: Loop) -> None:
        own = a_case(loop)
        a_referral(loop, State.ACCEPTED, case_id=own, need_id=needs_met(loop, own))
        with pytest.raises(Conflict, match="still with a service"):
            cases.close(loop, ask(loop), own, "settled")

    def test_a_person_who_comes_back_opens_it(self, loop: Loop) -> None:
        own = a_case(loop)
        need_id = needs_met(loop, own)
        cases.close(loop, ask(loop), own, "settled")
        needs.person_returned(loop, ask(loop), need_id)
        assert case(loop, own).closed_at is None

    def test_a_reason_is_of_the_list(self, loop: Loop) -> None:
        with pytest.raises(BadInput):
            cases.close(loop, ask(loop), a_case(loop), "bored")


def needs_met(loop: Loop, case_id: str) -> str:
    own = str(needs.add(loop, ask(loop), case_id, "counselling")["id"])
    needs.met(loop, ask(loop), own)
    return own


class TestRestricted:
    def test_it_is_there_for_its_own_workers_and_supervisors_alone(self, loop: Loop) -> None:
        own = opened(loop, restricted=True)["id"]

        for who in (WORKER, SUPERVISOR):
            assert case_view.read(loop, who, own).case.id == own
        for who in (OTHER_WORKER, PROVIDER):
            with pytest.raises(NotFound) as missing:
                case_view.read(loop, who, own)
            with pytest.raises(NotFound) as none:
                case_view.read(loop, who, "nothing")
            assert str(missing.value) == str(none.value)

    def test_nothing_can_be_done_to_it_either(self, loop: Loop) -> None:
        own = opened(loop, restricted=True)["id"]
        with pytest.raises(NotFound):
            case_access.take(loop, ask(loop, OTHER_WORKER), own)
        assert happened(loop, own)[-1] != "case.lead"


def test_each_subject_has_a_key_of_its_own(loop: Loop) -> None:
    one, other = case(loop, opened(loop)["id"]), case(loop, opened(loop)["id"])
    with looking(loop) as session:
        person = session.query(Person).filter_by(subject_id=one.subject_id).one()
        wrong = loop.sealer(session, other.subject_id)
        with pytest.raises(sealing.Unreadable):
            wrong.open(person.name_sealed, "person", person.id, "name")


def test_opening_leaves_a_line_for_each_thing_made(loop: Loop) -> None:
    own = opened(loop)["id"]
    assert happened(loop, own) == ["case.open", "safe_contact.set", "need.add"]
    lines = [line for line in audited(loop) if line.subject_id == case(loop, own).subject_id]
    assert [(line.action, line.object_type) for line in lines] == [
        ("create", "case"), ("change", "safe_contact"), ("create", "need"),
    ]  # fmt: skip
