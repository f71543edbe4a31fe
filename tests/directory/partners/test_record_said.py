"""What was said of a record comes back to its partner in codes, months and counts: nothing that tells of a person."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.feeds.tables import LinkCheck
from directory.partners import record_said
from directory.partners.record_said import Doubt, RecordSaid
from directory.referrals.lifecycle import State as Stage
from directory.referrals.loop import Loop
from directory.referrals.tables import ReferralEvent
from directory.tables import ServiceEvidence
from directory.track_record import Evidence
from tests.builders import a_draft, a_withheld_draft, write
from tests.directory.partners.review_builders import an_owner, confirm, tell
from tests.directory.referrals.builders import SERVICE, Time, a_loop, a_referral


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def said(loop: Loop, service_id: str = SERVICE) -> RecordSaid:
    with loop.database.reading() as session:
        return record_said.of_service(session, loop, service_id)


def doubt(loop: Loop, reason: str, by: str) -> None:
    with loop.database.session() as session:
        assurance.say(session, SERVICE, State.CONTRADICTED, by, loop.clock(), reason=reason)


def declined(loop: Loop, reason: str, times: int) -> None:
    """So many referrals to the service, each declined for this reason."""
    for _ in range(times):
        own = a_referral(loop, Stage.DECLINED)
        with loop.database.session() as session:
            line = {"referral_id": own, "seq": 2, "event": "decline", "at": loop.clock(), "actor_kind": "provider"}
            session.add(
                ReferralEvent(**line, actor_id="", state_from="sent", state_to="declined", details={"reason": reason})
            )


def test_each_doubt_says_by_whom_and_when_and_never_which_person(loop: Loop) -> None:
    doubt(loop, "number_dead", "a0000000-0000-4000-8000-000000000001")
    doubt(loop, "age_not_served", "provider")
    tell(loop, an_owner(loop), hours="")
    assert set(said(loop).doubts) == {
        Doubt("this number may not work", "staff", "November 2026"),
        Doubt("it may not take all the ages that it says", "referral", "November 2026"),
        Doubt("it may be open at other hours", "self", "November 2026"),
    }


def test_a_confirmation_answers_them(loop: Loop, time: Time) -> None:
    doubt(loop, "number_dead", "ann")
    time.pass_(minutes=1)
    confirm(loop, an_owner(loop))
    assert said(loop).doubts == ()


def test_a_link_that_fails_is_said(loop: Loop, time: Time) -> None:
    with loop.database.session() as session:
        session.add(
            LinkCheck(
                service_id=SERVICE,
                url="https://harbour.example/",
                checked_at=time(),
                failures=9,
                status=404,
                said="404",
            )
        )
    assert said(loop).doubts == (Doubt("the address of its website does not work", "check", ""),)


def test_declined_referrals_are_counted_from_the_floor_on_and_only_for_what_the_record_says(loop: Loop) -> None:
    declined(loop, "D3", 8)
    declined(loop, "D4", 7)
    declined(loop, "D12", 8)
    assert said(loop).declined == (("Outside the area we serve", 8),)


def test_results_are_said_from_the_floor_on(loop: Loop) -> None:
    assert said(loop).results == ""
    for many, words in ((7, ""), (12, "Of 12 referrals it answered 90%, first contact after 5 days")):
        evidence = Evidence(many, 0.9, 5.0, 0.8, 0.6, "2026-11-22")
        with loop.database.session() as session:
            session.merge(ServiceEvidence(service_id=SERVICE, **asdict(evidence)))
        assert said(loop).results.startswith(words)
        assert bool(said(loop).results) is bool(words)


def test_of_a_confidential_place_nothing_is_repeated(loop: Loop) -> None:
    doubt(loop, "moved", "ann")
    doubt(loop, "age_not_served", "ann")
    draft = a_withheld_draft(source_id=a_draft().source_id, name="Lighthouse")
    write(loop.database, draft)
    assert [each.words for each in said(loop).doubts] == ["it may not take all the ages that it says"]
