"""What the record holds already that may be what somebody is about to add: its organization, and the service itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.feeds import numbers
from directory.places.reading import fold
from directory.tables import Organization, Phone, Service, ServiceArea
from directory.values import Visibility

ALIKE = 85
"""Of 100: two names that are so alike may be one."""
SHOWN = 8
SMALL = frozenset({"the", "ltd", "limited", "scio", "charity", "service", "services", "project", "scotland"})


@dataclass(frozen=True, slots=True)
class Likely:
    """A service of the record that may be the one that is added; `why` in words."""

    id: str
    name: str
    organization: str
    why: str


def organizations(session: Session, name: str) -> tuple[str, ...]:
    """Names of organizations like this one, the likest first; the same name is not among them."""
    wanted = fold(name)
    if not wanted:
        return ()
    known = {fold(each): each for each in session.scalars(select(Organization.name).distinct())}
    known.pop(wanted, None)
    found = process.extract(_plain(wanted), {key: _plain(key) for key in known}, scorer=fuzz.WRatio, limit=SHOWN)
    return tuple(known[key] for _, score, key in found if score >= ALIKE)


def likely(session: Session, values: Mapping[str, Any]) -> tuple[Likely, ...]:
    """Services of the record that may be the one described, each with the strongest sign."""
    rows = session.execute(
        select(Service.id, Service.same_as_id, Service.name, Service.url, Service.visibility, Organization.name)
        .join(Organization, Organization.id == Service.organization_id)
    ).all()  # fmt: skip
    by_id = {row[0]: row for row in rows}
    found: dict[str, str] = {}
    for own in _of_number(session, values.get("phone", "")):
        found.setdefault(own, "It has the same phone number.")
    page = _page(values.get("url", ""))
    if page:
        for row in rows:
            if row[4] != Visibility.UNDISCLOSED and _page(row[3]) == page:
                found.setdefault(row[0], "It has the same website.")
    for own in _of_name(session, rows, values):
        found.setdefault(own, "Its name is much like this one, and it serves the same area.")
    told: dict[str, Likely] = {}
    for own, why in found.items():
        leader = by_id[own][1] or own
        row = by_id.get(leader, by_id[own])
        told.setdefault(leader, Likely(leader, row[2], row[5], why))
    return tuple(told.values())[:SHOWN]


def _of_number(session: Session, number: str) -> Sequence[str]:
    wanted = numbers.digits(number)
    if not wanted:
        return ()
    plain = func.replace(func.replace(Phone.number, " ", ""), "-", "")
    return session.scalars(select(Phone.service_id).where(plain == wanted)).all()


def _of_name(session: Session, rows: Sequence[Any], values: Mapping[str, Any]) -> Sequence[str]:
    wanted = _plain(fold(values["name"]))
    names = {row[0]: _plain(fold(row[2])) for row in rows}
    near = [
        own for _, score, own in process.extract(wanted, names, scorer=fuzz.token_set_ratio, limit=60) if score >= ALIKE
    ]
    codes = set(values["coverage"]["areas"])
    if not codes or "SCOTLAND" in codes:
        return near
    query = select(ServiceArea.service_id, ServiceArea.extent).where(ServiceArea.service_id.in_(near))
    areas: dict[str, set[str]] = {}
    for own, extent in session.execute(query):
        areas.setdefault(own, set()).add(extent)
    return [own for own in near if own not in areas or areas[own] & (codes | {"SCOTLAND"})]


def _plain(folded: str) -> str:
    return " ".join(word for word in folded.split() if word not in SMALL) or folded


def _page(url: str) -> str:
    bare = url.strip().casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return bare if "/" in bare else ""
