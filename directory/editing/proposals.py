"""Edits of services: what is harmless goes live at once, what could hurt waits until a second person agrees.

Who proposes may be staff or a partner; who decides is another person, always one of staff. What is approved is what the
second person saw: when the record has moved since, the difference is shown again, and nobody's change is lost.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory import records, rows
from directory.database import count_changed
from directory.editing import checking, current, fields, hand
from directory.editing.current import Current
from directory.editing.tables import ServiceProposal
from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.records import SourceInfo
from directory.tables import Service
from directory.values import Confidence, Visibility

LOG = logging.getLogger("waymark.editing")
WAITING, APPROVED, REJECTED, WITHDRAWN, OUTDATED = "waiting", "approved", "rejected", "withdrawn", "outdated"
STAFF, PARTNER = "staff", "partner"
SOURCE = SourceInfo(
    "staff", "Entered by staff", "The single point of contact", "Facts", "Entered by hand and agreed by two people.",
    standing="spoc",
)  # fmt: skip
"""Services that no other source tells of."""
NOTE, REASON = 500, 500
"""Characters."""
TELLING = hand.TELLING | {"kind", "waiting_list", "coverage"}
"""Fields of which no words of an open time are shown once the place is confidential."""
LET_GO = "let_go"
NAMELESS = "A confidential service"
"""What a service is called whose partner hid its place, until we agree on the name that they chose for it."""
HIDDEN = "hidden"
"""Marks a change that was proposed while the place was confidential already: its words were checked for that."""


@dataclass(frozen=True, slots=True)
class Proposer:
    """Who proposes or decides: an account's id, of staff or of a partner."""

    id: str
    kind: str = STAFF


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of an edit. `live`: fields that everybody sees from now on; `proposal`: its number, or None; `waits`:
    the fields that it is about."""

    live: tuple[str, ...] = ()
    proposal: int | None = None
    withheld: bool = False
    waits: tuple[str, ...] = ()


def edit(
    session: Session, service_id: str, values: Mapping[str, Any], seen: str, who: Proposer, at: datetime,
    note: str = "", public_name: str = "", others: Collection[str] = (),
) -> Sent:  # fmt: skip
    """Changes fields of a service; those that say what they said before are no change.

    `seen`: `Current.mark` of all these fields as the person saw them. `others`: rows of the service that are not theirs
    to change; when there are some, nothing is public before somebody else agrees, and a place is hidden in the other
    rows alone, which hides it from everybody. Raises NotFound; BadInput naming a field; Conflict when one of them says
    something else by now.
    """
    check_note(note)
    hand.lock(session, hand.rows_of(session, service_id))
    now = current.read(session, service_id)
    if now.mark(values) != seen:
        raise Conflict("Somebody changed this service meanwhile.", "Your words stand below, beside what it says now.")
    changed = {name: value for name, value in values.items() if value != now.values[name]}
    hides = _hides(now, changed)
    if hides:
        wanted = _withhold(session, now, [own for own in now.rows if own not in others], public_name, who, at)
        changed.pop("premises")
        now = current.read(session, service_id)
        changed = {name: value for name, value in (wanted | changed).items() if value != now.values[name]}
    _check(now, changed)
    of_partner = who.kind == PARTNER
    two = {name for name, new in changed.items() if others or fields.needs_two(name, now.withheld, of_partner, new)}
    live = {name: value for name, value in changed.items() if name not in two}
    mark = {HIDDEN: True} if now.withheld else {}
    waiting = {name: {"old": now.values[name], "new": changed[name], **mark} for name in changed.keys() - live.keys()}
    if live:
        hand.apply(session, now.rows, live, who.id, at, said=_said(who.kind))
    number = _propose(session, now, waiting, who, at, note) if waiting else None
    return Sent(tuple(live), number, hides, tuple(sorted(waiting)))


def _said(kind: str) -> State:
    """As whose word an edit counts."""
    return State.PROVIDER_CONFIRMED if kind == PARTNER else State.SPOC_CONFIRMED


def _hides(now: Current, changed: Mapping[str, Any]) -> bool:
    """Whether the place is made confidential: that waits for nobody. Raises BadInput for a place that is so already."""
    if "premises" not in changed:
        return False
    if now.withheld:
        advice = "Let it go first if that was wrong." if now.by_hand_withheld else "Its source keeps it so."
        raise BadInput("The place of this service is confidential.", advice, "visibility")
    return bool(changed["premises"]["visibility"] == Visibility.UNDISCLOSED)


def _withhold(
    session: Session, now: Current, own: Sequence[str], public_name: str, who: Proposer, at: datetime
) -> dict[str, str]:
    """Hides the place in these rows at once; the names that are still to be agreed on, for a partner may not give
    itself another name alone, not even so. Until then it has none that may tell the place."""
    plain = " ".join(public_name.split())
    try:
        checking.text("name", plain, withheld=True)
    except BadInput as error:
        raise BadInput(error.message, error.advice, "public_name") from None
    is_new = who.kind == PARTNER and plain not in {each["name"] for each in hand.contents(session, own).values()}
    called = NAMELESS if is_new else plain
    hand.withhold(session, own, called, who.id, at)
    forget(session, own, called, who.id, at)
    LOG.info("service %s: place withheld by %s", now.id, who.id)
    return {"name": plain, "organization": plain} if is_new else {}


def forget(
    session: Session, ids: Sequence[str], public_name: str, by: str, at: datetime, of: Collection[str] | None = None
) -> None:
    """Of a service, whose rows these are, the place is confidential from now on: nothing that may tell it is kept of
    its proposals, or of those that these partners' accounts made, and none of them waits any more."""
    chosen = select(ServiceProposal).where(ServiceProposal.service_id.in_(ids))
    if of is not None:
        chosen = chosen.where(ServiceProposal.proposed_kind == PARTNER, ServiceProposal.proposed_by.in_(of))
    for row in session.scalars(chosen):
        row.name, row.note, row.reason = public_name, "", ""
        row.changes = {name: each for name, each in row.changes.items() if name not in TELLING}
        if row.state == WAITING:
            row.state, row.decided_at, row.decided_by = OUTDATED, at, by
    session.flush()


