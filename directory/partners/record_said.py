"""What staff, people and declined referrals said of a service's record, as its partner may read it.

Codes, months and counts from the floor on: nothing tells of a person, and what is said of a confidential place stays
unsaid.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import track_record
from directory.feeds import assurance, assurance_words
from directory.feeds.assurance import Word
from directory.feeds.quality import BROKEN_AFTER
from directory.feeds.tables import LinkCheck
from directory.partners import review_due
from directory.referrals import codes
from directory.referrals.lifecycle import Event
from directory.referrals.loop import Loop
from directory.referrals.outcomes import WINDOW
from directory.referrals.tables import Referral, ReferralEvent
from directory.search import telling
from directory.search.assured import OF_A_PLACE
from directory.search.telling import Telling

BY_REFERRAL = "provider"
"""Who said a doubt that came of a declined referral (`consequences`)."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that may be wrong. `by`: staff | referral | self | check; `month` as people say it, "May 2026"."""

    words: str
    by: str
    month: str


@dataclass(frozen=True, slots=True)
class RecordSaid:
    """`declined`: reason → how many referrals, from the floor on; `results` "": too few to say anything of."""

    doubts: tuple[Doubt, ...]
    declined: tuple[tuple[str, int], ...]
    results: str
    floor: int


def of_service(session: Session, loop: Loop, service_id: str) -> RecordSaid:
    """What was said and still counts."""
    rows = review_due.rows_of(session, service_id)
    tellings = telling.rows(session, rows)
    floor = max(loop.policy.number("evidence", "floor"), track_record.FLOOR)
    hidden = any(each.is_withheld for each in tellings)
    words = [word for own in assurance.words(session, rows).values() for word in own]
    doubts = [_doubt(word) for word in assurance.doubted(words) if not (hidden and OF_A_PLACE & set(word.fields))]
    if not hidden and _link_fails(session, rows):
        doubts.append(Doubt(assurance_words.DOUBTS["link_broken"], "check", ""))
    return RecordSaid(
        tuple(dict.fromkeys(doubts)), _declined(session, rows, loop.clock(), floor), _results(tellings), floor
    )


def _doubt(word: Word) -> Doubt:
    by = "self" if review_due.told_by_partner(word) else "referral" if word.by == BY_REFERRAL else "staff"
    return Doubt(assurance_words.DOUBTS[word.reason], by, assurance_words.spoken_date(word.at.date().isoformat()))


def _link_fails(session: Session, rows: Sequence[str]) -> bool:
    failing = (LinkCheck.service_id.in_(rows), LinkCheck.failures >= BROKEN_AFTER)
    return session.scalar(select(LinkCheck.service_id).where(*failing).limit(1)) is not None


def _declined(session: Session, rows: Sequence[str], now: datetime, floor: int) -> tuple[tuple[str, int], ...]:
    """Reasons that say something of the record itself, of referrals declined within the window."""
    query = (
        select(ReferralEvent.details)
        .join(Referral, Referral.id == ReferralEvent.referral_id)
        .where(Referral.service_id.in_(rows), ReferralEvent.event == Event.DECLINE.value)
        .where(ReferralEvent.at >= now - WINDOW)
    )
    counted = Counter(str(details.get("reason", "")) for details in session.scalars(query))
    known = codes.codes("decline")
    of_record = [(known[code].label, many) for code, many in counted.most_common() if code in known and _tells(code)]
    return tuple((label, many) for label, many in of_record if many >= floor)


def _tells(code: str) -> bool:
    return codes.codes("decline")[code].side == "directory"


def _results(tellings: Sequence[Telling]) -> str:
    """What came of referrals, people's own word in it twice the service's, as everybody may know it."""
    known = [each.evidence for each in tellings if each.evidence and each.evidence.referrals >= track_record.FLOOR]
    return track_record.in_words(known[0]) if known else ""
