"""The machine as a table: every state × event × actor, and no state but void without a way back."""

import itertools

import pytest

from directory.errors import BadInput, Conflict, Forbidden
from directory.referrals.lifecycle import (
    LABELS,
    LIVE,
    OVER,
    TO_DISPOSE,
    TRANSITIONS,
    Actor,
    Event,
    State,
    can_move,
    check_move,
    moves,
)

WORKER, SUPERVISOR, PROVIDER, SYSTEM = Actor.WORKER, Actor.SUPERVISOR, Actor.PROVIDER, Actor.SYSTEM
BY_US = "worker supervisor"
EVERYBODY = "worker supervisor provider"
ALLOWED = f"""
draft           send            {BY_US}
draft           withdraw        {BY_US} system
draft           void            supervisor
sent            recall          {BY_US}
sent            delivery_failed system
sent            open            provider
sent            ask_info        provider
sent            accept          provider
sent            waitlist        provider
sent            decline         provider
sent            pause           {BY_US}
sent            withdraw        {BY_US} system
sent            time_out        system
sent            void            supervisor
received        ask_info        provider
received        accept          provider
received        waitlist        provider
received        decline         provider
received        pause           {BY_US}
received        withdraw        {BY_US} system
received        time_out        system
received        void            supervisor
info_requested  give_info       {BY_US}
info_requested  accept          provider
info_requested  waitlist        provider
info_requested  decline         provider
info_requested  pause           {BY_US}
info_requested  withdraw        {BY_US} system
info_requested  void            supervisor
accepted        ask_info        provider
accepted        waitlist        provider
accepted        decline         provider
accepted        schedule        provider
accepted        not_reached     provider
accepted        start           provider
accepted        outcome         {EVERYBODY}
accepted        pause           {BY_US}
accepted        withdraw        {BY_US} system
accepted        time_out        system
accepted        void            supervisor
waitlisted      accept          provider
waitlisted      decline         provider
waitlisted      progress        provider
waitlisted      outcome         {EVERYBODY}
waitlisted      pause           {BY_US}
waitlisted      withdraw        {BY_US} system
waitlisted      void            supervisor
scheduled       decline         provider
scheduled       schedule        provider
scheduled       missed          provider
scheduled       not_reached     provider
scheduled       start           provider
scheduled       outcome         {EVERYBODY}
scheduled       pause           {BY_US}
scheduled       withdraw        {BY_US} system
scheduled       void            supervisor
in_service      decline         provider
in_service      progress        provider
in_service      outcome         {EVERYBODY}
in_service      pause           {BY_US}
in_service      withdraw        {BY_US} system
in_service      void            supervisor
paused          resume          {BY_US}
paused          withdraw        {BY_US} system
paused          void            supervisor
not_reached     schedule        provider
not_reached     outcome         {EVERYBODY}
not_reached     resume          {BY_US}
not_reached     pause           {BY_US}
not_reached     withdraw        {BY_US} system
not_reached     void            supervisor
declined        dispose         {BY_US}
declined        take_up         {BY_US}
declined        reopen          {BY_US}
declined        withdraw        {BY_US} system
declined        late_reply      {EVERYBODY}
declined        void            supervisor
unanswered      dispose         {BY_US}
unanswered      take_up         {BY_US}
unanswered      reopen          {BY_US}
unanswered      withdraw        {BY_US} system
unanswered      late_reply      {EVERYBODY}
unanswered      void            supervisor
withdrawn       reopen          {BY_US}
withdrawn       late_reply      {EVERYBODY}
withdrawn       void            supervisor
closed          outcome         {EVERYBODY}
closed          reopen          {EVERYBODY}
closed          late_reply      {EVERYBODY}
closed          void            supervisor
"""
"""Written out from referrals.md, section 6, apart from the code: state, event, who may."""


def allowed() -> frozenset[tuple[State, Event, Actor]]:
    lines = (line.split() for line in ALLOWED.strip().splitlines())
    return frozenset((State(state), Event(event), Actor(who)) for state, event, *actors in lines for who in actors)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_each_state_and_event_is_for_those_the_specification_names(state: State, event: Event) -> None:
    given = TRANSITIONS[event].needs
    for actor in Actor:
        may = (state, event, actor) in allowed()
        assert can_move(state, event, actor) is may, (state, event, actor)
        if may:
            check_move(state, event, actor, given)
        else:
            with pytest.raises((Conflict, Forbidden)) as refused:
                check_move(state, event, actor, given)
            assert refused.value.message
            assert refused.value.advice


@pytest.mark.parametrize(
    ("event", "missing"), [(event, name) for event, move in TRANSITIONS.items() for name in move.needs], ids=str
)
def test_what_must_be_said_is_asked_for_by_name(event: Event, missing: str) -> None:
    move = TRANSITIONS[event]
    state, actor = sorted(move.sources)[0], sorted(move.actors)[0]
    with pytest.raises(BadInput) as refused:
        check_move(state, event, actor, set(move.needs) - {missing})
    assert refused.value.field == missing


def test_a_forbidden_move_says_how_it_stands_and_what_can_be_done_instead() -> None:
    with pytest.raises(Conflict) as refused:
        check_move(State.CLOSED, Event.ACCEPT, Actor.PROVIDER, ("first_contact_by", "team"))
    assert refused.value.message == "This referral is closed with an outcome."
    assert refused.value.advice == "What can be done now: outcome, late reply, reopen."


def test_nothing_can_be_done_with_what_is_void() -> None:
    assert all(not moves(State.VOID, actor) for actor in Actor)
    with pytest.raises(Conflict, match="Nothing more can be done with it"):
        check_move(State.VOID, Event.REOPEN, Actor.SUPERVISOR, ("reason",))


def leads_to(state: State) -> frozenset[State]:
    """Every state that can follow, at once or later, without `void`."""
    found: set[State] = set()
    waiting = [state]
    while waiting:
        here = waiting.pop()
        for event, move in TRANSITIONS.items():
            if here in move.sources and event is not Event.VOID:
                fresh = set(move.targets or (here,)) - found
                found |= fresh
                waiting.extend(fresh)
    return frozenset(found)


@pytest.mark.parametrize("state", [state for state in State if state is not State.VOID])
def test_every_state_but_void_has_a_way_back_to_help(state: State) -> None:
    assert State.IN_SERVICE in leads_to(state)
    assert State.DRAFT in leads_to(state)


@pytest.mark.parametrize("state", [state for state in State if state is not State.VOID])
def test_a_worker_alone_can_always_do_something(state: State) -> None:
    assert moves(state, Actor.WORKER)


def test_every_state_is_reached_and_every_event_has_its_line() -> None:
    assert leads_to(State.DRAFT) | {State.VOID} == set(State)
    assert TRANSITIONS.keys() == set(Event)
    assert LABELS.keys() == set(State)


def test_live_over_and_draft_are_apart_and_all_there_is() -> None:
    for one, other in itertools.combinations((LIVE, OVER, {State.DRAFT, State.VOID}), 2):
        assert not set(one) & set(other)
    assert LIVE | OVER | {State.DRAFT, State.VOID} == set(State)
    assert TO_DISPOSE < OVER


def test_a_late_reply_lands_in_whatever_is_over() -> None:
    assert all(can_move(state, Event.LATE_REPLY, Actor.PROVIDER) for state in OVER)


def test_only_time_lets_silence_end_a_referral_and_never_in_our_turn() -> None:
    assert TRANSITIONS[Event.TIME_OUT].actors == {Actor.SYSTEM}
    assert State.INFO_REQUESTED not in TRANSITIONS[Event.TIME_OUT].sources
