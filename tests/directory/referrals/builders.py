"""A loop to try things in, and rows put behind the actions' back: `a_referral(loop, State.ACCEPTED)`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from directory import records
from directory.accounts.sessions import new_token
from directory.database import Database
from directory.errors import NotFound
from directory.referrals import link_sessions, locators, policy, sealing
from directory.referrals.asking import SYSTEM, Ask, Who
from directory.referrals.lifecycle import Actor, State
from directory.referrals.loop import Loop, new_reference
from directory.referrals.next_best import Alternative, Wanted
from directory.referrals.tables import (
    Agreement,
    Case,
    Mailbox,
    Need,
    Person,
    Referral,
    ReferralEvent,
    SafeContact,
    Subject,
)
from tests.builders import FIFE, NOON, a_draft, a_record, write

WORKER = Who(Actor.WORKER, "a0000000-0000-4000-8000-000000000001", frozenset({"worker"}))
SUPERVISOR = Who(Actor.SUPERVISOR, "a0000000-0000-4000-8000-000000000002", frozenset({"supervisor"}))
PROVIDER = Who(Actor.PROVIDER, "a0000000-0000-4000-8000-000000000003")
SERVICE = records.service_id("facts", "f900")
"""Of `a_draft()`."""
ADOPTER = {
    "name": "Fife Single Point of Contact", "phone": "01632 960100", "article_6": "public task",
    "article_9": "substantial public interest", "article_10": "Schedule 1", "sharing_terms": True,
    "retention_agreed": True,
}  # fmt: skip


@dataclass(slots=True)
class Doors:
    """Next best doors of a test's own choosing: services by id, best first."""

    names: list[str] = field(default_factory=lambda: ["Second Door", "Third Door"])
    not_for_them: Mapping[str, str] = field(default_factory=dict)
    """Service id → why it does not take this person."""
    missed: list[tuple[str, str]] = field(default_factory=list)
    """Council and need of each dead end that was counted."""

    def __call__(self, wanted: Wanted, most: int = 5) -> tuple[Alternative, ...]:
        found = [
            Alternative(records.service_id("facts", name), name, f"{name} Trust", 0.9 - 0.1 * place, ("It fits.",))
            for place, name in enumerate(self.names)
        ]
        return tuple(each for each in found if each.service_id not in wanted.without)[:most]

    def eligible(self, wanted: Wanted, service_id: str) -> tuple[bool, tuple[str, ...]]:
        reason = self.not_for_them.get(service_id)
        return reason is None, (reason,) if reason else ()

    def snapshot(self, service_id: str) -> Mapping[str, Any]:
        if not service_id:
            raise NotFound("There is no such service.")
        return {"name": "Harbour Counselling", "organization": "Harbour Trust", "phone": "01632 960001"}

    def missing(self, session: Session, council: str, need: str, at: datetime) -> None:
        self.missed.append((council, need))


@dataclass(slots=True)
class Time:
    """A clock that a test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def a_policy(**adopter: Any) -> policy.Policy:
    """The shipped rules, with everything filled in that an adopter must; a changed field is said by its name."""
    sections = {**policy.shipped().sections, "adopter": {**ADOPTER, **adopter}}
    return policy.Policy(sections)


def a_loop_over(record: Database, home: Path, clock: Time | None = None, doors: Doors | None = None) -> Loop:
    """A loop over a record that is there already (of any engine), in which `a_draft()`'s service is known."""
    home.mkdir(parents=True, exist_ok=True)
    sealing.make_keys(home / "key")
    write(record, a_draft())
    return Loop(record, sealing.open_keys(home / "key"), a_policy(), clock or Time(), doors or Doors())


@contextmanager
def a_loop(home: Path, clock: Time | None = None, doors: Doors | None = None) -> Iterator[Loop]:
    """A loop over a record of its own (SQLite)."""
    record = a_record(home)
    try:
        yield a_loop_over(record, home, clock, doors)
    finally:
        record.close()


def with_policy(loop: Loop, **adopter: Any) -> Loop:
    return replace(loop, policy=a_policy(**adopter))


def ask(loop: Loop, who: Who = WORKER, key: str = "", version: int | None = None) -> Ask:
    return Ask(who, loop.clock(), key, version)


def a_case(loop: Loop, name: str = "Skye Example", phone: str = "01632 960200", **changes: Any) -> str:
    """A case with a person, a safe contact by phone and nothing else; returns its id."""
    with loop.database.session() as session:
        return put_case(session, loop, name, phone, **changes)


def put_case(session: Session, loop: Loop, name: str, phone: str, **changes: Any) -> str:
    subject_id, at = str(uuid4()), loop.clock()
    wrapped, key_id = sealing.new_subject_key(loop.keys, subject_id)
    subject = Subject(id=subject_id, wrapped_key=wrapped, key_id=key_id, made_at=at)
    session.add(subject)
    session.flush()
    seal = sealing.sealer(loop.keys, subject)
    facts: dict[str, Any] = {
        "reference": new_reference(), "relation": "harmed_person", "age_band": "12_15", "council": FIFE,
        "harms": "physical_harm", "lead_worker": WORKER.id, "languages": "en",
    }  # fmt: skip
    case = Case(id=str(uuid4()), subject_id=subject_id, opened_at=at, opened_by=WORKER.id, **(facts | changes))
    person, contact = str(uuid4()), str(uuid4())
    session.add_all(
        [
            case,
            Person(id=person, subject_id=subject_id, name_sealed=seal.seal(name, "person", person, "name")),
        ]
    )
    session.flush()
    session.add(
        SafeContact(
            id=contact, case_id=case.id, subject_id=subject_id, channel="phone", voicemail="say_nothing",
            value_sealed=seal.seal(phone, "safe_contact", contact, "value"), recorded_at=at, recorded_by=WORKER.id,
        )
    )  # fmt: skip
    session.flush()
    return case.id


