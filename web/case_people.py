"""Who works on a case, from whom it is kept and who else looked, as its page shows them and offers to change them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.referrals import case_access, case_blocks, codes
from directory.referrals.asking import Who
from directory.referrals.case_access import WORK
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop
from directory.referrals.tables import Case
from web.loop_forms import items

MAY_KNOW = (WORK, "audit.view", "agency.work", "mail.view")
"""Whoever has one of these could come across a case."""
LOOKS_SHOWN = 20
GONE = "somebody who left"


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff; `words`, `at`, `block_id`: why and since when a case is kept from them."""

    id: str
    name: str
    words: str = ""
    at: datetime | None = None
    block_id: str = ""


@dataclass(frozen=True, slots=True)
class CasePeople:
    """Who works on a case and who does not. `colleagues` can be given it, `others` can have it kept from them:
    options of a select. `looks`: entries of the macro `timeline`."""

    lead: Person | None
    beside: tuple[Person, ...]
    kept_from: tuple[Person, ...]
    looks: tuple[Mapping[str, object], ...]
    colleagues: tuple[Mapping[str, str], ...]
    others: tuple[Mapping[str, str], ...]
    becauses: tuple[Mapping[str, str], ...]
    on_it: bool
    leads: bool
    supervises: bool


def read(loop: Loop, who: Who, case: Case, people: Mapping[str, str]) -> CasePeople:
    """Of a case that was opened already: that look is written down. `people`: names by account."""
    with loop.database.reading() as session:
        blocks = case_blocks.of_case(session, case.id)
        beside = case_access.beside(session, case.id)
        looks = case_access.looks(session, loop, case)[:LOOKS_SHOWN]
        workers = case_access.holders(session, WORK)
    blocked = {row.account_id for row in blocks}
    staff = everybody(loop)
    return CasePeople(
        lead=Person(case.lead_worker, people.get(case.lead_worker, GONE)) if case.lead_worker else None,
        beside=tuple(Person(own, people.get(own, GONE)) for own in beside),
        kept_from=tuple(
            Person(row.account_id, people.get(row.account_id, GONE), codes.label("blocked_because", row.reason),
                   row.made_at, row.id)
            for row in blocks
        ),
        looks=tuple(
            {"title": codes.label("seen_for", each.purpose), "when": each.said_at,
             "by": people.get(each.account_id, GONE), "body": each.line}
            for each in looks
        ),
        colleagues=_options(each for each in staff if each[0] in workers - blocked and each[0] != case.lead_worker),
        others=_options(each for each in staff if each[0] not in blocked),
        becauses=tuple(items("blocked_because", "")),
        on_it=who.id in (case.lead_worker, *beside),
        leads=who.id == case.lead_worker,
        supervises=who.kind is Actor.SUPERVISOR,
    )  # fmt: skip


def everybody(loop: Loop) -> list[tuple[str, str]]:
    """Every member of staff who could come across a case: (account, name), by name."""
    with loop.database.reading() as session:
        found: set[str] = set()
        for permission in MAY_KNOW:
            found |= case_access.holders(session, permission)
        return case_access.options(session, found)


def _options(people: Iterable[tuple[str, str]]) -> tuple[Mapping[str, str], ...]:
    return ({"value": "", "text": "Choose"}, *({"value": own, "text": name} for own, name in people))
