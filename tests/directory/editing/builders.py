"""One-line steps of editing, so that a test says only what it is about."""

from datetime import datetime
from typing import Any

from directory.database import Database
from directory.editing import current, fields, proposal_views, proposals
from directory.editing.current import Current
from directory.editing.proposal_views import ProposalView
from directory.editing.proposals import Proposer, Sent
from directory.records import service_id
from directory.search import fold
from directory.search.document import ServiceDocument
from tests.builders import NOON

ANN, BEN, CAT = Proposer("ann"), Proposer("ben"), Proposer("cat")
SERVICE = service_id("facts", "f900")


def now(record: Database, own: str = SERVICE) -> Current:
    with record.reading() as session:
        return current.read(session, own)


def shown(record: Database, own: str = SERVICE) -> ServiceDocument:
    with record.reading() as session:
        found = fold.document(session, own)
    assert found is not None
    return found


def edited(
    record: Database, who: Proposer = ANN, own: str = SERVICE, at: datetime = NOON, public_name: str = "", **values: Any
) -> Sent:
    """Sets fields, given as plain values, of what the record says at this moment."""
    with record.session() as session:
        seen = current.read(session, own)
        said = {name: fields.normal(name, value) for name, value in values.items()}
        return proposals.edit(session, own, said, seen.mark(said), who, at, "", public_name)


def viewed(record: Database, number: int) -> ProposalView:
    with record.reading() as session:
        return proposal_views.view(session, number)


def approved(record: Database, number: int | None, who: Proposer = BEN, at: datetime = NOON) -> None:
    assert number is not None
    seen = viewed(record, number).seen
    with record.session() as session:
        proposals.approve(session, number, seen, who, at)


def ages(minimum: int, maximum: int) -> dict[str, Any]:
    return {"known": "stated", "minimum": minimum, "maximum": maximum}
