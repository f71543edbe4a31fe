"""Short lists and messages to people on every database: many at once, and what erasing leaves."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.database import Database
from directory.errors import WaymarkError
from directory.records import service_id
from directory.referrals import erasing, person_messages, safe_contacts, shortlists
from directory.referrals.loop import Loop
from directory.referrals.person_messages import MessageSaid
from directory.referrals.safe_contacts import Wish
from directory.referrals.shortlist_tables import PersonMessage, Shortlisted
from directory.referrals.tables import Case
from tests.builders import a_draft, write
from tests.directory.referrals.builders import SERVICE, Time, a_case, a_loop_over, a_need, ask

OTHERS = [service_id("facts", f"f91{number}") for number in range(8)]


@pytest.fixture
def loop(record: Database, tmp_path: Path) -> Loop:
    made = a_loop_over(record, tmp_path / "home", Time())
    write(record, a_draft(), *(a_draft(source_id=f"f91{number}", name=f"Door {number}") for number in range(8)))
    return made


def test_many_at_once_stand_once_each_in_one_order(loop: Loop) -> None:
    case_id = a_case(loop)
    need_id = a_need(loop, case_id)

    def put(service: str) -> None:
        for _ in range(2):
            try:
                shortlists.add(loop, ask(loop), case_id, need_id, service)
            except WaymarkError:  # a rival held the case for too long: nothing was kept, and it is asked again
                continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, OTHERS[:4] * 2))
    with loop.database.reading() as session:
        rows = session.scalars(select(Shortlisted).where(Shortlisted.need_id == need_id)).all()
    assert sorted(row.service_id for row in rows) == sorted(OTHERS[:4])
    assert sorted(row.position for row in rows) == [1, 2, 3, 4]


def test_of_somebody_who_was_erased_no_service_is_left(loop: Loop, tmp_path: Path) -> None:
    case_id = a_case(loop)
    shortlists.add(loop, ask(loop), case_id, a_need(loop, case_id), SERVICE)
    safe_contacts.set_(loop, ask(loop), case_id, Wish("email", "skye@person.example"))
    person_messages.send(loop, ask(loop), case_id, MessageSaid("email", (SERVICE,)), texts=False)
    with loop.database.reading() as session:
        subject_id = session.get_one(Case, case_id).subject_id
        assert session.scalars(select(PersonMessage.services)).all() == [SERVICE]
    erasing.erase(loop, ask(loop), subject_id, tmp_path)
    with loop.database.reading() as session:
        assert session.scalars(select(Shortlisted)).all() == []
        assert session.scalars(select(PersonMessage.services)).all() == [""]