def _check(now: Current, changed: Mapping[str, Any]) -> None:
    for name, value in changed.items():
        if now.withheld and name in fields.OF_A_PLACE and name != "hours" and value:
            raise BadInput(f"{fields.label(name)}: the place of this service is confidential.", "Leave it empty.", name)
        if name in fields.FREE_TEXT:
            checking.text(name, value, now.withheld)
    checking.whole(changed, now.values)


def _propose(session: Session, now: Current, changes: Mapping[str, Any], who: Proposer, at: datetime, note: str) -> int:
    """Keeps what waits; the same again of the same person is no second proposal."""
    same = select(ServiceProposal).where(
        ServiceProposal.service_id == now.id, ServiceProposal.state == WAITING, ServiceProposal.proposed_by == who.id
    )
    for before in session.scalars(same):
        if before.changes == changes:
            return before.id
    return _add(session, now.id, now.name, changes, who, at, note, now.revision)


def _add(
    session: Session, service_id: str, name: str, changes: Mapping[str, Any], who: Proposer, at: datetime, note: str,
    revision: int = 0,
) -> int:  # fmt: skip
    row = ServiceProposal(
        service_id=service_id, is_new=revision == 0, name=name, base_revision=revision, changes=dict(changes),
        note=note.strip(), proposed_kind=who.kind, proposed_by=who.id, proposed_at=at, state=WAITING,
    )  # fmt: skip
    session.add(row)
    session.flush()
    LOG.info("proposal %s of service %s by %s", row.id, service_id, who.id)
    return row.id


def check_note(note: str) -> None:
    """Raises BadInput for how somebody knows, when it is too long."""
    if len(note) > NOTE:
        raise BadInput(f"This has {len(note):,} characters.", f"Shorten it to {NOTE}.", "note")


def propose_new(session: Session, values: Mapping[str, Any], own: str, who: Proposer, at: datetime, note: str) -> int:
    """A service that no source tells of: nobody finds it until a second person agrees. `own`: its id in our list.

    The same sent again is no second one. Raises BadInput, and Conflict when other words of it wait or are agreed.
    """
    check_note(note)
    content = _new_content(values, own, at)
    hidden = content["premises"]["visibility"] == Visibility.UNDISCLOSED
    for name in fields.FREE_TEXT:
        checking.text(name, content[name], hidden)
    if not content["families"]:
        raise BadInput("Families of services: none is chosen.", "Choose what it does.", "families")
    checking.whole({}, content)
    service_id = records.service_id(SOURCE.id, own)
    changes = {name: {"old": None, "new": content[name]} for name in ("source_id", *values)}
    records.ensure_source(session, SOURCE)
    hand.lock_sources(session, [SOURCE.id])
    counting = (ServiceProposal.service_id == service_id, ServiceProposal.state.in_((WAITING, APPROVED)))
    for before in session.scalars(select(ServiceProposal).where(*counting)):
        if before.changes == changes and (before.proposed_kind, before.proposed_by) == (who.kind, who.id):
            return before.id
        raise Conflict(
            f"You sent this service already, with other words: proposal {before.id}.",
            "Take that one back if it still waits, and send this again; or change the service once it is approved.",
        )
    return _add(session, service_id, content["name"], changes, who, at, note)


def _new_content(values: Mapping[str, Any], own: str, at: datetime) -> dict[str, Any]:
    said = {name: fields.default(name) for name in rows.content(fields.draft_of(_empty()))}
    facts = {"source": SOURCE.id, "source_id": own, "confidence": Confidence.CONFIRMED.value}
    return {**said, **values, **facts, "as_of": at.date().isoformat()}


