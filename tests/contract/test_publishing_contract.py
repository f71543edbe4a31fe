"""Agreeing to a registration on every database: of many at once two count, and it is published once."""

from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from directory.database import Database
from directory.errors import Conflict
from directory.partners import publishing
from directory.partners.registrations import Kept
from directory.partners.tables import Partner, PartnerService, RegistrationApproval
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.referrals.tables import Mailbox
from tests.contract.test_cases_contract import at_once
from tests.directory.partners.partner_builders import a_partner, a_registration, full_answers
from tests.directory.partners.verifying_builders import (
    agrees,
    asked,
    checked,
    in_record,
    of_organization,
    of_service,
    sent_in,
)
from tests.directory.referrals.access_builders import staff
from tests.directory.referrals.builders import SERVICE, Time, a_loop_over


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


ORGANIZATIONS = ({}, {"name": "Puffin Trust", "charity_number": "SC099999"})
SERVICES = (
    {"name": "Puffin Evenings", "phone": "01632 960004", "url": "https://puffins.example/x"},
    {"name": "Gannet Drop In", "phone": "01632 960005", "url": "https://gannets.example/x"},
)
AT_ONCE = {
    "one organization": ((0, 0), "", ["Conflict", "True"], [1, 1]),
    "one service that both claim": ((0, 1), SERVICE, ["Conflict", "True"], [1, 1]),
    "nothing in common": ((0, 1), "", ["True", "True"], [2, 2]),
}
"""Whose two registrations are, what they claim; what their second approvals come to, and how many partners and kept
services there are then."""


@pytest.mark.parametrize(("whose", "claimed", "expected", "made"), AT_ONCE.values(), ids=AT_ONCE)
def test_of_two_registrations_agreed_at_once_only_what_can_both_be_is_published(
    record: Database, tmp_path: Path, whose: tuple[int, int], claimed: str, expected: list[str], made: list[int]
) -> None:
    loop = a_loop_over(record, tmp_path, Time())
    ann, bea = staff(loop, "editor"), staff(loop, "supervisor")
    waiting = [registered(loop, number, whose[number], claimed) for number in range(2)]
    for kept in waiting:
        checked(loop, kept, ann)
        assert agrees(loop, kept, ann) is False
    assert both(loop, waiting, bea) == expected  # the first writes ever to the partners' source
    assert counts(loop)[1:3] == made


def registered(loop: Loop, number: int, whose: int, claimed: str) -> Kept:
    email = f"morag{number}@harbour.example"
    whole = of_service(full_answers(email=email, **SERVICES[number]), str(number) * 32)
    door = a_partner(loop, email)
    return a_registration(loop, door.inside, of_organization(whole, **ORGANIZATIONS[whose]), claims=claimed)


def both(loop: Loop, registrations: list[Kept], who: Who) -> list[str]:
    """What it comes to when somebody agrees to all of these at the same time."""
    start = Barrier(len(registrations))

    def agree(number: int) -> bool:
        start.wait()
        return agrees(loop, registrations[number], who)

    answers = at_once(agree, len(registrations))
    return sorted(str(each) if isinstance(each, bool) else type(each).__name__ for each in answers)
