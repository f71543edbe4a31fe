"""The referral's machine as a table: which event moves it from where to where, who may, and what must be said.

`check_move` raises with the reason; `can_move` answers. `docs/referrals.md`'s diagram is made from `TRANSITIONS`.
Source: referrals.md, sections 5 and 6 (MoJ Refer and Monitor, HL7 BSeR and SDOH Clinical Care, Open Path HMIS).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from directory.errors import BadInput, Conflict, Forbidden


class State(StrEnum):
    """Where a referral stands; FHIR's status is an export of it."""

    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"
    INFO_REQUESTED = "info_requested"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    SCHEDULED = "scheduled"
    IN_SERVICE = "in_service"
    PAUSED = "paused"
    NOT_REACHED = "not_reached"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    VOID = "void"


class Event(StrEnum):
    """What happens to a referral."""

    SEND = "send"
    DELIVERY_FAILED = "delivery_failed"
    OPEN = "open"
    ASK_INFO = "ask_info"
    GIVE_INFO = "give_info"
    ACCEPT = "accept"
    WAITLIST = "waitlist"
    DECLINE = "decline"
    DISPOSE = "dispose"
    SCHEDULE = "schedule"
    MISSED = "missed"
    NOT_REACHED = "not_reached"
    START = "start"
    PROGRESS = "progress"
    OUTCOME = "outcome"
    PAUSE = "pause"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    TIME_OUT = "time_out"
    LATE_REPLY = "late_reply"
    REOPEN = "reopen"
    RECALL = "recall"
    TAKE_UP = "take_up"
    VOID = "void"


