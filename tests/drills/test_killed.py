"""Workers killed at each named step: nothing is lost, nothing is half, and whoever starts next finishes the work."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from directory.database import Database
from directory.errors import WaymarkError
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Erasure, LinkSession, Person, Referral, Subject, Task
from directory.settings import Settings
from tests.builders import NOON
from tests.directory.referrals.builders import Time, a_loop_over
from tests.drills import whole
from tests.drills.conftest import Post
from tests.drills.dying import Death, Shift, begin, killed
from tests.drills.scale import count, in_full

MANY = count(20, 1_000)
KILLS = count(2, 10)
EACH = MANY // 60 or 3
"""A worker dies at call 3, the next at call 6 …; all their work together is less than everything."""
RESTARTS_AFTER = timedelta(minutes=6)
"""What a dead worker had claimed is free again by then."""
CHASED = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
"""Monday, four working hours after the messages of Sunday noon."""
WARNED = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
LAPSED = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)


@pytest.fixture
def loop(record: Database, chosen: Settings) -> Loop:
    made = a_loop_over(record, chosen.home, Time())
    whole.many(made, MANY)
    return made


class Work:
    """One piece of the loop's work after another, by workers that are killed or live."""

    def __init__(self, loop: Loop, chosen: Settings, post: Post) -> None:
        self.loop, self.chosen, self.post, self.kills = loop, chosen, post, 0

    def done(self, *works: str, at: datetime | None = None) -> None:
        """Done to the end by a worker that lives, at this moment or now."""
        for work in works:
            begin(self._shift(work, at or self.loop.clock()))

    def killed(self, work: str, function: str, after: bool, at: datetime = NOON) -> None:
        """Begun again and again, killed each time; nothing is half at any of the deaths. Then done to the end."""
        for number in range(1, KILLS + 1):
            shift = self._shift(work, at + (number - 1) * RESTARTS_AFTER)
            assert killed(replace(shift, death=Death(function, number * EACH, after))), "it was never called"
            self.kills += 1
            whole.check(self.loop)
        assert not killed(self._shift(work, at + KILLS * RESTARTS_AFTER))
        whole.check(self.loop)

    def _shift(self, work: str, at: datetime) -> Shift:
        assert isinstance(self.loop.clock, Time)
        self.loop.clock.now = at
        return Shift(work, self.chosen, at, self.post.port)


@pytest.fixture
def work(loop: Loop, chosen: Settings, post: Post) -> Work:
    return Work(loop, chosen, post)


def states(loop: Loop) -> Counter[str]:
    with loop.database.reading() as session:
        return Counter(session.scalars(select(Referral.state)))


@pytest.mark.parametrize(
    ("function", "after"),
    [
        pytest.param("notices.queue", True, id="before the commit"),
        pytest.param("actions.send", True, id="after the commit, before the browser has its answer"),
        *in_full(pytest.param("moves.advance", True, id="after the move, before its message is queued")),
    ],
)
def test_killed_while_sending(work: Work, loop: Loop, function: str, after: bool) -> None:
    work.killed("send", function, after)
    assert states(loop) == {State.SENT: MANY}
    assert len({row.referral_id for row in whole.notices(loop, "referral")}) == len(whole.notices(loop)) == MANY
    work.done("drain")
    assert len(work.post.box.letters) == MANY
    whole.sealed(loop)


@pytest.mark.parametrize(
    ("function", "after"),
    [
        pytest.param("sending.prepare", True, id="after the claim, before the hand-over"),
        pytest.param("sending.handed_over", False, id="after the hand-over, before the mark"),
        *in_full(
            pytest.param("claiming.claim", False, id="before the claim"),
            pytest.param("claiming.claim", True, id="after the claim, before its letter is made"),
            pytest.param("sending.handed_over", True, id="after the mark"),
        ),
    ],
)
def test_killed_while_mail_leaves(work: Work, loop: Loop, function: str, after: bool) -> None:
    work.done("send")
    work.killed("drain", function, after)
    ids = Counter(work.post.box.ids)
    assert len(ids) == len({letter["To"] for letter in work.post.box.letters}) == MANY
    twice = [own for own, times in ids.items() if times > 1]
    assert len(twice) <= work.kills
    assert max(ids.values()) <= 2
    assert bool(twice) is (function == "sending.handed_over" and not after)
    assert all(row.handed_over_at and not row.refused for row in whole.notices(loop))
    whole.sealed(loop)


