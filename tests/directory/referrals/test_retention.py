"""What is kept no longer: each kind of row by its own schedule, nothing before that is agreed, nothing that is held."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from directory.accounts.sessions import new_token
from directory.errors import NotReady
from directory.referrals import (
    audit,
    audit_chain,
    cases,
    erasing,
    hand_ins,
    link_sessions,
    locators,
    needs,
    notices,
    retention,
    switches,
)
from directory.referrals.asking import SYSTEM
from directory.referrals.hand_ins import News
from directory.referrals.lifecycle import LIVE, TO_DISPOSE, State
from directory.referrals.loop import Loop
from directory.referrals.tables import (
    Idempotency,
    LinkCode,
    LinkSession,
    Locator,
    Notice,
    Referral,
    ReferralEvent,
    Subject,
)
from directory.tables import Base
from tests.directory.referrals.builders import Time, a_case, a_loop, a_need, a_referral, ask, referral, with_policy
from tests.directory.referrals.case_builders import audited, opened

KEPT_DAYS = 366
"""A day more than a person is kept after all is over."""


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock) as loop:
        yield loop


def run(loop: Loop, home: Path) -> dict[str, int]:
    """What a run erased, which is what a dry run before it had counted."""
    counted = retention.run(loop, home, dry=True)
    erased = retention.run(loop, home)
    assert erased == counted
    return {name: count for name, count in erased.counts.items() if count}


def count(loop: Loop, table: type[Base]) -> int:
    with loop.database.reading() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def a_finished_case(loop: Loop, state: str = "met") -> str:
    """One need, and it is over; returns the case's id."""
    case_id = a_case(loop)
    a_need(loop, case_id, state=state)
    return case_id


def a_link(loop: Loop, referral_id: str) -> str:
    """A link with a session and a code; returns the locator's id."""
    at = loop.clock()
    with loop.database.session() as session:
        row = session.get_one(Referral, referral_id)
        locator = locators.issue(session, loop, row, SYSTEM, at)
        session.flush()
        proved = link_sessions.begin(session, locator.id, new_token(), at)
        session.flush()
        session.add(
            LinkCode(
                link_session_id=proved.id, locator_id=locator.id, code_hash="0" * 64, made_at=at,
                expires_at=at + timedelta(minutes=10),
            )
        )  # fmt: skip
        return locator.id


def a_settled_notice(loop: Loop, referral_id: str) -> None:
    with loop.database.session() as session:
        row = session.get_one(Referral, referral_id)
        notices.queue(session, loop, "referral", loop.clock(), referral=row)
        session.flush()
        session.scalars(select(Notice)).one().settled_at = loop.clock()


def a_note(loop: Loop, referral_id: str) -> None:
    with loop.database.session() as session:
        row = session.get_one(Referral, referral_id)
        line = session.scalars(select(ReferralEvent).where(ReferralEvent.referral_id == referral_id)).one()
        seal = loop.sealer(session, row.subject_id)
        line.note_sealed = seal.seal("We rang.", "referral_event", str(line.id), "note")


def test_nothing_is_erased_before_the_schedule_is_agreed(loop: Loop, clock: Time, tmp_path: Path) -> None:
    a_finished_case(loop)
    a_link(loop, a_referral(loop, State.SENT))
    clock.pass_(days=KEPT_DAYS)
    undecided = with_policy(loop, retention_agreed=False)
    assert retention.run(undecided, tmp_path, dry=True).counts["people"] == 1
    with pytest.raises(NotReady, match="retention_agreed"):
        retention.run(undecided, tmp_path)
    assert erasing.ledger(tmp_path) == []
    assert [count(loop, table) for table in (LinkCode, LinkSession, Locator)] == [1, 1, 1]


def test_a_person_is_erased_a_year_after_all_was_over(loop: Loop, clock: Time, tmp_path: Path) -> None:
    a_finished_case(loop)
    a_finished_case(loop, "ended")
    clock.pass_(days=KEPT_DAYS - 2)
    assert run(loop, tmp_path) == {}
    clock.pass_(days=2)
    assert run(loop, tmp_path) == {"people": 2}
    assert {reason for _, _, reason in erasing.ledger(tmp_path)} == {"schedule"}
    assert run(loop, tmp_path) == {}


