"""Workers killed at each named step: nothing is lost, nothing is half, and whoever starts next finishes the work."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from directory.errors import WaymarkError
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Erasure, LinkSession, Person, Referral, Subject, Task
from directory.settings import Settings
from tests.builders import NOON
from tests.directory.referrals.builders import Time
from tests.drills import whole
from tests.drills.copies import Copies
from tests.drills.dying import Death, Shift, at_work, begin, killed
from tests.drills.posting import Post
from tests.drills.scale import count, in_full

MANY = count(20, 1_000)
KILLS = count(2, 10)
"""At each step."""
RESTARTS_AFTER = timedelta(minutes=6)
"""What a dead worker had claimed is free again by then."""
CODES_END = timedelta(hours=1)
"""While codes are given time passes: what the last one to die had claimed, and its code, are over by then."""
CHASED = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
"""Monday, four working hours after the messages of Sunday noon."""
WARNED = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
LAPSED = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """Where a worker dies: before one of our functions, or just after it."""

    function: str
    after: bool = False


class Work:
    """One piece of the loop's work after another, by workers that are killed or live."""

    def __init__(self, loop: Loop, chosen: Settings, post: Post, told: Callable[[str, object], None]) -> None:
        self.loop, self.chosen, self.post, self.told = loop, chosen, post, told
        self.kills = Counter[Step]()

    def done(self, *works: str, at: datetime | None = None) -> None:
        """Done to the end by a worker that lives, at this moment or now."""
        for work in works:
            begin(self._shift(work, at or self.loop.clock()))

    def killed(self, work: str, *steps: Step, at: datetime = NOON) -> None:
        """Begun again and again, killed each time; nothing is half at any of the deaths. Then done to the end.

        At each step the first dies at call 3, the next at call 6 …: all their work together is less than everything.
        """
        every = MANY // (len(steps) * KILLS * (KILLS + 1) // 2)
        for number in range(1, KILLS + 1):
            for step in steps:
                death = Death(step.function, number * every, step.after)
                assert killed(replace(self._shift(work, at), death=death)), f"{step} was not come to"
                whole.check(self.loop)
                self.kills[step] += 1
                at += RESTARTS_AFTER
        assert not killed(self._shift(work, at))
        whole.check(self.loop)
        self.told("referrals", MANY)
        self.told("kills", self.kills.total())

    def _shift(self, work: str, at: datetime) -> Shift:
        assert isinstance(self.loop.clock, Time)
        self.loop.clock.now = at
        return Shift(work, self.chosen, at, self.post.port)


Begun = Callable[..., Work]
"""Work at an installation where these works have been done already: `begun("send")`."""


