"""Cases: one person's contact with us, opened from the facts of the match page, amended, led, closed and reopened."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict
from directory.referrals import (
    case_access,
    case_blocks,
    case_rows,
    codes,
    given_facts,
    needs,
    people,
    safe_contacts,
    safety_plans,
)
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import LIVE, WORKERS
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.safe_contacts import Wish
from directory.referrals.tables import Case, Person, Referral, Subject
from taxonomy.terms import load

FLAGS = ("harmed_under_12", "harmed_by_under_12", "safety_flag", "restricted")


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is opened with. `given`: facts under the matcher's names, as codes (`given_facts`).

    Councils are codes or names, as the matcher placed them, or else found by the facts' places; `person` holds further
    fields of `people.FIELDS`. Flags that are not said follow the ages in `given`.
    """

    relation: str
    given: Mapping[str, object] = field(default_factory=dict, repr=False)
    age: int | None = None
    age_band: str = ""
    council: str = ""
    harm_council: str = ""
    name: str = field(default="", repr=False)
    person: Mapping[str, str] = field(default_factory=dict, repr=False)
    contact: Wish | None = field(default=None, repr=False)
    from_agency: str = ""
    harmed_under_12: bool | None = None
    harmed_by_under_12: bool | None = None
    safety_flag: bool = False
    restricted: bool = False
    lead_worker: str = ""
    """An account's id; "": who opens it."""
    kept_from: tuple[str, ...] = ()
    """Accounts of staff who know the family (`case_blocks`)."""


def open_case(loop: Loop, ask: Ask, opening: Opening) -> Answer:
    """Opens a case with its person, safe contact and needs. {"id", "reference", "version", "needs": {code: id}}.

    Raises BadInput naming the field.
    """
    told = case_rows.fingerprint(loop, body(opening))
    return loop.once(ask, "case.open", told, lambda session: put(session, loop, ask, opening))


def body(opening: Opening) -> dict[str, Any]:
    """All of it as a table, to tell two openings apart."""
    return {each.name: getattr(opening, each.name) for each in fields(opening)}


def put(session: Session, loop: Loop, ask: Ask, opening: Opening, subject: Subject | None = None) -> Answer:
    """The same within a transaction; `subject` when we hold something of theirs already (a hand-in)."""
    if ask.who.kind not in WORKERS:
        raise BadInput("A worker opens a case.", "Sign in as one.")
    facts = given_facts.checked(_said(opening))
    subject = subject or people.new_subject(session, loop, ask)
    case = Case(
        id=str(uuid4()),
        reference=case_rows.free_reference(session, Case.reference),
        subject_id=subject.id,
        opened_at=ask.at,
        opened_by=ask.who.id,
        lead_worker=opening.lead_worker or ask.who.id,
        safety_flag=opening.safety_flag,
        restricted=opening.restricted,
        from_agency=codes.check("agency", opening.from_agency, "from_agency") if opening.from_agency else "",
        council=given_facts.council(opening.council, facts.asked.get("residence", "")),
        harm_council=given_facts.council(opening.harm_council, facts.asked.get("harm_place", ""), "harm_council"),
        version=1,
    )
    _tell(case, facts, opening.age_band, opening.harmed_under_12, opening.harmed_by_under_12)
    person = Person(id=str(uuid4()), subject_id=subject.id, version=1)
    session.add_all([case, person])
    session.flush()
    given_facts.keep(session, loop, case, facts.asked, facts.harmed_by)
    people.put(session, loop, person, {**opening.person, "name": opening.name})
    case_rows.written(session, case, ask, "case", case.id, "open", action="create", details=_codes_of(case))
    if opening.contact is not None:
        safe_contacts.put(session, loop, case, opening.contact, ask)
    added = {need: needs.put(session, case, need, ask).id for need in facts.asked.get("needs", ())}
    case_access.opened_for(session, ask, case)
    case_blocks.put_all(session, ask, case, opening.kept_from)
    return {"id": case.id, "reference": case.reference, "version": case.version, "needs": added}


def amend(
    loop: Loop,
    ask: Ask,
    case_id: str,
    *,
    given: Mapping[str, object] | None = None,
    council_: str | None = None,
    harm_council: str | None = None,
    age_band: str = "",
    flags: Mapping[str, bool | None] | None = None,
) -> Answer:
    """Replaces what is said: all of the facts, councils, or flags (`FLAGS`). {"id", "version"}.

    Raises BadInput, Conflict.
    """
    flagged = dict(flags or {})
    if unknown := sorted(flagged.keys() - set(FLAGS)):
        raise BadInput("There is no such mark on a case.", f"We keep: {', '.join(FLAGS)}.", unknown[0])
    told = {"given": given, "council": council_, "harm": harm_council, "age_band": age_band, "flags": flagged}

    def do(session: Session) -> Answer:
        case = held(session, ask, case_id)
        if given is not None:
            facts = given_facts.checked({**given, "relation": given.get("relation") or case.relation})
            _tell(case, facts, age_band, case.harmed_under_12, case.harmed_by_under_12)
            given_facts.keep(session, loop, case, facts.asked, facts.harmed_by)
        if council_ is not None:
            case.council = given_facts.council(council_)
        if harm_council is not None:
            case.harm_council = given_facts.council(harm_council, field_name="harm_council")
        for name, value in flagged.items():
            setattr(case, name, value if name.endswith("_12") else bool(value))
        return _changed(session, case, ask, "amend", _codes_of(case))

    return loop.once(ask, "case.amend", {"case_id": case_id, **case_rows.fingerprint(loop, told)}, do)


