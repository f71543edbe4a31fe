"""The loop under random use, over the real store: whatever people do in whatever order, what must hold holds.

The invariants are row 13 of security.md, section 5. Each run is one person's case; a step is one act of a worker, a
supervisor, a provider, the clock or the adopter's sweeps, by the real actions, and afterwards everything is looked at.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from directory import records
from directory.accounts.sessions import new_token
from directory.accounts.tables import utc
from directory.database import Database
from directory.errors import BadInput, Conflict, NotSignedIn, WaymarkError
from directory.referrals import (
    actions,
    agreements,
    alternatives,
    disclosure,
    exclusions,
    link_sessions,
    locators,
    moves,
    needs,
    provider_actions,
    sweeps,
    system_actions,
    working_time,
)
from directory.referrals.actions import DraftSaid
from directory.referrals.agreement_rules import AgreementSaid
from directory.referrals.asking import SYSTEM, Ask, Who
from directory.referrals.lifecycle import LIVE, OVER, TAKEN, TRANSITIONS, WORKERS, Actor, Event, State, can_move
from directory.referrals.lifecycle import moves as possible
from directory.referrals.loop import Answer, Loop, new_key
from directory.referrals.outcomes_said import OutcomeSaid
from directory.referrals.tables import (
    Agreement,
    AuditEvent,
    LinkSession,
    Locator,
    Mailbox,
    Need,
    Notice,
    Referral,
    ReferralEvent,
    SweepRun,
    Task,
)
from directory.referrals.ways_back import NextStep
from tests.builders import NOON, write
from tests.builders import a_draft as a_service
from tests.directory.referrals.builders import (
    SERVICE,
    SUPERVISOR,
    WORKER,
    Time,
    a_case,
    a_loop_over,
    a_mailbox,
    a_need,
    an_agreement,
)

SECOND = records.service_id("facts", "Second Door")
RUNS = int(os.environ.get("WAYMARK_DRILL_RUNS", "200"))
SEEDS = range(4)
"""Each makes its share of the runs, over a record of its own: tests/scheduling.py may give them to several workers."""
STEPS = settings(
    max_examples=-(-RUNS // len(SEEDS)),
    stateful_step_count=int(os.environ.get("WAYMARK_DRILL_STEPS", "30")),
    deadline=None,
    database=None,
    phases=(Phase.generate,),  # a failing run is told as it was: making it shorter takes minutes
    suppress_health_check=list(HealthCheck),
)
MOST_REFERRALS = 2
ENDINGS = frozenset({Event.WITHDRAW, Event.VOID, Event.RECALL, Event.TIME_OUT})
"""Drawn more rarely, so that runs get far."""
SPANS = [timedelta(minutes=5), timedelta(hours=3), timedelta(days=1), timedelta(days=5), timedelta(days=16)]
DECLINES = [f"D{number}" for number in range(1, 19)]
MOVES = sorted((state, event) for event, move in TRANSITIONS.items() for state in move.sources)
CHOICES = [
    (State.DECLINED, Event.DISPOSE, State.SENT),
    (State.UNANSWERED, Event.DISPOSE, State.CLOSED),
    (State.CLOSED, Event.REOPEN, State.IN_SERVICE),
    (State.SCHEDULED, Event.MISSED, State.SCHEDULED),
    (State.SCHEDULED, Event.MISSED, State.NOT_REACHED),
    (State.NOT_REACHED, Event.RESUME, State.ACCEPTED),
]
"""Events that lead to more than one state."""
MOST_ACTS, MOST_TRIES = 15, 5
"""Acts on the way to one move before another case is begun, and cases."""
LEADS = {
    state: [
        (event, after)
        for event, move in TRANSITIONS.items()
        if state in move.sources and event not in (Event.VOID, Event.RESUME)
        for after in move.targets
        if not (event is Event.REOPEN and after is State.IN_SERVICE)
    ]
    for state in State
}
LEADS[State.PAUSED].append((Event.RESUME, State.ACCEPTED))
"""Where each state leads, as far as one who acts can choose."""
Act = Callable[[Ask], Answer]


class Pick(Protocol):
    """Chooses one of several: Hypothesis does, or a seeded generator."""

    def __call__(self, options: Sequence[Any]) -> Any: ...


def drawn(data: st.DataObject) -> Pick:
    return lambda options: options[data.draw(st.integers(0, len(options) - 1))]


class Machine(RuleBasedStateMachine):
    """One person's case with up to two referrals; `hits` counts (from, event, to) over all runs."""

    loop: ClassVar[Loop]
    time: ClassVar[Time]
    hits: ClassVar[Counter[tuple[str, str, str]]]

    @initialize()
    def begin(self) -> None:
        self.time.now = NOON
        with self.loop.database.session() as session:
            session.execute(delete(SweepRun))
        self.addresses_are_proved()
        self.case = a_case(self.loop)
        self.need = a_need(self.loop, self.case)
        an_agreement(self.loop, self.case, valid_from=self.time(), review_by=self.time().date() + timedelta(days=150))
        self.own: list[str] = []
        self.last: tuple[Event, Act, Ask, Answer] | None = None
        self.lines: list[ReferralEvent] = []
        self.unsafe: set[str] = set()
        self.disagreed, self.quiet = [SECOND], False
        self.write_one(SERVICE)

    def teardown(self) -> None:
        """What only adds up is counted once; then nothing is left for the sweeps of the runs to come."""
        if not hasattr(self, "case"):
            return
        with self.loop.database.session() as session:
            ids = list(session.scalars(select(Referral.id).where(Referral.case_id == self.case)))
            check_audit(session, ids)
            check_chasers(session, ids)
            session.execute(update(Referral).where(Referral.id.in_(ids)).values(state=State.VOID.value))

    @rule(data=st.data())
    def we_act(self, data: st.DataObject) -> None:
        pick = drawn(data)
        self.one_act(pick, pick([WORKER, WORKER, SUPERVISOR]))

    @rule(data=st.data())
    def a_provider_acts(self, data: st.DataObject) -> None:
        self.one_act(drawn(data), None)

    @rule(data=st.data())
    def it_happens_by_itself(self, data: st.DataObject) -> None:
        self.one_act(drawn(data), SYSTEM)

    @rule(data=st.data())
    @precondition(lambda self: self.own)
    def somebody_tries_what_cannot_be(self, data: st.DataObject) -> None:
        pick = drawn(data)
        row = self.row(pick(self.own))
        who = pick([WORKER, SUPERVISOR])
        wrong = [event for event in Event if event not in possible(State(row.state), who.kind)]
        does = self.does(pick(wrong), row, who, pick)
        with pytest.raises(WaymarkError):
            does(self.ask(who, row))
        assert self.row(row.id).version == row.version
        self.quiet = True

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self.time.now += span
        self.addresses_are_proved()
        self.quiet = True

    @rule()
    def time_does_its_work(self) -> None:
        sweeps.sweep(self.loop)

    @rule(again=st.booleans())
    @precondition(lambda self: self.last is not None)
    def the_same_comes_again(self, again: bool) -> None:
        """With its key it is answered, and done once; with a new key it is stale, save for a look: no change."""
        assert self.last is not None
        event, does, asked, answer = self.last
        if again:
            assert does(asked) == answer
            return
        stale = self.row(answer["id"]).version != asked.version
        if stale and event is not Event.OPEN and self.row(answer["id"]).state not in OVER:
            with pytest.raises((Conflict, NotSignedIn, BadInput)):  # the day it named may be over by now
                does(Ask(asked.who, self.time(), new_key(), asked.version))

    @rule()
    @precondition(lambda self: self.disagreed)
    def the_person_agrees(self) -> None:
        said = AgreementSaid(self.disagreed.pop(), capacity_basis="presumed_12_over")
        self.may(lambda ask: agreements.record(self.loop, ask, self.case, said))

    @rule(rarely=st.integers(0, 3))
    @precondition(lambda self: SERVICE not in self.disagreed)
    def the_person_takes_it_back(self, rarely: int) -> None:
        if rarely:
            self.quiet = True
            return
        with self.loop.database.reading() as session:
            held = agreements.current(session, self.case, SERVICE, self.time())
        if held is not None:
            self.may(lambda ask: agreements.withdraw(self.loop, ask, held.id, "phone"))
        self.disagreed.append(SERVICE)

    @rule(rarely=st.integers(0, 3))
    def the_person_names_one_unsafe_or_no_longer(self, rarely: int) -> None:
        if rarely:
            self.quiet = True
            return
        with self.loop.database.reading() as session:
            found = exclusions.of_case(session, self.case)
        if found:
            self.may(lambda ask: exclusions.lift(self.loop, ask, found[0].id))
        else:
            self.may(lambda ask: exclusions.add(self.loop, ask, self.case, service_id=SECOND))

    @rule(service_id=st.sampled_from([SERVICE, SECOND]))
    @precondition(lambda self: len(self.own) < MOST_REFERRALS)
    def write_one(self, service_id: str) -> None:
        said = DraftSaid(self.need, service_id, "weeks")
        done = self.may(lambda ask: actions.draft(self.loop, ask, said))
        if done is not None:
            self.own.append(done["id"])

    @rule()
    def the_person_is_back(self) -> None:
        self.quiet = self.may(lambda ask: needs.person_returned(self.loop, ask, self.need)) is None

    def addresses_are_proved(self) -> None:
        """What a provider's no or a bounce put in doubt is mended, so that runs go on."""
        with self.loop.database.session() as session:
            session.execute(update(Mailbox).values(bounced_at=None, confirmed_at=self.time()))

    @invariant()
    def what_must_hold_holds(self) -> None:
        """Looks at everything that a step can have changed: a row, its new events, or whom the person named unsafe."""
        if self.quiet:
            self.quiet = False
            return
        with self.loop.database.reading() as session:
            rows = list(session.scalars(select(Referral).where(Referral.case_id == self.case)))
            ids = [row.id for row in rows]
            newer = (ReferralEvent.referral_id.in_(ids), ReferralEvent.id > (self.lines[-1].id if self.lines else 0))
            fresh = list(session.scalars(select(ReferralEvent).where(*newer).order_by(ReferralEvent.id)))
            self.lines += fresh
            self.hits.update((line.state_from, line.event, line.state_to) for line in fresh)
            unsafe = {each.service_id for each in exclusions.of_case(session, self.case)}
            named, self.unsafe = unsafe != self.unsafe, unsafe
            out = exclusions.ids(session, self.case) if unsafe else frozenset[str]()
            for row in rows:
                own = [line for line in self.lines if line.referral_id == row.id]
                check_history(row, own)
                if named or any(line.referral_id == row.id for line in fresh):
                    check_links(session, self.loop, row, own)
                    assert not {each.service_id for each in alternatives.shown(session, self.loop, row)} & out
            for line in fresh:
                check_sent(session, line, out)
                check_proved(session, line)
            check_need(session, self.need, self.time)

    def one_act(self, pick: Pick, who: Who | None) -> None:
        """Something the table allows this one now; None: a provider, if it can prove itself."""
        found = self.rows_for(who.kind if who else Actor.PROVIDER)
        if not found:
            who, found = WORKER, self.rows_for(Actor.WORKER)
        if not found:
            return
        row = found[pick(range(len(found)))]
        events = possible(State(row.state), who.kind if who else Actor.PROVIDER)
        event = pick([each for each in events for _ in range(1 if each in ENDINGS else 5)])
        self.act(event, row, who, pick)

    def act(self, event: Event, row: Referral, who: Who | None, pick: Pick) -> bool:
        """Whether it was done; None is a provider, who is refused like anybody when no link lets it prove itself."""
        acting = who or self.provider(row) or Who(Actor.PROVIDER, "nobody")
        does, asked = self.does(event, row, acting, pick), self.ask(acting, row)
        try:
            answer = does(asked)
        except WaymarkError:
            assert self.row(row.id).version == row.version
            return False
        assert acting.id != "nobody"
        self.last = (event, does, asked, answer) if asked.key else self.last
        self.own.extend([answer["draft"]] if "draft" in answer else [])
        if answer["state"] == State.VOID:
            self.own.remove(row.id)
        return True

    def pursue(self, state: State, event: Event, pick: Pick) -> bool:
        """One step of the shortest way to a move: whether it was the move itself, made."""
        row = self.row(self.own[0])
        there = row.state == state
        chosen = event if there else next_move(State(row.state), state)
        actor = pick([each for each in Actor if can_move(State(row.state), chosen, each)])
        who = {Actor.WORKER: WORKER, Actor.SUPERVISOR: SUPERVISOR, Actor.SYSTEM: SYSTEM}.get(actor)
        done = self.act(chosen, row, who, pick)
        self.what_must_hold_holds()
        return done and there

    def does(self, event: Event, row: Referral, who: Who, pick: Pick) -> Act:
        """How an event is asked for, by whom it is, with facts that are drawn."""
        loop, own, day = self.loop, row.id, working_time.today(self.time())
        soon = day + timedelta(days=7)
        codes = ("E1", "E3", "E7", "E9"), ("S1", "S6", "S7"), ("N1", "N3", "N5")
        said = [pick(each) for each in codes] if event is Event.OUTCOME else ["E1", "S1", "N1"]
        outcome = OutcomeSaid(*said, says="person" if who.kind in WORKERS else "provider")
        reason = pick(DECLINES) if event is Event.DECLINE else "D1"
        step = pick(["next_best", "re_offer", "rest", "ended"]) if event is Event.DISPOSE else ""
        chosen = SECOND if row.service_id == SERVICE and len(self.own) < MOST_REFERRALS else ""
        by_provider: dict[Event, Act] = {
            Event.OPEN: lambda ask: provider_actions.open_(loop, ask, own),
            Event.ASK_INFO: lambda ask: provider_actions.ask_info(loop, ask, own, "age"),
            Event.ACCEPT: lambda ask: provider_actions.accept(loop, ask, own, soon, "The Leith team"),
            Event.WAITLIST: lambda ask: provider_actions.waitlist(loop, ask, own, "w12", soon),
            Event.DECLINE: lambda ask: provider_actions.decline(loop, ask, own, reason, True),
            Event.SCHEDULE: lambda ask: provider_actions.schedule(loop, ask, own, soon, "phone"),
            Event.MISSED: lambda ask: provider_actions.missed(loop, ask, own, "person"),
            Event.NOT_REACHED: lambda ask: provider_actions.not_reached(loop, ask, own, 3, 2),
            Event.START: lambda ask: provider_actions.start(loop, ask, own, day),
            Event.PROGRESS: lambda ask: provider_actions.progress(loop, ask, own, True, soon),
            Event.OUTCOME: lambda ask: provider_actions.outcome(loop, ask, own, outcome),
            Event.REOPEN: lambda ask: provider_actions.reopen(loop, ask, own),
            Event.LATE_REPLY: lambda ask: provider_actions.accept(loop, ask, own, soon),
        }
        by_us: dict[Event, Act] = {
            Event.SEND: lambda ask: actions.send(loop, ask, own),
            Event.RECALL: lambda ask: actions.recall(loop, ask, own),
            Event.GIVE_INFO: lambda ask: actions.give_info(loop, ask, own, "facts"),
            Event.DISPOSE: lambda ask: actions.dispose(loop, ask, own, NextStep(step, chosen, soon)),
            Event.OUTCOME: lambda ask: actions.outcome(loop, ask, own, outcome),
            Event.PAUSE: lambda ask: actions.pause(loop, ask, own, soon),
            Event.RESUME: lambda ask: actions.resume(loop, ask, own),
            Event.WITHDRAW: lambda ask: actions.withdraw(loop, ask, own, "W1"),
            Event.LATE_REPLY: lambda ask: actions.late_reply(loop, ask, own, "accept"),
            Event.TAKE_UP: lambda ask: actions.take_up(loop, ask, own, True),
            Event.REOPEN: lambda ask: actions.reopen(loop, ask, own, "person_asked"),
            Event.VOID: lambda ask: actions.void(loop, ask, own, "test"),
            Event.DELIVERY_FAILED: lambda ask: system_actions.delivery_failed(loop, ask, own),
            Event.TIME_OUT: lambda ask: system_actions.time_out(loop, ask, own),
        }
        theirs = who.kind is Actor.PROVIDER
        return (by_provider | by_us if not theirs else by_us | by_provider)[event]

    def provider(self, row: Referral) -> Who | None:
        """Somebody who has just proved themselves at the link that works; None when none does."""
        with self.loop.database.session() as session:
            locator = locators.live(session, row.id, self.time())
            if locator is None:
                return None
            proved = link_sessions.begin(session, locator.id, new_token(), self.time())
            proved.proved_at = self.time()
            return Who(Actor.PROVIDER, proved.id, frozenset({"provider"}), proved.token_hash)

    def rows_for(self, kind: Actor) -> list[Referral]:
        """Those with which this kind of actor can do something, in the order they were written."""
        with self.loop.database.reading() as session:
            rows = {row.id: row for row in session.scalars(select(Referral).where(Referral.id.in_(self.own)))}
        return [rows[own] for own in self.own if possible(State(rows[own].state), kind)]

    def row(self, own: str) -> Referral:
        with self.loop.database.reading() as session:
            return session.get_one(Referral, own)

    def ask(self, who: Who, row: Referral) -> Ask:
        return Ask(who, self.time(), "" if who.kind is Actor.SYSTEM else new_key(), row.version)

    def may(self, act: Act) -> Answer | None:
        """A worker's act that may be refused."""
        try:
            return act(Ask(WORKER, self.time(), new_key()))
        except WaymarkError:
            return None


