"""Agencies: pairwise references, updates as codes alone, and a role that sees them and nothing else."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from directory.errors import BadInput, Forbidden, NotFound
from directory.referrals import agencies, case_view, codes, sealing
from directory.referrals.agencies import Update
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop
from directory.referrals.tables import AgencyReference, AgencyUpdate
from tests.directory.referrals.builders import PROVIDER, SUPERVISOR, WORKER, a_case, a_loop, ask
from tests.directory.referrals.case_builders import audited, case, everything, looking

LIAISON = Who(Actor.WORKER, "c0000000-0000-4000-8000-000000000001", frozenset({"liaison"}))
TODAY = date(2026, 11, 22)
ASKED = Update("asked", "reporter", TODAY)


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        yield made


def a_reference(loop: Loop, case_id: str = "", agency: str = "scra", theirs: str = "R-77-QUOLL") -> str:
    return str(agencies.add_reference(loop, ask(loop), case_id or a_case(loop), agency, theirs)["ours"])


class TestReferences:
    def test_each_agency_is_given_another_one(self, loop: Loop) -> None:
        case_id = a_case(loop)
        ours = {a_reference(loop, case_id, agency) for agency in ("police", "scra", "copfs")}
        assert len(ours) == 3
        assert case(loop, case_id).reference not in ours

    def test_an_agency_keeps_the_one_it_has(self, loop: Loop) -> None:
        case_id = a_case(loop)
        first = a_reference(loop, case_id)
        assert a_reference(loop, case_id, theirs="R-78") == first
        assert agencies.read(loop, LIAISON, first).theirs == "R-78"

    def test_what_they_call_it_is_sealed_under_a_key_of_its_own(self, loop: Loop) -> None:
        ours = a_reference(loop)
        assert "QUOLL" not in everything(loop)
        with looking(loop) as session:
            row = session.query(AgencyReference).filter_by(ours=ours).one()
            usual = loop.sealer(session, row.subject_id)
            with pytest.raises(sealing.Unreadable):
                usual.open(row.theirs_sealed, "agency_reference", row.id, "theirs")

    def test_the_agency_is_of_the_list(self, loop: Loop) -> None:
        with pytest.raises(BadInput):
            a_reference(loop, agency="newspaper")


class TestUpdates:
    @pytest.mark.parametrize("update", list(codes.codes("agency_update")))
    def test_the_liaison_adds_and_reads_them(self, loop: Loop, update: str) -> None:
        ours = a_reference(loop)
        agencies.update(loop, ask(loop, LIAISON), ours, Update(update, "officer", TODAY))

        line = agencies.read(loop, LIAISON, ours.lower())
        assert (line.agency, line.updates) == ("scra", (Update(update, "officer", TODAY),))
        assert ours in [each.ours for each in agencies.listed(loop, LIAISON)]
        assert all(not each.theirs for each in agencies.listed(loop, LIAISON))

    @pytest.mark.parametrize("who", [WORKER, SUPERVISOR, PROVIDER], ids=["worker", "supervisor", "provider"])
    def test_nobody_else_does_and_the_try_is_written_down(self, loop: Loop, who: Who) -> None:
        ours = a_reference(loop)
        for tried in (
            lambda: agencies.update(loop, ask(loop, who), ours, ASKED),
            lambda: agencies.read(loop, who, ours),
            lambda: agencies.listed(loop, who),
        ):
            with pytest.raises(Forbidden):
                tried()
            assert (audited(loop)[-1].result, audited(loop)[-1].actor_id) == ("deny", who.id)

    def test_a_case_as_it_is_read_shows_none_of_it(self, loop: Loop) -> None:
        case_id = a_case(loop)
        ours = a_reference(loop, case_id)
        agencies.update(loop, ask(loop, LIAISON), ours, ASKED)
        seen = repr(case_view.read(loop, WORKER, case_id).timeline)
        assert ours not in seen
        assert "R-77" not in seen
        assert "asked" not in seen

    @pytest.mark.parametrize(
        ("update", "field"),
        [
            pytest.param(Update("outcome", "officer", TODAY), "update", id="no such update"),
            pytest.param(Update("asked", "Constable Example", TODAY), "by_whom", id="a name"),
            pytest.param(Update("asked", "officer", TODAY + timedelta(days=1)), "on", id="asked tomorrow"),
            pytest.param(Update("next_contact", "officer", TODAY - timedelta(days=1)), "on", id="next yesterday"),
        ],
    )
    def test_an_update_is_codes_and_a_day(self, loop: Loop, update: Update, field: str) -> None:
        with pytest.raises(BadInput) as refused:
            agencies.update(loop, ask(loop, LIAISON), a_reference(loop), update)
        assert refused.value.field == field

    def test_a_reference_nobody_has_is_not_found(self, loop: Loop) -> None:
        with pytest.raises(NotFound):
            agencies.read(loop, LIAISON, "ZZ0000ZZ")

    def test_there_is_no_place_for_what_was_answered(self) -> None:
        kept = {column.name for column in AgencyUpdate.__table__.columns}
        assert kept == {"id", "agency_reference_id", "update", "by_whom", "on", "recorded_at", "recorded_by"}
