"""The settings of a source that a person may choose, checked before they are kept, so that ingest can rely on them.

Sources that came with Waymark are mirrored here by `records.ensure_source`; of those a person may set where they are
fetched from, how often, whether at all, and their options.
"""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import BadInput, Conflict, NotFound
from directory.tables import Source

LOG = logging.getLogger("waymark.feeds")
STANDINGS: Mapping[str, str] = {
    "provider": "The services' own provider",
    "spoc": "Confirmed by a single point of contact",
    "register": "A public register",
    "feed": "Somebody else's list",
}
"""Whose word counts before whose, first to last; a person chooses one for a source."""
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
KIND = re.compile(r"[a-z0-9]+([-_.][a-z0-9]+)*")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
INWARD = frozenset({"local", "localhost", "internal", "intranet", "lan", "home", "corp", "private", "arpa", "onion"})
"""Last parts of names that no public server has."""
PORTS = (None, 443, 8443)
TEXTS: Mapping[str, tuple[str, int]] = {
    "name": ("The name of the source", 200),
    "publisher": ("The publisher", 200),
    "licence": ("The licence", 200),
    "attribution": ("The attribution", 1000),
}
"""What must be said of a source: its words for people, and the most characters."""
LONGEST_ID, LONGEST_KIND, LONGEST_URL, LONGEST_OPTIONS = 60, 30, 2000, 50_000
LONGEST_HOURS = 24 * 366


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One source. `every_hours` None: only when asked. `next_run_at` is aware, in UTC. `made_by` "": shipped."""

    id: str
    name: str
    publisher: str
    licence: str
    attribution: str
    kind: str = ""
    url: str = ""
    standing: str = "feed"
    every_hours: int | None = None
    active: bool = True
    next_run_at: datetime | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    made_by: str = ""

    @property
    def shipped(self) -> bool:
        """Whether it came with Waymark: then its name, publisher, licence, standing and kind are the code's."""
        return not self.made_by

    @property
    def runs_by_itself(self) -> bool:
        """Whether it has all that it needs to be fetched at its times."""
        return bool(self.active and self.url and self.every_hours)


CHOSEN = ("url", "every_hours", "active", "options")
"""What a person may set of any source."""
OURS = ("name", "publisher", "licence", "attribution", "kind", "standing")
"""What the code says of a source that came with Waymark."""


def load(session: Session) -> tuple[SourceSettings, ...]:
    """Every source of the record: those that came with Waymark first, each by id."""
    rows = session.scalars(select(Source).order_by(Source.made_by != "", Source.id))
    return tuple(map(_settings, rows))


def get(session: Session, source_id: str) -> SourceSettings:
    """The source of that name. Raises NotFound, naming those there are."""
    row = session.get(Source, source_id)
    if row is None:
        known = ", ".join(session.scalars(select(Source.id).order_by(Source.id)))
        raise NotFound(f"There is no source {source_id[:LONGEST_ID]!r}.", f"The sources are: {known or 'none yet'}.")
    return _settings(row)


def add(session: Session, settings: SourceSettings, by: str, at: datetime) -> SourceSettings:
    """Keeps a new source, first due at once when it has an address and a rhythm; `by` is an account's id or "command".

    Raises BadInput, naming the field, and Conflict when there is one of that id.
    """
    new = checked(replace(settings, made_by=by, next_run_at=None))
    if session.get(Source, new.id) is not None:
        raise Conflict(f"There is a source {new.id!r} already.", "Choose another short name, or change that source.")
    new = replace(new, next_run_at=at if new.runs_by_itself else None)
    session.add(Source(id=new.id, made_by=new.made_by, next_run_at=new.next_run_at, **_columns(new)))
    session.flush()
    LOG.info("source %s added by %s", new.id, by)
    return new


def amend(
    session: Session, settings: SourceSettings, by: str, at: datetime, was: SourceSettings | None = None
) -> SourceSettings:
    """Keeps a source's settings as they are given; its id, kind and who made it stay.

    `was`: what the person saw. Raises NotFound; Conflict when the settings are not those any more; BadInput, naming
    the field, also for what only the code says of a source that came with Waymark.
    """
    kept = get(session, settings.id)
    if was is not None and _columns(was) != _columns(kept):
        raise Conflict("Somebody else changed this source meanwhile.", "Look at it again; nothing was saved.")
    new = checked(replace(settings, made_by=kept.made_by, kind=kept.kind, next_run_at=kept.next_run_at))
    if kept.shipped:
        _check_ours(kept, new)
    new = replace(new, next_run_at=_next(kept, new, at))
    values = {**_columns(new), "next_run_at": new.next_run_at}
    session.execute(update(Source).where(Source.id == new.id).values(values))
    LOG.info("source %s changed by %s", new.id, by)
    return new


