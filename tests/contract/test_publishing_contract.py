"""Agreeing to a registration on every database: of many at once two count, and it is published once."""

from pathlib import Path
from threading import Barrier

from sqlalchemy import func, select

from directory.database import Database
from directory.errors import Conflict
from directory.partners import publishing
from directory.partners.tables import Partner, PartnerService, RegistrationApproval
from directory.referrals.loop import Loop
from directory.referrals.tables import Mailbox
from tests.contract.test_cases_contract import at_once
from tests.directory.partners.verifying_builders import asked, checked, in_record, sent_in
from tests.directory.referrals.access_builders import staff
from tests.directory.referrals.builders import a_loop_over


def counts(loop: Loop) -> list[int]:
    with loop.database.reading() as session:
        tables = (RegistrationApproval, Partner, PartnerService, Mailbox)
        return [session.scalars(select(func.count()).select_from(table)).one() for table in tables]


def test_of_many_who_agree_at_once_two_publish_it_once(record: Database, tmp_path: Path) -> None:
    loop = a_loop_over(record, tmp_path)
    people = [staff(loop, "editor") for _ in range(3)]
    _, kept = sent_in(loop)
    checked(loop, kept, people[0])
    start = Barrier(6)

    def agree(number: int) -> bool:
        start.wait()
        ask = asked(loop, people[number % 3], kept)
        return bool(publishing.approve(loop, ask, kept.id)["published"])

    answers = at_once(agree, 6)
    assert sorted(str(answer) for answer in answers if isinstance(answer, bool)) == ["False", "True"]
    assert sum(isinstance(answer, Conflict) for answer in answers) == 4
    assert list(in_record(loop)) == ["Seal Watch Listening"]
    assert counts(loop) == [2, 1, 1, 1]
