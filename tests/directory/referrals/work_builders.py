"""Things that wait, made behind the actions' back: `a_task(loop, "check_entry")`, and a board of all of them."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from directory.accounts.tables import Account, AccountRole
from directory.referrals import case_rows, work_lists
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop, new_reference
from directory.referrals.tables import Concern, HandIn, Need, Referral, Signpost, Subject, Task
from directory.referrals.work_lists import Board, Narrowed
from directory.referrals.worklist import Line
from tests.directory.referrals.builders import SERVICE, SUPERVISOR, a_case, a_mailbox, a_need

ADA, BEN = "a0000000-0000-4000-8000-00000000000a", "a0000000-0000-4000-8000-00000000000b"


def worker(account_id: str = ADA) -> Who:
    return Who(Actor.WORKER, account_id, frozenset({"worker"}))


def an_account(loop: Loop, account_id: str = ADA, name: str = "Ada Example", role: str = "worker") -> str:
    with loop.database.session() as session:
        at = loop.clock()
        facts = {"password_hash": "none", "password_set_at": at, "created_at": at}
        session.add(Account(id=account_id, email=f"{account_id[-4:]}@work.example", full_name=name, **facts))
        session.flush()
        session.add(AccountRole(account_id=account_id, role=role))
    return account_id


def a_task(loop: Loop, kind: str = "check_entry", due: timedelta = timedelta(days=1), **facts: Any) -> int:
    with loop.database.session() as session:
        at = loop.clock()
        row = Task(kind=kind, made_at=at, due_at=at + due, details={}, **facts)
        session.add(row)
        session.flush()
        return row.id


def a_reply(loop: Loop, referral_id: str) -> int:
    with loop.database.reading() as session:
        row = session.get_one(Referral, referral_id)
    return a_task(loop, "reply", case_id=row.case_id, referral_id=row.id, service_id=row.service_id)


def a_resting_need(loop: Loop, on: date, **case: Any) -> str:
    own = a_need(loop, a_case(loop, **case), state="resting")
    with loop.database.session() as session:
        session.get_one(Need, own).review_on = on
    return own


def a_signpost(loop: Loop, on: date) -> str:
    case_id = a_case(loop)
    need_id, own = a_need(loop, case_id, state="in_hand"), str(uuid4())
    with loop.database.session() as session:
        facts = {"service_id": SERVICE, "service_name": "Harbour Counselling", "given_by": ADA}
        session.add(
            Signpost(
                id=own, case_id=case_id, need_id=need_id, given_at=loop.clock(), ask_on=on, state="given", **facts
            )
        )  # fmt: skip
    return own


def a_hand_in(loop: Loop) -> str:
    own, subject = str(uuid4()), str(uuid4())
    with loop.database.session() as session:
        session.add(Subject(id=subject, made_at=loop.clock()))
        session.flush()
        facts = {"agency": "police", "how": "phone", "our_reference": new_reference(), "state": "waiting"}
        session.add(HandIn(id=own, subject_id=subject, received_at=loop.clock(), **facts))
    return own


def a_concern(loop: Loop, case_id: str = "") -> str:
    case_id, own = case_id or a_case(loop), str(uuid4())
    with loop.database.session() as session:
        case = case_rows.known(session, SUPERVISOR, case_id)
        facts = {"about": "harmed", "told": "police", "recorded_by": ADA, "recorded_at": loop.clock()}
        session.add(Concern(id=own, case_id=case_id, subject_id=case.subject_id, **facts))
    return own


def an_address_to_approve(loop: Loop) -> str:
    return a_mailbox(
        loop, service_id=str(uuid4()), verified_at=None, confirmed_at=None, usable_from=None, second_approver=""
    )


def board(loop: Loop, who: Who = SUPERVISOR, whose: Collection[str] = (), **narrowed: Any) -> Board:
    with loop.database.reading() as session:
        return _board(session, loop, who, Narrowed(frozenset(whose), **narrowed))


def _board(session: Session, loop: Loop, who: Who, narrowed: Narrowed) -> Board:
    return work_lists.board(session, loop.policy, loop.clock(), who, narrowed)


def kinds(lines: Collection[Line]) -> list[str]:
    return [line.kind for line in lines]


def days(loop: Loop, number: int) -> date:
    """A day from today on."""
    moment: datetime = loop.clock() + timedelta(days=number)
    return moment.date()
