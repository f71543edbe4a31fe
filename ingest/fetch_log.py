"""Notes what was fetched, a page at a time, so that the next question is conditional and a killed run is taken up."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from directory.accounts.tables import utc
from directory.database import Database
from directory.feeds import runs
from directory.feeds.raw import RawStore
from directory.feeds.tables import Fetched, IngestRun
from ingest.material import Part

LONGEST_HEADER = 500
LONGEST_TYPE, LONGEST_DATE = 100, 40
"""Characters, as wide as their columns; PostgreSQL refuses more."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer as it is kept. `size` in bytes, unpacked; `fetched_at` aware, in UTC: when the server last said so."""

    url: str
    digest: str
    size: int
    content_type: str
    etag: str
    last_modified: str
    fetched_at: datetime

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask for it only if it has changed (RFC 9110 13.1); none when the server gave no mark."""
        marks = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in marks.items() if value}


def page(url: str, digest: str, size: int, headers: Mapping[str, str], at: datetime) -> Page:
    """A page from an answer's headers; marks that cannot be sent back as they are count as none."""
    return Page(
        url=url,
        digest=digest,
        size=size,
        content_type=headers.get("content-type", "")[:LONGEST_TYPE],
        etag=_mark(headers.get("etag", ""), LONGEST_HEADER),
        last_modified=_mark(headers.get("last-modified", ""), LONGEST_DATE),
        fetched_at=at,
    )


class FetchLog:
    """The rows of one run of one source; every method is a short transaction of its own."""

    def __init__(self, database: Database, source_id: str, run_id: int, raw: RawStore) -> None:
        self._database, self._source_id, self._run_id, self._raw = database, source_id, run_id, raw

    def note(self, page: Page) -> None:
        """From here on this page survives a kill."""
        with self._database.session() as session:
            session.add(
                Fetched(
                    source_id=self._source_id,
                    run_id=self._run_id,
                    url=page.url,
                    url_digest=_digest(page.url),
                    digest=page.digest,
                    size=page.size,
                    content_type=page.content_type,
                    etag=page.etag,
                    last_modified=page.last_modified,
                    fetched_at=page.fetched_at,
                )
            )

    def before(self, url: str) -> Page | None:
        """What this address gave in the latest done run that asked it, if those bytes are still whole."""
        query = (
            select(Fetched)
            .join(IngestRun, IngestRun.id == Fetched.run_id)
            .where(
                Fetched.source_id == self._source_id,
                Fetched.url_digest == _digest(url),
                IngestRun.state == runs.State.DONE,
            )
            .order_by(Fetched.id.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            row = session.scalar(query)
        return _page(row) if row is not None and self._raw.holds(row.digest) else None

    def broken_off(self, at: datetime, within: timedelta) -> dict[str, Page]:
        """Pages of the run before, by address in the order asked, if it failed or was killed while it fetched.

        A run that had everything and failed over its content is none: its source may have mended that since.
        """
        with self._database.reading() as session:
            run = session.scalar(
                select(IngestRun)
                .where(
                    IngestRun.source_id == self._source_id,
                    IngestRun.id < self._run_id,
                    IngestRun.id.in_(select(Fetched.run_id).where(Fetched.source_id == self._source_id)),
                )
                .order_by(IngestRun.id.desc())
                .limit(1)
            )
            if run is None or not _broke_off(run):
                return {}
            pages = map(_page, session.scalars(select(Fetched).where(Fetched.run_id == run.id).order_by(Fetched.id)))
            return {page.url: page for page in pages if page.fetched_at > at - within}

    def done_before(self) -> list[str]:
        """Digests of the latest done run, in the order received; empty when that run fetched nothing."""
        query = select(IngestRun.id).where(
            IngestRun.source_id == self._source_id, IngestRun.id < self._run_id, IngestRun.state == runs.State.DONE
        )
        with self._database.reading() as session:
            latest = session.scalar(query.order_by(IngestRun.id.desc()).limit(1))
            return list(session.scalars(select(Fetched.digest).where(Fetched.run_id == latest).order_by(Fetched.id)))

    def finish(self, parts: Iterable[Part]) -> None:
        """Everything is here: the run's material is kept, and it no longer counts as broken off while fetching."""
        kept = [runs.Kept(part.name, part.path.stem, part.content_type, part.url) for part in parts]
        with self._database.session() as session:
            runs.note_material(session, self._run_id, kept)


def renewed(page: Page, headers: Mapping[str, str], at: datetime) -> Page:
    """A page of which the server says that it has not changed; it may give a new mark."""
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    return replace(
        page,
        etag=_mark(etag, LONGEST_HEADER) or page.etag,
        last_modified=_mark(modified, LONGEST_DATE) or page.last_modified,
        fetched_at=at,
    )


def _broke_off(run: IngestRun) -> bool:
    killed = run.state == runs.State.RUNNING or run.why == runs.DIED
    return killed or (run.state == runs.State.FAILED and not run.material)


def _page(row: Fetched) -> Page:
    return Page(row.url, row.digest, row.size, row.content_type, row.etag, row.last_modified, utc(row.fetched_at))


def _mark(value: str, longest: int) -> str:
    return value if len(value) <= longest and value.isascii() and value.isprintable() else ""


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
