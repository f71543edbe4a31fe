"""Asks for numbered pages until the feed's own items say it is at its end, and says where its counts were wrong.

Counts lie (a last page that is not the last, three pages that are five, `next` missing before the end), so they only
ever make us look further: an empty page, or one with nothing new, ends a feed. What was promised is compared after it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from directory.errors import SourceUnavailable
from directory.values import Issue
from ingest import json_parts
from ingest.json_parts import Document
from ingest.material import Feed, Part
from ingest.reading import Reading

MOST_PAGES = 10_000
SLACK = 20
"""Pages beyond twice the promised ones that are still asked for."""
TOTAL_ITEMS = ("total_items", "totalElements", "count", "total")
TOTAL_PAGES = ("total_pages", "totalPages")
LAST = ("last_page", "last")
FIRST = ("first_page", "first")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a feed: its part, its items' ids, and what it says of the whole."""

    part: Part
    document: Document
    ids: tuple[str, ...]

    @property
    def total_items(self) -> int | None:
        return whole(self.document.head, TOTAL_ITEMS)

    @property
    def total_pages(self) -> int | None:
        return whole(self.document.head, TOTAL_PAGES)

    def says(self, names: Iterable[str]) -> bool | None:
        """A flag of its head; None when it has none."""
        found = [self.document.head[name] for name in names if isinstance(self.document.head.get(name), bool)]
        return found[0] if found else None


def whole(head: Mapping[str, object], names: Iterable[str]) -> int | None:
    """The first of these fields that holds a whole number from 0; None when none does."""
    for name in names:
        value = head.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None


async def numbered(ask: Callable[[int], Awaitable[Part]]) -> AsyncIterator[Page]:
    """Every page that has something new, from page 1 (or 0, where that is the first). `ask` fetches one.

    Raises SourceUnavailable when a page does, UnusableFile for one that is no JSON; and for a feed without an end.
    """
    seen: set[str] = set()
    rows = number = promised = 0
    while True:
        number += 1
        try:
            page = _page(await ask(number))
        except SourceUnavailable:
            if number > 1 and promised and number > promised:
                return  # it promised no such page: what we looked for behind its end is not there
            raise
        if not len(page.document):
            return
        if number == 1 and page.says(FIRST) is False and page.total_pages != 1:
            before = _page(await ask(0))
            if set(before.ids) - set(page.ids):
                seen |= set(before.ids)
                rows += len(before.document)
                yield before
        if page.ids and seen.issuperset(page.ids):
            return
        seen |= set(page.ids)
        rows += len(page.document)
        promised = page.total_pages or promised
        yield page
        if _is_end(page, number, rows):
            return
        if number >= (min(MOST_PAGES, 2 * promised + SLACK) if promised else MOST_PAGES):
            raise SourceUnavailable(
                f"The source has no end: {number:,} pages were read, and more follow.",
                "Tell the source; nothing was changed.",
            )


def _page(part: Part) -> Page:
    document = json_parts.read(part)
    values = (item.value for item in document.items())
    ids = tuple(str(value.get("id")) for value in values if isinstance(value, Mapping) and value.get("id") is not None)
    return Page(part, document, ids)


def _is_end(page: Page, number: int, rows: int) -> bool:
    """Whether everything that the page says agrees that it is the last."""
    if not page.document.paged:
        return True
    last, items, pages = page.says(LAST), page.total_items, page.total_pages
    if last is False or (last is None and items is None and pages is None):
        return False
    return (items is None or rows >= items) and (pages is None or number >= pages)


@dataclass(slots=True)
class Account:
    """What the pages of a feed promised, against what they held."""

    items: list[int] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    read: int = 0
    rows: int = 0
    odd_sizes: int = 0

    def note(self, document: Document) -> None:
        """One more page."""
        if not document.paged:
            return
        self.read += 1
        self.rows += len(document)
        for kept, names in ((self.items, TOTAL_ITEMS), (self.pages, TOTAL_PAGES)):
            found = whole(document.head, names)
            if found is not None:
                kept.append(found)
        size = whole(document.head, ("size",))
        self.odd_sizes += size is not None and size < len(document)

    def issues(self, source: str) -> tuple[Issue, ...]:
        """What was wrong with the feed as a whole (row 0)."""
        said = []
        if len(set(self.items)) > 1:
            said.append("its count of services changed while it was read: one may be missing until the next run")
        elif self.items and self.items[0] != self.rows:
            said.append(f"it promises {self.items[0]:,} services and has {self.rows:,}")
        if self.pages and self.pages[-1] != self.read:
            said.append(f"it promises {self.pages[-1]:,} pages and has {self.read:,}")
        if self.odd_sizes:
            said.append("pages that hold more than their size says")
        return tuple(Issue(source, 0, "pages", reason) for reason in said)


def with_last(readings: Iterable[Reading], at_the_end: Callable[[], tuple[Issue, ...]]) -> Iterable[Reading]:
    """The readings; the last one carries the issues of the whole, which are known only then."""
    held: Reading | None = None
    for reading in readings:
        if held is not None:
            yield held
        held = reading
    if held is not None:
        yield replace(held, issues=(*held.issues, *at_the_end()))


def feed_url(feed: Feed) -> str:
    """The feed's address without what stands behind "#", and without a closing stroke."""
    return feed.url.partition("#")[0].rstrip("/")
