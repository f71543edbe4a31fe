"""One service's record as staff see it: who tells of it, what was said of it and what changed; no withheld place."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import records
from directory.accounts.tables import utc
from directory.errors import BadInput, Conflict
from directory.feeds import assurance, numbers
from directory.feeds.assurance import Assured, Rhythm, State, Word
from directory.feeds.tables import LinkCheck
from directory.search import assured as assuring
from directory.search import fold, telling, withheld
from directory.search.document import ServiceDocument
from directory.search.telling import Telling
from directory.tables import Metadata, Service
from directory.values import Confidence

CHANGES_SHOWN = 60
VALUE_SHOWN = 160
"""Characters of a value before and after a change."""


@dataclass(frozen=True, slots=True)
class Sayable:
    """Something staff may say of a service by pressing a button. `field` "": of the record as a whole."""

    state: State
    field: str = ""
    reason: str = ""


SAYABLE: Mapping[str, Sayable] = {
    "checked": Sayable(State.SPOC_CONFIRMED),
    "service_says": Sayable(State.PROVIDER_CONFIRMED),
    "number_works": Sayable(State.SPOC_CONFIRMED, "phone"),
    "room_right": Sayable(State.SPOC_CONFIRMED, "capacity"),
    "number_dead": Sayable(State.CONTRADICTED, "phone", "number_dead"),
    "not_theirs": Sayable(State.CONTRADICTED, "phone", "not_theirs"),
    "link_broken": Sayable(State.CONTRADICTED, "url", "link_broken"),
    "closed": Sayable(State.CONTRADICTED, "status", "closed"),
    "moved": Sayable(State.CONTRADICTED, "premises", "moved"),
}
SEEN = frozenset({"phone", "url"})
"""Facts that a word names by their value: it is kept with the row that tells just this."""


@dataclass(frozen=True, slots=True)
class Row:
    """One source's row. `phone` and `url` as it tells them, "" where a place is withheld."""

    id: str
    source: str
    source_name: str
    source_id: str
    licence: str
    confidence: Confidence
    as_of: str
    listing: str
    listed_at: datetime | None
    unlisted_at: datetime | None
    phone: str
    url: str
    phone_shown: bool
    """Whether the number may be shown to anybody."""
    link: LinkCheck | None
    """What came of asking its address last."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a source changed; values empty where a place is withheld, and shortened."""

    at: datetime
    by: str
    action: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """`document` None: it is not to be found, being closed or not active. `assured` stands whatever the day."""

    id: str
    name: str
    organization: str
    status: str
    withheld: bool
    document: ServiceDocument | None
    assured: Assured
    rhythm: Rhythm
    capacity_due: str
    room_by_itself: bool
    """Whether what is said of its room is its own word."""
    words: tuple[Word, ...]
    rows: tuple[Row, ...]
    changes: tuple[Change, ...]


def view(session: Session, service_id: str) -> RecordView:
    """The record of the service that this id leads or follows. Raises NotFound."""
    tellings = _tellings(session, service_id)
    first = tellings[0]
    ids = [each.id for each in tellings]
    hidden = any(each.is_withheld for each in tellings)
    spoken = tuple(sorted((word for each in tellings for word in each.words), key=lambda word: word.at, reverse=True))
    as_of = max((each.weight, each.as_of) for each in tellings)[1]
    rhythm = assurance.rhythm_of(spoken)
    document = fold.fold(tellings)
    return RecordView(
        id=first.id,
        name=document.name if document else first.name,
        organization=first.organization,
        status=first.status,
        withheld=hidden,
        document=document,
        assured=assuring.whole(tellings, as_of),
        rhythm=rhythm,
        room_by_itself=document is not None
        and any(each.capacity_word.state and each.capacity_word == document.capacity for each in tellings),
        capacity_due=assurance.capacity_due(spoken, max(each.capacity.as_of for each in tellings), rhythm),
        words=spoken,
        rows=_rows(session, tellings, hidden),
        changes=_changes(session, ids, hidden),
    )