def a_need(loop: Loop, case_id: str, need: str = "counselling", state: str = "open") -> str:
    with loop.database.session() as session:
        row = Need(id=str(uuid4()), case_id=case_id, need=need, state=state, opened_at=loop.clock())
        session.add(row)
        return row.id


def a_mailbox(loop: Loop, service_id: str = SERVICE, address: str = "referrals@harbour.example", **changes: Any) -> str:
    """A mailbox that two people proved a month ago."""
    with loop.database.session() as session:
        own, then = str(uuid4()), loop.clock() - timedelta(days=30)
        facts: dict[str, Any] = {
            "proposed_at": then, "proposed_by": WORKER.id, "number_found_at": "its own page", "called_back_at": then,
            "first_approver": WORKER.id, "first_approved_at": then, "second_approver": SUPERVISOR.id,
            "verified_at": then, "usable_from": then + timedelta(hours=48), "confirmed_at": then,
            "terms_agreed_on": then.date(),
        }  # fmt: skip
        session.add(
            Mailbox(
                id=own, service_id=service_id, address_sealed=loop.own.seal(address, "mailbox", own, "address"),
                **(facts | changes),
            )
        )  # fmt: skip
        return own


def an_agreement(loop: Loop, case_id: str, service_id: str = SERVICE, **changes: Any) -> str:
    """Given by phone, by the person, for everything a referral needs."""
    with loop.database.session() as session:
        case = session.get_one(Case, case_id)
        facts: dict[str, Any] = {
            "controller": "Harbour Trust", "about": "harmed_person", "given_by": "self",
            "capacity_basis": "presumed_12_over", "how": "phone", "wording": "refer 1 0000", "wording_format": "plain",
            "language": "en", "purposes": "refer|feedback",
            "categories": "identity|contact|need|access|risk_flag|notes",
            "feedback": "outcome", "article_6": "public task", "article_9": "substantial public interest",
            "valid_from": loop.clock() - timedelta(days=1), "review_by": date(2027, 5, 1),
        }  # fmt: skip
        own = str(uuid4())
        session.add(
            Agreement(
                id=own, case_id=case_id, subject_id=case.subject_id, service_id=service_id, recorded_at=loop.clock(),
                recorded_by=WORKER.id, **(facts | changes),
            )
        )  # fmt: skip
        return own


def a_referral(loop: Loop, state: State = State.DRAFT, service_id: str = SERVICE, **changes: Any) -> str:
    """A whole case with one need, mailbox and agreement, and a referral put into this state; returns its id."""
    case_id = changes.pop("case_id", "") or a_case(loop)
    need_id = changes.pop("need_id", "") or a_need(loop, case_id, state="open" if state is State.DRAFT else "in_hand")
    mailbox_id = changes.pop("mailbox_id", "") or a_mailbox(loop, service_id)
    agreement_id = changes.pop("agreement_id", "") or an_agreement(loop, case_id, service_id)
    at = loop.clock()
    with loop.database.session() as session:
        case = session.get_one(Case, case_id)
        facts: dict[str, Any] = {
            "reference": new_reference(), "service_name": "Harbour Counselling", "organization": "Harbour Trust",
            "urgency": "weeks", "agreement_id": agreement_id, "mailbox_id": mailbox_id, "made_at": at,
            "made_by": WORKER.id, "worker": WORKER.id, "stage_at": at, "version": 1,
        }  # fmt: skip
        own = str(uuid4())
        session.add(
            Referral(
                id=own, case_id=case_id, need_id=need_id, subject_id=case.subject_id, service_id=service_id,
                state=state.value, **(facts | changes),
            )
        )  # fmt: skip
        session.flush()
        if state is not State.DRAFT:
            session.add(
                ReferralEvent(
                    referral_id=own, seq=1, event="send", at=at, actor_kind="worker", actor_id=WORKER.id,
                    state_from="draft", state_to=state.value, details={},
                )
            )  # fmt: skip
        return own


def referral(loop: Loop, referral_id: str) -> Referral:
    """As it stands in the record."""
    with loop.database.reading() as session:
        return session.get_one(Referral, referral_id)


def a_provider(loop: Loop, referral_id: str) -> Who:
    """Somebody at the referral's mailbox who has proved it just now, at the link that works or at a new one."""
    with loop.database.session() as session:
        row, at = session.get_one(Referral, referral_id), loop.clock()
        locator = locators.live(session, row.id, at) or locators.issue(session, loop, row, SYSTEM, at)
        session.flush()
        proved = link_sessions.begin(session, locator.id, new_token(), at)
        proved.proved_at = at
        return Who(Actor.PROVIDER, proved.id, frozenset({"provider"}), proved.token_hash)
