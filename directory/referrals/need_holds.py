"""What holds a need: conditions, for a query over needs, that say whether somebody is looking after it."""

from sqlalchemy import ColumnElement, or_, select

from directory.referrals import tasks
from directory.referrals.lifecycle import LIVE
from directory.referrals.tables import Need, Referral, Signpost, Task


def under_way() -> ColumnElement[bool]:
    """A live referral, or a signpost whose question is still to be asked."""
    live = select(Referral.id).where(Referral.need_id == Need.id, Referral.state.in_(sorted(LIVE)))
    asked = select(Signpost.id).where(Signpost.need_id == Need.id, Signpost.state == "given")
    return or_(live.exists(), asked.exists())


def task_waiting() -> ColumnElement[bool]:
    """An open task about the need, one of its referrals or one of its signposts; but for news to be looked at
    (`tasks.NEWS`), which asks nothing more. Each part is one list of ids, made once however many needs are asked."""
    waits = (Task.done_at.is_(None), Task.kind != tasks.NEWS)
    referrals = select(Referral.need_id).join(Task, Task.referral_id == Referral.id).where(*waits)
    signposts = select(Signpost.need_id).join(Task, Task.object_id == Signpost.id).where(*waits)
    return or_(Need.id.in_(referrals), Need.id.in_(signposts), Need.id.in_(select(Task.object_id).where(*waits)))
