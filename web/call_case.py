"""A known caller: their case's facts come into the call, and what is chosen in it goes to their case."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from directory.errors import Conflict
from directory.referrals import (
    alternatives,
    audit,
    case_access,
    case_rows,
    cases,
    drafts,
    exclusions,
    needs,
    shortlists,
)
from directory.referrals.asking import Ask, Who
from directory.referrals.drafts import DraftSaid
from directory.referrals.loop import KEY_LIMIT, Loop
from directory.referrals.sealing import Erased
from directory.referrals.tables import Case, Need
from web.call_form import CallForm, of_case

ON_THE_PHONE = "call"
"""Of `codes`, list seen_for: why a worker opens a case they do not work on, from the call."""


@dataclass(frozen=True, slots=True)
class CallCase:
    """The case a call is about. `needs`: (id, code) of those that go on; `out`: ids that must not be shown."""

    id: str
    reference: str
    subject_id: str
    needs: tuple[tuple[str, str], ...]
    out: frozenset[str]


def of(loop: Loop, who: Who, case_id: str) -> CallCase | None:
    """None for no case. Raises NotFound, PurposeNeeded, Erased."""
    if not case_id:
        return None
    with loop.database.reading() as session:
        case = case_rows.found(session, who, case_id)
        going = [(row.id, row.need) for row in needs.of_case(session, case.id) if row.state in needs.GOING]
        return CallCase(case.id, case.reference, case.subject_id, tuple(going), exclusions.ids(session, case.id))


def use(loop: Loop, ask: Ask, form: CallForm, case_id: str, on_the_phone: bool = False) -> CallForm:
    """The call with a case's facts: what the worker said by hand in this call counts before them.

    What is on the call's short list goes to the case's. `on_the_phone`: the worker says that this is why they open it.
    Raises NotFound, PurposeNeeded, Erased.
    """
    if on_the_phone:
        case_access.say_why(loop, replace(ask, key=_key(ask, "why")), case_id, ON_THE_PHONE)
    with loop.database.session() as session:
        case = case_rows.found(session, ask.who, case_id)
        said, added = _facts(session, loop, case)
        audit.note(
            session, ask.who, ask.at, "view", "case", case.id, subject_id=case.subject_id,
            fields=("match", "facts"), purpose=case_rows.why(session, ask.who, case),
        )  # fmt: skip
    return replace(
        form,
        case_id=case_id,
        need_id="",
        said={**said, **form.said},
        added=tuple(dict.fromkeys((*form.added, *(each for each in added if each not in form.dropped)))),
    )


def leave(loop: Loop, form: CallForm) -> CallForm:
    """The call without its case: what that brought goes with it; what was said or changed in the call stays.

    Facts are only taken away, so that this is asked of nobody's right to read the case: it may be lost by now.
    """
    said, added = dict[str, str](), tuple[str, ...]()
    with loop.database.reading() as session:
        case = session.get(Case, form.case_id)
        with suppress(Erased):  # erasing them emptied the call as it was kept
            said, added = _facts(session, loop, case) if case else (said, added)
    return replace(
        form,
        case_id="",
        need_id="",
        said={name: text for name, text in form.said.items() if text != " ".join(said.get(name, "").split())},
        added=tuple(each for each in form.added if each not in added),
    )


def put_on_list(loop: Loop, ask: Ask, case: CallCase, need_id: str, service_id: str) -> None:
    """Raises NotFound, Conflict for a service named unsafe, BadInput for a full list."""
    shortlists.add(loop, replace(ask, key=_key(ask, f"l{service_id}")), case.id, need_id, service_id)


def take_off_list(loop: Loop, ask: Ask, case: CallCase, service_id: str) -> None:
    """From whichever need's list it is on."""
    with loop.database.reading() as session:
        found = [each.need_id for each in shortlists.listed(session, case.id) if each.service_id == service_id]
    for number, need_id in enumerate(found):
        shortlists.remove(loop, replace(ask, key=_key(ask, f"{number}{service_id}")), case.id, need_id, service_id)


def refer(loop: Loop, ask: Ask, need_id: str, service_id: str, urgency: str) -> str:
    """Writes a referral's draft and returns its id. `urgency`: "" as the case says.

    Raises BadInput, NotFound, PurposeNeeded, Conflict for an unsafe service.
    """
    said = DraftSaid(need_id, service_id, urgency or _urgency(loop, ask.who, need_id))
    return str(drafts.draft(loop, replace(ask, key=_key(ask, f"r{service_id}")), said)["id"])


def need_for(own: Iterable[tuple[str, str]], chosen: str, meets: Iterable[str]) -> str:
    """Id of the need a service is for, of (id, code): the one chosen, or the first that it meets, or the first.

    Raises Conflict when no need goes on.
    """
    known = tuple(own)
    if not known:
        raise Conflict("This case has no need that goes on.", "Add one on the case's page first.")
    if chosen in dict(known):
        return chosen
    met = set(meets)
    return next((need_id for need_id, code in known if code in met), known[0][0])


def _facts(session: Session, loop: Loop, case: Case) -> tuple[dict[str, str], tuple[str, ...]]:
    """A case's facts for a call: all but how soon, which today's words must say. Raises Erased."""
    said, added = of_case(alternatives.facts(session, loop, case), cases.harmed_by(session, loop, case))
    said.pop("urgency", None)
    return said, added


def _urgency(loop: Loop, who: Who, need_id: str) -> str:
    """How soon the case of a need says that help is needed. Raises NotFound, PurposeNeeded, Erased."""
    with loop.database.reading() as session:
        need = session.get(Need, need_id)
        case = case_rows.found(session, who, need.case_id if need else "")
        return str(cases.given(session, loop, case).get("urgency") or "weeks")


def _key(ask: Ask, part: str) -> str:
    """A key of its own for each part of one press; none where the form had none."""
    return f"{ask.key[: KEY_LIMIT - 40]}.{part[:39]}" if ask.key else ""
