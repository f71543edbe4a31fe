"""Says which services their source still lists: what vanishes is not confirmed, later inactive, and never deleted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session, aliased

from directory import records
from directory.accounts.tables import utc
from directory.database import batches
from directory.feeds.tables import IngestRun
from directory.tables import Service
from directory.values import Visibility

LISTED, UNLISTED, DROPPED = "listed", "unlisted", "dropped"
DROPPED_AFTER = timedelta(days=28)
"""How long a service may be missing from its source, and still be suggested as one that is not confirmed."""
AT_A_TIME = 500
KEPT_IDS = 1000


@dataclass(frozen=True, slots=True)
class Moved:
    """Ids of services whose listing a reading of their source changes."""

    missing: tuple[str, ...] = ()
    """Listed till now, and not there any more."""
    back: tuple[str, ...] = ()
    """There again."""
    gone: tuple[str, ...] = ()
    """Missing for so long that they are dropped."""
    first: tuple[str, ...] = ()
    """There, and not known till now to be listed."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A service that its source does not list now, since when; `dropped`: for so long that it is not suggested."""

    id: str
    name: str
    source_id: str
    since: datetime
    dropped: bool


def move(session: Session, source_id: str, moved: Moved, at: datetime, whole: bool) -> None:
    """Keeps what a reading says of the listing of a source's services; `whole`: it holds all that the source lists.

    The index is told of every service whose listing changes.
    """
    _set(session, moved.missing, listing=UNLISTED, unlisted_at=at)
    _set(session, moved.back, listing=LISTED, unlisted_at=None)
    _set(session, moved.gone, listing=DROPPED)
    if whole:
        _set(session, (*moved.first, *moved.back), listed_at=at)
        known = (Service.source_id == source_id, Service.listing == LISTED, Service.listed_at.is_not(None))
        session.execute(update(Service).where(*known).values(listed_at=at), execution_options=records.UNSEEN)
    for some in batches((*moved.missing, *moved.back, *moved.gone), AT_A_TIME):
        leaders = session.execute(select(Service.id, Service.same_as_id).where(Service.id.in_(some)))
        records.queue(session, [leader or own for own, leader in leaders], at)


def unlisted(session: Session, source_id: str = "") -> tuple[Unlisted, ...]:
    """The services that their source, or any, does not list now: longest missing first."""
    query = select(Service).where(Service.listing != LISTED).order_by(Service.unlisted_at, Service.name)
    return _told(session, query.where(Service.source_id == source_id) if source_id else query)


def count_unlisted(session: Session, source_id: str) -> int:
    """How many services a source does not list now."""
    missing = (Service.source_id == source_id, Service.listing != LISTED)
    return session.scalar(select(func.count()).select_from(Service).where(*missing)) or 0


def unlisted_by(session: Session, run_id: int) -> tuple[Unlisted, ...]:
    """The services that a run no longer found, and that are still missing: whoever was referred to them is to be told.

    At most the first thousand of a run.
    """
    run = session.get(IngestRun, run_id)
    ids: Sequence[str] = (run.report or {}).get("unlisted_services", ()) if run else ()
    return _told(session, select(Service).where(Service.id.in_(ids), Service.listing != LISTED).order_by(Service.name))


def _told(session: Session, query: Select[Service]) -> tuple[Unlisted, ...]:
    return tuple(
        Unlisted(row.id, row.name, row.source_id, utc(row.unlisted_at), row.listing == DROPPED)
        for row in session.scalars(query)
        if row.unlisted_at
    )


def _set(session: Session, ids: Iterable[str], **values: object) -> None:
    for some in batches(ids, AT_A_TIME):
        chosen = update(Service).where(Service.id.in_(some)).values(**values)
        session.execute(chosen, execution_options=records.UNSEEN)


def open_services() -> tuple[ColumnElement[bool], ...]:
    """What chooses active services none of whose rows withholds the place."""
    other = aliased(Service)
    hidden = select(func.coalesce(other.same_as_id, other.id)).where(other.visibility == Visibility.UNDISCLOSED.value)
    leader = func.coalesce(Service.same_as_id, Service.id)
    return Service.status == "active", Service.listing != DROPPED, leader.not_in(hidden)
