"""Keeps what people set by hand in the record's rows, beside what each row's source says of the field itself.

A row says the hand-set value; `HandEdit.base` keeps its source's own word. The next reading of the source is laid under
the edit (`HandEdits.applied`), until the source says something else than it did, or a person lets go. A place made
confidential by hand stays so whatever a source says.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from directory import records, rows
from directory.accounts.tables import utc
from directory.database import batches
from directory.draft import ServiceDraft
from directory.editing import fields
from directory.editing.tables import HandEdit
from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.feeds.tables import LinkCheck, MatchKey
from directory.records import Change
from directory.tables import Metadata, Revision, Service, Source
from directory.values import Visibility

ALWAYS = {"hidden": True}
"""The base of an edit that no word of its source ends."""
TELLING = frozenset({*rows.PLACE_FIELDS, "name", "organization"})
"""Fields of which a withheld place's earlier words are not kept."""
ALWAYS_STATED = frozenset({"status", "premises"})
"""Fields whose default is a statement too, which counts beside the other rows'."""
CONFIDENTIAL = "Where it is stays confidential: ask how to reach it."


@dataclass(frozen=True, slots=True)
class Edit:
    """One field of one row that counts as a person set it. `base` as of `HandEdit`."""

    id: int
    service_id: str
    field: str
    base: Mapping[str, Any]
    value: Any
    at: datetime
    by: str

    @property
    def lasts(self) -> bool:
        """Whether no word of its source ends it."""
        return bool(self.base.get("hidden"))


@dataclass(frozen=True, slots=True)
class Laid:
    """A source's word with edits over it. `overtaken`: ids of edits that are not, for it says something new there."""

    draft: ServiceDraft
    overtaken: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class HandEdits:
    """The edits that count of some rows."""

    by_row: Mapping[str, Mapping[str, Edit]] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    """Those of the rows whose place the record tells: what was set of them may tell it."""

    @property
    def marks(self) -> frozenset[str]:
        """What tells whether they are still those that a reading was compared with."""
        return frozenset(f"edit:{edit.id}" for edits in self.by_row.values() for edit in edits.values())

    def withholds(self, draft: ServiceDraft) -> bool:
        """Whether a person has made the place of this row confidential."""
        edit = self._of(draft).get("premises")
        return edit is not None and edit.value["visibility"] == Visibility.UNDISCLOSED

    def applied(self, draft: ServiceDraft) -> Laid:
        """A source's word with the edits over it; where the source says something new, its own word, even when that is
        what the person set: from then on the source speaks for itself."""
        edits = self._of(draft)
        if not edits:
            return Laid(draft)
        said = rows.content(draft)
        laid = {
            name: edit.value
            for name, edit in edits.items()
            if edit.lasts or (_same(edit, said[name]) and not self._tells(edit, said))
        }
        overtaken = frozenset(edit.id for name, edit in edits.items() if name not in laid)
        return Laid(fields.draft_of({**said, **laid}) if laid else draft, overtaken)

    def _tells(self, edit: Edit, said: Mapping[str, Any]) -> bool:
        """Whether it was set while the place was open, and the source keeps it confidential now."""
        return rows.is_withheld(said) and edit.service_id in self.open and _may_tell(edit.field, edit.value)

    def _of(self, draft: ServiceDraft) -> Mapping[str, Edit]:
        if not self.by_row:
            return {}
        return self.by_row.get(rows.service_id(draft.source, draft.source_id), {})


def _same(edit: Edit, said: Any) -> bool:
    return bool(fields.normal(edit.field, edit.base["value"]) == said)


def _may_tell(name: str, *values: Any) -> bool:
    """Whether a field may tell a place, or one of its values does."""
    return name in TELLING or (name == "coverage" and any((value or {}).get("schools") for value in values))


def of_rows(session: Session, ids: Sequence[str]) -> HandEdits:
    """The edits that count of these rows."""
    query = select(HandEdit).where(HandEdit.service_id.in_(ids), HandEdit.ended_at.is_(None))
    return _told(session.scalars(query.order_by(HandEdit.id)))