def next_move(here: State, there: State) -> Event:
    """The first move of a shortest way between two states."""
    first: dict[State, Event] = {}
    waiting = [here]
    while waiting:
        state = waiting.pop(0)
        for event, after in LEADS[state]:
            if after not in first and after is not here:
                first[after] = event if state is here else first[state]
                waiting.append(after)
    return first[there]


def check_history(row: Referral, lines: list[ReferralEvent]) -> None:
    """The events alone give the state; each begins where the one before ended; one winner a version."""
    assert moves.replayed(lines) == row.state
    assert [line.state_from for line in lines] == ["draft", *(line.state_to for line in lines)][: len(lines)]
    numbers = [line.seq for line in lines]
    assert numbers == sorted(set(numbers))
    assert not lines or lines[-1].seq <= row.version


def check_links(session: Session, loop: Loop, row: Referral, lines: list[ReferralEvent]) -> None:
    """Withdrawn or void: no link and no session lives. Not accepted in this episode: no field of tier 3 is read."""
    if row.state in (State.WITHDRAWN, State.VOID):
        own = select(Locator.id).where(Locator.referral_id == row.id)
        assert session.scalars(own.where(Locator.revoked_at.is_(None))).first() is None
        going = select(LinkSession.id).where(LinkSession.locator_id.in_(own), LinkSession.ended_at.is_(None))
        assert session.scalars(going).first() is None
    shown = disclosure.shown(session, loop, row, loop.clock())
    taken = any(line.state_to in TAKEN and line.episode == row.episode for line in lines)
    assert taken or not {"name", "contact", "notes", "worker"} & set(shown.fields)


