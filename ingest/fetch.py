"""Fetches what a source offers at its address, so that adapters read files and never speak to servers.

Every page is kept and noted as it arrives: a run that fails or is killed loses nothing, and the next goes on there.
"""

import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from directory import http
from directory.clock import Clock
from directory.database import Database
from directory.errors import BadInput, SourceUnavailable
from directory.feeds.raw import RawStore
from directory.http import Key, Surroundings
from ingest.fetch_log import FetchLog
from ingest.fetch_pages import Asking, Bounds
from ingest.kinds import Kind
from ingest.material import Feed, Material, Part
from ingest.unpack import unpacked

SECRET = re.compile(r"(.*[_-])?(api_?key|key|token|secret|password|passwd|signature|sig)", re.I)
KEY = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Fetch:
    """What a run fetched. `unchanged`: every page is byte for byte that of the latest done run.

    `asked` counts pages asked of the server, those it called unchanged among them; `reused` those that a run which
    broke off had left.
    """

    parts: Material
    unchanged: bool
    asked: int
    reused: int


async def material(
    database: Database,
    run_id: int,
    feed: Feed,
    kind: Kind,
    raw: RawStore,
    clock: Clock,
    surroundings: Surroundings | None = None,
    limits: Bounds | None = None,
    contact: str = "",
    environ: Mapping[str, str] | None = None,
) -> Fetch:
    """Everything the source offers now, and the run's material noted.

    Hosts asked are that of the feed's address and those of `options["hosts"]`. `contact` is a web address of ours for
    its server's log. `options["key"]` names a key that whoever runs Waymark keeps (`key_of`).
    Raises SourceUnavailable or UnusableFile; what was received until then is kept for the next run.
    """
    bounds, by = limits or Bounds(), surroundings or Surroundings(clock=clock)
    log = FetchLog(database, feed.id, run_id, raw)
    key = key_of(feed, os.environ if environ is None else environ)
    try:
        client = http.client(hosts(feed), bounds.http, by, contact, key)
    except BadInput as error:
        raise SourceUnavailable(f"The source cannot be asked. {error.message}", error.advice) from error
    async with client:
        expects = kind.expects or ("json" if kind.pages else "")
        asking = Asking(client, log, raw, expects, bounds, by, clock)
        received = [part async for part in _pages(feed, kind, asking)]
    if not received:
        raise SourceUnavailable("The source gave no page at all.", "Check its address and kind.")
    unchanged = asking.digests == log.done_before()
    parts = received if kind.pages or kind.expects == "xlsx" else [*unpacked(received[0], raw)]
    log.finish(parts)
    return Fetch(tuple(parts), unchanged, asking.asked, asking.reused)


async def _pages(feed: Feed, kind: Kind, asking: Asking) -> AsyncIterator[Part]:
    """Each page in turn; also an adapter that asks nothing and never ends is stopped."""
    if kind.pages is None:
        yield await asking(feed.url, _file_name(feed))
        return
    given = 0
    async with aclosing(kind.pages(feed, asking)) as pages:  # type: ignore[type-var]  # adapters are generators
        async for part in pages:
            given += 1
            asking.check_pages(given)
            yield part


def hosts(feed: Feed) -> list[str]:
    """The hosts a source may be asked at, its own first. Raises SourceUnavailable for an unusable address."""
    try:
        parts = urlsplit(feed.url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if not parts.hostname:
        raise SourceUnavailable("The source has no web address that can be asked.", "Check the source's address.")
    if any(SECRET.fullmatch(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        said = "The source's address holds a key, and addresses are kept and shown."
        raise SourceUnavailable(said, "Take it out, and have it set as WAYMARK_FEED_KEY_…_FILE.")
    more = feed.options.get("hosts", ())
    if not isinstance(more, list | tuple) or not all(isinstance(host, str) for host in more):
        raise SourceUnavailable("The source's list of further hosts cannot be read.", 'Write ["feeds.example"].')
    own = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return [own + port, *more]


def key_of(feed: Feed, environ: Mapping[str, str]) -> Key | None:
    """The key of `options["key"]`: "COUNCIL" is in the file that WAYMARK_FEED_KEY_COUNCIL_FILE names, as one line of
    host, header and value: "feeds.example X-Api-Key 1234".

    The file says the host, so that who may edit sources cannot have a key sent elsewhere. Raises SourceUnavailable.
    """
    name = feed.options.get("key")
    if not name:
        return None
    if not isinstance(name, str) or not KEY.fullmatch(name):
        raise SourceUnavailable("The name of the source's key cannot be used.", "Use capitals: COUNCIL.")
    variable = f"WAYMARK_FEED_KEY_{name}_FILE"
    try:
        line = Path(environ[variable]).read_text(encoding="ascii").strip()
    except (KeyError, OSError, UnicodeDecodeError):
        said = f"The source needs a key, and {variable} names no file that can be read."
        raise SourceUnavailable(said, "Ask whoever runs Waymark.") from None
    words = line.split(maxsplit=2)
    if len(words) != 3 or not line.isprintable() or not re.fullmatch(r"[A-Za-z0-9-]{1,60}", words[1]):
        said = f"The file of {variable} cannot be used."
        raise SourceUnavailable(said, "Write one line: host, header, value.")
    return Key(*words)


def _file_name(feed: Feed) -> str:
    """What people know the file by: the end of its address."""
    name = unquote(urlsplit(feed.url).path).rstrip("/").rpartition("/")[2]
    return name if re.fullmatch(r"[\w .()-]{1,100}", name) else feed.id
