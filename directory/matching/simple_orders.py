"""Three simple orders beside ours, so that a figure of quality says what the matching adds (matching.md, section 6)."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from directory.matching import eligibility, retrieve, situation
from directory.matching.candidate import NATION, Row, cover, rows
from directory.matching.enquiry import Enquiry
from directory.matching.fit import FitTable
from directory.search.index import SearchIndex

ALL = 100_000
"""More services than any directory of Scotland has."""
FIRST = 10

Order = Callable[[list[tuple[int, Row]]], list[tuple[int, Row]]]


async def orders(enquiry: Enquiry, index: SearchIndex) -> Mapping[str, tuple[str, ...]]:
    """The first ten source ids of each order, over the services that would take this person and cover their place.

    "random" is the same for the same enquiry; "text only" is by how well the words match; "national first" puts
    services for all of Scotland before the others, each by text.
    """
    known = situation.understand(enquiry)
    asked = replace(retrieve.query(known, FitTable(known), None), boost_families=(), boost_harms=())
    candidates = await index.candidates(asked, ALL, facets=False)
    eligible = [each for each in rows(candidates) if not eligibility.ruled_out(each[1], cover(each[1], known), known)]
    found = {}
    for name, order in _orders(enquiry).items():
        first = [position for position, _ in order(eligible)[:FIRST]]
        found[name] = tuple(service.source_id for service in await candidates.load(first))
    return found


def _orders(enquiry: Enquiry) -> Mapping[str, Order]:
    return {
        "random": lambda rows: random.Random(enquiry.text).sample(rows, len(rows)),
        "text only": lambda rows: sorted(rows, key=lambda item: -item[1].text),
        "national first": lambda rows: sorted(rows, key=lambda item: (not item[1].councils & NATION, -item[1].text)),
    }
