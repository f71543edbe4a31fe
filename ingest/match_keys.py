"""Keys by which two rows may be found to tell of one service, so that not every row is compared with every other.

A key that many share is no key: switchboards, business centres, "Edinburgh". Of a withheld service only what the record
holds makes keys: nothing of its place.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from ingest import names
from ingest.told import NATION, Told

MOST = 50
"""Services that a key may have in common: a block of 50 is 1,225 comparisons."""
WORD = "word"
MOST_FOR_A_WORD = 15
"""The same for one word of a name within one council."""
FEW_AREAS = 6
"""A row for more councils than the largest health board has is found by its words alone, not by word and council."""
LONGEST = 120

CHARITY = "charity"

Key = tuple[str, str]
"""Kind and value, as in `tables.MatchKey`."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one service; `id` is its own in the record."""

    id: str
    keys: frozenset[Key]


def keys(told: Told) -> frozenset[Key]:
    """The keys of one row: register numbers, charity number, phones, web host, postcode, name, and words by council."""
    found = {("name", names.key(told.name)), (CHARITY, told.charity_number), ("host", told.host)}
    found |= {("phone", number) for number in told.phones} | {("postcode", told.postal_code)}
    found |= {("number", cited) for cited in told.cited}
    if told.official:
        found.add(("number", told.source_id))
    said = names.wording(told.name, told.organization)
    words = {*said.words, *(word for provider in said.providers for word in provider)}
    words |= {"".join(pair) for pair in zip(said.words, said.words[1:], strict=False)}
    wide = NATION in told.areas or len(told.areas) > FEW_AREAS or not told.areas
    places = ("",) if wide else tuple(told.areas)
    found |= {(WORD, f"{names.stem(word)}|{place}") for word in words for place in places}
    return frozenset((kind, value[:LONGEST]) for kind, value in found if value.strip("|"))


def of_block(key: Key | None, ids: Sequence[str], wanted: Set[str]) -> Iterator[tuple[str, str]]:
    """Pairs of the ids that share a key, one of them wanted, the smaller first; none when too many share it."""
    if key is None or not 1 < len(ids) <= (MOST_FOR_A_WORD if key[0] == WORD else MOST):
        return
    ordered = sorted(ids)
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if one in wanted or other in wanted:
                yield one, other


def blocks(rows: Iterable[Told]) -> dict[Key, list[str]]:
    """Key → ids of the rows that have it."""
    found: dict[Key, list[str]] = defaultdict(list)
    for told in rows:
        for key in keys(told):
            found[key].append(told.id)
    return found


def pairs(found: Mapping[Key, Sequence[str]]) -> set[tuple[str, str]]:
    """Each pair of ids that shares a key."""
    everyone = {own for ids in found.values() for own in ids}
    return {pair for key, ids in found.items() for pair in of_block(key, ids, everyone)}
