"""Tells the worker of a referral that its service is no longer listed, has closed or was withdrawn: once each time."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.database import batches
from directory.feeds import assurance
from directory.feeds.listing import LISTED
from directory.referrals import notices, tasks, working_time
from directory.referrals.alternatives import CLOSED
from directory.referrals.lifecycle import LIVE, State
from directory.referrals.loop import Loop
from directory.referrals.tables import Referral, Task
from directory.tables import Service

GOING_ON = tuple(sorted(LIVE | {State.DRAFT}))
AT_A_TIME = 500
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def listing_gone(session: Session, loop: Loop, at: datetime) -> int:
    """Adds a task for each open referral whose service has vanished; says how many. Called by the sweeps."""
    found = list(session.scalars(select(Referral).where(Referral.state.in_(GOING_ON)).order_by(Referral.id)))
    gone: dict[str, datetime] = {}
    for ids in batches({each.service_id for each in found}, AT_A_TIME):
        gone |= _gone(session, ids)
    count = 0
    for referral in found:
        since = gone.get(referral.service_id)
        if since is None or _told(session, referral.id, since):
            continue
        span = loop.policy.span("dispose", referral.urgency in notices.URGENT)
        tasks.add(session, "listing_gone", working_time.after(loop.policy, at, span), at, referral=referral)
        count += 1
    return count


def _gone(session: Session, ids: Sequence[str]) -> dict[str, datetime]:
    """The services that are not suggested as they were, and since when, where that is known."""
    rows: dict[str, list[Service]] = defaultdict(list)
    for row in session.scalars(select(Service).where(or_(Service.id.in_(ids), Service.same_as_id.in_(ids)))):
        rows[row.same_as_id or row.id].append(row)
    words = assurance.words(session, [row.id for some in rows.values() for row in some])
    gone: dict[str, datetime] = {}
    for own, some in rows.items():
        said = [word for row in some for word in words.get(row.id, ())]
        standing = assurance.standing(said, assurance.Listing(), "")
        missing = [row.unlisted_at for row in some if row.listing != LISTED]
        if standing.state is assurance.State.WITHDRAWN or assurance.is_closed_by_provider(said):
            gone[own] = max(word.at for word in said)
        elif len(missing) == len(some):
            gone[own] = max((utc(moment) for moment in missing if moment), default=LONG_AGO)
        elif any(row.status in CLOSED for row in some):
            gone[own] = LONG_AGO
    return gone


def _told(session: Session, referral_id: str, since: datetime) -> bool:
    """Whether its worker was told of it already."""
    own = (Task.kind == "listing_gone", Task.referral_id == referral_id, Task.made_at >= since)
    return session.scalar(select(Task.id).where(*own)) is not None
