"""What changed in the record as an Atom feed (RFC 4287, paged by RFC 5005), for anybody to follow."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from xml.etree import ElementTree as ET

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.errors import BadInput
from directory.feeds import changes
from directory.feeds.changes import Entry, Kind
from directory.runtime import Runtime
from web import wording
from web.field_words import field_words

ATOM = "http://www.w3.org/2005/Atom"
ET.register_namespace("", ATOM)
PAGE = 100
WORDS = {
    Kind.MADE: "New in the directory",
    Kind.CHANGED: "Changed",
    Kind.CLOSED: "Closed, or not running now",
    Kind.BACK: "Running again",
}
EMPTY = datetime(2026, 1, 1, tzinfo=UTC)
"""When a record without any change was last changed: Atom wants a date."""
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, however they are escaped."""


async def feed(request: Request) -> Response:
    """GET /changes.atom?before=ID: the newest hundred changes, or those before one. Raises BadInput."""
    runtime: Runtime = request.app.state.runtime
    found = await run_in_threadpool(_read, runtime, _before(request))
    body = atom(found, runtime.settings.public_url, request.url.query)
    newest = found[0].at.replace(microsecond=0) if found else EMPTY
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Last-Modified": format_datetime(newest, usegmt=True),
        "Cache-Control": "public, max-age=60",
    }
    if _is_known(request, headers["ETag"], newest):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/atom+xml; charset=utf-8", headers=headers)


def atom(entries: Sequence[Entry], site: str, query: str = "") -> bytes:
    """The feed as XML, UTF-8; `site` is our address without a slash at its end, `query` that of this page."""
    own = f"{site}/changes.atom"
    root = ET.Element(f"{{{ATOM}}}feed")
    _add(root, "id", own)
    _add(root, "title", "Waymark: changes to services")
    _add(root, "subtitle", "Services that were added, changed, closed or came back. Nothing of any person.")
    _add(root, "updated", _moment(entries[0].at if entries else EMPTY))
    _add(_add(root, "author", ""), "name", "Waymark")
    _link(root, "self", f"{own}?{query}" if query else own, "application/atom+xml")
    _link(root, "alternate", f"{site}/services", "text/html")
    if query:
        _link(root, "first", own, "application/atom+xml")
    if len(entries) == PAGE:
        _link(root, "next", f"{own}?before={entries[-1].id}", "application/atom+xml")
    for entry in entries:
        _entry(ET.SubElement(root, f"{{{ATOM}}}entry"), entry, own, site)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _entry(into: ET.Element, entry: Entry, own: str, site: str) -> None:
    where = wording.listed(entry.councils[:4]) + (" and more" if len(entry.councils) > 4 else "")
    name = f"A service in {where or 'Scotland'} whose place is withheld" if entry.withheld else entry.name
    _add(into, "id", f"{own}#{entry.id}")
    _add(into, "title", f"{name}: {WORDS[entry.kind].lower()}")
    _add(into, "updated", _moment(entry.at))
    if not entry.withheld:
        _link(into, "alternate", f"{site}/services/{entry.service_id}", "text/html")
    ET.SubElement(into, f"{{{ATOM}}}category", {"term": entry.kind})
    said = [f"{WORDS[entry.kind]}."]
    if entry.fields:
        said.append(f"What changed: {wording.listed(list(dict.fromkeys(map(field_words, entry.fields))))}.")
    if where and not entry.withheld:
        said.append(f"Serves {where}.")
    _add(into, "content", " ".join(said)).set("type", "text")
    _add(into, "rights", ". ".join(part.rstrip(".") for part in (entry.licence, entry.attribution) if part) + ".")


def _add(into: ET.Element, name: str, text: str) -> ET.Element:
    made = ET.SubElement(into, f"{{{ATOM}}}{name}")
    made.text = _NOT_XML.sub("", text) or None
    return made


def _link(into: ET.Element, rel: str, href: str, kind: str) -> None:
    ET.SubElement(into, f"{{{ATOM}}}link", {"rel": rel, "href": href, "type": kind})


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(runtime: Runtime, before: int | None) -> tuple[Entry, ...]:
    with runtime.database.reading() as session:
        return changes.newest(session, before, PAGE)


def _before(request: Request) -> int | None:
    said = request.query_params.get("before", "")
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and 0 < len(said) < 10):
        raise BadInput("There is no such page of changes.", "Start from /changes.atom and follow its links.", "before")
    return int(said)


def _is_known(request: Request, etag: str, newest: datetime) -> bool:
    """Whether the asker has this already (RFC 9110, 13.2.2: If-None-Match goes before If-Modified-Since)."""
    said = request.headers.get("if-none-match")
    if said is not None:
        return said.strip() == "*" or etag in [each.strip().removeprefix("W/") for each in said.split(",")]
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except (TypeError, ValueError):
        return False
    return since.tzinfo is not None and newest <= since


ROUTES = (Route("/changes.atom", feed, methods=["GET"]),)