def _empty() -> dict[str, Any]:
    return {**dict.fromkeys(("source", "source_id", "name", "organization", "description"), ""), "families": []}


def propose_let_go(session: Session, service_id: str, name: str, who: Proposer, at: datetime) -> Sent:
    """The sources speak for a field again; where that could hurt, once a second person agrees. Raises BadInput."""
    hand.lock(session, hand.rows_of(session, service_id))
    now = current.read(session, service_id)
    if name not in now.by_hand:
        raise BadInput("Nobody has set this field by hand.", "Nothing was changed.", name)
    if not fields.needs_two(name, now.withheld):
        hand.let_go(session, now.rows, name, who.id, at)
        return Sent((name,))
    mark = {HIDDEN: True} if now.withheld else {}
    changes = {name: {"old": now.values[name], "new": None, LET_GO: True, **mark}}
    return Sent((), _propose(session, now, changes, who, at, ""))


def approve(session: Session, number: int, seen: str, who: Proposer, at: datetime) -> None:
    """Brings a proposal into the record. `seen`: the mark of the difference that was shown (`proposal_view`).

    Raises NotFound, Forbidden for who proposed it, BadInput for what cannot be kept by now, and Conflict when it is
    decided, or its service moved since it was shown.
    """
    row = _undecided(session, number, who)
    if row.is_new:
        _settle(session, row, APPROVED, who, at)
        _make(session, row, who, at)
        return
    hand.lock(session, hand.rows_of(session, row.service_id))
    session.refresh(row)
    _settle(session, row, APPROVED, who, at)
    now = current.read(session, row.service_id)
    if now.mark(row.changes) != seen:
        raise Conflict("The record changed since you saw this.", "Look at the difference again; nothing was decided.")
    values = {name: each["new"] for name, each in row.changes.items() if not each.get(LET_GO)}
    if now.withheld and any(name in TELLING and not each.get(HIDDEN) for name, each in row.changes.items()):
        raise BadInput("The place of this service is confidential by now.", "Turn the proposal down.")
    _check(now, values)
    hand.apply(session, now.rows, values, row.proposed_by, at, row.id, _said(row.proposed_kind))
    for name in row.changes.keys() - values.keys():
        hand.let_go(session, now.rows, name, row.proposed_by, at)
    LOG.info("proposal %s approved by %s", number, who.id)


def _make(session: Session, row: ServiceProposal, who: Proposer, at: datetime) -> None:
    records.ensure_source(session, SOURCE)
    hand.lock_sources(session, [SOURCE.id])
    if session.get(Service, row.service_id) is not None:
        raise Conflict("This service is in the record already.", "Turn the proposal down, and change the service.")
    said = {name: each["new"] for name, each in row.changes.items()}
    content = _new_content(said, said["source_id"], at)
    checking.whole({}, content)
    records.write(session, fields.draft_of(content), at, row.proposed_by)
    assurance.say(session, row.service_id, State.SPOC_CONFIRMED, who.id, at)


def reject(session: Session, number: int, reason: str, who: Proposer, at: datetime) -> None:
    """Turns a proposal down; its proposer reads why. Raises as `approve` does."""
    plain = reason.strip()
    if not plain:
        raise BadInput("Say why.", "The person who proposed it reads it.", "reason")
    if len(plain) > REASON:
        raise BadInput(f"This has {len(plain):,} characters.", f"Shorten it to {REASON}.", "reason")
    row = _undecided(session, number, who)
    row.reason = plain
    _settle(session, row, REJECTED, who, at)


def withdraw(session: Session, number: int, who: Proposer, at: datetime) -> None:
    """Takes one's own proposal back. Raises NotFound, Forbidden, Conflict."""
    row = _found(session, number)
    if (row.proposed_kind, row.proposed_by) != (who.kind, who.id):
        raise Forbidden("Only who proposed this can take it back.", "You can reject it and say why.")
    _settle(session, row, WITHDRAWN, who, at)


def _found(session: Session, number: int) -> ServiceProposal:
    row = session.get(ServiceProposal, number)
    if row is None:
        raise NotFound("There is no such proposal.", "Look at the list of what waits.")
    return row


def _undecided(session: Session, number: int, who: Proposer) -> ServiceProposal:
    row = _found(session, number)
    if who.kind == row.proposed_kind and who.id == row.proposed_by:
        raise Forbidden("You proposed this yourself: a second person must decide.", "You can take it back.")
    return row


def _settle(session: Session, row: ServiceProposal, state: str, who: Proposer, at: datetime) -> None:
    """One of several who decide at once does; the others are told. Raises Conflict."""
    waits = (ServiceProposal.id == row.id, ServiceProposal.state == WAITING)
    values = {"state": state, "decided_by": who.id, "decided_at": at}
    if not count_changed(session, update(ServiceProposal).where(*waits).values(values)):
        raise Conflict("Somebody has decided this already.", "This is how it stands now: nothing of yours was saved.")
