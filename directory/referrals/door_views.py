"""What stands on a provider's page once it has proved itself: what it may see, how it stands, what it can do now."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.referrals import disclosure, doors, notices, working_time
from directory.referrals.disclosure import Shown
from directory.referrals.lifecycle import Actor, Event, State, moves
from directory.referrals.link_sessions import Inside
from directory.referrals.loop import Loop
from directory.referrals.tables import Agreement, Referral

ASKED = frozenset({State.SENT, State.RECEIVED})


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """One look at a referral. `feedback` is what the person agreed that we may hear: none, attended, outcome."""

    inside: Inside
    shown: Shown
    state: State
    version: int
    possible: tuple[Event, ...]
    by: date | None
    """The day by which an answer is asked for, or that the provider named."""
    feedback: str
    may_snooze: bool


def view(loop: Loop, token: str, cookie: str | None, address: str) -> View:
    """The page behind a link, and the audit line of who read which fields. Raises NotSignedIn, alike for all links."""
    with loop.database.session() as session:
        return seen(session, loop, doors.inside(session, loop, token, cookie, address), loop.clock())


def seen(session: Session, loop: Loop, own: Inside, at: datetime) -> View:
    """The same for somebody who is inside, in the caller's transaction."""
    referral = session.get_one(Referral, own.referral_id)
    agreement, state = session.get(Agreement, referral.agreement_id), State(referral.state)
    return View(
        inside=own,
        shown=disclosure.read(session, loop, referral, own.who, at),
        state=state,
        version=referral.version,
        possible=moves(state, Actor.PROVIDER),
        by=respond_by(session, loop, referral),
        feedback=agreement.feedback if agreement else "none",
        may_snooze=own.may_snooze and state in doors.SNOOZED_STATES,
    )


def respond_by(session: Session, loop: Loop, referral: Referral) -> date | None:
    """The day by which an answer is asked for, or the one that the provider named itself; None when neither is."""
    if State(referral.state) not in ASKED:
        return referral.due_on if State(referral.state) in doors.SNOOZED_STATES else None
    span = loop.policy.span("decide", referral.urgency in notices.URGENT)
    return working_time.today(working_time.after(loop.policy, utc(referral.stage_at), span))


def first_days(loop: Loop, at: datetime) -> dict[str, date]:
    """Days that forms begin with: as late as our own rules ask for them, so that few need change them."""
    contact = working_time.after(loop.policy, at, loop.policy.span("first_contact", urgent=False))
    update = working_time.after(loop.policy, at, loop.policy.span("update", urgent=False))
    today = working_time.today(at)
    return {
        "first_contact_by": working_time.today(contact), "next_update_on": working_time.today(update), "today": today,
    }  # fmt: skip
