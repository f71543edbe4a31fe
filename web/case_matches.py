"""The services that can help with one need of a case: asked of the matcher now, with what the person ruled out."""

from dataclasses import dataclass

from directory.errors import BadInput, NotFound
from directory.referrals import alternatives, audit, case_rows, exclusions, mailboxes, shortlists
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.referrals.next_best import Alternative, Wanted
from directory.referrals.shortlists import Listed
from directory.referrals.tables import Case, Need
from web import identity as identities
from web.identity import Identity

SHOWN = 10


@dataclass(frozen=True, slots=True, repr=False)
class NeedMatches:
    """A need, the doors for it, and its short list. `receives`: ids of services with a proved mailbox: they can be sent
    a referral."""

    case: Case
    need: Need
    doors: tuple[Alternative, ...]
    receives: frozenset[str]
    listed: tuple[Listed, ...]
    identity: Identity
    trouble: str = ""


def read(loop: Loop, who: Who, case_id: str, need_id: str) -> NeedMatches:
    """Best first. Raises NotFound, Erased, NotReady when the matcher cannot be asked."""
    with loop.database.session() as session:
        case = case_rows.found(session, who, case_id)
        need = session.get(Need, need_id)
        if need is None or need.case_id != case.id:
            raise NotFound(*case_rows.NO_CASE)
        facts = alternatives.facts(session, loop, case)
        out = exclusions.ids(session, case.id)
        identity = identities.read(session, loop, case)
        audit.note(
            session, who, loop.clock(), "view", "need", need.id, subject_id=case.subject_id,
            fields=("match", "facts", *identities.OPENED), purpose=case_rows.why(session, who, case),
        )  # fmt: skip
    trouble, doors = "", tuple[Alternative, ...]()
    try:
        doors = loop.next_best(Wanted(facts, need.need, out), SHOWN)
    except BadInput as error:
        trouble = str(error)
    with loop.database.reading() as session:
        receives = frozenset(each.service_id for each in doors if mailboxes.current(session, each.service_id))
        listed = shortlists.listed(session, case.id, need.id)
    doors = tuple(each for each in doors if each.service_id not in out)
    return NeedMatches(case, need, doors, receives, listed, identity, trouble)
