"""The name to use beside a line of the work list: opened for the reader's own cases alone, each look written down."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.referrals import audit, case_rows, sealing
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, Person, Subject
from directory.referrals.worklist import Line

FIELDS = ("name",)


def shown(loop: Loop, who: Who, lines: Iterable[Line]) -> dict[str, str]:
    """Case id → name to use, of the cases that the reader works on; the others of these lines are told by reference.

    Every case shown leaves a line in the audit, with the names of the fields that were opened.
    """
    ids = {line.case_id for line in lines if line.case_id}
    if not ids:
        return {}
    with loop.database.reading() as session:
        names = _opened(session, loop, who, ids)
        subjects = dict(session.execute(select(Case.id, Case.subject_id).where(Case.id.in_(ids))).all())
    with loop.database.session() as session:
        for own, subject_id in sorted(subjects.items()):
            fields = FIELDS if own in names else ()
            audit.note(session, who, loop.clock(), "list", "case", own, subject_id=subject_id, fields=fields)
    return names


def _opened(session: Session, loop: Loop, who: Who, ids: set[str]) -> dict[str, str]:
    mine = (Case.id.in_(ids), case_rows.visible(who), case_rows.assigned_to(who.id), Case.erased_at.is_(None))
    query = select(Case.id, Person.id, Person.name_sealed, Subject).join(Person, Person.subject_id == Case.subject_id)
    found = session.execute(query.join(Subject, Subject.id == Case.subject_id).where(*mine))
    return {
        case_id: sealing.sealer(loop.keys, subject).open(sealed, "person", person_id, "name")
        for case_id, person_id, sealed, subject in found
    }
