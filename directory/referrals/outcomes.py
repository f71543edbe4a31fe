"""Once a week, what came of referrals becomes each service's track record (`track_record`): floored and slow to move.

Nothing changes between two batches, and nothing is written of a service with fewer referrals than the floor: neither a
score nor a count that could tell of one person. What stands out waits, unmoved, for somebody to look at it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from directory import records
from directory.accounts.tables import utc
from directory.database import batches
from directory.referrals import evidence, scoring, tasks, working_time
from directory.referrals.evidence import Line
from directory.referrals.lifecycle import Event
from directory.referrals.loop import Loop
from directory.referrals.scoring import Figures, Group
from directory.referrals.tables import LinkSession, Referral, ReferralEvent, SweepRun, Task
from directory.tables import Attribute, Service, ServiceArea, ServiceEvidence
from directory.track_record import Evidence

NAME = "outcomes"
EVERY = timedelta(days=7)
WINDOW = timedelta(days=730)
"""How long a referral speaks for or against a service."""
AT_A_TIME = 500
LOOKED = timedelta(days=180)
"""For how long nobody is asked again about a service that somebody has looked at."""
OTHER, OTHER_SPAN, OTHER_LEAST, OTHER_SHARE = "D18", timedelta(weeks=13), 20, 0.05
"""Declines for something else must stay below such a share, of so many at least; else codes are to be added."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a batch did: services written, those that stand out, and the share of declines for something else."""

    written: int = 0
    outliers: int = 0
    other: float | None = None


def is_due(session: Session, at: datetime) -> bool:
    """Whether a week has passed since the last batch."""
    row = session.get(SweepRun, NAME)
    return row is None or row.done_at is None or utc(row.done_at) + EVERY <= at


def count(loop: Loop, at: datetime) -> Counted:
    """The week's batch, when it is due: rows, outbox lines, tasks and its own mark in one transaction."""
    with loop.database.reading() as session:
        if not is_due(session, at):
            return Counted()
        found = scoring.figures(*_lines(session, at), loop.policy.number("evidence", "floor"))
        groups = _groups(session, list(found))
    with loop.database.session() as session:
        row = session.scalar(select(SweepRun).where(SweepRun.name == NAME).with_for_update())
        if not is_due(session, at):  # another process did it meanwhile
            return Counted()
        session.add(row := row or SweepRun(name=NAME))
        row.done_at = at
        flagged = _flag(session, loop, found, groups, at)
        new = scoring.evidences({own: each for own, each in found.items() if own not in flagged}, groups, at)
        written = _write(session, new, set(found), at)
        return Counted(written, len(flagged), _other(session, loop, at))


def other_share(session: Session, since: datetime) -> tuple[float, int]:
    """The share of declines since then that gave no reason of the list, and of how many."""
    said = select(ReferralEvent.details).where(ReferralEvent.event == Event.DECLINE.value, ReferralEvent.at >= since)
    reasons = Counter(str(details.get("reason", "")) for details in session.scalars(said))
    total = reasons.total()
    return (reasons[OTHER] / total if total else 0.0), total


def _lines(session: Session, at: datetime) -> tuple[list[Line], Counter[str]]:
    """Every line that counts now, and how many endings of each service were on the person's side."""
    lines: list[Line] = []
    person_side: Counter[str] = Counter()
    chosen = select(Referral.id, Referral.service_id).where(Referral.made_at >= at - WINDOW).order_by(Referral.id)
    for some in batches(((row.id, row.service_id) for row in session.execute(chosen).all()), AT_A_TIME):
        ids = [own for own, _ in some]
        events: dict[str, list[ReferralEvent]] = defaultdict(list)
        query = select(ReferralEvent).where(ReferralEvent.referral_id.in_(ids)).order_by(ReferralEvent.seq)
        for event in session.scalars(query):
            events[event.referral_id].append(event)
        own_sessions = {event.link_session_id for each in events.values() for event in each} - {""}
        sessions = {row.id: row for row in session.scalars(select(LinkSession).where(LinkSession.id.in_(own_sessions)))}
        for own, service_id in some:
            line = evidence.of(service_id, events[own], sessions)
            lines += [line] if line else []
            person_side[service_id] += evidence.is_person_side(events[own])
    return lines, person_side