def check_sent(session: Session, line: ReferralEvent, out: frozenset[str]) -> None:
    """Nothing is sent without an agreement that holds at that moment, and never to one that is excluded."""
    if line.state_to == State.SENT and line.event in (Event.SEND, Event.DISPOSE):
        row = session.get_one(Referral, line.referral_id)
        held = session.get_one(Agreement, line.details["agreement"])
        assert agreements.is_valid(held, utc(line.at))
        assert (held.case_id, held.service_id) == (row.case_id, row.service_id)
        assert row.service_id not in out


def check_proved(session: Session, line: ReferralEvent) -> None:
    """Whatever a provider did is tied to a session that was proved for this very referral."""
    if line.actor_kind == Actor.PROVIDER:
        proved = session.get_one(LinkSession, line.link_session_id)
        assert proved.proved_at is not None
        assert session.get_one(Locator, proved.locator_id).referral_id == line.referral_id


def check_need(session: Session, need_id: str, time: Time) -> None:
    """Open or resting: a live referral, a task, or a review day; else it is on the list of those adrift."""
    need, today = session.get_one(Need, need_id), working_time.today(time())
    live = session.scalars(
        select(Referral.id).where(Referral.need_id == need_id, Referral.state.in_(sorted(LIVE)))
    ).first()
    task = session.scalars(select(Task.id).where(Task.case_id == need.case_id, Task.done_at.is_(None))).first()
    if need.state in ("open", "in_hand", "resting") and not live and not task and not need.review_on:
        assert need_id in {each.id for each in needs.adrift(session, today)}
    assert need.state != "in_hand" or live


