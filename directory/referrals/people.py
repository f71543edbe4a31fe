"""What we know of a person, each field sealed under their own key, and the passphrase that speaks for them by phone."""

import re
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.accounts import passwords
from directory.errors import BadInput, Forbidden, NotFound, TooManyTries
from directory.referrals import audit, case_rows, sealing
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import AuditEvent, Case, Person, Subject

FIELDS = ("name", "full_name", "date_of_birth", "address", "postcode", "school", "account")
LONG = ("account",)
PASSPHRASE_LEAST, PASSPHRASE_MOST = 8, 128
"""Characters; it is said aloud, so capitals, signs and blanks do not count."""
TRIES_WITHIN = timedelta(minutes=15)
TRIED = "passphrase_tried"


def put(session: Session, loop: Loop, person: Person, given: Mapping[str, str]) -> None:
    """Seals these fields into the row. Raises BadInput for a field there is not, too long, or no date."""
    seal = loop.sealer(session, person.subject_id)
    for name, text in checked(given).items():
        setattr(person, f"{name}_sealed", seal.seal(text, "person", person.id, name))


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """The fields, trimmed. Raises BadInput."""
    unknown = sorted(given.keys() - set(FIELDS))
    if unknown:
        raise BadInput("There is no such field of a person.", f"We keep: {', '.join(FIELDS)}.", unknown[0])
    fields = {
        name: case_rows.line(text, name, case_rows.TEXT_LIMIT if name in LONG else case_rows.LINE_LIMIT)
        for name, text in given.items()
    }
    if fields.get("date_of_birth"):
        try:
            fields["date_of_birth"] = date.fromisoformat(fields["date_of_birth"]).isoformat()
        except ValueError:
            raise BadInput(
                "The date of birth is no date.", "Give it as year-month-day, like 2012-05-30.", "date_of_birth"
            ) from None
    return fields


def opened(session: Session, loop: Loop, subject_id: str, names: Collection[str] = FIELDS) -> dict[str, str]:
    """These fields of a person in clear, "" for what is not known; the caller writes the audit line.

    Raises Erased, Unreadable.
    """
    person = of_subject(session, subject_id)
    seal = loop.sealer(session, subject_id)
    return {name: seal.open(getattr(person, f"{name}_sealed"), "person", person.id, name) for name in names}


def new_subject(session: Session, loop: Loop, ask: Ask) -> Subject:
    """Somebody of whom we keep something from now on, with a key of their own."""
    own = str(uuid4())
    wrapped, key_id = sealing.new_subject_key(loop.keys, own)
    subject = Subject(id=own, wrapped_key=wrapped, key_id=key_id, made_at=ask.at)
    session.add(subject)
    session.flush()
    return subject


def of_subject(session: Session, subject_id: str) -> Person:
    """Raises NotFound."""
    person = session.scalar(select(Person).where(Person.subject_id == subject_id))
    if person is None:
        raise NotFound("There is nobody under this case.", "Tell whoever runs this directory.")
    return person


def amend(loop: Loop, ask: Ask, case_id: str, changes: Mapping[str, str]) -> Answer:
    """Replaces fields of the case's person; an empty text takes one away. {"id", "version"} of the person.

    `ask.version` is the person's. Raises BadInput, Conflict.
    """
    fields = checked(changes)

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        person = of_subject(session, case.subject_id)
        check_version(person.version, ask, "these details were written anew")
        put(session, loop, person, fields)
        person.version += 1
        case_rows.written(session, case, ask, "person", person.id, "amend", details={"fields": sorted(fields)})
        return {"id": person.id, "version": person.version}

    return loop.once(ask, "person.amend", {"case_id": case_id, **case_rows.fingerprint(loop, fields)}, do)


def set_passphrase(loop: Loop, ask: Ask, case_id: str, words: str) -> Answer:
    """Keeps the passphrase that the person chose, as argon2id and sealed. Raises BadInput for one too short."""
    phrase = _folded(words)
    if not PASSPHRASE_LEAST <= len(phrase) <= PASSPHRASE_MOST:
        raise BadInput(
            "This passphrase is too short or too long.",
            f"Use two or three words: {PASSPHRASE_LEAST} to {PASSPHRASE_MOST} letters and figures.",
            "passphrase",
        )
    kept = passwords.hashed(phrase)  # slow, so before the record is locked

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        person = of_subject(session, case.subject_id)
        seal = loop.sealer(session, case.subject_id)
        person.passphrase_sealed = seal.seal(kept, "person", person.id, "passphrase")
        person.version += 1
        case_rows.written(session, case, ask, "person", person.id, "set_passphrase")
        return {"id": person.id, "version": person.version}

    return loop.once(ask, "person.passphrase", {"case_id": case_id, **case_rows.fingerprint(loop, {"w": phrase})}, do)


def passphrase_is_right(loop: Loop, ask: Ask, reference: str, words: str) -> bool:
    """Whether a caller said the passphrase of the case of this reference.

    False alike, and after as long, for a wrong one, for a case that has none and for no case at all; nothing changes
    but the line in the audit. Raises TooManyTries after so many tries of one worker.
    """
    with loop.database.session() as session:  # counted before it is looked at: fifty at once count as fifty
        _refuse_many(session, loop, ask)
        audit.note(session, ask.who, ask.at, "tell", "person", "", fields=("passphrase",), purpose=TRIED)
    with loop.database.reading() as session:
        known = select(Case).where(Case.reference == folded_reference(reference), case_rows.visible(ask.who))
        case = session.scalar(known)
        kept = _kept(session, loop, case)
    is_right = passwords.is_right(kept, _folded(words))
    case_id, subject_id = (case.id, case.subject_id) if case else ("", "")
    result, purpose = (audit.ALLOW, "passphrase_right") if is_right else (audit.DENY, "passphrase_wrong")
    with loop.database.session() as session:
        audit.note(
            session, ask.who, ask.at, "tell", "case", case_id, subject_id=subject_id, result=result, purpose=purpose
        )
    return is_right


def check_passphrase(loop: Loop, ask: Ask, reference: str, words: str) -> None:
    """The same for an action done by phone. Raises Forbidden, which tells no more than that it cannot be done so."""
    if not passphrase_is_right(loop, ask, reference, words):
        raise Forbidden(
            "That cannot be done on this call.", "Ring the person back by the safe contact on record, if there is one."
        )


def folded_reference(text: str) -> str:
    """ "kx 4821-tp" as it is kept: "KX4821TP"."""
    return re.sub(r"[\W_]", "", text)[:20].upper()


def has_passphrase(session: Session, subject_id: str) -> bool:
    return session.scalar(select(Person.passphrase_sealed).where(Person.subject_id == subject_id)) is not None


def _kept(session: Session, loop: Loop, case: Case | None) -> str | None:
    if case is None or case.erased_at is not None:
        return None
    person = of_subject(session, case.subject_id)
    sealed = person.passphrase_sealed
    return loop.sealer(session, case.subject_id).open(sealed, "person", person.id, "passphrase") or None


def _refuse_many(session: Session, loop: Loop, ask: Ask) -> None:
    own = (AuditEvent.actor_id == ask.who.id, AuditEvent.purpose == TRIED, AuditEvent.at > ask.at - TRIES_WITHIN)
    if (session.scalar(select(func.count()).where(*own)) or 0) >= loop.policy.number("cases", "passphrase_tries"):
        raise TooManyTries("Too many passphrases were tried.", "Wait a quarter of an hour, or ring the person back.")


def _folded(words: str) -> str:
    return re.sub(r"[\W_]", "", words[:1_000]).casefold()
