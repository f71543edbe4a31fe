"""A registration as its staff page shows it: in words, beside what the record says; of a confidential place nothing."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request

from directory.draft import ServiceDraft
from directory.editing import current, fields
from directory.errors import BadInput, UnusableFile
from directory.partners import oscr, registrations, verifying
from directory.partners.oscr import Register
from directory.partners.registrations import TABLE
from directory.partners.verifying import Look
from directory.referrals import audit
from directory.referrals.asking import Ask
from directory.referrals.loop import Loop
from directory.values import Visibility
from web.forms import runtime_of


def read(loop: Loop, ask: Ask, own: str, known: Register | None) -> dict[str, Any]:
    """Everything of a registration that staff may see, the look written down."""
    with loop.database.session() as session:
        row = verifying.row_of(session, own)
        audit.note(session, ask.who, ask.at, "view", TABLE, row.id, fields=("organization", "contact", "referrals"))
        kept, trouble, look = registrations.read(loop, row), "", None
        try:
            look = verifying.look(session, loop, row, ask.at, known)
        except BadInput as error:  # which the record could not hold: they must be told
            trouble = str(error)
        return {
            "kept": kept,
            "look": look,
            "trouble": trouble,
            "is_own": verifying.is_own(session, loop, kept, ask.who.id),
            "services": [_service(draft) for draft in look.drafts] if look else [],
            "differing": _differing(session, look) if look else [],
        }


def _service(draft: ServiceDraft) -> dict[str, Any]:
    """A service in words, group by group; what is not stated is left out. Of a confidential place there is nothing."""
    values = fields.plain(draft)
    hidden = draft.premises.visibility is Visibility.UNDISCLOSED
    groups = []
    for group in fields.GROUPS:
        said = [
            (each.label, each.words(values[each.name]))
            for each in fields.of_group(group.code)
            if not (hidden and each.name in fields.OF_A_PLACE and each.name != "hours")
        ]
        lines = [(label, words) for label, words in said if words not in (fields.NOT_STATED, "no")]
        if lines:
            groups.append((group.title, lines))
    return {"own": draft.source_id, "name": draft.name, "withheld": hidden, "groups": groups}


def _differing(session: Session, look: Look) -> list[dict[str, str]]:
    """What the record says now of the service that is claimed, where they say something else."""
    if look.claimed is None or not look.drafts:
        return []
    now, values = current.read(session, look.claimed.id), fields.plain(look.drafts[0])
    hidden = now.withheld or look.drafts[0].premises.visibility is Visibility.UNDISCLOSED
    shown = [each for each in fields.FIELDS if not (hidden and each.name in {*fields.OF_A_PLACE, "premises"})]
    return [
        {"label": each.label, "now": each.words(now.values[each.name]), "theirs": each.words(values[each.name])}
        for each in shown
        if now.values[each.name] != values[each.name]
    ]


def register(request: Request) -> Register | None:
    """The register of charities, where it is loaded and can be read."""
    try:
        return oscr.register(runtime_of(request).settings.home)
    except UnusableFile:
        return None


def charity(request: Request, number: str) -> dict[str, Any]:
    """What the loaded register has of a number: {"as_of", "found"}; {} where nothing can be looked up."""
    known = register(request)
    if known is None or not number:
        return {}
    return {"as_of": known.as_of, "found": known.charities.get(number)}
