"""Words for runs and requests, as the pages of sources say them."""

from collections.abc import Mapping

from directory.feeds.requests import Action
from directory.feeds.runs import State

STATES: Mapping[State, str] = {
    State.RUNNING: "Under way",
    State.DONE: "Done",
    State.HELD: "Waits for a person",
    State.FAILED: "Failed",
    State.DRY_RUN: "Tried only",
    State.REJECTED: "Rejected",
    State.REPLACED: "Overtaken by a newer run",
}
REQUESTS: Mapping[Action, str] = {
    Action.RUN: "Fetch and read it",
    Action.DRY_RUN: "Say what it would change",
    Action.ACCEPT: "Accept the run that waits",
    Action.REJECT: "Reject the run that waits",
    Action.ASKED: "A partner asks that this feed of its own is read",
}
MAKERS: Mapping[str, str] = {"schedule": "its schedule", "command": "a command", "ingest:starter": "the set-up"}
FIGURES: Mapping[str, str] = {
    "made": "new services",
    "changed": "services with something changed",
    "contacts": "services whose number, website or address would be another",
    "unlisted": "services that it no longer lists",
}


def by(who: str, people: Mapping[str, str]) -> str:
    """Who began a run or asked for one."""
    return MAKERS.get(who) or people.get(who, "somebody")


def took(seconds: float) -> str:
    """ "under a second", "12 s", "3 min 20 s"."""
    if seconds < 1:
        return "under a second"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def every(hours: int | None) -> str:
    """How often a source is read, in words."""
    if hours is None:
        return "only when asked"
    if hours == 24:
        return "every day"
    if hours % 168 == 0:
        return "every week" if hours == 168 else f"every {hours // 168} weeks"
    return f"every {hours // 24} days" if hours % 24 == 0 else f"every {hours} hours"