def still_open(loop: Loop, case_id: str) -> None:
    a_need(loop, case_id, "advocacy", "open")


def written_in_lately(loop: Loop, case_id: str) -> None:
    cases.amend(loop, ask(loop), case_id, flags={"safety_flag": True})


def a_draft_lately(loop: Loop, case_id: str) -> None:
    a_referral(loop, case_id=case_id, need_id=a_need(loop, case_id, "advocacy", "met"))


@pytest.mark.parametrize("after", [still_open, written_in_lately, a_draft_lately])
def test_a_person_with_whom_something_goes_on_is_kept(
    loop: Loop, clock: Time, tmp_path: Path, after: Callable[[Loop, str], None]
) -> None:
    case_id = a_finished_case(loop)
    clock.pass_(days=KEPT_DAYS)
    after(loop, case_id)
    assert run(loop, tmp_path) == {}


@pytest.mark.parametrize("state", sorted(LIVE | TO_DISPOSE))
def test_a_person_whose_referral_waits_for_anybody_is_kept(
    loop: Loop, clock: Time, tmp_path: Path, state: State
) -> None:
    case_id = a_finished_case(loop)
    a_referral(loop, state, case_id=case_id, need_id=a_need(loop, case_id, "advocacy", "met"))
    clock.pass_(days=KEPT_DAYS)
    assert "people" not in run(loop, tmp_path)


def test_a_need_that_rests_until_a_day_keeps_its_person_until_then(loop: Loop, clock: Time, tmp_path: Path) -> None:
    made = opened(loop)
    until = clock.now.date() + timedelta(days=KEPT_DAYS)
    needs.rest(loop, ask(loop), str(made["needs"]["counselling"]), until)
    clock.pass_(days=KEPT_DAYS - 1, hours=1)
    assert "people" not in run(loop, tmp_path)
    clock.pass_(days=1)
    assert run(loop, tmp_path)["people"] == 1


def test_news_that_was_returned_is_erased_and_news_that_waits_is_not(loop: Loop, clock: Time, tmp_path: Path) -> None:
    kept = [hand_ins.receive(loop, ask(loop), News("police", "phone", "News.")) for _ in range(2)]
    hand_ins.give_back(loop, ask(loop), kept[0]["id"], "duplicate")
    clock.pass_(days=KEPT_DAYS)
    assert run(loop, tmp_path)["people"] == 1
    with loop.database.reading() as session:
        erased = session.scalars(select(Subject).where(Subject.erased_at.is_not(None))).all()
    assert len(erased) == 1


def test_whoever_is_held_is_counted_and_kept(loop: Loop, clock: Time, tmp_path: Path) -> None:
    referral_id = a_referral(loop, State.CLOSED)
    a_link(loop, referral_id)
    a_settled_notice(loop, referral_id)
    a_note(loop, referral_id)
    with loop.database.session() as session:
        needs_of = session.scalars(select(retention.Need)).one()
        needs_of.state = "met"
    erasing.hold(loop, ask(loop), referral(loop, referral_id).subject_id, True)
    audit_chain.seal_all(loop)
    clock.pass_(days=10 * KEPT_DAYS)
    assert run(loop, tmp_path) == {}
    assert retention.run(loop, tmp_path).held == 1
    erasing.hold(loop, ask(loop), referral(loop, referral_id).subject_id, False)
    assert {"people", "codes", "sessions", "links", "notices", "reply notes"} <= run(loop, tmp_path).keys()


def test_under_a_general_hold_nothing_at_all_goes(loop: Loop, clock: Time, tmp_path: Path) -> None:
    a_finished_case(loop)
    a_link(loop, a_referral(loop, State.CLOSED))
    clock.pass_(days=KEPT_DAYS)
    switches.turn(loop, ask(loop), switches.HOLD, True)
    assert run(loop, tmp_path) == {}
    assert retention.run(loop, tmp_path).held == 1
    assert count(loop, Locator) == 1
    switches.turn(loop, ask(loop), switches.HOLD, False)
    assert run(loop, tmp_path)["people"] == 1


