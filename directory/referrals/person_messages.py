"""Writing to the person themselves: only as they allowed, only what they asked for, in words that tell nobody anything.

A message says "ring us", or holds the public addresses of services on their short list; then each is a signpost too.
What holds when it is written is asked again when it leaves (`letters.refusal`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict, Forbidden
from directory.referrals import case_rows, notices, policy, safe_contacts, shortlists, signposts, switches
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop
from directory.referrals.safe_contacts import Opened
from directory.referrals.shortlist_tables import PersonMessage
from directory.referrals.shortlists import Listed
from directory.referrals.tables import SafeContact
from directory.referrals.texts import EMAIL, TEXT

CHANNELS = (EMAIL, TEXT)
TEMPLATES = {
    (EMAIL, False): "person_check_in",
    (EMAIL, True): "person_links",
    (TEXT, False): "text_ring_us",
    (TEXT, True): "text_links",
}
"""By channel, and whether it tells of services: a message of data/notices.toml."""
NO_TEXTS = "Text messages are not set up here."


@dataclass(frozen=True, slots=True)
class MessageSaid:
    """What is to be sent. No services: "ring us" alone."""

    channel: str
    service_ids: tuple[str, ...] = ()
    ask_on: date | None = None
    """When we ask how they got on with those services; None: never."""
    nobody_else_reads: bool = False
    """Asked when somebody must not know: the person says that nobody but them sees what comes there."""


@dataclass(frozen=True, slots=True)
class Way:
    """One channel, and why it must not be used now ("" when it may)."""

    channel: str
    against: str


def ways(contact: SafeContact | None, at: datetime, texts: bool) -> tuple[Way, ...]:
    """E-mail and text as the person's own rule has them at this moment; `texts`: whether text messages are set up."""
    found = []
    for channel in CHANNELS:
        allowed, reason = safe_contacts.may_contact(contact, channel, at)
        not_set_up = NO_TEXTS if channel == TEXT and not texts else ""
        found.append(Way(channel, not_set_up or ("" if allowed else reason)))
    return tuple(found)


def send(loop: Loop, ask: Ask, case_id: str, said: MessageSaid, texts: bool) -> Answer:
    """Queues the message, and a signpost for each service in it; it leaves within seconds. {"id", "signposts"}.

    Raises Forbidden with the reason when the person must not be written to so, or now; BadInput, Conflict, NotFound,
    and NotReady while the adopter has not decided.
    """
    loop.policy.check(policy.TO_SEND)

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        contact = safe_contacts.current(session, case.id)
        _check(session, loop, ask, contact, said, texts)
        assert contact is not None  # `_check` has seen it
        chosen = _chosen(shortlists.listed(session, case.id), said.service_ids)
        template = TEMPLATES[said.channel, bool(chosen)]
        notice = notices.queue(session, loop, template, ask.at, safe_contact_id=contact.id)
        row = PersonMessage(
            id=str(uuid4()),
            case_id=case.id,
            subject_id=case.subject_id,
            notice_id=notice.id,
            channel=said.channel,
            services="|".join(each.service_id for each in chosen),
            made_at=ask.at,
            made_by=ask.who.id,
        )
        session.add(row)
        session.flush()
        told = {"channel": said.channel, "services": len(chosen)}
        case_rows.written(session, case, ask, "person_message", row.id, "send", action="send", details=told)
        for each in chosen:
            signposts.put(session, loop, ask, each.need_id, each.service_id, said.ask_on)
        return {"id": row.id, "signposts": len(chosen)}

    return loop.once(ask, "person_message.send", {"case_id": case_id, "said": said}, do)


def _check(session: Session, loop: Loop, ask: Ask, contact: SafeContact | None, said: MessageSaid, texts: bool) -> None:
    way = next((each for each in ways(contact, ask.at, texts) if each.channel == said.channel), None)
    if way is None:
        raise BadInput("Choose how to write to them.", "Nothing was sent.", "channel")
    if way.against:
        raise Forbidden(way.against, "Nothing was sent. Ask the person, and change how they are reached if they wish.")
    if switches.is_on(session, switches.MAIL_STOPPED):
        raise Conflict("All mail is stopped, and this must not leave at another hour.", "Nothing was sent.")
    assert contact is not None
    opened: Opened = safe_contacts.opened(session, loop, contact)
    if opened.who_must_not_know and not said.nobody_else_reads:
        advice = "Ask the person who else sees what comes there; send it only if nobody does."
        raise BadInput("Somebody must not know that they are in touch with us.", advice, "nobody_else_reads")


def _chosen(listed: tuple[Listed, ...], service_ids: tuple[str, ...]) -> list[Listed]:
    """The lines of the short lists to tell of, a service once. Raises BadInput for one that must not be told of."""
    found: dict[str, Listed] = {}
    for each in listed:
        if each.service_id in service_ids:
            found.setdefault(each.service_id, each)
    if len(found) < len(set(service_ids)):
        raise BadInput("A service is no longer on the short list.", "Look at it again.", "service_ids")
    for each in found.values():
        if each.excluded or not each.is_open:
            why = "is named as unsafe for them" if each.excluded else "is closed now"
            raise BadInput(f"{each.name or 'A service'} {why}.", "Take it off the short list.", "service_ids")
    return list(found.values())
