"""The phrases that editors add: the one writer of synonyms, each change with a line that says who, when and what."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.database import Database
from directory.errors import BadInput, NotFound
from directory.phrasing import Proposal
from directory.tables import Synonym, SynonymRevision
from taxonomy.lexicon import PhraseRow
from taxonomy.terms import load

LOG = logging.getLogger("waymark.vocabulary")
ACTIVE, WITHDRAWN = "active", "withdrawn"


def add(database: Database, new: Proposal, by: str, at: datetime, confirmed: bool = False) -> str:
    """Takes a phrase into the vocabulary; returns its id. `by` is the id of an account.

    Raises BadInput (field confirmed) when the phrase has warnings and nobody says that they were read, and (field
    phrase) when the record has this phrase with this meaning already, withdrawn or not.
    """
    if new.warnings and not confirmed:
        raise BadInput("Read what this phrase would change.", "Then tick the box and add it.", field="confirmed")
    made = Synonym(
        id=str(uuid4()), phrase=new.phrase, folded=new.folded, taxonomy=new.taxonomy, code=new.code, note=new.note,
        status=ACTIVE, made_at=at, made_by=by,
    )  # fmt: skip
    try:
        with database.session() as session:
            _check_new(session, new)
            session.add(made)
            session.flush()
            _note(session, made, "add", None, by, at)
    except IntegrityError:
        raise _already() from None  # somebody added it at the same moment; the error's own words hold the phrase
    LOG.info("synonym %s added to %s/%s by account %s", made.id, made.taxonomy, made.code, by)
    return made.id


def _check_new(session: Session, new: Proposal) -> None:
    same = (Synonym.folded == new.folded, Synonym.taxonomy == new.taxonomy, Synonym.code == new.code)
    status = session.scalar(select(Synonym.status).where(*same))
    if status == WITHDRAWN:
        raise BadInput(
            "This phrase had this meaning and was withdrawn.",
            "Use “Bring back” beside it in the list of withdrawn phrases.",
            field="phrase",
        )
    if status is not None:
        raise _already()


def _already() -> BadInput:
    return BadInput("This phrase has this meaning already.", "There is nothing to add.", field="phrase")


def withdraw(database: Database, synonym_id: str, by: str, at: datetime) -> bool:
    """Takes a phrase out of use; whether anything changed. Raises NotFound."""
    return _set_status(database, synonym_id, WITHDRAWN, by, at)


def restore(database: Database, synonym_id: str, by: str, at: datetime) -> bool:
    """Brings a withdrawn phrase back into use; whether anything changed. Raises NotFound."""
    return _set_status(database, synonym_id, ACTIVE, by, at)


def _set_status(database: Database, synonym_id: str, status: str, by: str, at: datetime) -> bool:
    with database.session() as session:
        row = session.scalar(select(Synonym).where(Synonym.id == synonym_id).with_for_update())
        if row is None:
            raise NotFound("There is no such phrase.", "Look at the list of phrases again.")
        if row.status == status:
            return False
        before = content(row)
        row.status = status
        action = "restore" if status == ACTIVE else "withdraw"
        _note(session, row, action, before, by, at)
    LOG.info("synonym %s: %s by account %s", synonym_id, action, by)
    return True


def _note(session: Session, row: Synonym, action: str, before: dict[str, Any] | None, by: str, at: datetime) -> None:
    line = SynonymRevision(synonym_id=row.id, made_at=at, made_by=by, action=action, before=before, after=content(row))
    session.add(line)


def content(row: Synonym) -> dict[str, Any]:
    """What of a synonym can change or matters to its history, as JSON values."""
    return {name: getattr(row, name) for name in ("phrase", "taxonomy", "code", "note", "status")}


def active(database: Database) -> tuple[Synonym, ...]:
    """Every phrase in use, in the order of adding."""
    with database.reading() as session:
        return _rows(session, lambda query: query.where(Synonym.status == ACTIVE))


def of_term(database: Database, taxonomy: str, code: str) -> tuple[Synonym, ...]:
    """Every phrase of one term, withdrawn ones too, in the order of adding."""
    with database.reading() as session:
        return _rows(session, lambda query: query.where(Synonym.taxonomy == taxonomy, Synonym.code == code))


def _rows(session: Session, chosen: Callable[[Any], Any]) -> tuple[Synonym, ...]:
    return tuple(session.scalars(chosen(select(Synonym)).order_by(Synonym.made_at, Synonym.id)))


def history(database: Database, most: int | None = None) -> tuple[SynonymRevision, ...]:
    """Every change, the newest first; at most so many."""
    with database.reading() as session:
        return tuple(session.scalars(select(SynonymRevision).order_by(SynonymRevision.id.desc()).limit(most)))


def version(database: Database) -> int:
    """A number that rises with every change; 0 when there was none."""
    with database.reading() as session:
        return count_changes(session)


def count_changes(session: Session) -> int:
    """How many changes there were. Counted, for two that are made at once may be committed in either order, and the
    highest id would then not rise with the second."""
    return session.scalar(select(func.count()).select_from(SynonymRevision)) or 0


def rows_in_use(database: Database) -> tuple[int, tuple[PhraseRow, ...]]:
    """The version, and at that version the phrases in use whose term this Waymark knows, as a lexicon takes them."""
    with database.reading() as session:
        found = _rows(session, lambda query: query.where(Synonym.status == ACTIVE))
        return count_changes(session), _known(found)


def _known(rows: Iterable[Synonym]) -> tuple[PhraseRow, ...]:
    """A term that is in no list any more (an older or newer Waymark's) means nothing to the matcher."""
    terms = load()
    return tuple(
        PhraseRow(row.phrase, row.taxonomy, row.code)
        for row in rows
        if row.taxonomy in terms and row.code in terms[row.taxonomy]
    )
