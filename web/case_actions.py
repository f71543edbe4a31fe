"""What the buttons of a case's page do: each by its name, with what its small form says."""

from collections.abc import Callable, Mapping

from directory.errors import BadInput
from directory.referrals import (
    agencies,
    agreements,
    case_access,
    case_blocks,
    case_rows,
    cases,
    check_ins,
    complaints,
    concerns,
    disclosures,
    exclusions,
    needs,
    people,
    safe_contacts,
    safety_plans,
    signposts,
)
from directory.referrals.asking import Ask
from directory.referrals.concerns import Told
from directory.referrals.disclosures import Passed
from directory.referrals.loop import Answer, Loop
from directory.referrals.safe_contacts import DAYS, Wish
from web.loop_forms import day, hour, moment, yes_no

Form = Mapping[str, str]
Do = Callable[[Loop, Ask, str, Form], Answer]
PERSON = ("name", "full_name", "date_of_birth", "address", "postcode", "school", "account")


def wish(form: Form) -> Wish:
    """How the person wants to be reached, as a form says it. Raises BadInput naming the field."""
    return Wish(
        form.get("channel", ""),
        form.get("value", ""),
        hour(form.get("from_hour", "9"), "from_hour"),
        hour(form.get("until_hour", "17"), "until_hour"),
        "|".join(each for each in form.get("days", "").split("|") if each in DAYS),
        form.get("voicemail", "never"),
        form.get("may_text") == "yes",
        form.get("who_must_not_know", ""),
        form.get("note", ""),
    )


def _exclude(loop: Loop, ask: Ask, case_id: str, form: Form) -> Answer:
    return exclusions.add(
        loop, ask, case_id,
        service_id=form.get("service_id", ""), organization_id=form.get("organization_id", ""),
        named=form.get("named", ""),
    )  # fmt: skip


def _concern(loop: Loop, ask: Ask, case_id: str, form: Form) -> Answer:
    told = Told(
        form.get("about", ""), form.get("told", ""), form.get("ground", ""), form.get("what", ""),
        form.get("told_whom", ""), moment(form.get("told_at", ""), "told_at"), form.get("supervisor", ""),
    )  # fmt: skip
    return concerns.record(loop, ask, case_id, told)


def _disclosure(loop: Loop, ask: Ask, case_id: str, form: Form) -> Answer:
    passed = Passed(
        form.get("to_whom", ""), form.get("categories", ""), form.get("ground", ""), form.get("supervisor", ""),
        form.get("person_told", ""), moment(form.get("at", ""), "at"),
    )  # fmt: skip
    return disclosures.record(loop, ask, case_id, passed)


def _complaint(loop: Loop, ask: Ask, case_id: str, form: Form) -> Answer:
    return complaints.receive(
        loop, ask, case_id, form.get("about", ""), form.get("words", ""), form.get("service_id", "")
    )


def _person(loop: Loop, ask: Ask, case_id: str, form: Form) -> Answer:
    return people.amend(loop, ask, case_id, {name: form[name] for name in PERSON if name in form})


def _facts(loop: Loop, ask: Ask, case_id: str, form: Form) -> Answer:
    flags: dict[str, bool | None] = {name: form.get(name) == "yes" for name in ("safety_flag", "restricted")}
    flags |= {name: yes_no(form.get(name, "")) for name in ("harmed_under_12", "harmed_by_under_12")}
    return cases.amend(loop, ask, case_id, age_band=form.get("age_band", ""), flags=flags)


def _withdraw(loop: Loop, ask: Ask, case_id: str, form: Form) -> Answer:
    until = day(form.get("review_on", ""), "review_on", needed=False)
    return agreements.withdraw(loop, ask, form.get("id", ""), form.get("how", ""), until)


