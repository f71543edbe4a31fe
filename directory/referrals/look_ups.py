"""Who looked at cases that are not theirs, and why, week by week, for a second person to read (security.md, row 7).

It is read from the audit, where every look carries its purpose; nobody is shown their own, nor a case kept from them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.referrals import audit, case_access, case_rows
from directory.referrals.access_tables import CaseLook
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Case, HandIn, Need, Referral
from directory.referrals.working_time import LOCAL

VIEWS = ("view", "print", "export")
LEADS_TO: Mapping[str, Any] = {"referral": Referral, "need": Need, "hand_in": HandIn}
"""What is looked at besides a case itself → the table that says which case it is of."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """One person's looks at one case for one purpose in a week."""

    account_id: str
    case_id: str
    reference: str
    purpose: str
    times: int
    first: datetime
    last: datetime
    restricted: bool
    lines: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday. `own`: how many of the reader's own there are, which somebody else reads."""

    monday: date
    look_ups: tuple[LookUp, ...]
    own: int


def read(loop: Loop, who: Who, day: date) -> Week:
    """The week a day is in: who looked most at others' cases first. The reading is written down."""
    monday = day - timedelta(days=day.weekday())
    since, until = (datetime.combine(each, datetime.min.time(), LOCAL) for each in (monday, monday + timedelta(days=7)))
    with loop.database.session() as session:
        events = list(session.scalars(_of(since, until)))
        cases = _cases(session, who, events)
        found = _gathered(session, loop, events, cases, (since, until))
        audit.note(session, who, loop.clock(), "list", "case_look", "")
    mine = [each for each in found if each.account_id == who.id]
    others = [each for each in found if each.account_id != who.id]
    return Week(monday, tuple(others), len(mine))


def _of(since: datetime, until: datetime) -> Select[AuditEvent]:
    purposes = [*case_access.purposes(), case_rows.SUPERVISING]
    return select(AuditEvent).where(
        AuditEvent.action.in_(VIEWS),
        AuditEvent.object_type.in_(["case", *LEADS_TO]),
        AuditEvent.purpose.in_(purposes),
        AuditEvent.at >= since,
        AuditEvent.at < until,
    )


def _cases(session: Session, who: Who, events: Iterable[AuditEvent]) -> Mapping[tuple[str, str], Case]:
    """(kind, id) of what was looked at → its case, of those the reader may know of."""
    ids: dict[str, set[str]] = {}
    for event in events:
        ids.setdefault(event.object_type, set()).add(event.object_id)
    owner = {("case", own): own for own in ids.get("case", ())}
    for kind, table in LEADS_TO.items():
        rows = session.execute(select(table.id, table.case_id).where(table.id.in_(sorted(ids.get(kind, ())))))
        owner |= {(kind, own): case_id for own, case_id in rows}
    known = select(Case).where(Case.id.in_(sorted(set(owner.values()))), case_rows.visible(who))
    cases = {case.id: case for case in session.scalars(known)}
    return {thing: cases[case_id] for thing, case_id in owner.items() if case_id in cases}


def _gathered(
    session: Session,
    loop: Loop,
    events: Iterable[AuditEvent],
    cases: Mapping[tuple[str, str], Case],
    span: tuple[datetime, datetime],
) -> list[LookUp]:
    looks: dict[tuple[str, str, str], list[datetime]] = {}
    by_id = {case.id: case for case in cases.values()}
    for event in events:
        case = cases.get((event.object_type, event.object_id))
        if case is not None:
            looks.setdefault((event.actor_id, case.id, event.purpose), []).append(utc(event.at))
    lines = _lines(session, loop, by_id, span)
    found = [
        LookUp(
            account_id, case_id, by_id[case_id].reference, purpose, len(at), min(at), max(at),
            by_id[case_id].restricted, lines.get((account_id, case_id, purpose), ()),
        )
        for (account_id, case_id, purpose), at in looks.items()
    ]  # fmt: skip
    return sorted(found, key=lambda each: (-each.times, each.account_id, each.first, each.case_id))


def _lines(
    session: Session, loop: Loop, cases: Mapping[str, Case], span: tuple[datetime, datetime]
) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """What they wrote beside their reasons."""
    said = select(CaseLook).where(CaseLook.case_id.in_(sorted(cases)), CaseLook.line_sealed.is_not(None))
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    since, until = span
    for row in session.scalars(
        said.where(CaseLook.said_at >= since, CaseLook.said_at < until).order_by(CaseLook.said_at)
    ):
        key = (row.account_id, row.case_id, row.purpose)
        found[key] = (*found.get(key, ()), case_access.opened_line(session, loop, row))
    return found
