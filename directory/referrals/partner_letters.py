"""Messages to partners: to a mailbox that somebody typed, so they say nothing but a code, a page's address, our phone.

They leave as all others do (`sending`): claimed, tried again, never lost.
"""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.keys import Unreadable
from directory.referrals import notices
from directory.referrals.loop import Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.referrals.tables import Notice

TABLE = "partner_letter"
NAME_LENGTH = 100


def queue(
    session: Session,
    loop: Loop,
    template: str,
    to: str,
    at: datetime,
    *,
    code: str = "",
    path: str = "",
    organization: str = "",
    until: datetime | None = None,
    due_at: datetime | None = None,
) -> Notice:
    """Adds a message of a kind that is to a partner. `path` is of the page it speaks of ("/partners"), without anything
    that lets somebody in. Raises KeyError, ValueError for a template of another kind."""
    own = str(uuid4())
    name = " ".join(organization.split())[:NAME_LENGTH]
    fields = json.dumps({"to": to, "code": code, "organization": name})
    session.add(PartnerLetter(id=own, fields_sealed=_seal(loop, own, fields), path=path, until=until))
    session.flush()
    return notices.queue(session, loop, template, at, partner_letter_id=own, due_at=due_at)


def refusal(session: Session, notice: Notice, now: datetime) -> str:
    """Why it must not leave any more; "" when it may."""
    row = session.get(PartnerLetter, notice.partner_letter_id)
    if row is None or row.fields_sealed is None:
        return "erased"
    return "expired" if row.until is not None and utc(row.until) <= now else ""


def said(session: Session, loop: Loop, notice: Notice, public_url: str) -> dict[str, str]:
    """What it says and to whom ("to"). Raises Unreadable."""
    row = session.get_one(PartnerLetter, notice.partner_letter_id)
    fields: dict[str, str] = json.loads(loop.own.open(row.fields_sealed, TABLE, row.id, "fields"))
    return fields | {"link": f"{public_url}{row.path}"}


def forget(session: Session, notice: Notice) -> None:
    """It has left, or never will: nothing of it is needed any more."""
    row = session.get(PartnerLetter, notice.partner_letter_id)
    if row is not None:
        row.fields_sealed = None


def forget_page(session: Session, path: str) -> None:
    """Of a page that is erased no message leaves any more."""
    session.execute(update(PartnerLetter).where(PartnerLetter.path == path).values(fields_sealed=None))


def forget_those(
    session: Session, loop: Loop, templates: Collection[str], is_meant: Callable[[str, Mapping[str, str]], bool]
) -> None:
    """Of letters of these kinds that have not left, those meant never will: told by their path, and by what they say
    ("to", "code", "organization")."""
    query = select(PartnerLetter).join(Notice, Notice.partner_letter_id == PartnerLetter.id)
    kind = (Notice.template.in_(templates), PartnerLetter.fields_sealed.is_not(None))
    for row in session.scalars(query.where(*kind)):
        try:
            fields = json.loads(loop.own.open(row.fields_sealed, TABLE, row.id, "fields"))
        except Unreadable:
            continue
        if is_meant(row.path, fields):
            row.fields_sealed = None


def is_sent_since(session: Session, template: str, path: str, since: datetime) -> bool:
    """Whether a message of this kind about a page was written after a moment."""
    same = (Notice.template == template, Notice.made_at > since, PartnerLetter.path == path)
    query = select(Notice.id).join(PartnerLetter, PartnerLetter.id == Notice.partner_letter_id).where(*same)
    return session.scalar(query.limit(1)) is not None


def _seal(loop: Loop, own: str, text: str) -> bytes | None:
    return loop.own.seal(text, TABLE, own, "fields")
