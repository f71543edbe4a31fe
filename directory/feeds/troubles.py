"""Links and numbers that do not work, in one list for staff: asked in vain, impossible, or said to be so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.feeds import assurance, numbers
from directory.feeds.listing import open_services
from directory.feeds.quality import BROKEN_AFTER
from directory.feeds.tables import Assurance, LinkCheck
from directory.tables import Phone, Service


@dataclass(frozen=True, slots=True)
class Trouble:
    """A link or number of a service that does not work. `what`: link or number; `at`: when it was last seen so."""

    service_id: str
    name: str
    source: str
    what: str
    value: str
    said: str
    at: datetime | None = None


def troubles(session: Session) -> tuple[Trouble, ...]:
    """Every broken link and dead number that staff should see to, by name; nothing of withheld services."""
    found = [*_broken(session), *_impossible(session), *_contradicted(session)]
    once = {(each.service_id, each.value, each.said): each for each in found}  # the last that said so
    return tuple(sorted(once.values(), key=lambda each: (each.name.casefold(), each.what, each.said)))


def _broken(session: Session) -> Iterator[Trouble]:
    query = select(LinkCheck, Service).join(Service, Service.id == LinkCheck.service_id)
    failing = (LinkCheck.failures >= BROKEN_AFTER, LinkCheck.url == Service.url)
    for check, row in session.execute(query.where(*failing, *open_services())):
        yield Trouble(row.id, row.name, row.source_id, "link", check.url, check.said, utc(check.checked_at))


def _impossible(session: Session) -> Iterator[Trouble]:
    query = select(Phone.number, Service.id, Service.name, Service.source_id)
    for number, own, name, source in session.execute(
        query.join(Service, Service.id == Phone.service_id).where(*open_services())
    ):
        if not numbers.can_exist(number):
            yield Trouble(own, name, source, "number", number, "no such number can exist")


def _contradicted(session: Session) -> Iterator[Trouble]:
    """What somebody said does not work, and nobody has confirmed since."""
    spoken = select(Assurance.service_id).where(Assurance.state == assurance.State.CONTRADICTED.value)
    rows = {row.id: row for row in session.scalars(select(Service).where(Service.id.in_(spoken), *open_services()))}
    rung = select(Phone.service_id, Phone.number).where(Phone.service_id.in_(rows))
    phones = dict(session.execute(rung).all())
    for own, words in assurance.words(session, list(rows)).items():
        row = rows[own]
        for word in assurance.doubted(words):
            if "phone" in word.fields and own in phones:
                yield Trouble(own, row.name, row.source_id, "number", phones[own], "somebody said so", word.at)
            elif "url" in word.fields and row.url:
                yield Trouble(own, row.name, row.source_id, "link", row.url, "somebody said so", word.at)
