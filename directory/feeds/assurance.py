"""How true a record is, as a visible state: who said what of it and when, worked out from lines that are only added.

A contradiction counts until somebody confirms the same facts anew or the source changes them. A confirmation counts
until the service's rhythm says that it must be asked again; then the record is stale.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory import records
from directory.accounts.tables import utc
from directory.errors import BadInput, NotFound
from directory.feeds.tables import Assurance
from directory.tables import Metadata, Service

LOG = logging.getLogger("waymark.feeds")


class State(StrEnum):
    """How a record stands. `STALE` is never written: it is worked out by date."""

    SOURCE_CHECKED = "source_checked"
    PROVIDER_CONFIRMED = "provider_confirmed"
    SPOC_CONFIRMED = "spoc_confirmed"
    CONTRADICTED = "contradicted"
    STALE = "stale"
    WITHDRAWN = "withdrawn"


CONFIRMED = frozenset({State.PROVIDER_CONFIRMED, State.SPOC_CONFIRMED})
SAYABLE = tuple(state for state in State if state is not State.STALE)
RHYTHM = "rhythm"
"""State of a line that is no word on the facts, but says how often they must be confirmed (`reason`: months)."""
REASONS: Mapping[str, str] = {
    "number_dead": "phone",
    "not_theirs": "phone",
    "link_broken": "url",
    "closed": "status",
    "moved": "premises",
    "area_not_served": "coverage",
    "age_not_served": "age",
    "need_not_served": "needs",
    "relation_not_served": "relations",
    "gender_not_served": "gender",
    "hours_wrong": "hours",
    "contact_wrong": "referral_contact",
    "closed_by_provider": "status",
}
"""Why a record is contradicted → the field that is then in doubt."""
FIELDS = frozenset({*REASONS.values(), "capacity"})
CLOSED_BY_PROVIDER = "closed_by_provider"
"""It said itself, in answer to a referral, that it has closed or changed: not suggested until somebody has checked."""
UNLISTED = "unlisted"
"""Why a record is withdrawn of which nobody said so: its source no longer lists it."""
AGAIN = timedelta(minutes=1)
"""The same word of the same person within this time is a button pressed twice."""
MOST_MONTHS = 60
MONTH_DAYS = 30.4375


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody said of a service. `fields` empty: of all of it. `ended_at`: the source has changed it since."""

    service_id: str
    state: State
    at: datetime
    by: str
    fields: tuple[str, ...] = ()
    reason: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """After how many months a confirmation is too old."""

    facts: int = 12
    capacity: int = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """Whether a service's source still lists it, and since when not; `dropped`: for so long that it is inactive."""

    listed: bool = True
    unlisted_at: datetime | None = None
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Assured:
    """How a record stands. Dates as "2026-05-14"; `since` may be a source's own "2024", and "" when nobody says.

    `fields` are those contradicted and `reasons` say why (codes of `REASONS`, or "unlisted"); `due` is the day by which
    the facts must be confirmed anew.
    """

    state: State = State.SOURCE_CHECKED
    since: str = ""
    by: str = ""
    fields: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    due: str = ""

    def at(self, today: date) -> "Assured":
        """The same as it stands on a day: what nobody confirmed in time is stale."""
        lasts = self.state in (*CONFIRMED, State.SOURCE_CHECKED)
        return replace(self, state=State.STALE) if lasts and self.due and today.isoformat() > self.due else self


def state_of(
    lines: Iterable[Word], listing: Listing, as_of: str, now: datetime, rhythm: Rhythm | None = None
) -> Assured:
    """How a record stands now. `as_of` is its source's own date ("2024", "2024-05", "")."""
    return standing(lines, listing, as_of, rhythm).at(now.date())


