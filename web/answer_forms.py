"""How the forms of a provider's answers are read, every mistake by its field, and carried out."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from directory.errors import BadInput
from directory.referrals import doors, provider_actions
from directory.referrals.asking import Ask
from directory.referrals.door_views import View
from directory.referrals.lifecycle import OVER, State
from directory.referrals.loop import Answer, Loop
from directory.referrals.outcomes_said import OutcomeSaid
from web.answer_replies import CHOICE, COUNT, DAY, YES_NO, Field, Reply
from web.forms import FieldError, written_day


def read(reply: Reply, typed: Mapping[str, str]) -> tuple[dict[str, Any], list[FieldError]]:
    """What was typed, as the action takes it, and every mistake by its field."""
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for asked in reply.fields:
        try:
            values[asked.name] = _value(asked, typed.get(asked.name, "").strip())
        except BadInput as error:
            errors.append(FieldError(asked.name, str(error)))
    return values, errors


def _value(asked: Field, text: str) -> Any:
    if not text and asked.optional:
        return None if asked.kind == DAY else ""
    if not text:
        raise BadInput(f"“{asked.label}” is not answered yet.", "Nothing was sent.")
    if asked.kind == DAY:
        return _day(text)
    if asked.kind == COUNT:
        if not re.fullmatch(r"[0-9]{1,3}", text):
            raise BadInput("That is not a number.", "Write it in figures, like 3.")
        return int(text)
    if asked.kind in (CHOICE, YES_NO):
        if text not in dict(asked.choices):
            raise BadInput("Choose one from the list.")
        return text == "yes" if asked.kind == YES_NO else text
    return text


def _day(text: str) -> date:
    try:
        return written_day(text)
    except ValueError:
        raise BadInput("That is not a day.", "Write it like 4/12/2026.") from None


def done(loop: Loop, ask: Ask, view: View, name: str, said: Mapping[str, Any]) -> Answer:
    """Carries out an answer. Raises whatever the action does."""
    if name == "snooze":
        return doors.snooze(loop, ask, view.inside, doors.snooze_days(loop)[said["longer"]], said["reason"])
    return _ACTIONS[name](loop, ask, view.inside.referral_id, said)


def _outcome(loop: Loop, ask: Ask, own: str, said: Mapping[str, Any]) -> Answer:
    # what was not asked is not kept either: the action drops whatever was not agreed to
    told = OutcomeSaid(said.get("engagement", "E1"), said.get("service", "S7"), said.get("need_result", "N6"))
    return provider_actions.outcome(loop, ask, own, told)


_Action = Callable[[Loop, Ask, str, Mapping[str, Any]], Answer]
_P = provider_actions
_ACTIONS: Mapping[str, _Action] = {
    "accept": lambda loop, ask, own, said: _P.accept(loop, ask, own, said["first_contact_by"], said["team"]),
    "waitlist": lambda loop, ask, own, said: _P.waitlist(loop, ask, own, said["wait_band"], said["next_update_on"]),
    "decline": lambda loop, ask, own, said: _P.decline(
        loop,
        ask,
        own,
        said["reason"],
        said["may_contact_again"],
        wait_band=said["wait_band"],
        again_on=said["again_on"],
    ),
    "ask_info": lambda loop, ask, own, said: _P.ask_info(loop, ask, own, said["question"]),
    "schedule": lambda loop, ask, own, said: _P.schedule(loop, ask, own, said["on"], said["channel"]),
    "missed": lambda loop, ask, own, said: _P.missed(loop, ask, own, said["who_missed"]),
    "not_reached": lambda loop, ask, own, said: _P.not_reached(loop, ask, own, said["attempts"], said["days"]),
    "start": lambda loop, ask, own, said: _P.start(loop, ask, own, said["on"]),
    "progress": lambda loop, ask, own, said: _P.progress(loop, ask, own, said["engaged"], said["next_update_on"]),
    "outcome": _outcome,
    "reopen": lambda loop, ask, own, said: _P.reopen(loop, ask, own),
}


def came_late(reply: Reply, answer: Answer) -> bool:
    """Whether the referral was over before this answer came: it is kept, and moved nothing."""
    state = State(answer["state"])
    return state in OVER and state is not reply.then
