"""The services that can help with one need of a case: asked of the matcher now, with what the person ruled out."""

from dataclasses import dataclass

from directory.errors import BadInput, NotFound
from directory.referrals import alternatives, audit, case_rows, exclusions, mailboxes
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.referrals.next_best import Alternative, Wanted
from directory.referrals.tables import Case, Need

SHOWN = 10


@dataclass(frozen=True, slots=True, repr=False)
class NeedMatches:
    """A need, and the doors for it. `receives`: ids of services with a proved mailbox: they can be sent a referral."""

    case: Case
    need: Need
    doors: tuple[Alternative, ...]
    receives: frozenset[str]
    trouble: str = ""


def read(loop: Loop, who: Who, case_id: str, need_id: str) -> NeedMatches:
    """Best first. Raises NotFound, Erased, NotReady when the matcher cannot be asked."""
    with loop.database.session() as session:
        case = case_rows.found(session, who, case_id)
        need = session.get(Need, need_id)
        if need is None or need.case_id != case.id:
            raise NotFound("There is no such need.", "Look at the case.")
        facts = alternatives.facts(session, loop, case)
        out = exclusions.ids(session, case.id)
        audit.note(
            session, who, loop.clock(), "view", "need", need.id, subject_id=case.subject_id, fields=("facts",),
            purpose="match",
        )  # fmt: skip
    trouble, doors = "", tuple[Alternative, ...]()
    try:
        doors = loop.next_best(Wanted(facts, need.need, out), SHOWN)
    except BadInput as error:
        trouble = str(error)
    with loop.database.reading() as session:
        receives = frozenset(each.service_id for each in doors if mailboxes.current(session, each.service_id))
    return NeedMatches(case, need, tuple(each for each in doors if each.service_id not in out), receives, trouble)