def standing(lines: Iterable[Word], listing: Listing, as_of: str, rhythm: Rhythm | None = None) -> Assured:
    """How a record stands whatever the day is: `Assured.at` then says whether it is stale."""
    words = sorted(lines, key=lambda word: word.at)
    months = (rhythm or rhythm_of(words)).facts
    confirmed = _last(words, CONFIRMED)
    doubts = doubted(words)
    withdrawn = _last(words, {State.WITHDRAWN})
    if withdrawn and _is_later(withdrawn, confirmed):
        return Assured(State.WITHDRAWN, _day(withdrawn.at), withdrawn.by)
    if doubts:
        fields = tuple(dict.fromkeys(field for word in doubts for field in _spoken_of(word)))
        reasons = tuple(dict.fromkeys(word.reason for word in doubts))
        return Assured(State.CONTRADICTED, _day(doubts[-1].at), doubts[-1].by, fields, reasons)
    gone = listing.unlisted_at if not listing.listed else None
    if gone and (confirmed is None or gone > confirmed.at):
        return Assured(State.WITHDRAWN, _day(gone), reasons=(UNLISTED,))
    if confirmed:
        return Assured(confirmed.state, _day(confirmed.at), confirmed.by, due=_due(confirmed.at.date(), months))
    checked = _last(words, {State.SOURCE_CHECKED})
    if checked and _day(checked.at) > as_of:
        return Assured(State.SOURCE_CHECKED, _day(checked.at), checked.by, due=_due(checked.at.date(), months))
    end = _end(as_of)
    return Assured(State.SOURCE_CHECKED, as_of, due=_due(end, months) if end else "")


def doubted(lines: Iterable[Word]) -> list[Word]:
    """The contradictions that still count, oldest first: nobody has confirmed the same facts since."""
    words = sorted(lines, key=lambda word: word.at)
    return [
        word
        for word in words
        if word.state is State.CONTRADICTED
        and word.ended_at is None
        and not all(_is_later(confirmed_in(words, field), word) for field in _spoken_of(word))
    ]


def is_closed_by_provider(lines: Iterable[Word]) -> bool:
    """Whether a service said itself that it has closed, and nobody has confirmed it since."""
    return any(word.reason == CLOSED_BY_PROVIDER for word in doubted(lines))


def confirmed_in(lines: Iterable[Word], field: str, alone: bool = False) -> Word | None:
    """The last confirmation of a field, by itself or (unless `alone`) with the whole record."""
    words = [word for word in lines if field in word.fields or not (word.fields or alone)]
    found = [word for word in words if word.state in CONFIRMED and word.ended_at is None]
    return max(found, key=lambda word: word.at, default=None)


def rhythm_of(lines: Iterable[Word]) -> Rhythm:
    """How often a service must be asked: the last that was said of it, else the usual."""
    said: dict[str, int] = {}
    for word in sorted((word for word in lines if word.state == RHYTHM), key=lambda word: word.at):
        said |= dict.fromkeys(word.fields, int(word.reason))
    return Rhythm(**said)


def capacity_due(lines: Iterable[Word], capacity_as_of: str, rhythm: Rhythm) -> str:
    """The day by which a service must be asked again whether it has room; "" when nobody ever said."""
    word = confirmed_in(lines, "capacity", alone=True)
    days = [capacity_as_of] if len(capacity_as_of) == 10 else []
    days += [_day(word.at)] if word else []
    return _due(date.fromisoformat(max(days)), rhythm.capacity) if days else ""


def words(session: Session, service_ids: Sequence[str]) -> dict[str, tuple[Word, ...]]:
    """What was said of each of these services, oldest first; a service of which nobody said anything has no entry."""
    found: dict[str, list[Word]] = defaultdict(list)
    query = select(Assurance).where(Assurance.service_id.in_(service_ids)).order_by(Assurance.id)
    lines = list(session.scalars(query))
    changed = _changed(session, {line.service_id for line in lines if line.fields})
    for line in lines:
        at, fields = utc(line.made_at), tuple(line.fields or ())
        later = [moment for field in fields if (moment := changed.get((line.service_id, field))) and moment > at]
        state = line.state if line.state == RHYTHM else State(line.state)
        ended = max(later, default=None)
        found[line.service_id].append(
            Word(line.service_id, state, at, line.made_by, fields, line.reason, ended)  # type: ignore[arg-type]
        )
    return {own: tuple(said) for own, said in found.items()}


