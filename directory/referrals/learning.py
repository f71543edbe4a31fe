"""What time teaches the directory of referrals: words on room that lapse, services that vanish, the week's outcomes.

Called by the sweeps, by one process at a time; each part is due by its own rhythm and can be asked for at any moment.
"""

from datetime import timedelta

from directory.accounts.tables import utc
from directory.referrals import capacity_words, outcomes, vanished
from directory.referrals.loop import Loop
from directory.referrals.tables import SweepRun

NAME = "learning"
EVERY = timedelta(hours=1)


def learn(loop: Loop) -> None:
    """Does what is due of it: every hour what changes by the day, every week the outcomes. Raises NotReady."""
    now = loop.clock()
    with loop.database.session() as session:
        row = session.get(SweepRun, NAME, with_for_update=True)
        if row is None:
            session.add(row := SweepRun(name=NAME))
        if row.done_at is None or utc(row.done_at) + EVERY <= now:
            capacity_words.settle(session, now)
            vanished.listing_gone(session, loop, now)
            row.done_at = now
    outcomes.count(loop, now)
