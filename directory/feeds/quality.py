"""How good a record is: a score of 0 to 100 with its reasons, from a table of small checks that anybody can read.

A score is for staff, to see what to mend first; it ranks nothing. Of a source it is the mean of its own rows.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.database import batches
from directory.feeds import assurance, numbers
from directory.feeds.assurance import CONFIRMED, Assured, Listing, State, Word
from directory.feeds.tables import LinkCheck
from directory.tables import Attribute, Phone, Service
from directory.values import Confidence, Known, Visibility

BATCH = 2000
ENOUGH_WORDS = 15
"""Words of a description that say what a service does."""
BROKEN_AFTER = 2
"""Failures in a row, on different days, after which a link is broken."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checks look at. `phones` and `ages` have an entry for each row that states them."""

    withheld: bool
    area: bool
    ages: bool
    hours: bool
    route: bool
    words: int
    """Of the longest description."""
    url: bool
    text: bool
    phones: frozenset[str]
    """Numbers that may be shown, digits only."""
    age_limits: frozenset[tuple[int | None, int | None]]
    sources: int
    assured: Assured
    link_failures: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that a record lacks: points it costs, and what it is."""

    name: str
    points: int
    said: str


@dataclass(frozen=True, slots=True)
class Quality:
    """0 to 100, and what is missing, dearest first."""

    score: int
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class SourceQuality:
    """The mean over a source's rows; `lacks`: check → (what it says, in how many rows)."""

    source: str
    rows: int
    mean: float
    lacks: tuple[tuple[str, int], ...]


def _reach(facts: Facts) -> float:
    if facts.withheld:
        return 1.0  # a way to it that is not its own is shown
    return 1.0 if facts.phones else 0.5 if facts.url or facts.text else 0.0


def _fresh(facts: Facts, today: date) -> float:
    now = facts.assured.at(today)
    if not now.since or now.state is State.WITHDRAWN:
        return 0.0
    return 0.3 if now.state is State.STALE else 1.0


def _agree(facts: Facts) -> float:
    return 1.0 if facts.sources < 2 or (len(facts.phones) < 2 and len(facts.age_limits) < 2) else 0.0


class Check(NamedTuple):
    """A name, its points, the share of them that a record earns on a day, and the sentence for what it lacks."""

    name: str
    points: int
    earned: Callable[[Facts, date], float]
    said: str


CHECKS = (
    Check("area", 12, lambda f, _: float(f.area), "It does not say where people may come from."),
    Check("ages", 10, lambda f, _: float(f.ages), "It does not say which ages it takes."),
    Check("hours", 8, lambda f, _: float(f.hours), "It does not say when it is open."),
    Check("reach", 15, lambda f, _: _reach(f), "There is no number for it that may be shown."),
    Check("words", 8, lambda f, _: min(f.words / ENOUGH_WORDS, 1.0), "Its description is short."),
    Check("route", 7, lambda f, _: float(f.route), "It does not say who can refer."),
    Check("fresh", 15, _fresh, "Its facts are old, or nobody knows how old."),
    Check("confirmed", 10, lambda f, day: float(f.assured.at(day).state in CONFIRMED), "Nobody has confirmed it."),
    Check("agree", 5, lambda f, _: _agree(f), "Its sources do not agree on its number or ages."),
    Check("link", 5, lambda f, _: float(not has_broken_link(f)), "The address of its website does not work."),
    Check("number", 5, lambda f, _: float(not has_dead_number(f)), "Its number does not work, or cannot exist."),
)
"""100 points in all. What decides whether a service can be offered at all, and how it is reached, weighs most."""


def has_broken_link(facts: Facts) -> bool:
    """Whether its address failed twice in a row, or somebody said that it does."""
    return facts.link_failures >= BROKEN_AFTER or "url" in facts.assured.fields


def has_dead_number(facts: Facts) -> bool:
    """Whether a number of it cannot exist, or somebody said that it does not work."""
    return "phone" in facts.assured.fields or not all(map(numbers.can_exist, facts.phones))


def quality(facts: Facts, today: date) -> Quality:
    """The score of one record on a day, and why it is not more."""
    lost = [Missing(c.name, round(c.points * (1 - c.earned(facts, today))), c.said) for c in CHECKS]
    missing = sorted((each for each in lost if each.points), key=lambda each: -each.points)
    return Quality(100 - sum(each.points for each in missing), tuple(missing))


