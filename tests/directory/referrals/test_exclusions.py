"""Exclusions: whom the person named as unsafe is out, in all the directory's rows of it, and nobody learns why."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from directory import records
from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import exclusions
from directory.referrals.lifecycle import LIVE, State
from directory.referrals.loop import Loop
from directory.referrals.tables import Exclusion
from directory.tables import Service
from tests.builders import a_draft, write
from tests.directory.referrals.builders import SERVICE, a_case, a_loop, a_referral, ask, referral
from tests.directory.referrals.case_builders import everything, looking, tasks


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        write(made.database, a_draft(), *(a_draft(source_id=own) for own in ("f901", "f902")))
        write(made.database, a_draft(source="council", source_id="c1", organization="HARBOUR TRUST"))
        yield made


OTHERS = records.service_id("council", "c1")


def service(own: str) -> str:
    return records.service_id("facts", own)


def out(loop: Loop, case_id: str) -> frozenset[str]:
    with looking(loop) as session:
        return exclusions.ids(session, case_id)


def organization_of(loop: Loop, service_id: str) -> str:
    with looking(loop) as session:
        return session.scalars(select(Service.organization_id).where(Service.id == service_id)).one()


class TestIds:
    def test_nobody_is_out_at_first(self, loop: Loop) -> None:
        assert out(loop, a_case(loop)) == frozenset()

    def test_a_service_is(self, loop: Loop) -> None:
        case_id = a_case(loop)
        exclusions.add(loop, ask(loop), case_id, service_id=SERVICE)
        assert out(loop, case_id) == {SERVICE}

    def test_with_every_row_that_tells_of_it(self, loop: Loop) -> None:
        case_id = a_case(loop)
        with loop.database.session() as session:
            session.get_one(Service, service("f901")).same_as_id = service("f902")
        exclusions.add(loop, ask(loop), case_id, service_id=service("f901"))
        assert out(loop, case_id) == {service("f901"), service("f902")}

    def test_an_organization_takes_all_its_services_with_it(self, loop: Loop) -> None:
        case_id = a_case(loop)
        own = organization_of(loop, SERVICE)
        exclusions.add(loop, ask(loop), case_id, organization_id=own)
        assert {own, SERVICE, service("f901"), service("f902")} <= out(loop, case_id)

    def test_also_where_another_source_lists_it_under_the_same_name(self, loop: Loop) -> None:
        case_id = a_case(loop)
        own, other = organization_of(loop, SERVICE), organization_of(loop, OTHERS)
        assert own != other
        exclusions.add(loop, ask(loop), case_id, organization_id=own)
        assert {other, OTHERS} <= out(loop, case_id)

    def test_one_that_was_lifted_is_in_again(self, loop: Loop) -> None:
        case_id = a_case(loop)
        row = exclusions.add(loop, ask(loop), case_id, service_id=SERVICE)
        exclusions.lift(loop, ask(loop), row["id"])
        assert out(loop, case_id) == frozenset()
        with pytest.raises(Conflict, match="lifted already"):
            exclusions.lift(loop, ask(loop), row["id"])

    def test_another_person_is_not_concerned(self, loop: Loop) -> None:
        exclusions.add(loop, ask(loop), a_case(loop), service_id=SERVICE)
        assert out(loop, a_case(loop)) == frozenset()


class TestAdding:
    @pytest.mark.parametrize("state", list(State), ids=str)
    def test_a_live_referral_to_it_is_a_task_for_today(self, loop: Loop, state: State) -> None:
        own = referral(loop, a_referral(loop, state))

        answer = exclusions.add(loop, ask(loop), own.case_id, service_id=SERVICE)

        assert answer["live"] == (state in LIVE)
        assert [task.referral_id for task in tasks(loop, "excluded_live", own.case_id)] == (
            [own.id] if state in LIVE else []
        )

    @pytest.mark.parametrize(
        "told",
        [
            pytest.param({}, id="nothing"),
            pytest.param({"service_id": SERVICE, "named": "Wombat"}, id="two things"),
            pytest.param({"named": "x" * 301}, id="too long"),
        ],
    )
    def test_one_thing_is_said(self, loop: Loop, told: dict[str, str]) -> None:
        with pytest.raises(BadInput):
            exclusions.add(loop, ask(loop), a_case(loop), **told)

    @pytest.mark.parametrize("field", ["service_id", "organization_id"])
    def test_it_must_be_in_the_directory(self, loop: Loop, field: str) -> None:
        with pytest.raises(NotFound):
            exclusions.add(loop, ask(loop), a_case(loop), **{field: "nothing"})

    def test_a_name_is_sealed_and_kept_in_mind(self, loop: Loop) -> None:
        case_id = a_case(loop)
        exclusions.add(loop, ask(loop, key="named"), case_id, named="Warden Wombat")
        assert "Wombat" not in everything(loop)
        with looking(loop) as session:
            assert exclusions.names(session, loop, case_id) == ("Warden Wombat",)
        assert out(loop, case_id) == frozenset()

    def test_there_is_no_place_for_a_reason(self) -> None:
        kept = {column.name for column in Exclusion.__table__.columns}
        assert not {name for name in kept if "why" in name or "reason" in name or "about" in name}
