"""Finding cases: a worker's own, and a search by name or reference. Every name shown leaves a line in the audit.

Names are sealed, so a search opens that of each case it may know of, and keeps no words. Words come by POST alone. Of a
case that is not a worker's own, and that they have not said why they open, a list tells the reference and who leads it.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import BadInput, Forbidden
from directory.referrals import audit, case_rows, sealing
from directory.referrals.asking import Who
from directory.referrals.lifecycle import WORKERS
from directory.referrals.loop import Loop
from directory.referrals.people import folded_reference
from directory.referrals.tables import Case, Need, Person, Subject
from taxonomy.tokens import fold_words

LONGEST = 100
NAMES = ("name", "full_name")
Found = tuple[Case, bool, str, str]
"""A case, whether it is open to who asks, the name to use and the full name of its person."""
_REFERENCE = re.compile(r"[A-Z]{2}\d{4}[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in a list. `needs`: (code, state) of each, oldest first.

    `is_open`: not, and all that tells of the person is empty, when they must say first why they look.
    """

    id: str
    reference: str
    name: str = field(repr=False)
    opened_at: datetime
    closed_at: datetime | None
    lead_worker: str
    age_band: str
    council: str
    safety_flag: bool
    needs: tuple[tuple[str, str], ...] = ()
    is_open: bool = True


def listed(loop: Loop, who: Who, worker: str = "", closed: bool = False) -> list[CaseLine]:
    """Open cases (or closed ones) that somebody may know of, newest first; of one who works on them where named."""
    _check(who)
    query = _known(who).where(Case.closed_at.is_not(None) if closed else Case.closed_at.is_(None))
    if worker:
        query = query.where(case_rows.assigned_to(worker))
    with loop.database.reading() as session:
        found = _opened(session, loop, query.limit(loop.policy.number("cases", "listed")))
    return _shown(loop, who, "list", found)


def search(loop: Loop, who: Who, words: str) -> list[CaseLine]:
    """Cases of this reference, or of a person by this name (each word begins one of theirs), newest first.

    At most the policy's `names_shown`. Raises BadInput for no words or too many.
    """
    _check(who)
    if not words.strip() or len(words) > LONGEST:
        raise BadInput("Type a name or a reference.", f"At most {LONGEST} characters.", "words")
    reference, wanted = folded_reference(words), fold_words(words)
    with loop.database.reading() as session:
        if _REFERENCE.fullmatch(reference):
            found = _opened(session, loop, _known(who).where(Case.reference == reference))
        else:
            ids = _called(session, loop, who, wanted) if wanted else []
            shown = Case.id.in_(ids[: loop.policy.number("cases", "names_shown")])
            found = _opened(session, loop, _known(who).where(shown))
    return _shown(loop, who, "search", found)


def _called(session: Session, loop: Loop, who: Who, wanted: Collection[str]) -> list[str]:
    """Ids of the cases of people by this name, newest first. Of everybody only the names are read, and none is kept."""
    names = (Person.id, Person.name_sealed, Person.full_name_sealed)
    query = _known(who).with_only_columns(Case.id, Subject.id, Subject.wrapped_key, Subject.key_id, *names)
    found = []
    for case_id, subject_id, wrapped_key, key_id, person_id, *sealed in session.execute(query):
        seal = sealing.unwrapped(loop.keys, subject_id, wrapped_key, key_id)
        said = [seal.open(value, "person", person_id, name) for name, value in zip(NAMES, sealed, strict=True)]
        if _begins(wanted, fold_words(" ".join(said))):
            found.append(case_id)
    return found


def _known(who: Who) -> Select[Case, bool, Person, Subject]:
    known = (case_rows.visible(who), Case.erased_at.is_(None))
    query = select(Case, case_rows.opened_by(who), Person, Subject).join(Person, Person.subject_id == Case.subject_id)
    query = query.join(Subject, Subject.id == Case.subject_id)
    return query.where(*known).order_by(Case.opened_at.desc(), Case.id)


def _opened(session: Session, loop: Loop, query: Select[Case, bool, Person, Subject]) -> list[Found]:
    found = []
    for case, is_open, person, subject in session.execute(query):
        seal = sealing.sealer(loop.keys, subject)
        names = [seal.open(getattr(person, f"{each}_sealed"), "person", person.id, each) for each in NAMES]
        found.append((case, bool(is_open), names[0], names[1]))
    return found


def _begins(wanted: Iterable[str], own: Iterable[str]) -> bool:
    names = tuple(own)
    return all(any(name.startswith(word) for name in names) for word in wanted)


def _shown(loop: Loop, who: Who, action: str, found: list[Found]) -> list[CaseLine]:
    at = loop.clock()
    with loop.database.session() as session:
        if not found:
            audit.note(session, who, at, action, "case", "")
        for case, is_open, *_ in found:
            fields = NAMES if is_open else ("reference",)
            audit.note(session, who, at, action, "case", case.id, subject_id=case.subject_id, fields=fields)
        needs: dict[str, list[tuple[str, str]]] = {case.id: [] for case, *_ in found}
        for need in session.scalars(select(Need).where(Need.case_id.in_(needs)).order_by(Need.opened_at, Need.id)):
            needs[need.case_id].append((need.need, need.state))
    return [_line(case, is_open, name, tuple(needs[case.id])) for case, is_open, name, _ in found]


def _line(case: Case, is_open: bool, name: str, needs: tuple[tuple[str, str], ...]) -> CaseLine:
    return CaseLine(
        case.id,
        case.reference,
        name if is_open else "",
        utc(case.opened_at),
        utc(case.closed_at) if case.closed_at else None,
        case.lead_worker,
        case.age_band if is_open else "",
        case.council if is_open else "",
        is_open and case.safety_flag,
        needs if is_open else (),
        is_open,
    )


def _check(who: Who) -> None:
    if who.kind not in WORKERS:
        raise Forbidden("Cases are for workers of the single point of contact.", "Ask one of them.")
