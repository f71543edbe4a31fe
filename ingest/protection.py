"""Keeps a withheld place withheld when another source, or another row, knows it: the most protective always wins.

Two rows tell of one place when their names have the same key (`names.key`) and a council area in common. A withheld
service's name may not be kept in the record, so what is kept of it beside the source's report is a digest.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.draft import ServiceDraft
from directory.editing import hand
from directory.editing.hand import HandEdits, Laid
from directory.tables import Revision, Service, Source
from directory.values import Visibility
from ingest import names, snapshots, withheld
from ingest.reading import Reading

REPORT_KEY = "withheld_names"
"""Where a source's report keeps the digests."""
DIGEST_DIGITS = 20
ANYWHERE = ""
"""Stands for the area in the digest of a name alone."""


@dataclass(slots=True)
class Protected:
    """Digests of the withheld names of all sources; `own` are those of the source being read, `edits` what people have
    set of its rows by hand."""

    all: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    edits: HandEdits = field(default_factory=HandEdits)

    @property
    def marks(self) -> frozenset[str]:
        """What tells whether the record is still what a reading was compared with."""
        return frozenset(self.all) | self.edits.marks

    def learn(self, reading: Reading) -> None:
        """Takes in the names of a withheld reading."""
        if reading.draft is not None and is_withheld(reading.draft):
            found = set(_digests(_names_of(reading), (ANYWHERE, *reading.draft.coverage.areas)))
            self.own |= found
            self.all |= found

    def applied(self, draft: ServiceDraft, known_as: Iterable[str] = ()) -> Laid:
        """The draft as set by hand, and protected when a withheld row has its name and area, or a person said so."""
        if self.edits.withholds(draft):
            return self.edits.applied(protected(draft))
        edited = self.edits.applied(draft)
        if not self.all:
            return edited
        now = edited.draft
        codes = now.coverage.areas or (ANYWHERE,)
        if is_withheld(now) or self.all.isdisjoint(_digests((now.name, *known_as), codes)):
            return edited
        return self.edits.applied(protected(draft))


def protected(draft: ServiceDraft) -> ServiceDraft:
    """An open draft made a withheld one."""
    place = draft.premises
    secrets = (place.address_1, place.address_2, place.city, place.postal_code, draft.phone, draft.url)
    return withheld.protect(draft, secrets)


def is_withheld(draft: ServiceDraft) -> bool:
    return draft.premises.visibility is Visibility.UNDISCLOSED


def load(session: Session, source_id: str, write: bool = False) -> Protected:
    """The digests every source's last report kept, and what was set by hand; `write`: nobody sets more meanwhile."""
    found = Protected(edits=hand.of_source(session, source_id, write))
    for own_id, report in session.execute(select(Source.id, Source.last_report)):
        digests = set((report or {}).get(REPORT_KEY, ()))
        found.all |= digests
        if own_id == source_id:
            found.own |= digests
    return found


def told_before(session: Session, keep: Protected) -> Iterator[ServiceDraft]:
    """Open services of the record that tell of a place now known to be withheld, as protected drafts."""
    query = select(Service.id).where(Service.visibility != Visibility.UNDISCLOSED)
    named = query.add_columns(Service.name)
    for service_id, name in session.execute(named).all():
        if not _may_be(name, keep):
            continue
        latest = select(Revision.content).where(Revision.service_id == service_id).order_by(Revision.id.desc()).limit(1)
        content = session.scalar(latest)
        draft = snapshots.draft(content) if content else None
        if draft is not None and (safe := keep.applied(draft).draft) is not draft:
            yield safe


def _may_be(name: str, keep: Protected) -> bool:
    """Cheap first look: the digest of the name alone, without an area."""
    return _digest(names.key(name), ANYWHERE) in keep.all


def _names_of(reading: Reading) -> tuple[str, ...]:
    """The service's names, and its provider's when that is a group which keeps refuges."""
    name, *providers = reading.known_as or (reading.draft.name if reading.draft else "",)
    return (name, *(provider for provider in providers if withheld.is_refuge_group(provider)))


def _digests(said: Iterable[str], codes: Iterable[str]) -> Iterator[str]:
    areas = tuple(codes)
    for key in {names.key(name) for name in said} - {""}:
        for code in areas:
            yield _digest(key, code)


def _digest(key: str, code: str) -> str:
    return hashlib.sha256(f"{key}|{code}".encode()).hexdigest()[:DIGEST_DIGITS]
