"""What people ask of ingest on a page or by a command: rows that the next worker acts on, once, and answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.database import count_changed
from directory.errors import BadInput
from directory.feeds import runs, sources
from directory.feeds.tables import DIGEST_LENGTH, IngestRequest

LONGEST_NAME = 200


class Action(StrEnum):
    """What may be asked."""

    RUN = "run"
    DRY_RUN = "dry_run"
    ACCEPT = "accept"
    REJECT = "reject"
    ASKED = "asked"
    """A partner asks that its own feed is read: no worker does it, a person decides."""


ON_A_RUN = frozenset({Action.ACCEPT, Action.REJECT})


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `run_id`: the held run it decides. `upload_digest` "": the source's own address is asked."""

    id: int
    source_id: str
    action: Action
    run_id: int | None
    upload_digest: str
    upload_name: str
    made_at: datetime
    made_by: str
    done_at: datetime | None
    said: str
    """What came of it, in a sentence."""


def ask(
    session: Session,
    source_id: str,
    action: str,
    by: str,
    at: datetime,
    run_id: int | None = None,
    upload_digest: str = "",
    upload_name: str = "",
) -> int:
    """Keeps a request and returns its id; the same asked twice, while it waits, is one request.

    Raises NotFound for an unknown source or run, BadInput for what cannot be asked, Conflict for a run that is not held
    any more.
    """
    if action not in set(Action):
        raise BadInput("There is no such request.", f"Choose from: {', '.join(Action)}.", "action")
    wanted = Action(action)
    source = sources.get(session, source_id)
    if wanted in ON_A_RUN:
        _check_held(session, source_id, run_id)
    elif run_id is not None:
        raise BadInput("Only a run that waits can be accepted or rejected.", field="run_id")
    elif upload_digest and len(upload_digest) != DIGEST_LENGTH:
        raise BadInput("The file was not received.", "Send it again.", "upload")
    elif not upload_digest and not source.url:
        raise BadInput("This source has no address to fetch from.", "Upload its file, or give an address.", "upload")
    same = (
        IngestRequest.source_id == source_id,
        IngestRequest.action == wanted,
        IngestRequest.run_id.is_(None) if run_id is None else IngestRequest.run_id == run_id,
        IngestRequest.upload_digest == upload_digest,
    )
    before = session.scalar(select(IngestRequest.id).where(_waits(), *same).limit(1))
    if before is not None:
        return before
    row = IngestRequest(
        source_id=source_id, action=wanted, run_id=run_id, upload_digest=upload_digest,
        upload_name=upload_name[:LONGEST_NAME], made_at=at, made_by=by, said="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def waiting(session: Session) -> tuple[Request, ...]:
    """What nobody has answered yet, oldest first."""
    return tuple(map(_request, session.scalars(select(IngestRequest).where(_waits()).order_by(IngestRequest.id))))


def for_a_worker(session: Session) -> tuple[Request, ...]:
    """What waits and needs no person, oldest first."""
    return tuple(each for each in waiting(session) if each.action is not Action.ASKED)


def settle(session: Session, source_id: str, said: str, at: datetime) -> None:
    """A person has decided what a partner asked of this source."""
    asked = (IngestRequest.source_id == source_id, IngestRequest.action == Action.ASKED, _waits())
    session.execute(update(IngestRequest).where(*asked).values(done_at=at, said=said))


def recent(session: Session, source_id: str, limit: int = 10) -> tuple[Request, ...]:
    """The latest requests for a source, answered or not, latest first."""
    query = select(IngestRequest).where(IngestRequest.source_id == source_id).order_by(IngestRequest.id.desc())
    return tuple(map(_request, session.scalars(query.limit(limit))))


def finish(session: Session, request_id: int, said: str, at: datetime) -> bool:
    """Answers a request, once; False when it was answered before."""
    ours = (IngestRequest.id == request_id, _waits())
    return bool(count_changed(session, update(IngestRequest).where(*ours).values(done_at=at, said=said)))


def _check_held(session: Session, source_id: str, run_id: int | None) -> None:
    if run_id is None:
        raise BadInput("No run was named.", "Name the run that waits.", "run_id")
    run = runs.get(session, run_id)
    if run.source_id != source_id:
        raise BadInput(f"Run {run_id} is another source's.", "Look at it on that source's page.", "run_id")
    if run.state is not runs.State.HELD:
        raise runs.not_held(run_id)


def _waits() -> ColumnElement[bool]:
    return IngestRequest.done_at.is_(None)


def _request(row: IngestRequest) -> Request:
    return Request(
        id=row.id,
        source_id=row.source_id,
        action=Action(row.action),
        run_id=row.run_id,
        upload_digest=row.upload_digest,
        upload_name=row.upload_name,
        made_at=utc(row.made_at),
        made_by=row.made_by,
        done_at=utc(row.done_at) if row.done_at else None,
        said=row.said,
    )