@pytest.fixture(scope="module", params=["sqlite", *in_full(pytest.param("postgresql", marks=pytest.mark.postgres))])
def copies(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    server = "" if request.param == "sqlite" else os.environ.get("WAYMARK_TEST_DATABASE_URL", "")
    if request.param != "sqlite" and not server:
        pytest.skip("needs WAYMARK_TEST_DATABASE_URL (a PostgreSQL database for tests)")
    made = Copies(tmp_path_factory.mktemp("installations"), MANY, server)
    yield made
    made.drop(made.kept.values())


@pytest.fixture
def begun(copies: Copies, post: Post, record_property: Callable[[str, object], None]) -> Iterator[Begun]:
    chosen: list[Settings] = []
    with ExitStack() as open_:

        def at(*works: str) -> Work:
            chosen.append(copies.copy(copies.made(*works)))
            return Work(open_.enter_context(at_work(chosen[-1], NOON)), chosen[-1], post, record_property)

        yield at
    copies.drop(chosen)


def states(loop: Loop) -> Counter[str]:
    with loop.database.reading() as session:
        return Counter(session.scalars(select(Referral.state)))


def test_killed_while_sending(begun: Begun) -> None:
    before_the_commit, no_answer_yet = Step("notices.queue", after=True), Step("actions.send", after=True)
    before_the_message = Step("moves.advance", after=True)
    work = begun()
    work.killed("send", before_the_commit, no_answer_yet, *in_full(before_the_message))
    assert states(work.loop) == {State.SENT: MANY}
    told = whole.notices(work.loop, "referral")
    assert len({row.referral_id for row in told}) == len(whole.notices(work.loop)) == MANY
    work.done("drain")
    assert len(work.post.box.letters) == MANY
    whole.sealed(work.loop)


def test_killed_while_mail_leaves(begun: Begun) -> None:
    claimed, not_marked = Step("sending.prepare", after=True), Step("sending.handed_over")
    before_the_claim, no_letter_yet = Step("claiming.claim"), Step("claiming.claim", after=True)
    marked = Step("sending.handed_over", after=True)
    work = begun("send")
    work.killed("drain", claimed, not_marked, *in_full(before_the_claim, no_letter_yet, marked))
    ids = Counter(work.post.box.ids)
    assert len(ids) == len({letter["To"] for letter in work.post.box.letters}) == MANY
    twice = [own for own, times in ids.items() if times > 1]
    assert 0 < len(twice) <= work.kills[not_marked]
    assert max(ids.values()) <= 2
    assert all(row.handed_over_at and not row.refused for row in whole.notices(work.loop))
    whole.sealed(work.loop)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(Step("notices.queue", after=True), id="before a chaser's commit"),
        *in_full(pytest.param(Step("sweeps._carry_out", after=True), id="between two referrals")),
    ],
)
def test_killed_during_a_sweep(begun: Begun, step: Step) -> None:
    work = begun("send", "drain")
    work.killed("sweep", step, at=CHASED)
    chased = Counter(row.referral_id for row in whole.notices(work.loop, "chaser_1"))
    assert chased == dict.fromkeys(referrals(work.loop), 1)
    assert len(whole.notices(work.loop)) == 2 * MANY


def test_killed_while_referrals_lapse(begun: Begun) -> None:
    work = begun("send", "drain")
    work.done("sweep", at=WARNED)
    work.killed("sweep", Step("system_actions.time_out"), at=LAPSED)
    assert states(work.loop) == {State.UNANSWERED: MANY}
    with work.loop.database.reading() as session:
        asked = Counter(session.scalars(select(Task.referral_id).where(Task.kind == "unanswered")))
    assert asked == dict.fromkeys(referrals(work.loop), 1)


def test_killed_during_erasure(begun: Begun) -> None:
    noted, wiped, committed = (
        Step("erasing._wipe"),
        Step("erasing._wipe", after=True),
        Step("erasing.erase", after=True),
    )
    work = begun()
    work.killed("erase", noted, *in_full(wiped, committed))
    with work.loop.database.reading() as session:
        assert not session.scalars(select(Subject).where(Subject.wrapped_key.is_not(None))).all()
        assert not session.scalars(select(Person).where(Person.name_sealed.is_not(None))).all()
        assert session.scalar(select(func.count()).select_from(Erasure)) == MANY
        erased = Counter(session.scalars(select(AuditEvent.subject_id).where(AuditEvent.action == "erase")))
        own = session.scalars(select(Subject)).first()
        assert own is not None
        with pytest.raises(WaymarkError, match="erased"):
            work.loop.sealer(session, own.id)
    assert len(erased) == MANY
    assert set(erased.values()) == {1}
    whole.sealed(work.loop)


def test_killed_while_codes_are_given(begun: Begun) -> None:
    no_cookie_yet, before_the_commit = Step("doors.ask_for_code", after=True), Step("link_codes.make", after=True)
    not_marked, proved_unknown = Step("sending.handed_over"), Step("doors.enter", after=True)
    work = begun("send", "drain")
    work.killed("knock", no_cookie_yet, *in_full(before_the_commit, not_marked, proved_unknown))
    work.done("drain", at=work.loop.clock() + CODES_END)
    with work.loop.database.reading() as session:
        proved = session.scalars(select(LinkSession.locator_id).where(LinkSession.proved_at.is_not(None))).all()
        assert len(proved) == len(set(proved)) == MANY
    assert all(row.settled_at for row in whole.notices(work.loop))
    assert len(work.post.box.ids) - len(set(work.post.box.ids)) <= work.kills[not_marked]
    whole.sealed(work.loop)


def referrals(loop: Loop) -> list[str]:
    with loop.database.reading() as session:
        return list(session.scalars(select(Referral.id)))
