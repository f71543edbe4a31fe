"""Proposals as people read them: the lists, and each one field by field, with what the record says by now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.editing import current, fields
from directory.editing.current import Current
from directory.editing.proposals import HIDDEN, LET_GO, PARTNER, TELLING, WAITING, Proposer
from directory.editing.tables import ServiceProposal
from directory.errors import NotFound

LISTED = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal in a list. `fields`: labels of what it changes."""

    id: int
    service_id: str
    name: str
    is_new: bool
    fields: tuple[str, ...]
    by: str
    at: datetime
    state: str
    decided_by: str
    decided_at: datetime | None
    reason: str
    of_partner: bool = False
    """Whether `by` is an account of a partner's."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field in words. `now` "": it still says `old`; else what it says by now."""

    label: str
    old: str
    new: str
    now: str


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal. `seen` goes with the approval; `moved`: the record says something else than when it was proposed;
    `gone`: the service is not in the record any more; `done`: it says all of it already."""

    line: Line
    note: str
    changes: tuple[FieldChange, ...]
    seen: str
    withheld: bool
    gone: bool = False
    done: bool = False

    @property
    def moved(self) -> bool:
        return any(change.now for change in self.changes)


def waiting(session: Session) -> tuple[Line, ...]:
    """What waits for a second person, longest first."""
    return _lines(session, ServiceProposal.state == WAITING, oldest=True)


def mine(session: Session, who: Proposer) -> tuple[Line, ...]:
    """What somebody proposed, the newest first, with the answers."""
    own = (ServiceProposal.proposed_by == who.id) & (ServiceProposal.proposed_kind == who.kind)
    return _lines(session, own)


def decided(session: Session) -> tuple[Line, ...]:
    """What was decided, the newest first."""
    return _lines(session, ServiceProposal.state != WAITING)


def of_service(session: Session, ids: tuple[str, ...]) -> tuple[Line, ...]:
    """What waits of one service, whose rows these are."""
    own = ServiceProposal.service_id.in_(ids) & (ServiceProposal.state == WAITING)
    return _lines(session, own)


def _lines(session: Session, wanted: ColumnElement[bool], oldest: bool = False) -> tuple[Line, ...]:
    order = ServiceProposal.id if oldest else ServiceProposal.id.desc()
    query = select(ServiceProposal).where(wanted).order_by(order).limit(LISTED)
    return tuple(map(_line, session.scalars(query)))


def _line(row: ServiceProposal) -> Line:
    labels = tuple(fields.label(name) for name in row.changes if name in fields.BY_NAME)
    decided_at = utc(row.decided_at) if row.decided_at else None
    return Line(
        row.id, row.service_id, row.name, row.is_new, labels, row.proposed_by, utc(row.proposed_at), row.state,
        row.decided_by, decided_at, row.reason, row.proposed_kind == PARTNER,
    )  # fmt: skip


def view(session: Session, number: int) -> ProposalView:
    """One proposal beside the record as it stands. Raises NotFound."""
    row = session.get(ServiceProposal, number)
    if row is None:
        raise NotFound("There is no such proposal.", "Look at the list of what waits.")
    shown = {name: each for name, each in row.changes.items() if name in fields.BY_NAME}
    if row.is_new:
        hidden = shown.get("premises", {}).get("new", {}).get("visibility") == "undisclosed"
        changes = tuple(FieldChange(fields.label(name), "", _new(name, each), "") for name, each in shown.items())
        return ProposalView(_line(row), row.note, changes, "", hidden)
    try:
        now = current.read(session, row.service_id)
    except NotFound:
        return ProposalView(_line(row), row.note, (), "", False, gone=True)
    line, note = _line(row), row.note
    if now.withheld:
        since = any(each.get(HIDDEN) for each in shown.values())
        line = replace(line, name=now.name, reason=line.reason if since else "")
        note = note if since else ""
        shown = {name: each for name, each in shown.items() if each.get(HIDDEN) or name not in TELLING}
    waits = row.state == WAITING
    changes = tuple(_change(name, each, now if waits else None) for name, each in shown.items())
    done = waits and bool(shown) and all(now.values[name] == each["new"] for name, each in shown.items())
    return ProposalView(line, note, changes, now.mark(row.changes), now.withheld, done=done)


def _change(name: str, each: Mapping[str, Any], now: Current | None) -> FieldChange:
    moved = now is not None and now.values[name] != each["old"]
    said = fields.in_words(name, now.values[name]) if now is not None and moved else ""
    return FieldChange(fields.label(name), fields.in_words(name, each["old"]), _new(name, each), said)


def _new(name: str, each: Mapping[str, Any]) -> str:
    return "as its source says" if each.get(LET_GO) else fields.in_words(name, each["new"])
