"""Asks services' own web addresses whether they still answer, politely, so that staff hear of broken links first.

We are led to no host that is not a service's; an answer that refuses programs (403, 429) is an answer. A link counts as
broken after two failures on different days. Withheld services are never asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import anyio
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory import http
from directory.accounts.tables import utc
from directory.database import Database, batches
from directory.errors import SourceUnavailable
from directory.feeds import listing
from directory.feeds.quality import BROKEN_AFTER
from directory.feeds.tables import LinkCheck
from directory.http import Client, Limits, Surroundings
from directory.tables import Service

LIMITS = Limits(per_second=1.0, attempts=2, total_s=20.0, most_bytes=200_000, longest_wait_s=5.0, plain_http=True)
"""One request a second to a host, whose whole answer is never wanted."""
AT_ONCE = 8
MOST_HOPS = 5
KEPT_AT_A_TIME = 200
ALL_SILENT = 3
"""So many addresses, and none that answers: that is our own connection."""
REFUSES_PROGRAMS = frozenset({401, 402, 403, 405, 406, 408, 415, 418, 429, 451, 999})
"""Answers of a server that is there, and does not want us; a person may well see the page."""
SAID = {404: "there is no such page", 410: "the page was taken away"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking one address. `status` 0: no answer."""

    ok: bool
    status: int
    said: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a round did: addresses asked, how many failed, and services whose link counts as broken now."""

    asked: int
    failed: int
    broken: int


async def check(
    database: Database, now: datetime, most: int = 500, surroundings: Surroundings | None = None, contact: str = ""
) -> Checked:
    """Asks the addresses that were not asked for longest, at most so many, and keeps what came of it.

    Raises SourceUnavailable when nobody answers at all.
    """
    with database.reading() as session:
        wanted = _wanted(session, most)
    asked = failed = 0
    hosts = {host for url in wanted for host in _hosts(url)}
    async with http.client(hosts, LIMITS, surroundings, contact) as client:
        for urls in batches(wanted, KEPT_AT_A_TIME):
            answers = await _ask_all(client, hosts, urls)
            if len(answers) >= ALL_SILENT and not any(answer.status for answer in answers.values()):
                said = f"None of {len(answers)} addresses answered at all: nothing is kept of that."
                raise SourceUnavailable(said, "Is this machine connected to the internet?")
            with database.session() as session:
                _keep(session, answers, wanted, now)
            asked += len(answers)
            failed += sum(not answer.ok for answer in answers.values())
    with database.reading() as session:
        broken = session.scalar(select(func.count()).select_from(LinkCheck).where(LinkCheck.failures >= BROKEN_AFTER))
    return Checked(asked, failed, broken or 0)


def _wanted(session: Session, most: int) -> dict[str, list[str]]:
    """Address → the services that have it, those asked longest ago first, at most so many addresses."""
    same = (LinkCheck.service_id == Service.id) & (LinkCheck.url == Service.url)
    query = select(Service.id, Service.url, LinkCheck.checked_at).join(LinkCheck, same, isouter=True)
    query = query.where(Service.url != "", *listing.open_services())
    found: dict[str, list[str]] = defaultdict(list)
    asked: dict[str, str] = {}
    for own, url, at in session.execute(query):
        if _hosts(url):
            found[url].append(own)
            asked[url] = max(asked.get(url, ""), utc(at).isoformat() if at else "")
    chosen = sorted(found, key=lambda url: (asked[url], url))[:most]
    return {url: found[url] for url in chosen}


def _hosts(url: str) -> tuple[str, ...]:
    """The host of an address, with and without "www."; none for what is no web address we may ask."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ()
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in {"http", "https"} or parts.username is not None or "." not in host or not host.isascii():
        return ()
    bare = host.removeprefix("www.")
    return tuple(f"{name}{port}" for name in (bare, f"www.{bare}") if http.HOST.fullmatch(f"{name}{port}"))


async def _ask_all(client: Client, hosts: Iterable[str], urls: Sequence[str]) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    limit = anyio.CapacityLimiter(AT_ONCE)

    async def one(url: str) -> None:
        async with limit:
            answers[url] = await ask(client, frozenset(hosts), url)

    async with anyio.create_task_group() as group:
        for url in urls:
            group.start_soon(one, url)
    return answers


async def ask(client: Client, hosts: frozenset[str], url: str) -> Answer:
    """Whether an address answers: HEAD, then GET where HEAD fails; led on to services' own hosts only."""
    try:
        for method in ("HEAD", "GET"):
            answer = await _led(client, hosts, url, method)
            if answer.ok:
                return answer
        return answer
    except SourceUnavailable as error:
        return Answer(False, 0, error.message.replace("The source's server", "its server").rstrip("."))
    except ValueError:
        return Answer(False, 0, "it leads to what is no web address")


async def _led(client: Client, hosts: frozenset[str], url: str, method: str) -> Answer:
    for _ in range(MOST_HOPS):
        async with http.answered(client, url, method=method) as response:
            status, onward = response.status_code, response.headers.get("location", "")
        if not (300 <= status < 400 and onward):
            return _answer(status)
        url = urljoin(url, onward)
        if not set(_hosts(url)) & hosts:
            return Answer(True, status, "it leads to another site")
    return Answer(False, status, "it leads on and on")


def _answer(status: int) -> Answer:
    if status < 400:
        return Answer(True, status)
    if status in REFUSES_PROGRAMS:
        return Answer(True, status, "it answers people only")
    return Answer(False, status, SAID.get(status, f"its server failed (status {status})"))


def _keep(session: Session, answers: dict[str, Answer], wanted: dict[str, list[str]], now: datetime) -> None:
    for url, answer in answers.items():
        for own in wanted[url]:
            if session.get(Service, own) is None:
                continue
            row = session.get(LinkCheck, own)
            if row is None:
                row = LinkCheck(service_id=own, url=url, status=0, said="", failures=0, checked_at=now)
                session.add(row)
            row.failures = _failures(row, url, answer, now)
            row.url, row.status, row.said, row.checked_at = url, answer.status, answer.said, now


def _failures(row: LinkCheck, url: str, answer: Answer, now: datetime) -> int:
    """Failures in a row, one a day at most; another address begins anew."""
    if answer.ok:
        return 0
    if row.url != url or not row.failures:
        return 1
    return row.failures + (utc(row.checked_at).date() != now.date())
