"""On each database: reminders of two processes at once, a confirmation beside them, and words of room that race."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from directory.database import Database
from directory.editing import current
from directory.editing.current import Current
from directory.partners import reminders, review_due, review_facts, reviews, room
from directory.partners.review_due import Due
from directory.referrals.loop import Loop
from directory.referrals.policy import Policy
from directory.tables import Service, Source
from tests.directory.partners.partner_builders import a_partner, ask_of
from tests.directory.partners.review_builders import asked, confirm, confirmed, keeps, letters, open_tasks, rounds, tell
from tests.directory.referrals.builders import SERVICE, Time, a_loop_over

BEGUN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def time() -> Time:
    return Time(BEGUN)


@pytest.fixture
def loop(record: Database, tmp_path: Path, time: Time) -> Loop:
    made = a_loop_over(record, tmp_path, time)
    confirmed(made, BEGUN)
    keeps(made)
    return made


def test_two_at_once_send_each_reminder_once(loop: Loop, time: Time) -> None:
    for day in (323, 344, 358, 379):
        time.now = BEGUN + timedelta(days=day)
        with ThreadPoolExecutor(2) as both:
            for done in [both.submit(reminders.remind, loop) for _ in range(2)]:
                done.result()
    assert letters(loop) == ["partner_review_1", "partner_review_2", "partner_review_3"]
    assert open_tasks(loop) == ["review_call"]
    assert len(rounds(loop)) == 1


def test_an_answer_is_kept_whole_and_ends_the_round(loop: Loop, time: Time) -> None:
    time.now = BEGUN + timedelta(days=323)
    reminders.remind(loop)
    door = a_partner(loop)
    tell(loop, door, age="Von 10 an: ‘ä’ 👋")
    assert [(row.how, row.wrong) for row in rounds(loop)] == [("wrong", "age")]
    time.pass_(minutes=1)
    confirm(loop, door)
    assert open_tasks(loop) == []


def test_two_taps_at_once_leave_one_word(loop: Loop) -> None:
    door = a_partner(loop)
    asks = [ask_of(loop, door.inside) for _ in range(4)]
    with ThreadPoolExecutor(4) as taps:
        for done in [taps.submit(room.say, loop, ask, door.inside, SERVICE, "open") for ask in asks]:
            done.result()
    with loop.database.reading() as session:
        assert room.now(session, SERVICE, loop.clock().date()).state == "open"


def is_held(loop: Loop, query: Select[Any]) -> bool:
    """Whether no other transaction can hold this row now; in SQLite one alone writes in any case."""
    if loop.database.engine.dialect.name != "postgresql":
        return True
    with loop.database.session() as rival:
        return rival.execute(query.with_for_update(skip_locked=True)).first() is None


def test_what_is_confirmed_stays_as_it_was_seen_until_the_word_is_kept(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, read, held = a_partner(loop), current.read, []

    def looked(session: Session, service_id: str) -> Current:
        held.append(is_held(loop, select(Source.id)))
        return read(session, service_id)

    mark = asked(loop).mark
    monkeypatch.setattr(review_facts.current, "read", looked)
    reviews.confirm(loop, ask_of(loop, door.inside), door.inside, SERVICE, mark)
    reviews.tell(loop, ask_of(loop, door.inside), door.inside, SERVICE, mark, {"age": ""})
    assert held == [True, True]


def test_what_is_due_is_worked_out_when_nobody_can_answer_meanwhile(
    loop: Loop, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_out, held = review_due.of_services, []

    def worked_out(session: Session, ids: Collection[str], policy: Policy) -> dict[str, Due]:
        held.append(is_held(loop, select(Service.id).where(Service.id == SERVICE)))
        return work_out(session, ids, policy)

    time.now = BEGUN + timedelta(days=323)
    monkeypatch.setattr(review_due, "of_services", worked_out)
    reminders.remind(loop)
    assert held[-1]
    assert letters(loop) == ["partner_review_1"]
