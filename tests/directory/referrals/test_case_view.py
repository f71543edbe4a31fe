"""Reading a case: everything about it in one look, with a line in the audit that names what was opened."""

from collections.abc import Iterator
from datetime import date

import pytest

from directory.errors import BadInput, NotFound
from directory.referrals import (
    case_view,
    complaints,
    concerns,
    disclosures,
    exclusions,
    people,
    safety_plans,
    signposts,
)
from directory.referrals.concerns import Told
from directory.referrals.disclosures import Passed
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, Subject
from tests.directory.referrals.builders import PROVIDER, SERVICE, SUPERVISOR, WORKER, a_loop, a_referral, ask
from tests.directory.referrals.case_builders import GIVEN, audited, case, opened


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture(scope="module")
def full(loop: Loop) -> str:
    """A case on which everything has happened once."""
    answer = opened(loop, given=GIVEN | {"harmed_by": ["sibling"]})
    own, need_id = str(answer["id"]), str(answer["needs"]["counselling"])
    signposts.give(loop, ask(loop), need_id, SERVICE, date(2026, 12, 1))
    a_referral(loop, State.SENT, case_id=own, need_id=need_id)
    exclusions.add(loop, ask(loop), own, named="Warden Wombat")
    concerns.record(loop, ask(loop), own, Told("harmed", "police", "child_at_risk", "He waits outside.", "PC Quoll"))
    disclosures.record(loop, ask(loop), own, Passed("PC Quoll", "need", "safeguarding", SUPERVISOR.id, "not_yet"))
    complaints.receive(loop, ask(loop), own, "spoc", "You were late.")
    safety_plans.ask_for(loop, ask(loop), own, "danger")
    people.set_passphrase(loop, ask(loop), own, "purple otter lighthouse")
    return own


def test_all_of_it_is_there_in_clear(loop: Loop, full: str) -> None:
    view = case_view.read(loop, WORKER, full)

    assert (view.person["name"], view.contact_opened.value) == ("Skye Example", "01632 960200")
    assert (view.given["residence"], view.harmed_by) == ("KY11 4AB", ("sibling",))
    for rows in (view.needs, view.referrals, view.signposts, view.agreements, view.exclusions, view.concerns):
        assert len(rows) == 1
    assert view.words[view.exclusions[0].id] == "Warden Wombat"
    assert view.words[view.concerns[0].id].what == "He waits outside."
    assert view.words[view.disclosures[0].id] == "PC Quoll"
    assert view.words[view.complaints[0].id] == "You were late."
    assert view.words[view.safety_plans[0].id] == ""
    assert {task.kind for task in view.tasks} == {"tell_person", "complaint", "safety_plan"}
    assert view.has_passphrase


def test_the_look_is_written_down(loop: Loop, full: str) -> None:
    case_view.read(loop, WORKER, full, "call", ("name",))

    line = audited(loop, "view")[-1]
    assert (line.object_id, line.subject_id, line.purpose) == (full, case(loop, full).subject_id, "call")
    assert line.fields.split("|")[:2] == ["name", "facts"]
    assert "Skye" not in line.fields


def test_only_the_fields_asked_for_are_opened(loop: Loop, full: str) -> None:
    assert case_view.read(loop, WORKER, full, fields=("name",)).person == {"name": "Skye Example"}


def test_nothing_personal_is_in_its_repr(loop: Loop, full: str) -> None:
    shown = repr(case_view.read(loop, WORKER, full))
    assert not [word for word in ("Skye", "01632", "KY11", "Wombat", "Quoll", "sibling") if word in shown]


def test_a_look_that_is_refused_is_no_look(loop: Loop, full: str) -> None:
    before = len(audited(loop, "view"))
    with pytest.raises(NotFound):
        case_view.read(loop, PROVIDER, full)
    with pytest.raises(NotFound):
        case_view.read(loop, WORKER, "nothing")
    with pytest.raises(BadInput) as refused:
        case_view.read(loop, WORKER, full, "curious")
    assert refused.value.field == "purpose"
    with pytest.raises(BadInput):
        case_view.read(loop, WORKER, full, fields=("passphrase",))
    assert len(audited(loop, "view")) == before


def test_of_who_was_erased_only_codes_are_left(loop: Loop) -> None:
    own = opened(loop)["id"]
    with loop.database.session() as session:
        row = session.get_one(Case, own)
        row.erased_at = loop.clock()
        session.get_one(Subject, row.subject_id).wrapped_key = None

    view = case_view.read(loop, WORKER, own)

    assert (view.is_erased, view.person, view.given, view.contact) == (True, {}, {}, None)
    assert [need.need for need in view.needs] == ["counselling"]
    assert view.timeline[0].words == "Case opened"


def test_a_task_that_is_done_is_not_shown(loop: Loop) -> None:
    own = opened(loop)["id"]
    complaint = complaints.receive(loop, ask(loop), own, "spoc", "Late.")
    assert case_view.read(loop, WORKER, own).tasks
    complaints.answer(loop, ask(loop, SUPERVISOR, version=complaint["version"]), complaint["id"])
    assert case_view.read(loop, WORKER, own).tasks == ()