@pytest.mark.parametrize(
    ("function", "after"),
    [
        pytest.param("notices.queue", True, id="before a chaser's commit"),
        *in_full(pytest.param("sweeps._carry_out", True, id="between two referrals")),
    ],
)
def test_killed_during_a_sweep(work: Work, loop: Loop, function: str, after: bool) -> None:
    work.done("send", "drain")
    work.killed("sweep", function, after, CHASED)
    assert Counter(row.referral_id for row in whole.notices(loop, "chaser_1")) == dict.fromkeys(referrals(loop), 1)
    assert len(whole.notices(loop)) == 2 * MANY


def test_killed_while_referrals_lapse(work: Work, loop: Loop) -> None:
    work.done("send", "drain")
    work.done("sweep", at=WARNED)
    work.killed("sweep", "system_actions.time_out", False, LAPSED)
    assert states(loop) == {State.UNANSWERED: MANY}
    with loop.database.reading() as session:
        asked = Counter(session.scalars(select(Task.referral_id).where(Task.kind == "unanswered")))
    assert asked == dict.fromkeys(referrals(loop), 1)


@pytest.mark.parametrize(
    ("function", "after"),
    [
        pytest.param("erasing._wipe", False, id="between the ledger and the wipe"),
        *in_full(
            pytest.param("erasing._wipe", True, id="after the wipe, before its commit"),
            pytest.param("erasing.erase", True, id="after the commit"),
        ),
    ],
)
def test_killed_during_erasure(work: Work, loop: Loop, function: str, after: bool) -> None:
    work.killed("erase", function, after)
    with loop.database.reading() as session:
        assert not session.scalars(select(Subject).where(Subject.wrapped_key.is_not(None))).all()
        assert not session.scalars(select(Person).where(Person.name_sealed.is_not(None))).all()
        assert session.scalar(select(func.count()).select_from(Erasure)) == MANY
        erased = Counter(session.scalars(select(AuditEvent.subject_id).where(AuditEvent.action == "erase")))
        own = session.scalars(select(Subject)).first()
        assert own is not None
        with pytest.raises(WaymarkError, match="erased"):
            loop.sealer(session, own.id)
    assert len(erased) == MANY
    assert set(erased.values()) == {1}
    whole.sealed(loop)


@pytest.mark.parametrize(
    ("function", "after"),
    [
        pytest.param("doors.ask_for_code", True, id="after the code's commit, before the browser has its cookie"),
        *in_full(
            pytest.param("link_codes.make", True, id="before the code's commit"),
            pytest.param("sending.handed_over", False, id="the code has left, and is not marked"),
            pytest.param("doors.enter", True, id="proved, and the browser does not know it"),
        ),
    ],
)
def test_killed_while_codes_are_given(work: Work, loop: Loop, function: str, after: bool) -> None:
    work.done("send", "drain")
    work.killed("knock", function, after)
    with loop.database.reading() as session:
        proved = session.scalars(select(LinkSession.locator_id).where(LinkSession.proved_at.is_not(None))).all()
        assert len(proved) == len(set(proved)) == MANY
    assert all(row.settled_at for row in whole.notices(loop))
    assert len(work.post.box.ids) - len(set(work.post.box.ids)) <= work.kills
    whole.sealed(loop)


def referrals(loop: Loop) -> list[str]:
    with loop.database.reading() as session:
        return list(session.scalars(select(Referral.id)))
