"""Asks one source's server for its pages: no oftener than needed, no more than we can hold, never round in a circle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from directory import http
from directory.clock import Clock
from directory.errors import SourceUnavailable, UnusableFile
from directory.feeds.raw import RawStore
from directory.http import Client, Interrupted, Limits, Response, Surroundings
from ingest import answers
from ingest.fetch_log import FetchLog, Page, page, renewed
from ingest.material import Part

NOT_MODIFIED = 304
ALIKE = 512
"""Bytes from which a page that came before is a circle; lists that are empty are small, and alike."""
LIMITS = Limits(total_s=300.0, longest_wait_s=900.0, redirects=3)
"""Of one page: slow servers and large files are common among councils."""
LATER = "What was received is kept; the next run goes on from there."


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one run may take from a source. Beside `http`'s, of a page: bytes and pages of the whole run, and its time.

    Pages of a run that broke off are used again for `resume_within`.
    """

    http: Limits = LIMITS
    most_bytes: int = 500_000_000
    most_pages: int = 20_000
    total: timedelta = timedelta(hours=2)
    resume_within: timedelta = timedelta(hours=24)


class Asking:
    """A `kinds.Getter` for one run, and the account it keeps: questions `asked` (those answered "not changed" among
    them), pages `reused` of a run that broke off, and the `digests` of all pages in their order."""

    def __init__(
        self,
        client: Client,
        log: FetchLog,
        raw: RawStore,
        expects: str,
        bounds: Bounds,
        by: Surroundings,
        clock: Clock,
    ) -> None:
        self._client, self._log, self._raw, self._expects = client, log, raw, expects
        self._bounds, self._by, self._clock = bounds, by, clock
        self._started = by.timer()
        self._had: dict[str, Page] | None = None
        self._probed = ""
        self._urls: set[str] = set()
        self._seen: set[str] = set()
        self._bytes = 0
        self.asked = self.reused = 0
        self.digests: list[str] = []

    async def __call__(self, url: str, name: str, params: Mapping[str, str] | None = None) -> Part:
        try:
            address = http.address(url, params)
            self.check_pages(len(self.digests) + 1)
            self._check_time()
            if address in self._urls:
                raise SourceUnavailable("The source's pages lead in a circle.", "Tell the source; nothing was changed.")
            self._urls.add(address)
            found = await self._page(address)
            self._check_new(found)
            self._log.note(found)
            self.digests.append(found.digest)
        except (SourceUnavailable, UnusableFile) as error:
            raise SourceUnavailable(f"{name}: {error.message}", error.advice) from error
        return Part(name, self._raw.path(found.digest), address, found.content_type)

    def check_pages(self, pages: int) -> None:
        """Raises SourceUnavailable for one page more than a run may have."""
        if pages > self._bounds.most_pages:
            said = f"The source has more than {self._bounds.most_pages:,} pages."
            raise SourceUnavailable(said, "Ask the source for one file.")

    def _check_time(self) -> None:
        total = self._bounds.total.total_seconds()
        if self._by.timer() - self._started > total:
            raise SourceUnavailable(f"The source took longer than {total / 60:g} minutes.", LATER)

    def _check_new(self, found: Page) -> None:
        self._bytes += found.size
        if self._bytes > self._bounds.most_bytes:
            said = f"The source's pages are more than {self._bounds.most_bytes / 1e6:g} MB together."
            raise SourceUnavailable(said, "Ask the source for less, or for its file.")
        same = "the one before" if found.digest in self.digests[-1:] else ""
        if not same and found.size >= ALIKE and found.digest in self._seen:
            same = "an earlier one"
        if same:
            said = f"The page is the same as {same}: the source's count of pages is wrong, or it has no end."
            raise SourceUnavailable(said, "Tell the source; nothing was changed.")
        self._seen.add(found.digest)

    async def _page(self, url: str) -> Page:
        """The page of the run that broke off, or the server's."""
        if self._had is None:
            self._had = await self._left_over(url)
        had = self._had.get(url)
        if had is None:
            return await self._ask(url, self._log.before(url))
        self.reused += url != self._probed
        return had

    async def _left_over(self, first: str) -> dict[str, Page]:
        """What can be used again of a run that broke off, if this one begins as it did: nothing when paging has moved.

        A service that came or went since has moved every page after it. So the last page that we have is asked again:
        if it is still the same, so is what stands before it.
        """
        broken_off = self._log.broken_off(self._clock(), self._bounds.resume_within)
        had = {url: page for url, page in broken_off.items() if self._raw.holds(page.digest)}
        if first not in had:
            return {}
        self._probed, last = had.popitem()
        try:
            now = await self._ask(self._probed, last)
        except (SourceUnavailable, UnusableFile):
            return {}
        return {**had, self._probed: now} if now.digest == last.digest else {self._probed: now}

    async def _ask(self, url: str, before: Page | None) -> Page:
        self.asked += 1
        for attempt in count(1):
            try:
                return await self._answer(url, before)
            except Interrupted:
                if attempt >= self._bounds.http.attempts:
                    raise
            await self._by.sleep(http.back_off(attempt, self._by.chance))
        raise AssertionError("counting never ends")

    async def _answer(self, url: str, before: Page | None) -> Page:
        conditions = before.conditions if before else {}
        async with http.answered(self._client, url, conditions) as response:
            if response.status_code == NOT_MODIFIED:
                if before is None or not conditions:
                    said = "The source's server says that nothing has changed, though nobody asked it that."
                    raise SourceUnavailable(said, "Tell the source.")
                return renewed(before, response.headers, self._clock())
            _check_status(response)
            with self._raw.writing(self._bounds.http.most_bytes) as new:
                async for piece in response.aiter_raw():
                    new.write(piece)
                answers.check(self._expects, response.headers.get("content-type", ""), new.head)
        return page(url, new.kept.digest, new.kept.size, response.headers, self._clock())


def _check_status(response: Response) -> None:
    """Raises SourceUnavailable for whatever is no whole answer; Interrupted when the server failed."""
    status = response.status_code
    if status == 200:
        return
    if status in {401, 403}:
        said, advice = "does not let us in", "Ask the source for access."
    elif status in {404, 410}:
        said, advice = "has no such page any more", "Check the source's address."
    elif status in http.BUSY:
        said, advice = "is too busy, and was asked as often as is fair", LATER
    elif status >= 500:
        raise Interrupted(f"The source's server failed (status {status}).", LATER)
    else:
        said, advice = "gave an answer that we cannot use", "Check the source's address; else tell the source."
    raise SourceUnavailable(f"The source's server {said} (status {status}).", advice)
