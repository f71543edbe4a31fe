"""What holds a need: conditions, for a query over needs, that say whether somebody is looking after it."""

from sqlalchemy import ColumnElement, or_, select

from directory.referrals.lifecycle import LIVE
from directory.referrals.tables import Need, Referral, Signpost, Task


def under_way() -> ColumnElement[bool]:
    """A live referral, or a signpost whose question is still to be asked."""
    live = select(Referral.id).where(Referral.need_id == Need.id, Referral.state.in_(sorted(LIVE)))
    asked = select(Signpost.id).where(Signpost.need_id == Need.id, Signpost.state == "given")
    return or_(live.exists(), asked.exists())


def task_waiting() -> ColumnElement[bool]:
    """An open task about the need, one of its referrals or one of its signposts."""
    # said, for SQLAlchemy itself correlates one level down only: any task of anybody would hold every need
    referrals = select(Referral.id).where(Referral.need_id == Need.id).correlate(Need)
    signposts = select(Signpost.id).where(Signpost.need_id == Need.id).correlate(Need)
    about = or_(Task.referral_id.in_(referrals), Task.object_id.in_(signposts), Task.object_id == Need.id)
    return select(Task.id).where(Task.done_at.is_(None), about).exists()