def of_source(session: Session, source_id: str, write: bool = False) -> HandEdits:
    """The edits that count of a source's rows; `write`: nobody edits them any more until this transaction ends."""
    if write:
        lock_sources(session, [source_id])
    counting = (Service.source_id == source_id, HandEdit.ended_at.is_(None))
    query = select(HandEdit).join(Service, Service.id == HandEdit.service_id).where(*counting)
    edited = select(Service.id).join(HandEdit, Service.id == HandEdit.service_id).where(*counting)
    told = frozenset(session.scalars(edited.where(Service.visibility != Visibility.UNDISCLOSED)))
    return _told(session.scalars(query), told)


def _told(found: Iterable[HandEdit], told: frozenset[str] = frozenset()) -> HandEdits:
    by_row: dict[str, dict[str, Edit]] = defaultdict(dict)
    for row in found:
        edit = Edit(
            row.id, row.service_id, row.field, row.base, row.value["value"], utc(row.made_at), row.made_by,
        )  # fmt: skip
        by_row[row.service_id][row.field] = edit
    return HandEdits(dict(by_row), told)


def contents(session: Session, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Each row's content as its newest revision keeps it."""
    query = select(Revision.service_id, Revision.content).where(Revision.id.in_(records.newest(ids)))
    return {own: dict(content) for own, content in session.execute(query)}


def rows_of(session: Session, service_id: str) -> list[str]:
    """Ids of the rows that tell of one service, its leader first. Raises NotFound."""
    first = records.leader(session, service_id)
    return [first, *session.scalars(select(Service.id).where(Service.same_as_id == first).order_by(Service.id))]


def newest_revision(session: Session, ids: Sequence[str]) -> int:
    """The number of the newest revision of any of these rows."""
    return session.scalar(select(func.max(Revision.id)).where(Revision.service_id.in_(ids))) or 0


def lock(session: Session, ids: Sequence[str]) -> None:
    """Until this transaction ends nobody else edits these rows, and none of their sources' readings is written."""
    lock_sources(session, session.scalars(select(Service.source_id).where(Service.id.in_(ids))).all())


def lock_sources(session: Session, source_ids: Collection[str]) -> None:
    """Until this transaction ends nobody else edits these sources' rows, and none of their readings is written."""
    chosen = select(Source.id).where(Source.id.in_(sorted(set(source_ids)))).order_by(Source.id)
    session.scalars(chosen.with_for_update()).all()


def apply(
    session: Session, ids: Sequence[str], values: Mapping[str, Any], by: str, at: datetime, proposal: int | None = None,
    said: State = State.SPOC_CONFIRMED,
) -> None:  # fmt: skip
    """Sets fields of a service, whose rows these are, leader first: in its leader's row and in each that states them.

    `by` is an account's id. What is set is confirmed by it, as `said`. Call `lock` before what is set was read. Raises
    ValueError, naming the field, for what cannot be in the record.
    """
    now, edits = contents(session, ids), of_rows(session, ids).by_row
    for own in ids:
        content = now[own]
        stated = {
            name: value
            for name, value in values.items()
            if own == ids[0] or name in ALWAYS_STATED or fields.normal(name, content[name]) != fields.default(name)
        }
        changed = {name: value for name, value in stated.items() if fields.normal(name, content[name]) != value}
        for name, value in changed.items():
            before = edits.get(own, {}).get(name)
            base = dict(before.base) if before else {"value": content[name]}
            _keep(session, own, name, base, value, by, at, proposal)
        _write(session, {**content, **changed}, by, at)
        spoken = sorted(assurance.FIELDS & stated.keys())
        if spoken:
            assurance.say(session, own, said, by, at, spoken)


def _keep(
    session: Session, own: str, name: str, base: dict[str, Any], value: Any, by: str, at: datetime, proposal: int | None
) -> None:
    _end(session, [own], [name], by, at)
    session.add(
        HandEdit(
            service_id=own, field=name, base=base, value={"value": value}, made_at=at, made_by=by,
            proposal_id=proposal,
        )
    )  # fmt: skip
    session.flush()


def _end(session: Session, ids: Sequence[str], names: Sequence[str], by: str, at: datetime) -> None:
    counting = (HandEdit.service_id.in_(ids), HandEdit.field.in_(names), HandEdit.ended_at.is_(None))
    session.execute(update(HandEdit).where(*counting).values(ended_at=at, ended_by=by))


def _write(session: Session, content: Mapping[str, Any], by: str, at: datetime) -> Change:
    return records.write(session, fields.draft_of(content), at, by)


def withhold(session: Session, ids: Sequence[str], public_name: str, by: str, at: datetime) -> None:
    """Makes a service's place confidential, at once and in every row: nothing of it stays in the record.

    `public_name` is what people may call it from now on.
    """
    now = contents(session, ids)
    session.execute(delete(LinkCheck).where(LinkCheck.service_id.in_(ids)), execution_options=records.UNSEEN)
    session.execute(delete(MatchKey).where(MatchKey.service_id.in_(ids)), execution_options=records.UNSEEN)
    for own in ids:
        council = now[own]["premises"].get("council", "")
        place = fields.normal("premises", {"visibility": Visibility.UNDISCLOSED.value, "council": council})
        named = {"name": public_name, "organization": public_name, "description": CONFIDENTIAL, "alert": ""}
        for name, value in {"premises": place, **named}.items():
            _keep(session, own, name, dict(ALWAYS), value, by, at, None)
        forget(session, own)
        open_fields = {name: fields.default(name) for name in (*fields.OF_A_PLACE, "text_or_chat")}
        hours = {**now[own]["hours"], "text": ""}
        coverage = {**now[own]["coverage"], "schools": []}
        safe = {**now[own], **open_fields, **named, "premises": place, "hours": hours, "coverage": coverage}
        _write(session, safe, by, at)
        _forget_names(session, own, named)


def _forget_names(session: Session, own: str, named: Mapping[str, str]) -> None:
    """What it was called before may have told the town: earlier versions call it as people do from now on."""
    called = {name: named[name] for name in ("name", "organization")}
    for revision in session.scalars(select(Revision).where(Revision.service_id == own)):
        revision.content = {**revision.content, **called}
    lines = (Metadata.resource_id == own, Metadata.field_name.in_(sorted(called)))
    session.execute(update(Metadata).where(*lines).values(previous_value="", replacement_value=""))
    session.flush()


def forget(session: Session, own: str) -> None:
    """Of a row whose place is confidential from now on.

    Edits of fields that may tell the place end, and what they said is not kept.
    """
    for row in session.scalars(select(HandEdit).where(HandEdit.service_id == own)):
        if _may_tell(row.field, row.base.get("value"), row.value["value"]) and not row.base.get("hidden"):
            row.base, row.value = dict(ALWAYS), {"value": None}
            row.ended_at, row.ended_by = row.ended_at or row.made_at, row.ended_by or row.made_by
    session.flush()


def let_go(session: Session, ids: Sequence[str], name: str, by: str, at: datetime) -> bool:
    """The rows' sources speak for this field again; False when nobody had set it. Call `lock` before.

    A place that was confidential by hand has no address until its source is read again.
    """
    edits, now = of_rows(session, ids).by_row, contents(session, ids)
    found = [edits[own][name] for own in ids if name in edits.get(own, {})]
    for edit in found:
        _end(session, [edit.service_id], [name], by, at)
        base = {"visibility": Visibility.AREA_ONLY.value} if edit.lasts and name == "premises" else None
        value = edit.base.get("value", base)
        if value is not None:
            _write(session, {**now[edit.service_id], name: fields.normal(name, value)}, by, at)
    return bool(found)


def end_overtaken(session: Session, overtaken: Collection[int], by: str, at: datetime) -> None:
    """Ends edits that a reading found overtaken (`Laid`), in the transaction that writes the reading."""
    for ids in batches(sorted(overtaken), records.BATCH):
        counting = (HandEdit.id.in_(ids), HandEdit.ended_at.is_(None))
        session.execute(update(HandEdit).where(*counting).values(ended_at=at, ended_by=by))