def of_services(session: Session, leader_ids: Sequence[str], now: datetime) -> dict[str, Quality]:
    """Leader's id → the quality of its record, all rows that tell of it taken together."""
    ids = session.scalars(select(Service.id).where(Service.id.in_(leader_ids) | Service.same_as_id.in_(leader_ids)))
    together: dict[str, list[_Told]] = defaultdict(list)
    for told in _read(session, ids.all()):
        together[told.row.same_as_id or told.row.id].append(told)
    return {own: quality(_facts(rows), now.date()) for own, rows in together.items()}


def of_sources(session: Session, now: datetime, source: str = "") -> tuple[SourceQuality, ...]:
    """The mean of each source's active rows, each row by itself; or of one source."""
    query = select(Service.id).where(Service.status == "active").order_by(Service.id)
    ids = session.scalars(query.where(Service.source_id == source) if source else query).all()
    scores: dict[str, list[int]] = defaultdict(list)
    lacks: dict[str, Counter[str]] = defaultdict(Counter)
    for told in _read(session, ids):
        found = quality(_facts([told]), now.date())
        scores[told.row.source_id].append(found.score)
        lacks[told.row.source_id].update(each.said for each in found.missing)
    return tuple(
        SourceQuality(name, len(each), sum(each) / len(each), tuple(lacks[name].most_common()))
        for name, each in sorted(scores.items())
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """One row of the record with what hangs from it."""

    row: Any
    phone: str
    shown: bool
    route: bool
    words: tuple[Word, ...]
    link_failures: int


COLUMNS = (
    Service.id, Service.same_as_id, Service.source_id, Service.visibility, Service.coverage_known, Service.age_known,
    Service.minimum_age, Service.maximum_age, Service.hours_known, Service.description, Service.url,
    Service.text_or_chat, Service.confidence, Service.as_of, Service.listing, Service.unlisted_at,
)  # fmt: skip


def _read(session: Session, ids: Sequence[str]) -> Iterator[_Told]:
    for some in batches(ids, BATCH):
        yield from _batch(session, some)


def _batch(session: Session, ids: Sequence[str]) -> Iterator[_Told]:
    rung = select(Phone.service_id, Phone.number).where(Phone.service_id.in_(ids))
    phones = dict(session.execute(rung).all())
    routes = select(Attribute.link_id).where(Attribute.link_type == "service", Attribute.link_id.in_(ids))
    routed = set(session.scalars(routes.where(Attribute.taxonomy_term_id.startswith("route/"))))
    checked = select(LinkCheck.service_id, LinkCheck.failures).where(LinkCheck.service_id.in_(ids))
    failures = dict(session.execute(checked).all())
    spoken = assurance.words(session, ids)
    for row in session.execute(select(*COLUMNS).where(Service.id.in_(ids)).order_by(Service.id)):
        words = spoken.get(row.id, ())
        heard = row.confidence == Confidence.GENERAL_KNOWLEDGE
        shown = not heard or assurance.confirmed_in(words, "phone", alone=True) is not None
        yield _Told(row, phones.get(row.id, ""), shown, row.id in routed, words, failures.get(row.id, 0))


def _facts(told: Sequence[_Told]) -> Facts:
    """What several rows state together; a place that one withholds is withheld."""
    rows = [each.row for each in told]
    missed = [utc(row.unlisted_at) for row in rows if row.listing != "listed" and row.unlisted_at]
    gone = all(row.listing != "listed" for row in rows)
    stated = [row for row in rows if row.age_known == Known.STATED]
    assured = assurance.standing(
        [word for each in told for word in each.words],
        Listing(False, max(missed, default=None)) if gone else Listing(),
        max(row.as_of for row in rows),
    )
    return Facts(
        withheld=any(row.visibility == Visibility.UNDISCLOSED for row in rows),
        area=any(row.coverage_known != Known.UNKNOWN for row in rows),
        ages=any(row.age_known != Known.UNKNOWN for row in rows),
        hours=any(row.hours_known != Known.UNKNOWN for row in rows),
        route=any(each.route for each in told),
        words=max(len(row.description.split()) for row in rows),
        url=any(row.url for row in rows),
        text=any(row.text_or_chat for row in rows),
        phones=frozenset(numbers.digits(each.phone) for each in told if each.phone and each.shown),
        age_limits=frozenset((row.minimum_age, row.maximum_age) for row in stated),
        sources=len({row.source_id for row in rows}),
        assured=assured,
        link_failures=max(each.link_failures for each in told),
    )