def placement_changed(loop: Loop, ask: Ask, case_id: str, residence: str = "", council_: str = "") -> Answer:
    """Where somebody lives has changed: a new safety plan is asked for; who it was, or why, is not kept.

    `residence` (a place's name or postcode) and its council only when the person's own changed.
    """
    told = {"residence": residence, "council": council_}
    place = case_rows.line(residence, "residence", 200)

    def do(session: Session) -> Answer:
        case = held(session, ask, case_id)
        if place:
            facts = {**given_facts.kept(session, loop, case), "residence": place}
            given_facts.keep(session, loop, case, facts, facts.pop("harmed_by", ()))
            case.council = given_facts.council(council_, place)
        plan = safety_plans.asked(session, loop, case, "placement_changed", ask)
        return {**_changed(session, case, ask, "placement_changed", {}), "safety_plan": plan.id}

    return loop.once(ask, "case.placement", {"case_id": case_id, **case_rows.fingerprint(loop, told)}, do)


def close(loop: Loop, ask: Ask, case_id: str, because: str) -> Answer:
    """Closes a case (`codes`, list case_closed). Raises Conflict while a need is going or a referral is live.

    A need that comes back, or a new one, opens it again.
    """
    codes.check("case_closed", because, "because")

    def do(session: Session) -> Answer:
        case = held(session, ask, case_id)
        if case.closed_at is not None:
            raise Conflict("This case is closed already.", "Look at it again.")
        if any(need.state in needs.GOING for need in needs.of_case(session, case.id)):
            raise Conflict("A need is still open.", "Say for each need whether it is met, rests or has ended.")
        live = (Referral.case_id == case.id, Referral.state.in_(sorted(LIVE)))
        if session.scalar(select(Referral.id).where(*live)) is not None:
            raise Conflict("A referral is still with a service.", "Withdraw it, or wait for its outcome.")
        case.closed_at = ask.at
        return _changed(session, case, ask, "close", {"because": because})

    return loop.once(ask, "case.close", {"case_id": case_id, "because": because}, do)


def given(session: Session, loop: Loop, case: Case) -> dict[str, Any]:
    """The facts as the matcher is asked with them (`next_best.Wanted.given`); the caller writes the audit line.

    Raises Erased, Unreadable.
    """
    asked = given_facts.kept(session, loop, case)
    asked.pop("harmed_by", None)
    asked.setdefault("relation", case.relation)
    return given_facts.with_band(asked, case.age_band)


def harmed_by(session: Session, loop: Loop, case: Case) -> tuple[str, ...]:
    """How the child who harmed stands to the person (taxonomy "harmed_by"): ours alone, never on a referral."""
    return tuple(given_facts.kept(session, loop, case).get("harmed_by", ()))


def held(session: Session, ask: Ask, case_id: str) -> Case:
    """The case, locked, at the version that was seen. Raises NotFound, Conflict."""
    case = case_rows.held(session, ask, case_id)
    check_version(case.version, ask, "its facts were written anew")
    return case


def _said(opening: Opening) -> dict[str, object]:
    said = dict(opening.given)
    if opening.age is not None:
        said["age"] = opening.age
    if opening.relation not in load()["relation"]:
        raise BadInput("Say who the person is.", "Choose from the list.", "relation")
    return {**said, "relation": opening.relation}


def _tell(
    case: Case, facts: given_facts.Facts, age_band: str, harmed_under_12: bool | None, harmed_by_under_12: bool | None
) -> None:
    """Puts into the case's clear columns the codes that are counted."""
    asked = facts.asked
    case.relation = asked["relation"]
    said = codes.check("age_band", age_band) if age_band else case.age_band or ""
    case.age_band = facts.band or said
    case.harms = "|".join(asked.get("harms", ()))
    case.languages = asked.get("language", "")
    case.access = "|".join(asked.get("access", ()))
    case.harmed_under_12 = _first(harmed_under_12, facts.under_12)
    case.harmed_by_under_12 = _first(harmed_by_under_12, facts.other_under_12)


def _first(*said: bool | None) -> bool | None:
    return next((each for each in said if each is not None), None)


def _codes_of(case: Case) -> dict[str, str]:
    return {"relation": case.relation, "age_band": case.age_band, "council": case.council}


def _changed(session: Session, case: Case, ask: Ask, event: str, details: Mapping[str, Any]) -> Answer:
    case.version += 1
    case_rows.written(session, case, ask, "case", case.id, event, details=details)
    session.flush()
    return {"id": case.id, "version": case.version}
