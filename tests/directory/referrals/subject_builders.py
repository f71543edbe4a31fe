"""One person of whom we hold something in every table, with words of their own and words that are somebody else's."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from directory.referrals import (
    agencies,
    cases,
    complaints,
    concerns,
    disclosures,
    exclusions,
    hand_ins,
    people,
    safe_contacts,
    safety_plans,
    signposts,
)
from directory.referrals.concerns import Told
from directory.referrals.disclosures import Passed
from directory.referrals.hand_ins import News
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.safe_contacts import Wish
from directory.referrals.tables import Case, CaseEvent, Referral, ReferralEvent
from tests.directory.referrals.builders import SERVICE, SUPERVISOR, a_referral, ask
from tests.directory.referrals.case_builders import GIVEN, an_opening

OWN = (
    "Wombat", "Numbat Row", "Bandicoot hit me", "960311", "Potoroo Academy", "Quoll was rude", "Ring my sister Kiwi",
    "Please ring after school Emu", "Dundee",
)  # fmt: skip
THEIRS = (
    "Quokka", "PS-Mulgara", "Bilby", "Dunnart", "purple", "Quenda", "Antechinus", "PC Kowari", "Ningaui", "Phascogale",
    "Planigale", "PC Told", "sibling",
)  # fmt: skip


def a_whole_person(loop: Loop, state: State = State.CLOSED) -> Case:
    """Handed in by the police, met by nobody yet, with a referral in this state; every personal field is filled."""
    news = hand_ins.receive(loop, ask(loop), News("police", "phone", "Quokka hit a child.", "PS-Mulgara"))
    said = {"full_name": "Skye Wombat", "address": "1 Numbat Row", "account": "Bandicoot hit me."}
    given = {**GIVEN, "harmed_by": ["sibling"], "avoid": ["Planigale"]}
    made = hand_ins.take(loop, ask(loop), news["id"], an_opening(given=given, person=said))
    own, need_id = str(made["id"]), str(made["needs"]["counselling"])
    safe_contacts.set_(loop, ask(loop), own, Wish("phone", "01632 960311", who_must_not_know="Bilby", note="Dunnart"))
    people.set_passphrase(loop, ask(loop), own, "purple otter lighthouse")
    people.amend(loop, ask(loop), own, {"school": "Potoroo Academy"})
    signposts.give(loop, ask(loop), need_id, SERVICE, (loop.clock() + timedelta(days=7)).date())
    exclusions.add(loop, ask(loop), own, named="Quenda")
    told = Told("harmed", "police", "child_at_risk", "Antechinus waits.", "PC Kowari")
    concerns.record(loop, ask(loop), own, told)
    disclosures.record(loop, ask(loop), own, Passed("Ningaui", "need", "safeguarding", SUPERVISOR.id, "not_safe"))
    disclosures.record(loop, ask(loop), own, Passed("PC Told", "contact", "safeguarding", SUPERVISOR.id, "yes"))
    complaints.receive(loop, ask(loop), own, "service", "Quoll was rude.", SERVICE)
    plan = cases.placement_changed(loop, ask(loop), own, "Dundee")["safety_plan"]
    safety_plans.make(loop, ask(loop), plan, "Ring my sister Kiwi.")
    referral_id = a_referral(loop, state, case_id=own, need_id=need_id)
    with loop.database.session() as session:
        case = session.get_one(Case, own)
        agencies.refer(session, loop, case, "scra", "PS-Mulgara 2", ask(loop))
        seal = loop.sealer(session, case.subject_id)
        row = session.get_one(Referral, referral_id)
        row.notes_sealed = seal.seal("Please ring after school Emu.", "referral", row.id, "notes")
        line = ReferralEvent(
            referral_id=row.id, seq=2, event="decline", at=loop.clock(), actor_kind="provider", actor_id=str(uuid4()),
            state_from="sent", state_to=state.value, details={"reason": "D1"},
        )  # fmt: skip
        session.add(line)
        session.flush()
        line.note_sealed = seal.seal("Ask for Phascogale.", "referral_event", str(line.id), "note")
        lines = session.scalars(select(CaseEvent).where(CaseEvent.case_id == own).order_by(CaseEvent.id))
        first = next(iter(lines))
        first.note_sealed = seal.seal("Phascogale rang.", "case_event", str(first.id), "note")
        return case