DO: Mapping[str, Do] = {
    "need-add": lambda loop, ask, own, form: needs.add(loop, ask, own, form.get("need", "")),
    "need-met": lambda loop, ask, own, form: needs.met(loop, ask, form.get("id", "")),
    "need-rest": lambda loop, ask, own, form: needs.rest(
        loop, ask, form.get("id", ""), day(form.get("review_on", ""), "review_on")
    ),
    "need-look": lambda loop, ask, own, form: needs.look_again(
        loop, ask, form.get("id", ""), day(form.get("review_on", ""), "review_on")
    ),
    "need-end": lambda loop, ask, own, form: needs.end(loop, ask, form.get("id", ""), form.get("reason", "")),
    "need-back": lambda loop, ask, own, form: needs.person_returned(loop, ask, form.get("id", "")),
    "contact": lambda loop, ask, own, form: safe_contacts.set_(loop, ask, own, wish(form)),
    "exclude": _exclude,
    "exclude-lift": lambda loop, ask, own, form: exclusions.lift(loop, ask, form.get("id", "")),
    "signpost": lambda loop, ask, own, form: signposts.give(
        loop, ask, form.get("need_id", ""), form.get("service_id", ""), day(form.get("ask_on", ""), "ask_on", False)
    ),
    "signpost-answer": lambda loop, ask, own, form: signposts.follow_up(
        loop, ask, form.get("id", ""), form.get("answer", "")
    ),
    "signpost-no-more": lambda loop, ask, own, form: signposts.no_more(loop, ask, form.get("id", "")),
    "signpost-again": lambda loop, ask, own, form: signposts.ask_again(
        loop, ask, form.get("id", ""), day(form.get("ask_on", ""), "ask_on")
    ),
    "agreement-withdraw": _withdraw,
    "concern": _concern,
    "concern-supervisor": lambda loop, ask, own, form: concerns.supervisor_told(
        loop, ask, form.get("id", ""), form.get("supervisor", "")
    ),
    "disclosure": _disclosure,
    "disclosure-told": lambda loop, ask, own, form: disclosures.person_told(loop, ask, form.get("id", "")),
    "complaint": _complaint,
    "complaint-answer": lambda loop, ask, own, form: complaints.answer(loop, ask, form.get("id", "")),
    "complaint-again": lambda loop, ask, own, form: complaints.open_again(loop, ask, form.get("id", "")),
    "plan-ask": lambda loop, ask, own, form: safety_plans.ask_for(loop, ask, own, form.get("because", "")),
    "plan-make": lambda loop, ask, own, form: safety_plans.make(loop, ask, form.get("id", ""), form.get("plan", "")),
    "placement": lambda loop, ask, own, form: cases.placement_changed(loop, ask, own, form.get("residence", "")),
    "check-in": lambda loop, ask, own, form: check_ins.ask_on(
        loop, ask, own, day(form.get("check_in_on", ""), "check_in_on")
    ),
    "facts": _facts,
    "person": _person,
    "passphrase": lambda loop, ask, own, form: people.set_passphrase(loop, ask, own, form.get("words", "")),
    "take": lambda loop, ask, own, form: case_access.take(loop, ask, own),
    "assign": lambda loop, ask, own, form: case_access.assign(
        loop, ask, own, form.get("account_id", ""), form.get("leads") == "yes"
    ),
    "unassign": lambda loop, ask, own, form: case_access.unassign(loop, ask, own, form.get("account_id", "")),
    "block": lambda loop, ask, own, form: case_blocks.block(
        loop, ask, own, form.get("account_id", ""), form.get("because", "")
    ),
    "block-lift": lambda loop, ask, own, form: case_blocks.lift(loop, ask, own, form.get("id", "")),
    "agency": lambda loop, ask, own, form: agencies.add_reference(
        loop, ask, own, form.get("agency", ""), form.get("theirs", "")
    ),
    "close": lambda loop, ask, own, form: cases.close(loop, ask, own, form.get("because", "")),
}
"""Every button of a case's page."""
DONE: Mapping[str, str] = {
    "opened": "The case is open. Nothing has left.",
    "need-add": "The need is added.",
    "need-met": "The need is met: the person said so.",
    "need-rest": "The need rests until the day you chose.",
    "need-look": "It stays open, and comes back on the day you chose.",
    "need-end": "The need has ended.",
    "need-back": "The need is open again.",
    "contact": "This is how they are reached from now on.",
    "exclude": "It is never shown, sent to or offered for this person again.",
    "exclude-lift": "It may be offered again.",
    "signpost": "They were told of it.",
    "signpost-answer": "Their answer is kept.",
    "signpost-no-more": "We do not ask any more.",
    "signpost-again": "We ask on that day.",
    "agreement-withdraw": "Agreement is withdrawn: everything that rested on it has stopped, and each service is told.",
    "concern": "The concern is kept. A supervisor must know of it.",
    "concern-supervisor": "A supervisor knows.",
    "disclosure": "What was told is kept.",
    "disclosure-told": "The person knows.",
    "complaint": "The complaint is kept, and stands on the list of what waits.",
    "complaint-answer": "It is answered.",
    "complaint-again": "It is open again.",
    "plan-ask": "A safety plan is asked for.",
    "plan-make": "The safety plan is kept.",
    "placement": "Where they live is changed, and a new safety plan is asked for.",
    "check-in": "It stands on the list for that day.",
    "facts": "What you wrote is kept.",
    "person": "What you wrote is kept.",
    "passphrase": "The passphrase is kept. It is asked for by phone before anything is withdrawn or opened again.",
    "take": "You lead this case.",
    "assign": "They work on this case now.",
    "unassign": "They no longer work on this case.",
    "block": "To them this case does not exist any more.",
    "block-lift": "They may know of this case again.",
    "agency": "The agency has a reference of its own for this case.",
    "shortlisted": "It is on the short list.",
    "taken-off": "It is off the short list.",
    "message": "It is on its way to them. What it tells of is kept as told.",
    "close": "The case is closed. Anybody who comes back opens it again.",
}


BY_PHONE = frozenset({"agreement-withdraw", "need-back"})
"""What somebody else could ask for by phone in the person's name."""


def check_caller(loop: Loop, ask: Ask, case_id: str, form: Form) -> None:
    """Where the person chose a passphrase, what is withdrawn or opened again by phone needs it. Raises Forbidden."""
    with loop.database.reading() as session:
        case = case_rows.found(session, ask.who, case_id)
        guarded = people.has_passphrase(session, case.subject_id)
    if guarded and form.get("known") != "yes":
        people.check_passphrase(loop, ask, case.reference, form.get("passphrase", ""))


def act(loop: Loop, ask: Ask, case_id: str, action: str, form: Form) -> Answer:
    """Carries out one of `DO`. Raises BadInput for any other, and what the action raises."""
    if action not in DO:
        raise BadInput("There is no such button.", "Open the page again.")
    if action in BY_PHONE:
        check_caller(loop, ask, case_id, form)
    return DO[action](loop, ask, case_id, form)
