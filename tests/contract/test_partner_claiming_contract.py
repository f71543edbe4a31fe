"""A service that is here already is claimed within a registration, on every database; two claims are one."""

from pathlib import Path

import pytest

from directory.database import Database
from directory.errors import Conflict
from directory.partners import claiming
from directory.partners.answers import ServiceAnswers
from directory.records import service_id
from directory.referrals.loop import Loop
from tests.directory.partners.partner_builders import (
    OWN_SERVICE,
    SERVICE_PAGES,
    a_partner,
    a_registration,
    ask_of,
    full_answers,
    kept,
    service_values,
)
from tests.directory.referrals.builders import Time, a_loop_over


@pytest.fixture
def loop(record: Database, tmp_path: Path) -> Loop:
    return a_loop_over(record, tmp_path / "home", Time())


def test_the_claimed_service_stands_first_and_no_second_one_is_claimed(loop: Loop) -> None:
    inside, second = a_partner(loop).inside, "b" * 32
    services = (
        ServiceAnswers(OWN_SERVICE, service_values(name="Saltire Line", url=""), SERVICE_PAGES),
        ServiceAnswers(second, service_values(), SERVICE_PAGES),
    )
    begun = a_registration(loop, inside, full_answers(*services), sent=False)
    ours = service_id("facts", "f900")
    claiming.claim(loop, ask_of(loop, inside, begun.version), inside, begun.id, second, ours)
    after = kept(loop, inside, begun.id)
    assert (after.claims_service_id, after.version) == (ours, begun.version + 1)
    assert [each.own for each in after.answers.services] == [second, OWN_SERVICE]
    for seen in (begun.version, after.version):
        with pytest.raises(Conflict):
            claiming.claim(loop, ask_of(loop, inside, seen), inside, begun.id, OWN_SERVICE, ours)