def say(
    session: Session, service_id: str, state: State, by: str, at: datetime, fields: Sequence[str] | None = None,
    reason: str = "",
) -> bool:  # fmt: skip
    """Keeps a word on a service, and has the index told of it in the same transaction; False: it was just said.

    `by` is a source or the id of an account, `fields` None the whole record. A contradiction's field follows from its
    reason. Raises NotFound, BadInput.
    """
    if state not in SAYABLE:
        raise BadInput("There is no such state to be said of a service.", f"Choose from: {', '.join(SAYABLE)}.")
    if state is State.CONTRADICTED:
        if reason not in REASONS:
            raise BadInput("Say what is wrong with it.", f"Choose from: {', '.join(REASONS)}.", "reason")
        fields = (REASONS[reason],)
    if unknown := sorted(set(fields or ()) - FIELDS):
        raise BadInput(
            f"Nothing can be said of the field {unknown[0]!r}.", f"Choose from: {', '.join(sorted(FIELDS))}."
        )
    return _add(session, service_id, str(state), by, at, fields, reason)


def set_rhythm(session: Session, service_id: str, rhythm: Rhythm, by: str, at: datetime) -> bool:
    """Keeps how often this service must be asked; False when it is so already. Raises NotFound, BadInput."""
    for name, months in (("facts", rhythm.facts), ("capacity", rhythm.capacity)):
        if not 1 <= months <= MOST_MONTHS:
            raise BadInput("The months between two checks cannot be used.", f"Use 1 to {MOST_MONTHS}.", name)
    now = rhythm_of(words(session, [service_id]).get(service_id, ()))
    kept = False
    for name in ("facts", "capacity"):
        months = getattr(rhythm, name)
        if months != getattr(now, name):
            kept |= _add(session, service_id, RHYTHM, by, at, (name,), str(months))
    return kept


def _add(
    session: Session, service_id: str, state: str, by: str, at: datetime, fields: Sequence[str] | None, reason: str
) -> bool:
    leader = session.execute(select(Service.id, Service.same_as_id).where(Service.id == service_id)).first()
    if leader is None:
        raise NotFound("There is no such service in the record.", "Look it up by name.")
    spoken = list(fields) if fields else None
    query = select(Assurance).where(Assurance.service_id == service_id).order_by(Assurance.id.desc()).limit(1)
    last = session.scalars(query).first()
    new = (state, spoken, reason, by)
    if last and (last.state, last.fields, last.reason, last.made_by) == new and at - utc(last.made_at) < AGAIN:
        return False
    session.add(Assurance(service_id=service_id, state=state, fields=spoken, reason=reason, made_at=at, made_by=by))
    session.flush()
    records.queue(session, [leader.same_as_id or leader.id], at)
    LOG.info("service %s: %s %s by %s", service_id, state, reason, by)
    return True


def _changed(session: Session, service_ids: Collection[str]) -> dict[tuple[str, str], datetime]:
    """(service, field) → when its source last changed it."""
    if not service_ids:
        return {}
    query = (
        select(Metadata.resource_id, Metadata.field_name, func.max(Metadata.last_action_date))
        .where(Metadata.resource_id.in_(service_ids), Metadata.last_action_type == "update")
        .group_by(Metadata.resource_id, Metadata.field_name)
    )
    found: dict[tuple[str, str], datetime] = {}
    for own, name, at in session.execute(query):
        key, moment = (own, name.partition(".")[0]), utc(at)
        found[key] = max(moment, found.get(key, moment))
    return found


def _spoken_of(word: Word) -> tuple[str, ...]:
    return word.fields or (REASONS.get(word.reason, ""),)


def _last(words: Iterable[Word], states: Iterable[State]) -> Word | None:
    """The last word of these states on the record as a whole."""
    wanted = frozenset(states)
    return max((word for word in words if word.state in wanted and not word.fields), key=lambda w: w.at, default=None)


def _is_later(word: Word | None, than: Word | None) -> bool:
    return word is not None and (than is None or word.at > than.at)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _due(day: date, months: int) -> str:
    return (day + timedelta(days=round(months * MONTH_DAYS))).isoformat()


def _end(as_of: str) -> date | None:
    """The last day that "2024", "2024-05" or "2024-05-14" may mean, roughly: the 28th of its last month."""
    if not as_of:
        return None
    parts = as_of.split("-")
    return date(int(parts[0]), int(parts[1]) if len(parts) > 1 else 12, int(parts[2]) if len(parts) > 2 else 28)
