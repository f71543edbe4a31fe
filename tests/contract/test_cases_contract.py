"""Cases on every database: opened whole, read whole, changed by one at a time, with every line in words."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from directory.database import Database
from directory.errors import Conflict, WaymarkError
from directory.referrals import (
    agencies,
    audit,
    case_access,
    case_lists,
    case_view,
    cases,
    codes,
    complaints,
    concerns,
    disclosures,
    exclusions,
    hand_ins,
    needs,
    people,
    safe_contacts,
    safety_plans,
    signposts,
)
from directory.referrals.concerns import Told
from directory.referrals.disclosures import Passed
from directory.referrals.hand_ins import News
from directory.referrals.loop import Loop, new_key
from directory.referrals.safe_contacts import Wish
from directory.referrals.tables import Case, CaseEvent
from tests.directory.referrals.builders import SERVICE, SUPERVISOR, WORKER, Time, a_loop_over, ask
from tests.directory.referrals.case_builders import an_opening, audited, everything, happened, looking, opened

TODAY = date(2026, 11, 22)
NEXT_WEEK = TODAY + timedelta(days=7)
CANARIES = (
    "Quokka", "Wombat", "Numbat", "Bandicoot", "Bilby", "Dunnart", "Potoroo", "Quoll", "Kowari", "Mulgara", "960311",
    "KY11", "purple",
)  # fmt: skip


@pytest.fixture
def loop(record: Database, tmp_path: Path) -> Loop:
    return a_loop_over(record, tmp_path / "home", Time())


def everything_happens(loop: Loop) -> str:
    """Each action on a case once, a canary in every field that is personal; returns the case's id."""
    news = hand_ins.receive(loop, ask(loop), News("police", "phone", "Quokka was hit.", "PS-Mulgara"))
    opening = an_opening(name="Quokka Wombat", person={"address": "1 Numbat Row", "account": "Bandicoot hit me."})
    made = hand_ins.take(loop, ask(loop, key="k"), news["id"], opening)
    own, need_id = str(made["id"]), str(made["needs"]["counselling"])
    safe_contacts.set_(loop, ask(loop), own, Wish("phone", "01632 960311", who_must_not_know="Bilby", note="Dunnart"))
    people.set_passphrase(loop, ask(loop), own, "purple otter lighthouse")
    people.amend(loop, ask(loop), own, {"school": "Potoroo Academy"})
    given = signposts.give(loop, ask(loop), need_id, SERVICE, NEXT_WEEK)["id"]
    signposts.follow_up(loop, ask(loop), given, "tried_no_answer")
    signposts.ask_again(loop, ask(loop), given, NEXT_WEEK)
    signposts.no_more(loop, ask(loop), given)
    excluded = exclusions.add(loop, ask(loop), own, named="Quoll")["id"]
    exclusions.lift(loop, ask(loop), excluded)
    told = Told("harmed", "police", "child_at_risk", "Bandicoot waits.", "PC Kowari")
    concern = concerns.record(loop, ask(loop), own, told)["id"]
    concerns.supervisor_told(loop, ask(loop, SUPERVISOR), concern)
    passed = Passed("PC Kowari", "need", "safeguarding", SUPERVISOR.id, "not_yet")
    disclosures.person_told(loop, ask(loop), disclosures.record(loop, ask(loop), own, passed)["id"])
    complaint = complaints.receive(loop, ask(loop), own, "service", "Quoll was rude.", SERVICE)["id"]
    complaints.answer(loop, ask(loop), complaint)
    complaints.open_again(loop, ask(loop), complaint)
    plan = cases.placement_changed(loop, ask(loop), own, "Dundee")["safety_plan"]
    safety_plans.make(loop, ask(loop), plan, "Ring Bilby.")
    cases.amend(loop, ask(loop), own, flags={"safety_flag": True})
    case_access.take(loop, ask(loop, SUPERVISOR), own)
    needs.look_again(loop, ask(loop), need_id, NEXT_WEEK)
    needs.rest(loop, ask(loop), need_id, NEXT_WEEK)
    needs.person_returned(loop, ask(loop), need_id)
    needs.end(loop, ask(loop), need_id, "moved")
    cases.close(loop, ask(loop), own, "handed_over")
    needs.person_returned(loop, ask(loop), need_id)
    needs.met(loop, ask(loop), need_id)
    return own


def test_a_whole_case_is_written_and_read_in_words_and_sealed(loop: Loop) -> None:
    own = everything_happens(loop)

    view = case_view.read(loop, WORKER, own)

    assert (view.person["name"], view.contact_opened.value) == ("Quokka Wombat", "01632 960311")
    assert [need.state for need in view.needs] == ["met"]
    assert [row.state for row in view.hand_ins] == ["taken"]
    known = codes.codes("happened")
    assert [event for event in happened(loop, own) if event not in known] == []
    assert len(view.timeline) == len(happened(loop, own))
    kept = everything(loop)
    assert [word for word in CANARIES if word in kept] == []


def test_every_line_of_a_case_has_one_in_the_audit(loop: Loop) -> None:
    own = everything_happens(loop)

    with looking(loop) as session:
        lines = [(line.object_type, line.object_id, line.event) for line in session.query(CaseEvent)]
    noted = [(line.object_type, line.object_id, line.purpose) for line in audited(loop)]
    assert [line for line in lines if line not in noted] == []
    assert {line.action for line in audited(loop)} <= set(audit.ACTIONS)
    assert own in [line.object_id for line in audited(loop, "create")]


def test_what_fails_on_the_way_leaves_nothing(loop: Loop) -> None:
    with looking(loop) as session:
        before = session.query(Case).count()
    with pytest.raises(WaymarkError):
        opened(loop, contact=Wish("phone", "no number"))
    with looking(loop) as session:
        assert session.query(Case).count() == before


def test_of_ten_who_settle_a_need_at_once_one_does(loop: Loop) -> None:
    need_id = opened(loop)["needs"]["counselling"]
    answers = at_once(lambda _: needs.met(loop, ask(loop, key=new_key(), version=1), need_id))
    assert [type(answer) for answer in answers if not isinstance(answer, Conflict)] == [dict]
    assert sum(isinstance(answer, Conflict) for answer in answers) == len(answers) - 1


def test_one_form_sent_ten_times_at_once_opens_one_case(loop: Loop) -> None:
    answers = at_once(lambda _: cases.open_case(loop, ask(loop, key="same"), an_opening(name="Only One")))
    assert len({str(answer) for answer in answers}) == 1
    assert len(case_lists.search(loop, WORKER, "only one")) == 1


def test_a_hand_in_is_taken_by_one_of_ten(loop: Loop) -> None:
    own = hand_ins.receive(loop, ask(loop), News("scra", "letter", "News."))["id"]
    answers = at_once(lambda _: hand_ins.take(loop, ask(loop, key=new_key()), own, an_opening()))
    assert sum(isinstance(answer, dict) for answer in answers) == 1
    with looking(loop) as session:
        assert session.query(Case).count() == 1


def test_an_agency_gets_one_reference_however_often_it_is_asked_for(loop: Loop) -> None:
    own = opened(loop)["id"]
    answers = at_once(lambda _: agencies.add_reference(loop, ask(loop), own, "scra", "R-1"))
    assert len({answer["ours"] for answer in answers}) == 1


def at_once(do: Callable[[int], Any], times: int = 10) -> list[Any]:
    def attempt(number: int) -> Any:
        try:
            return do(number)
        except WaymarkError as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(attempt, range(times)))