def test_links_go_with_their_sessions_and_codes(loop: Loop, clock: Time, tmp_path: Path) -> None:
    a_link(loop, a_referral(loop, State.SENT))
    clock.pass_(days=2)
    assert run(loop, tmp_path) == {"codes": 1}
    clock.pass_(days=89)
    assert run(loop, tmp_path) == {"sessions": 1}
    clock.pass_(days=89)
    assert run(loop, tmp_path) == {"links": 1}
    assert [count(loop, table) for table in (LinkCode, LinkSession, Locator)] == [0, 0, 0]


def test_a_link_goes_at_once_with_all_that_hangs_on_it(loop: Loop, clock: Time, tmp_path: Path) -> None:
    a_link(loop, a_referral(loop, State.SENT))
    clock.pass_(days=181)
    assert run(loop, tmp_path) == {"codes": 1, "sessions": 1, "links": 1}


def test_an_idle_draft_goes_and_one_that_was_sent_before_stays(loop: Loop, clock: Time, tmp_path: Path) -> None:
    idle, recalled = a_referral(loop), a_referral(loop, State.SENT)
    with loop.database.session() as session:
        session.get_one(Referral, recalled).state = State.DRAFT.value
    clock.pass_(days=29)
    assert run(loop, tmp_path) == {}
    clock.pass_(days=2)
    assert run(loop, tmp_path) == {"idle drafts": 1}
    with loop.database.reading() as session:
        assert session.get(Referral, idle) is None


def test_a_draft_written_in_lately_is_not_idle(loop: Loop, clock: Time, tmp_path: Path) -> None:
    own = referral(loop, a_referral(loop))
    clock.pass_(days=20)
    with loop.database.session() as session:
        audit.note(session, SYSTEM, clock(), "change", "referral", own.id, subject_id=own.subject_id)
    clock.pass_(days=20)
    assert run(loop, tmp_path) == {}


def test_reply_notes_go_after_the_end_and_their_codes_stay(loop: Loop, clock: Time, tmp_path: Path) -> None:
    over, live = a_referral(loop, State.CLOSED), a_referral(loop, State.IN_SERVICE)
    a_note(loop, over)
    a_note(loop, live)
    clock.pass_(days=91)
    assert run(loop, tmp_path) == {"reply notes": 1}
    with loop.database.reading() as session:
        notes = {line.referral_id: line.note_sealed for line in session.scalars(select(ReferralEvent))}
    assert notes[over] is None
    assert notes[live] is not None


def test_notices_and_form_keys_go_by_their_days(loop: Loop, clock: Time, tmp_path: Path) -> None:
    a_settled_notice(loop, a_referral(loop, State.SENT))
    with loop.database.session() as session:
        session.add(Idempotency(key=str(uuid4()), body_hash="0" * 64, made_at=clock()))
    clock.pass_(days=31)
    assert run(loop, tmp_path) == {"form keys": 1}
    clock.pass_(days=335)
    assert run(loop, tmp_path) == {"notices": 1}


def test_audit_lines_go_after_seven_years_and_the_rest_verifies(loop: Loop, clock: Time, tmp_path: Path) -> None:
    opened(loop)
    audit_chain.seal_all(loop)
    old = len(audited(loop))
    clock.pass_(days=2556)
    opened(loop)
    audit_chain.seal_all(loop)
    assert run(loop, tmp_path) == {"audit lines": old}
    audit_chain.seal_all(loop)
    with loop.database.reading() as session:
        assert audit_chain.verify(session, loop.keys, clock()).is_right


def test_a_run_is_in_the_audit_by_kinds_only(loop: Loop, clock: Time, tmp_path: Path) -> None:
    a_link(loop, a_referral(loop, State.SENT))
    clock.pass_(days=2)
    run(loop, tmp_path)
    line = audited(loop, "erase")[-1]
    assert (line.object_type, line.fields) == ("schedule", "codes")