def checked(settings: SourceSettings) -> SourceSettings:
    """The settings, blanks trimmed. Raises BadInput with the first mistake, naming its field."""
    words = {name: " ".join(getattr(settings, name).split()) for name in TEXTS}
    # `words` are fields of text
    new = replace(settings, id=settings.id.strip(), url=settings.url.strip(), **words)  # type: ignore[arg-type]
    if not ID.fullmatch(new.id) or len(new.id) > LONGEST_ID:
        advice = 'Write it like "fife-council": small letters, digits and hyphens.'
        raise BadInput("The short name of the source cannot be used.", advice, "id")
    for name, (called, most) in TEXTS.items():
        said = words[name]
        if not said:
            raise BadInput(f"{called} is missing.", "Every source needs it: it is shown beside its services.", name)
        if len(said) > most or not said.isprintable():
            raise BadInput(f"{called} cannot be used.", f"Use at most {most:,} ordinary characters.", name)
    if new.standing not in STANDINGS:
        raise BadInput("There is no such standing.", f"Choose from: {', '.join(STANDINGS)}.", "standing")
    if new.kind and (not KIND.fullmatch(new.kind) or len(new.kind) > LONGEST_KIND):
        raise BadInput("There is no such kind of source.", "`waymark ingest list` names the kinds.", "kind")
    if new.every_hours is not None and not 1 <= new.every_hours <= LONGEST_HOURS:
        raise BadInput("The hours between two runs cannot be used.", f"Use 1 to {LONGEST_HOURS:,}.", "every_hours")
    if len(json.dumps(dict(new.options))) > LONGEST_OPTIONS:
        raise BadInput("The options of the source are too long.", "Map fewer columns.", "options")
    if new.url:
        check_url(new.url)
    return new


def check_url(url: str) -> None:
    """Raises BadInput unless it is an https address on a public server's name. What the name leads to is checked again
    whenever it is asked (`directory.http`)."""
    advice = "Write it like https://feeds.example/services."
    parts = _split(url)
    host = parts.hostname if parts else None
    if parts is None or not host or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        raise BadInput("That is not a web address.", advice, "url")
    if parts.scheme != "https":
        raise BadInput("The address does not start with https.", "Ask the source for an https address.", "url")
    if parts.username is not None or parts.password is not None:
        raise BadInput("The address holds a user name or password.", "Feeds must be open to all.", "url")
    if _is_number(host):
        raise BadInput("The address names a machine by number.", "Give the name of a public server.", "url")
    if not HOST.fullmatch(host) or host.rpartition(".")[2] in INWARD or host.startswith("localhost."):
        raise BadInput("The address does not lead to a public server.", advice, "url")
    if parts.port not in PORTS or " " in url or "\\" in url:
        raise BadInput("The address cannot be used.", "Use https without a port, or with port 8443.", "url")


def due(session: Session, at: datetime) -> tuple[str, ...]:
    """Ids of the sources whose time has come, longest waiting first."""
    query = select(Source.id).where(Source.active, Source.url != "", Source.next_run_at <= at)
    return tuple(session.scalars(query.order_by(Source.next_run_at, Source.id)))


def set_next(session: Session, source_id: str, next_run_at: datetime | None) -> None:
    """When a source runs next by itself."""
    session.execute(update(Source).where(Source.id == source_id).values(next_run_at=next_run_at))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # checked when it is read
    except ValueError:
        return None
    return parts


def _is_number(host: str) -> bool:
    """Whether a host is an address, in any of the ways in which systems read one."""
    try:
        ip_address(host)
    except ValueError:
        return bool(re.fullmatch(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*\.?", host))
    return True


def _check_ours(kept: SourceSettings, new: SourceSettings) -> None:
    for name in OURS:
        if getattr(kept, name) != getattr(new, name):
            raise BadInput(
                "This source came with Waymark: what it is called, and under which licence, is fixed.",
                "Change where and how often it is fetched, or switch it off.",
                name,
            )


def _next(kept: SourceSettings, new: SourceSettings, at: datetime) -> datetime | None:
    """A source that begins to run by itself is due at once; a shorter rhythm brings its next run nearer."""
    if not new.runs_by_itself or new.every_hours is None:
        return None
    if kept.next_run_at is None or not kept.runs_by_itself or kept.url != new.url:
        return at
    return min(kept.next_run_at, at + timedelta(hours=new.every_hours))


def _columns(settings: SourceSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in (*OURS, *CHOSEN)} | {"options": dict(settings.options)}


def _settings(row: Source) -> SourceSettings:
    return SourceSettings(
        id=row.id,
        next_run_at=utc(row.next_run_at) if row.next_run_at else None,
        made_by=row.made_by,
        **{name: getattr(row, name) for name in (*OURS, *CHOSEN)} | {"options": dict(row.options or {})},
    )
