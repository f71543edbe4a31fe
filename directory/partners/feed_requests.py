"""A partner asks that its own Open Referral feed is read instead of a spreadsheet: staff look at it and decide.

What is kept is a source that is off, and a request that no worker acts on: nothing is fetched before a person says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict, NotFound
from directory.feeds import requests, sources
from directory.feeds.requests import Action
from directory.feeds.sources import SourceSettings
from directory.partners import members
from directory.referrals import audit
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop

KINDS: Mapping[str, str] = {
    "oruk": "Open Referral UK 3.0",
    "oruk-1": "Open Referral UK 1.x",
    "hsds-json": "HSDS 3, one JSON file",
}
"""Kinds of `ingest.kinds` that a partner can have."""
LICENCES: Mapping[str, str] = {
    "OGL v3.0": "Open Government Licence v3.0",
    "CC BY 4.0": "Creative Commons Attribution 4.0",
    "Permission of the publisher": "Neither: we allow this directory to show it",
}
EVERY_HOURS = 24
NAME_LENGTH = 150
"""Characters of a partner's name that a source's settings have room for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a partner asked of a feed, and what came of it; `said` is "" while it waits for a person."""

    url: str
    at: datetime
    said: str


def ask_for(loop: Loop, ask: Ask, account_id: str, partner_id: str, url: str, kind: str, licence: str) -> Answer:
    """Keeps the request. Raises NotFound, Forbidden; BadInput naming the field; Conflict when one waits already."""

    def do(session: Session) -> Answer:
        name = members.of_partner(session, account_id, partner_id).check(members.EDITS).partner[:NAME_LENGTH]
        for wrong in missing(url, kind, licence):
            raise wrong
        new = SourceSettings(
            id=source_id(partner_id), name=f"{name}: own feed", publisher=name, licence=licence,
            attribution=f"Contains information from {name}.", kind=kind, url=url, every_hours=EVERY_HOURS, active=False,
        )  # fmt: skip
        try:
            sources.add(session, new, account_id, ask.at)
        except Conflict:
            raise Conflict("You have asked for a feed already.", "Ring us if its address has changed.") from None
        requests.ask(session, new.id, Action.ASKED, account_id, ask.at)
        audit.note(session, ask.who, ask.at, "create", "partner", partner_id, purpose="feed")
        return {"source": new.id}

    return loop.once(ask, "partner.feed", {"partner": partner_id, "url": url, "kind": kind, "licence": licence}, do)


def missing(url: str, kind: str, licence: str) -> tuple[BadInput, ...]:
    """All that a request lacks, each naming its field, in the order of the page."""
    found = (
        (bool(url.strip()), "The address is missing.", "Write it like https://feeds.example/services.", "url"),
        (kind in KINDS, "Say what kind of feed it is.", "Whoever makes it can say.", "kind"),
        (licence in LICENCES, "Say on what terms we may show it.", "Choose one.", "licence"),
    )
    return tuple(BadInput(*said) for is_right, *said in found if not is_right)


def asked(session: Session, partner_id: str) -> Asked | None:
    """What a partner asked for; None when nothing."""
    try:
        kept = sources.get(session, source_id(partner_id))
    except NotFound:
        return None
    found = next((each for each in requests.recent(session, kept.id, 50) if each.action is Action.ASKED), None)
    return Asked(kept.url, found.made_at, found.said) if found else None


def source_id(partner_id: str) -> str:
    """What the source of a partner's own feed is called: one each."""
    return f"partner-{partner_id.replace('-', '')}"