def check_audit(session: Session, ids: list[str]) -> None:
    """One line of audit for each move."""
    own = (AuditEvent.action == "move", AuditEvent.object_type == "referral", AuditEvent.object_id.in_(ids))
    audited = session.scalar(select(func.count()).select_from(AuditEvent).where(*own))
    moved = select(func.count()).select_from(ReferralEvent).where(ReferralEvent.referral_id.in_(ids))
    assert audited == session.scalar(moved)


def check_chasers(session: Session, ids: list[str]) -> None:
    """At most three chasers a stage."""
    own = (Notice.referral_id.in_(ids), Notice.template.like("chaser%"))
    for (many,) in session.execute(select(func.count()).where(*own).group_by(Notice.referral_id, Notice.stage)):
        assert many <= 3


@pytest.fixture
def machine(record: Database, tmp_path: Path) -> type[Machine]:
    time = Time()
    loop = a_loop_over(record, tmp_path / "home", time)
    write(record, a_service(source_id="Second Door", name="Second Door"))
    a_mailbox(loop)
    a_mailbox(loop, SECOND, "post@second.example")
    return type("Bound", (Machine,), {"loop": loop, "time": time, "hits": Counter()})


@pytest.mark.parametrize("seeded", SEEDS)
def test_whatever_people_do_what_must_hold_holds(machine: type[Machine], seeded: int) -> None:
    run_state_machine_as_test(seed(seeded)(machine), settings=STEPS)


def test_every_move_is_made(machine: type[Machine]) -> None:
    """Sought, not left to chance, with the same eyes on each step of the way."""
    for move in (*((state, event, None) for state, event in MOVES), *CHOICES):
        assert gets_there(machine, move, random.Random(0).choice), f"never made: {move}"


def made(machine: type[Machine], state: State, event: Event, after: State | None) -> int:
    """How often an event was carried out from a state, with any or one outcome."""
    return sum(
        many
        for (before, what, led), many in machine.hits.items()
        if (before, what) == (state, event) and after in (None, led)
    )


def gets_there(machine: type[Machine], move: tuple[State, Event, State | None], pick: Pick) -> bool:
    for _ in range(MOST_TRIES):
        if made(machine, *move):  # by this try, or on the way to another move
            return True
        case = machine()
        case.begin()
        for _ in range(MOST_ACTS):
            if case.own and not made(machine, *move):
                case.pursue(move[0], move[1], pick)
        case.teardown()
    return bool(made(machine, *move))
