"""Proposals on every database: of many who approve, or edit one field, at once one does and the others are told."""

from datetime import timedelta
from threading import Barrier

from directory import records
from directory.database import Database
from directory.editing import proposals
from directory.editing.proposals import Proposer
from directory.errors import Conflict
from tests.builders import NOON, a_draft, write
from tests.contract.test_cases_contract import at_once
from tests.directory.editing.builders import ANN, SERVICE, ages, approved, edited, now, shown, viewed


def test_of_ten_who_approve_at_once_one_does(record: Database) -> None:
    write(record, a_draft())
    number = edited(record, age=ages(5, 30)).proposal or 0
    seen, start = viewed(record, number).seen, Barrier(10)

    def approve(person: int) -> str:
        start.wait()
        with record.session() as session:
            proposals.approve(session, number, seen, Proposer(f"p{person}"), NOON)
        return f"p{person}"

    answers = at_once(approve)
    (winner,) = [answer for answer in answers if isinstance(answer, str)]
    assert sum(isinstance(answer, Conflict) for answer in answers) == 9
    assert viewed(record, number).line.decided_by == winner
    assert shown(record).age.maximum == 30


def test_of_two_edits_of_one_field_at_once_the_second_is_told(record: Database) -> None:
    write(record, a_draft())
    seen, start = now(record).mark(["description"]), Barrier(4)

    def edit(person: int) -> bool:
        start.wait()
        with record.session() as session:
            sent = proposals.edit(
                session, SERVICE, {"description": f"By {person}."}, seen, Proposer(f"p{person}"), NOON
            )
        return bool(sent.live)

    answers = at_once(edit, 4)
    assert [answer for answer in answers if answer is True] == [True]
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3


def test_a_whole_life_of_a_proposal(record: Database) -> None:
    write(record, a_draft())
    first = edited(record, ANN, age=ages(5, 30)).proposal
    second = edited(record, ANN, phone="01632 960002").proposal
    approved(record, first, at=NOON + timedelta(hours=1))
    with record.session() as session:
        proposals.reject(session, second or 0, "It rings elsewhere.", Proposer("ben"), NOON)
    assert [viewed(record, each or 0).line.state for each in (first, second)] == ["approved", "rejected"]
    with record.reading() as session:
        service = records.get_service(session, SERVICE)
        assert service is not None
        assert service.maximum_age == 30
