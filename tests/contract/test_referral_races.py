"""Many at once, on each database: one key is one change, one version has one winner, nobody's answer is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.database import Database
from directory.errors import BadInput, Conflict, NotSignedIn, WaymarkError
from directory.referrals import actions, agreements, moves, provider_actions
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import State
from directory.referrals.loop import Answer, Loop, new_key
from directory.referrals.tables import AuditEvent, Referral, ReferralEvent
from tests.directory.referrals.builders import WORKER, a_loop_over, a_provider, a_referral, ask, referral

SOON = date(2026, 12, 1)
MANY = 50


@pytest.fixture
def loop(record: Database, tmp_path: Path) -> Loop:
    return a_loop_over(record, tmp_path / "home")


def at_once(*does: Callable[[], Answer]) -> list[Answer | WaymarkError]:
    """What each answered or was refused, all begun together."""
    gate = Barrier(len(does))

    def one(act: Callable[[], Answer]) -> Answer | WaymarkError:
        gate.wait()
        try:
            return act()
        except WaymarkError as refused:
            return refused

    with ThreadPoolExecutor(len(does)) as pool:
        return list(pool.map(one, does))


def counted(loop: Loop, own: str) -> tuple[int, int]:
    """Events and audited moves of a referral."""
    with loop.database.reading() as session:
        events = select(func.count()).select_from(ReferralEvent).where(ReferralEvent.referral_id == own)
        audited = select(func.count()).select_from(AuditEvent)
        own_moves = audited.where(AuditEvent.object_id == own, AuditEvent.action == "move")
        return session.scalar(events) or 0, session.scalar(own_moves) or 0


def test_a_hundred_replays_of_one_answer_are_one_change(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    said = Ask(a_provider(loop, own), loop.clock(), new_key(), version=1)

    def again() -> Answer:
        return provider_actions.accept(loop, said, own, SOON, "The Leith team")

    answers = [again() for _ in range(50)] + at_once(*[again] * MANY)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0] == {"id": own, "state": "accepted", "version": 2}
    assert counted(loop, own) == (2, 1)


def test_of_fifty_who_accept_and_decline_at_once_one_wins_and_the_others_are_told_who_and_when(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    who = a_provider(loop, own)

    def one(place: int) -> Callable[[], Answer]:
        said = Ask(who, loop.clock(), new_key(), version=1)
        if place % 2:
            return lambda: provider_actions.accept(loop, said, own, SOON)
        return lambda: provider_actions.decline(loop, said, own, "D1", True)

    answers = at_once(*(one(place) for place in range(MANY)))
    won = [answer for answer in answers if not isinstance(answer, WaymarkError)]
    lost = [answer for answer in answers if isinstance(answer, WaymarkError)]
    assert len(won) == 1
    assert {type(refused) for refused in lost} == {Conflict}
    words = "accepted" if won[0]["state"] == "accepted" else "the service said no"
    assert {refused.message for refused in lost} == {
        f"Somebody else changed this meanwhile: it is {words} (by the service, 22 November 2026 12:00 UTC)."
    }
    assert counted(loop, own) == (2, 1)


def test_of_fifty_sendings_of_one_draft_one_is_made(loop: Loop) -> None:
    own = a_referral(loop)
    answers = at_once(*[lambda: actions.send(loop, Ask(WORKER, loop.clock(), new_key(), 1), own)] * MANY)
    assert sum(not isinstance(answer, WaymarkError) for answer in answers) == 1
    assert counted(loop, own)[0] == 1


def test_agreement_taken_back_while_a_provider_accepts_leaves_no_way_in(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    who, agreement = a_provider(loop, own), referral(loop, own).agreement_id
    accept = [lambda: provider_actions.accept(loop, Ask(who, loop.clock(), new_key()), own, SOON)] * 10
    answers = at_once(lambda: agreements.withdraw(loop, ask(loop), agreement, "phone"), *accept)
    assert not isinstance(answers[0], WaymarkError)
    assert referral(loop, own).state == State.WITHDRAWN
    with pytest.raises(NotSignedIn):
        provider_actions.open_(loop, ask(loop, who), own)
    with loop.database.reading() as session:
        assert moves.replayed(moves.events(session, own)) == State.WITHDRAWN


def test_a_stale_version_is_a_conflict_that_says_how_it_stands(loop: Loop) -> None:
    own = a_referral(loop, State.ACCEPTED)
    actions.pause(loop, ask(loop, version=1), own, SOON)
    with pytest.raises(Conflict, match="it is paused at the person's wish") as refused:
        actions.withdraw(loop, ask(loop, version=1), own, "W1")
    assert refused.value.status == 409


def test_one_key_with_another_body_is_refused_and_changes_nothing(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    said = Ask(a_provider(loop, own), loop.clock(), "one-key", 1)
    provider_actions.accept(loop, said, own, SOON)
    others: list[Callable[[], Answer]] = [
        lambda: provider_actions.accept(loop, said, own, date(2026, 12, 2)),
        lambda: provider_actions.decline(loop, said, own, "D1", True),
        lambda: provider_actions.accept(loop, Ask(said.who, said.at, said.key, 2), own, SOON),
        lambda: actions.pause(loop, Ask(WORKER, said.at, said.key, 2), own, SOON),
    ]
    for other in others:
        with pytest.raises(BadInput) as refused:
            other()
        assert refused.value.status == 422
    assert counted(loop, own) == (2, 1)


def test_two_that_wait_for_each_other_both_go_through(loop: Loop) -> None:
    """One locks a referral and then a second, the other the second and then the first: a database ends one of them."""
    first, second = a_referral(loop), a_referral(loop)
    met = Barrier(2)
    done: list[str] = []

    def in_order(*ids: str) -> Callable[[], Answer]:
        meet = iter((met,))  # the first time only: done again, the rival may have gone already

        def do(session: Session) -> Answer:
            for own in ids:
                session.execute(select(Referral.id).where(Referral.id == own).with_for_update())
                if own == ids[0] and loop.database.engine.dialect.name == "postgresql":
                    for gate in meet:
                        gate.wait(timeout=60)
            done.append(ids[0])
            return {"first": ids[0]}

        return lambda: loop.once(Ask(WORKER, loop.clock(), new_key()), "test.lock", {"ids": ids}, do)

    found = at_once(in_order(first, second), in_order(second, first))

    assert sorted(answer["first"] for answer in found if isinstance(answer, dict)) == sorted((first, second))
    assert sorted(done) == sorted((first, second))