class Actor(StrEnum):
    """Who acts. The person acts through a worker."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"
    PROVIDER = "provider"
    PARTNER = "partner"
    """Who registers services, or keeps its own true: never an act on a referral."""
    SYSTEM = "system"


S, E, A = State, Event, Actor
LIVE = frozenset(
    {S.SENT, S.RECEIVED, S.INFO_REQUESTED, S.ACCEPTED, S.WAITLISTED, S.SCHEDULED, S.IN_SERVICE, S.PAUSED, S.NOT_REACHED}
)
"""Somebody outside has it, and something is still to come of it."""
WITH_PROVIDER = LIVE - {S.PAUSED}
TAKEN = frozenset({S.ACCEPTED, S.WAITLISTED, S.SCHEDULED, S.IN_SERVICE, S.NOT_REACHED})
TO_DISPOSE = frozenset({S.DECLINED, S.UNANSWERED})
"""It came back: a worker must say what happens next."""
OVER = frozenset({S.DECLINED, S.UNANSWERED, S.WITHDRAWN, S.CLOSED})
"""Where a late reply still lands, and from where there is a way back."""
WORKERS = frozenset({A.WORKER, A.SUPERVISOR})
ANYBODY = WORKERS | {A.PROVIDER}


@dataclass(frozen=True, slots=True)
class Transition:
    """One event: from any of `sources` to one of `targets`; none: it stays where it is (`RESUME` goes back).

    `needs` are the facts that must come with it.
    """

    event: Event
    sources: frozenset[State]
    targets: tuple[State, ...]
    actors: frozenset[Actor]
    needs: tuple[str, ...] = ()


def _t(
    event: Event, sources: Collection[State], targets: tuple[State, ...], actors: Collection[Actor], *needs: str
) -> Transition:
    return Transition(event, frozenset(sources), targets, frozenset(actors), needs)


TRANSITIONS: Mapping[Event, Transition] = {
    each.event: each
    for each in (
        _t(E.SEND, {S.DRAFT}, (S.SENT,), WORKERS, "agreement", "urgency"),
        _t(E.RECALL, {S.SENT}, (S.DRAFT,), WORKERS),
        _t(E.DELIVERY_FAILED, {S.SENT}, (), {A.SYSTEM}, "bounce"),
        _t(E.OPEN, {S.SENT}, (S.RECEIVED,), {A.PROVIDER}),
        _t(E.ASK_INFO, {S.SENT, S.RECEIVED, S.ACCEPTED}, (S.INFO_REQUESTED,), {A.PROVIDER}, "question"),
        _t(E.GIVE_INFO, {S.INFO_REQUESTED}, (S.RECEIVED,), WORKERS),
        _t(
            E.ACCEPT,
            {S.SENT, S.RECEIVED, S.INFO_REQUESTED, S.WAITLISTED},
            (S.ACCEPTED,),
            {A.PROVIDER},
            "first_contact_by",
            "team",
        ),
        _t(
            E.WAITLIST,
            {S.SENT, S.RECEIVED, S.INFO_REQUESTED, S.ACCEPTED},
            (S.WAITLISTED,),
            {A.PROVIDER},
            "wait_band",
            "next_update_on",
        ),
        _t(
            E.DECLINE,
            {S.SENT, S.RECEIVED, S.INFO_REQUESTED, S.ACCEPTED, S.WAITLISTED, S.SCHEDULED, S.IN_SERVICE},
            (S.DECLINED,),
            {A.PROVIDER},
            "reason",
            "may_contact_again",
        ),
        _t(E.DISPOSE, TO_DISPOSE, (S.CLOSED, S.SENT), WORKERS, "next_step"),
        _t(E.SCHEDULE, {S.ACCEPTED, S.SCHEDULED, S.NOT_REACHED}, (S.SCHEDULED,), {A.PROVIDER}, "on", "channel"),
        _t(E.MISSED, {S.SCHEDULED}, (S.SCHEDULED, S.NOT_REACHED), {A.PROVIDER}, "who_missed"),
        _t(E.NOT_REACHED, {S.ACCEPTED, S.SCHEDULED}, (S.NOT_REACHED,), {A.PROVIDER}, "attempts", "days"),
        _t(E.START, {S.ACCEPTED, S.SCHEDULED}, (S.IN_SERVICE,), {A.PROVIDER}, "on"),
        _t(E.PROGRESS, {S.IN_SERVICE, S.WAITLISTED}, (), {A.PROVIDER}, "engaged", "next_update_on"),
        _t(E.OUTCOME, TAKEN | {S.CLOSED}, (S.CLOSED,), ANYBODY, "engagement", "service", "need_result"),
        _t(E.PAUSE, WITH_PROVIDER, (S.PAUSED,), WORKERS, "review_on"),
        _t(E.RESUME, {S.PAUSED, S.NOT_REACHED}, tuple(sorted(WITH_PROVIDER)), WORKERS),
        _t(E.WITHDRAW, LIVE | {S.DRAFT} | TO_DISPOSE, (S.WITHDRAWN,), WORKERS | {A.SYSTEM}, "reason"),
        _t(E.TIME_OUT, {S.SENT, S.RECEIVED, S.ACCEPTED}, (S.UNANSWERED,), {A.SYSTEM}),
        _t(E.LATE_REPLY, OVER, (), ANYBODY, "reply"),
        _t(E.TAKE_UP, TO_DISPOSE, (S.ACCEPTED,), WORKERS, "person_agrees"),
        _t(E.REOPEN, OVER, (S.DRAFT, S.IN_SERVICE), ANYBODY, "reason"),
        _t(E.VOID, frozenset(S) - {S.VOID}, (S.VOID,), {A.SUPERVISOR}, "reason"),
    )
}


LABELS: Mapping[State, str] = {
    S.DRAFT: "being written",
    S.SENT: "sent, not opened yet",
    S.RECEIVED: "opened by the service",
    S.INFO_REQUESTED: "the service has asked a question",
    S.ACCEPTED: "accepted",
    S.WAITLISTED: "on a waiting list",
    S.SCHEDULED: "first contact fixed",
    S.IN_SERVICE: "getting help",
    S.PAUSED: "paused at the person's wish",
    S.NOT_REACHED: "the service could not reach the person",
    S.DECLINED: "the service said no",
    S.UNANSWERED: "no answer came",
    S.WITHDRAWN: "withdrawn",
    S.CLOSED: "closed with an outcome",
    S.VOID: "void: it should never have been",
}
"""For people, after "This referral is"."""


def can_move(state: State, event: Event, actor: Actor) -> bool:
    """Whether this actor may do this now, its guards apart."""
    move = TRANSITIONS[event]
    return state in move.sources and actor in move.actors and _is_theirs(state, event, actor)


def moves(state: State, actor: Actor) -> tuple[Event, ...]:
    """What this actor may do now, in the table's order."""
    return tuple(event for event in TRANSITIONS if can_move(state, event, actor))


def check_move(state: State, event: Event, actor: Actor, given: Collection[str]) -> None:
    """Raises Conflict when the referral has moved on, Forbidden for an actor, BadInput for what is missing."""
    move = TRANSITIONS[event]
    if state not in move.sources:
        raise Conflict(f"This referral is {LABELS[state]}.", _instead(state, actor))
    if actor not in move.actors or not _is_theirs(state, event, actor):
        raise Forbidden("Somebody else must do this.", f"It is for: {', '.join(sorted(move.actors))}.")
    missing = [name for name in move.needs if name not in given]
    if missing:
        raise BadInput(f"Say also: {missing[0].replace('_', ' ')}.", "Then send it again.", missing[0])


def _is_theirs(state: State, event: Event, actor: Actor) -> bool:
    """Providers report late or bring somebody back where their help ended; everything else of what is over is ours."""
    if actor is not A.PROVIDER:
        return True
    return state is S.CLOSED if event is E.REOPEN else True


def _instead(state: State, actor: Actor) -> str:
    possible = [event.replace("_", " ") for event in moves(state, actor)]
    return f"What can be done now: {', '.join(possible)}." if possible else "Nothing more can be done with it."