def _groups(session: Session, ids: Sequence[str]) -> dict[str, Group]:
    links = select(Attribute.link_id, Attribute.taxonomy_term_id).where(
        Attribute.link_type == "service", Attribute.link_id.in_(ids), Attribute.taxonomy_term_id.like("family/%")
    )
    families: dict[str, str] = {}
    for own, term in session.execute(links.order_by(Attribute.position)):
        families.setdefault(own, term.partition("/")[2])
    areas: dict[str, list[str]] = defaultdict(list)
    extents = select(ServiceArea.service_id, ServiceArea.extent).where(
        ServiceArea.service_id.in_(ids), ServiceArea.extent_type.in_(("gss", "nation"))
    )
    for own, extent in session.execute(extents):
        areas[own].append(extent)
    return {own: (families.get(own, ""), areas[own][0] if len(areas[own]) == 1 else "") for own in ids}


def _flag(
    session: Session, loop: Loop, found: Mapping[str, Figures], groups: Mapping[str, Group], at: datetime
) -> frozenset[str]:
    """Services whose score does not move: they stand out, and nobody has looked at them yet."""
    looked = select(Task.service_id).where(Task.kind == "outlier", Task.done_at >= at - LOOKED)
    waiting = set(session.scalars(select(Task.service_id).where(Task.kind == "outlier", Task.done_at.is_(None))))
    seen = set(session.scalars(looked)) - waiting
    for own, why in _outstanding(found, groups):
        if own not in seen:
            due_at = working_time.after(loop.policy, at, loop.policy.span("outcome", urgent=False))
            tasks.add(session, "outlier", due_at, at, service_id=own, details={"why": why})
            waiting.add(own)
    return frozenset(waiting)


def _outstanding(found: Mapping[str, Figures], groups: Mapping[str, Group]) -> Iterator[tuple[str, str]]:
    known = {own: each.outcome for own, each in found.items() if each.outcome is not None}
    for own, each in found.items():
        others = {other: value for other, value in known.items() if other != own}
        if why := scoring.stands_out(each, scoring.mean_for(own, others, groups)):
            yield own, why


def _write(session: Session, new: Mapping[str, Evidence], counted: set[str], at: datetime) -> int:
    """Rows that change, and those of services that fell below the floor taken away, each with its outbox line."""
    known = set(session.scalars(select(Service.id).where(Service.id.in_(list(new)))))
    rows = {row.service_id: row for row in session.scalars(select(ServiceEvidence))}
    changed = [own for own in rows if own not in counted]
    session.execute(delete(ServiceEvidence).where(ServiceEvidence.service_id.in_(changed)))
    for own in sorted(known):
        old = _read(rows[own]) if own in rows else None
        wanted = scoring.moved(old, new[own])
        if wanted is None or (old is not None and replace(wanted, as_of=old.as_of) == old):
            continue
        session.merge(ServiceEvidence(service_id=own, **asdict(wanted)))
        changed.append(own)
    leaders = select(func.coalesce(Service.same_as_id, Service.id)).where(Service.id.in_(changed)).distinct()
    records.queue(session, session.scalars(leaders), at)
    return len(changed)


def _read(row: ServiceEvidence) -> Evidence:
    return Evidence(**{each.name: getattr(row, each.name) for each in fields(Evidence)})


def _other(session: Session, loop: Loop, at: datetime) -> float | None:
    """The share of "something else", with a task when it is too large; None for too few declines to say."""
    share, many = other_share(session, at - OTHER_SPAN)
    if many < OTHER_LEAST:
        return None
    if share >= OTHER_SHARE:
        due_at = working_time.after(loop.policy, at, loop.policy.span("outcome", urgent=False))
        tasks.add(session, "add_codes", due_at, at, details={"share": round(share, 2)})
    return share
