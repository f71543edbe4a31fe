"""Cases opened through the actions, and what they leave in the record: `opened(loop)`, `audited(loop)`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from directory.referrals import cases, needs
from directory.referrals.cases import Opening
from directory.referrals.loop import Answer, Loop
from directory.referrals.safe_contacts import Wish
from directory.referrals.tables import AuditEvent, Case, CaseEvent, Need, Task
from tests.builders import FIFE
from tests.directory.referrals.builders import ask

BY_PHONE = Wish("phone", "01632 960200", voicemail="say_nothing")
GIVEN: dict[str, object] = {
    "residence": "KY11 4AB", "age": 14, "gender": "female", "language": "pl", "urgency": "weeks",
    "needs": ["counselling"], "harms": ["physical_harm"],
}  # fmt: skip


def an_opening(**changes: Any) -> Opening:
    """A girl of 14 in Fife who was hit, to be rung at home by day."""
    facts: dict[str, Any] = {
        "relation": "harmed_person", "given": GIVEN, "council": FIFE, "name": "Skye Example", "contact": BY_PHONE,
    }  # fmt: skip
    return Opening(**(facts | changes))


def opened(loop: Loop, **changes: Any) -> Answer:
    """A case opened by a worker; `id`, `reference`, `needs`."""
    return cases.open_case(loop, ask(loop), an_opening(**changes))


@contextmanager
def looking(loop: Loop) -> Iterator[Session]:
    with loop.database.reading() as session:
        yield session


def case(loop: Loop, case_id: str) -> Case:
    with looking(loop) as session:
        return session.get_one(Case, case_id)


def need(loop: Loop, need_id: str) -> Need:
    with looking(loop) as session:
        return session.get_one(Need, need_id)


def refreshed(loop: Loop, need_id: str, **changes: Any) -> str:
    """The need's state after `needs.refresh`, asked by `who` (a worker unless said)."""
    who = {"who": changes.pop("who")} if "who" in changes else {}
    with loop.database.session() as session:
        return needs.refresh(session, loop, need_id, ask(loop, **who), **changes).state


def happened(loop: Loop, case_id: str) -> list[str]:
    """ "need.met", in order."""
    with looking(loop) as session:
        lines = session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id))
        return [f"{line.object_type}.{line.event}" for line in lines]


def audited(loop: Loop, *actions: str) -> list[AuditEvent]:
    with looking(loop) as session:
        lines = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        return [line for line in lines if not actions or line.action in actions]


def tasks(loop: Loop, kind: str, case_id: str) -> list[Task]:
    """The case's open tasks of a kind."""
    with looking(loop) as session:
        found = select(Task).where(Task.kind == kind, Task.case_id == case_id, Task.done_at.is_(None))
        return list(session.scalars(found))


def everything(loop: Loop) -> str:
    """All that the record holds outside sealed columns, to look for what must not be there."""
    found: list[str] = []
    with looking(loop) as session:
        names = inspect(loop.database.engine).get_table_names()
        for name in names:
            for row in session.connection().exec_driver_sql(f'SELECT * FROM "{name}"'):
                found += [str(value) for value in row]
    return "\n".join(found)