def say(session: Session, service_id: str, code: str, seen: str, by: str, at: datetime) -> bool:
    """Keeps what somebody says of a service; `seen` is the number or address they saw. False: it was just said.

    Raises NotFound, BadInput, and Conflict when the record shows another number or address by now.
    """
    if code not in SAYABLE:
        raise BadInput("Choose one of the buttons.", "Nothing was saved.", "word")
    wanted = SAYABLE[code]
    tellings = _tellings(session, service_id)
    if wanted.field in (*SEEN, "premises") and any(each.is_withheld for each in tellings):
        raise BadInput("The place of this service is withheld.", "Nothing is kept of its number, pages or address.")
    target = _telling(tellings, wanted.field, seen) if wanted.field in SEEN else tellings[0]
    fields = [wanted.field] if wanted.field else None
    return assurance.say(session, target.id, wanted.state, by, at, fields, wanted.reason)


def members(session: Session, service_id: str) -> list[str]:
    """Ids of every row that tells of this service, the leader's first. Raises NotFound."""
    return [each.id for each in _tellings(session, service_id)]


def _tellings(session: Session, service_id: str) -> list[Telling]:
    first = records.leader(session, service_id)
    return telling.read(session, [first])[first]


def _telling(tellings: Sequence[Telling], field: str, seen: str) -> Telling:
    for each in tellings:
        value: str = getattr(each, field)
        if value and _plain(field, value) == _plain(field, seen):
            return each
    what = "number" if field == "phone" else "web address"
    raise Conflict(f"The record has another {what} by now.", "Look at it again; nothing was saved.")


def _plain(field: str, value: str) -> str:
    return numbers.digits(value) if field == "phone" else value.strip()


def _rows(session: Session, tellings: Sequence[Telling], hidden: bool) -> tuple[Row, ...]:
    ids = [each.id for each in tellings]
    kept = {row.id: row for row in session.scalars(select(Service).where(Service.id.in_(ids)))}
    checks = {row.service_id: row for row in session.scalars(select(LinkCheck).where(LinkCheck.service_id.in_(ids)))}
    words = withheld.place_words(each for each in tellings if not each.is_withheld) if hidden else ()
    found = []
    for each in tellings:
        row = kept[each.id]
        confirmed = assurance.confirmed_in(each.words, "phone", alone=True) is not None
        found.append(
            Row(
                id=each.id,
                source=each.source,
                source_name=each.source_name,
                source_id="" if withheld.holds(each.source_id, words) else each.source_id,
                licence=each.licence,
                confidence=each.confidence,
                as_of=each.as_of,
                listing=row.listing,
                listed_at=utc(row.listed_at) if row.listed_at else None,
                unlisted_at=utc(row.unlisted_at) if row.unlisted_at else None,
                phone="" if hidden else each.phone,
                url="" if hidden else each.url,
                phone_shown=each.confidence is not Confidence.GENERAL_KNOWLEDGE or confirmed,
                link=None if hidden else checks.get(each.id),
            )
        )
    return tuple(found)


def _changes(session: Session, ids: Sequence[str], hidden: bool) -> tuple[Change, ...]:
    query = (
        select(Metadata)
        .where(Metadata.resource_id.in_(ids))
        .order_by(Metadata.last_action_date.desc(), Metadata.field_name)
        .limit(CHANGES_SHOWN)
    )
    return tuple(
        Change(
            at=utc(line.last_action_date),
            by=line.updated_by,
            action=line.last_action_type,
            field=line.field_name,
            before="" if hidden else _short(line.previous_value),
            after="" if hidden else _short(line.replacement_value),
        )
        for line in session.scalars(query)
    )


def _short(value: str) -> str:
    plain = re.sub(r"\s+", " ", value)
    return plain if len(plain) <= VALUE_SHOWN else f"{plain[:VALUE_SHOWN]}…"
