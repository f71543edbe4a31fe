"""What the buttons of a referral's page do: each event by its name, with what its form says."""

from collections.abc import Callable, Mapping

from directory.errors import BadInput
from directory.referrals import actions, doors, moves
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import Event
from directory.referrals.loop import Answer, Loop
from directory.referrals.outcomes_said import OutcomeSaid
from directory.referrals.ways_back import NextStep
from web import case_actions
from web.loop_forms import day, whole_day

Do = Callable[[Loop, Ask, str, Mapping[str, str]], Answer]


def _dispose(loop: Loop, ask: Ask, own: str, form: Mapping[str, str]) -> Answer:
    step = NextStep(
        form.get("next_step", ""), form.get("service_id", ""), day(form.get("review_on", ""), "review_on", False)
    )
    return actions.dispose(loop, ask, own, step)


def _outcome(loop: Loop, ask: Ask, own: str, form: Mapping[str, str]) -> Answer:
    said = {name: form.get(name, "") for name in ("engagement", "service", "need_result", "person_view")}
    return actions.outcome(loop, ask, own, OutcomeSaid(**said, says=form.get("says", "provider")))


def _withdraw(loop: Loop, ask: Ask, own: str, form: Mapping[str, str]) -> Answer:
    return actions.withdraw(loop, ask, own, form.get("reason", ""), day(form.get("review_on", ""), "review_on", False))


DO: Mapping[str, Do] = {
    Event.SEND: lambda loop, ask, own, form: actions.send(loop, ask, own),
    Event.RECALL: lambda loop, ask, own, form: actions.recall(loop, ask, own),
    Event.GIVE_INFO: lambda loop, ask, own, form: actions.give_info(loop, ask, own, form.get("how", "")),
    Event.PAUSE: lambda loop, ask, own, form: actions.pause(
        loop, ask, own, whole_day(form.get("review_on", ""), "review_on")
    ),
    Event.RESUME: lambda loop, ask, own, form: actions.resume(loop, ask, own),
    Event.WITHDRAW: _withdraw,
    Event.DISPOSE: _dispose,
    Event.TAKE_UP: lambda loop, ask, own, form: actions.take_up(loop, ask, own, form.get("person_agrees") == "yes"),
    Event.REOPEN: lambda loop, ask, own, form: actions.reopen(loop, ask, own, form.get("reason", "")),
    Event.VOID: lambda loop, ask, own, form: actions.void(loop, ask, own, form.get("reason", "")),
    Event.OUTCOME: _outcome,
    Event.LATE_REPLY: lambda loop, ask, own, form: actions.late_reply(
        loop, ask, own, form.get("reply", ""), form.get("decline", "")
    ),
}
"""Every event that a worker or a supervisor may bring about (a test compares it with the lifecycle's table)."""
NEW_LINK = "new-link"
"""Beside them: the mailbox gets another link, after the one it had was locked or lost."""
DONE: Mapping[str, str] = {
    NEW_LINK: "A new link is on its way to its mailbox. The old one is dead.",
    "written": "The draft is kept. Nothing has left.",
    "agreed": "The agreement is kept.",
    "contact": "This is how they are reached from now on.",
    Event.SEND: "It is on its way. A routine one can be recalled for some minutes.",
    Event.RECALL: "It is a draft again. Nothing had left.",
    Event.GIVE_INFO: "The service is told that its question is answered.",
    Event.PAUSE: "It is paused until the day you chose.",
    Event.RESUME: "It goes on where it was.",
    Event.WITHDRAW: "It is withdrawn. The service can open it no more.",
    Event.DISPOSE: "The next step is kept.",
    Event.TAKE_UP: "It is accepted after all, with a new link for the service.",
    Event.REOPEN: "It is open again as a draft: ask the person, then send it.",
    Event.VOID: "It is void.",
    Event.OUTCOME: "The outcome is kept.",
    Event.LATE_REPLY: "The reply is kept, and stands on the list of what waits.",
}


BY_PHONE = frozenset({Event.WITHDRAW, Event.REOPEN})


def act(loop: Loop, ask: Ask, referral_id: str, event: str, form: Mapping[str, str]) -> Answer:
    """Carries out one of `DO`. Raises BadInput for any other, and what the action raises."""
    if event == NEW_LINK:
        return doors.new_link(loop, ask, referral_id)
    if event not in DO:
        raise BadInput("There is no such button.", "Open the page again.")
    if event in BY_PHONE:
        with loop.database.reading() as session:
            case_id = moves.case_of(session, referral_id)
        case_actions.check_caller(loop, ask, case_id, form)
    return DO[event](loop, ask, referral_id, form)
