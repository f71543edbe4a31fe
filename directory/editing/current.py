"""A service as it counts now, in the shape of a draft, and who says what of each field: what an editor begins from."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory import rows
from directory.draft import ServiceDraft
from directory.editing import fields, hand
from directory.editing.hand import HandEdits
from directory.search import fold, telling, weighing
from directory.search.telling import Telling
from directory.search.weighing import said_by, union
from directory.values import Visibility


@dataclass(frozen=True, slots=True)
class Said:
    """One source's own word on a field, in words."""

    source_name: str
    as_of: str
    words: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """That a person has set a field; `by` is an account's id."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Current:
    """A service as it counts. `values` by field, as `rows.content` gives them; `said` what each source says itself."""

    id: str
    rows: tuple[str, ...]
    name: str
    withheld: bool
    by_hand_withheld: bool
    revision: int
    values: Mapping[str, Any]
    said: Mapping[str, tuple[Said, ...]]
    by_hand: Mapping[str, ByHand]

    def mark(self, names: Iterable[str]) -> str:
        """A mark of what these fields say now, to tell later whether they still do."""
        return mark({name: self.values[name] for name in names})


def mark(values: Mapping[str, Any]) -> str:
    """A mark of some fields' values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def read(session: Session, service_id: str) -> Current:
    """The service that this id leads or follows. Raises NotFound."""
    ids = hand.rows_of(session, service_id)
    tellings = telling.read(session, [ids[0]])[ids[0]]
    edits = hand.of_rows(session, ids)
    values = rows.content(draft(tellings))
    hidden = any(row.is_withheld for row in tellings)
    set_by_hand = {
        name: ByHand(edit.by, edit.at)
        for own in reversed(ids)
        for name, edit in edits.by_row.get(own, {}).items()
    }  # fmt: skip
    place = edits.by_row.get(ids[0], {}).get("premises")
    return Current(
        id=ids[0],
        rows=tuple(ids),
        name=values["name"],
        withheld=hidden,
        by_hand_withheld=hidden and place is not None and place.lasts,
        revision=hand.newest_revision(session, ids),
        values=values,
        said=_said(session, tellings, edits, hidden),
        by_hand=set_by_hand,
    )


def _said(session: Session, tellings: Sequence[Telling], edits: HandEdits, hidden: bool) -> dict[str, tuple[Said, ...]]:
    contents = hand.contents(session, [row.id for row in tellings])
    found: dict[str, list[Said]] = {}
    for row in tellings:
        for field in fields.FIELDS:
            edit = edits.by_row.get(row.id, {}).get(field.name)
            telling = hidden and field.name in hand.TELLING and (edit is not None or not row.is_withheld)
            if (edit and edit.lasts) or telling or (hidden and field.name in fields.OF_A_PLACE):
                continue
            value = fields.normal(field.name, edit.base["value"] if edit else contents[row.id][field.name])
            if value != fields.default(field.name):
                said = Said(row.source_name, row.as_of, field.words(value))
                found.setdefault(field.name, []).append(said)
    return {name: tuple(each) for name, each in found.items()}


def draft(tellings: Sequence[Telling]) -> ServiceDraft:
    """The rows of one service as one draft, by the rules of `search.fold`; leader first."""
    leader = tellings[0]
    hidden = [row for row in tellings if row.is_withheld]
    voices = hidden or list(tellings)
    place = replace(fold.premises(tellings), council=leader.premises.council)
    hours, _ = weighing.opening_hours(voices)
    return ServiceDraft(
        source=leader.source,
        source_id=leader.source_id,
        name=max(voices, key=lambda row: row.counts("name")[:2]).name,
        organization=max(voices, key=lambda row: row.counts("organization")[:2]).organization,
        description=max(voices, key=lambda row: (bool(row.description), *row.counts("description"))).description,
        families=union(tellings, lambda row: row.families),
        kind=said_by(voices, lambda row: row.kind, "kind"),
        needs=union(tellings, lambda row: row.needs),
        harms=union(tellings, lambda row: row.harms),
        any_harm=any(row.any_harm for row in tellings),
        relations=union(tellings, lambda row: row.relations),
        groups=union(tellings, lambda row: row.groups),
        delivery=union(tellings, lambda row: row.delivery),
        referral_routes=union(tellings, lambda row: row.referral_routes),
        languages=union(tellings, lambda row: row.languages),
        crisis=any(row.crisis for row in tellings),
        age=fold.age(tellings),
        gender=fold.gender(tellings),
        coverage=fold.coverage(tellings),
        stages=weighing.stages(tellings),
        registration=weighing.registration(tellings),
        hours=hours,
        capacity=weighing.capacity(tellings),
        access=weighing.access(tellings),
        premises=place if place.visibility is not Visibility.UNDISCLOSED else replace(place, council=""),
        phone="" if hidden else said_by(tellings, lambda row: row.phone, "phone"),
        phone_note="" if hidden else said_by(tellings, lambda row: row.phone_note),
        text_or_chat="" if hidden else said_by(tellings, lambda row: row.text_or_chat, "text_or_chat"),
        url="" if hidden else said_by(tellings, lambda row: row.url, "url"),
        status=next((row.status for row in tellings if row.status in fold.CLOSED), leader.status),
        status_known=leader.status_known,
        waiting_list=fold.waiting_list(tellings),
        not_for_harmed=any(row.not_for_harmed for row in tellings),
        workers_only=any(row.workers_only for row in tellings),
        alert=said_by(voices, lambda row: row.alert),
        confidence=leader.confidence,
        as_of=leader.as_of,
    )
