"""What a provider can answer: one table of answers with their fields, and which of them each state offers."""

from collections.abc import Mapping
from dataclasses import dataclass

from directory.referrals import codes
from directory.referrals.door_views import View
from directory.referrals.lifecycle import OVER, TAKEN, State

DAY, CHOICE, YES_NO, COUNT, WORDS = "day", "choice", "yes_no", "count", "words"
FEW = 6
"""So many choices stand open, as radios; more fold into a list."""
NOT_FOR_PROVIDERS = frozenset({"S8"})
"""Codes that say what a provider did not say."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing asked. `among`: a list of `codes`, for a choice; `first`: the day it begins with (`first_days`)."""

    name: str
    label: str
    kind: str
    among: str = ""
    hint: str = ""
    first: str = ""
    optional: bool = False

    @property
    def choices(self) -> list[tuple[str, str]]:
        if self.kind == YES_NO:
            return [("yes", "Yes"), ("no", "No")]
        return [
            (each.code, each.label) for each in codes.codes(self.among).values() if each.code not in NOT_FOR_PROVIDERS
        ]

    @property
    def is_open(self) -> bool:
        return self.kind == YES_NO or (self.kind == CHOICE and not self.optional and len(self.choices) <= FEW)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: its name in the address, what the tile and the button say, its fields, and what happens next."""

    name: str
    title: str
    button: str
    fields: tuple[Field, ...]
    said: str
    about: str = ""
    then: State | None = None
    """The state it leads to; any other that is over means that it came late."""


_NEXT_UPDATE = Field("next_update_on", "When will you tell us again?", DAY, first="next_update_on")
_ON_TODAY = Field("on", "On which day?", DAY, first="today")
REPLIES: Mapping[str, Reply] = {
    each.name: each
    for each in (
        Reply(
            "accept", "Yes, we take them", "Accept",
            (
                Field("first_contact_by", "You make first contact by", DAY, first="first_contact_by"),
                Field("team", "Who receives them? (not needed)", WORDS, hint="A team or a worker.", optional=True),
            ),
            "Thank you for saying yes. How to reach the person stands below. Please make first contact by the day you "
            "named.",
            "You then see the name to use and how to reach the person safely.", State.ACCEPTED,
        ),
        Reply(
            "waitlist", "Yes, but with a wait", "Put on the waiting list",
            (Field("wait_band", "How long is the wait?", CHOICE, "wait_band"), _NEXT_UPDATE),
            "Thank you. We ask the person whether they want to wait. Please tell us again by the day you named.",
            "We ask the person whether they want to wait.", State.WAITLISTED,
        ),
        Reply(
            "decline", "No", "Say no",
            (
                Field("reason", "What is the reason?", CHOICE, "decline", "It helps us to send you what fits."),
                Field("may_contact_again", "May we ask you again about this person?", YES_NO),
                Field("wait_band", "If there is a waiting list, how long is it? (not needed)", CHOICE, "wait_band",
                      optional=True),
                Field("again_on", "If a decision is awaited, until when? (not needed)", DAY, optional=True),
            ),
            "Thank you for telling us. We look for other help. You need do nothing more.",
            "We look for other help at once. Please tell us nothing about the person here.", State.DECLINED,
        ),
        Reply(
            "ask_info", "Ask us a question", "Ask",
            (Field("question", "What do you need to know?", CHOICE, "question"),),
            "Thank you. A worker answers; you get a message then.",
            "If it is about the person, ring us instead.", State.INFO_REQUESTED,
        ),
        Reply(
            "schedule", "First contact is fixed", "Keep the day",
            (Field("on", "On which day?", DAY), Field("channel", "How?", CHOICE, "channel")),
            "Thank you. The day is kept. Afterwards, please tell us whether it happened.",
            "Give no place.", State.SCHEDULED,
        ),
        Reply(
            "missed", "It did not happen", "Tell us",
            (Field("who_missed", "Why?", CHOICE, "who_missed"),),
            "Thank you. Please fix another day, or tell us that you cannot reach them.",
        ),
        Reply(
            "not_reached", "We cannot reach them", "Tell us",
            (
                Field("attempts", "How many times did you try?", COUNT),
                Field("days", "On how many different days?", COUNT),
            ),
            "Thank you. A worker checks how the person can be reached, and rings you.",
            "Only ever try in the way, and at the hours, that the person chose.", State.NOT_REACHED,
        ),
        Reply(
            "start", "Help has begun", "Tell us", (_ON_TODAY,),
            "Thank you. Please tell us how it goes, and what came of it at the end.", "", State.IN_SERVICE,
        ),
        Reply(
            "progress", "It goes on", "Tell us",
            (Field("engaged", "Are they still in touch with you?", YES_NO), _NEXT_UPDATE),
            "Thank you. Please tell us again by the day you named.",
        ),
        Reply(
            "outcome", "It has ended", "Tell us what came of it",
            (
                Field("engagement", "Did they take part?", CHOICE, "engagement"),
                Field("service", "What was given?", CHOICE, "service"),
                Field("need_result", "And what they needed?", CHOICE, "need_result"),
            ),
            "Thank you. It is closed now. You can still put it right here. If they come back to you, tell us here.",
            "", State.CLOSED,
        ),
        Reply(
            "reopen", "They are back with us", "Open it again", (),
            "Thank you. It is open again, and a worker knows.", "A worker is told.", State.IN_SERVICE,
        ),
        Reply(
            "snooze", "Remind us later", "Remind us later",
            (
                Field("reason", "Why?", CHOICE, "snooze"),
                Field("longer", "Do you need a month instead of a week?", YES_NO),
            ),
            "Thank you. The next reminder comes later. It can be put off once.", "This can be done once.",
        ),
    )
}  # fmt: skip
LATE = (
    "Thank you. This referral was over when your answer came. Your answer is kept: a worker looks at it, asks the "
    "person, and rings you if you can still help."
)
_TITLES_OVER = {"accept": "We can help after all", "waitlist": "We can help, with a wait"}
_TITLES_TAKEN = {"accept": "We take them now", "waitlist": "They have to wait", "decline": "We cannot help after all"}
_S = State
OFFERED: Mapping[State, tuple[tuple[str, ...], tuple[str, ...]]] = {
    _S.SENT: (("accept", "waitlist", "decline"), ("ask_info",)),
    _S.RECEIVED: (("accept", "waitlist", "decline"), ("ask_info",)),
    _S.INFO_REQUESTED: (("accept", "waitlist", "decline"), ()),
    _S.ACCEPTED: (("schedule", "start", "not_reached"), ("waitlist", "ask_info", "outcome", "decline")),
    _S.WAITLISTED: (("accept", "progress", "decline"), ("outcome",)),
    _S.SCHEDULED: (("start", "missed", "schedule"), ("not_reached", "outcome", "decline")),
    _S.IN_SERVICE: (("progress", "outcome"), ("decline",)),
    _S.NOT_REACHED: (("schedule", "outcome"), ()),
    _S.DECLINED: (("accept", "waitlist"), ()),
    _S.UNANSWERED: (("accept", "waitlist", "decline"), ("outcome",)),
    _S.CLOSED: (("reopen", "outcome"), ()),
}
"""What can be answered in each state: the big tiles, and the rest. Nothing where a state is not here."""


def offered(view: View) -> tuple[list[Reply], list[Reply]]:
    """The answers that this page offers, big ones and others."""
    first, more = OFFERED.get(view.state, ((), ()))
    if view.may_snooze:
        more = (*more, "snooze")
    return [_fitted(name, view) for name in first], [_fitted(name, view) for name in more]


def _fitted(name: str, view: View) -> Reply:
    """An answer as it is asked here: no more than the person agreed that we may hear."""
    reply = REPLIES[name]
    titles = _TITLES_OVER if view.state in OVER else _TITLES_TAKEN if view.state in TAKEN else {}
    title = "Put right what came of it" if name == "outcome" and view.state is State.CLOSED else reply.title
    asked = reply.fields
    if name == "outcome" and view.feedback != "outcome":
        asked = asked[:1] if view.feedback == "attended" else ()
    return Reply(name, titles.get(name, title), reply.button, asked, reply.said, reply.about, reply.then)
