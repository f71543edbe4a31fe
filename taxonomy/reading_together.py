"""Harms and needs told by words that stand near each other, in any order: "his hand was in her pants", "pants … hand".

No list of phrases holds every telling. A row of `data/together_*.csv` holds groups of words instead, joined by "&":
when one word of each group stands within `within` words, in one sentence, the row's code is read. A word may end in
"*" (any ending), several words in a row are joined by "~"; no word of a group that begins with "!" may stand there or
just beside. Words may be written in Scots: they are folded as those of a text are.
"""

from bisect import insort_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from operator import or_

from taxonomy import committed
from taxonomy.reading_scan import START, Hit, Scan
from taxonomy.tokens import STRONG_BREAK, fold

TABLES = ("together_harms.csv", "together_needs.csv")
MOST = 3
"""Times one row is read in one text: the words shown are no more either, and no text takes long."""
SHORTEST = 3
"""Letters before a "*"."""
BESIDE = 3
"""Words before the first and after the last in which a barred word counts."""


BARRED = -1
"""The group that must not be there."""
NOTHING: Mapping[tuple[str, ...], dict[int, int]] = {}
KEPT = 20_000
"""Words whose groups are kept between texts."""


class TogetherError(ValueError):
    """A row that cannot be used: which, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: how many groups must be there, within how many words, and what is read."""

    groups: int
    within: int
    kind: str
    code: str


Masks = tuple[int, ...]
"""One number for each group of the rows, last the barred one: bit n is set where the word belongs to it in row n."""


@dataclass(slots=True)
class Table:
    """Rows made ready: for a word, a beginning of a word or words in a row, the rows and groups it stands for."""

    rows: list[Row] = field(default_factory=list)
    words: dict[str, dict[int, int]] = field(default_factory=dict)
    """By word: group (BARRED for the barred one) → the rows, as bits."""
    beginnings: dict[str, dict[int, int]] = field(default_factory=dict)
    runs: dict[str, dict[str, dict[tuple[str, ...], dict[int, int]]]] = field(default_factory=dict)
    """By first word, and by the second ("*" where that may have any ending): all that must follow the first, and what
    they then stand for."""
    longest: int = 0
    groups: int = 0
    """Groups of the row that has most."""
    needed: list[int] = field(default_factory=list)
    """By group: the rows that have it, as bits."""
    known: dict[str, Masks] = field(default_factory=dict)

    def of(self, word: str) -> Masks:
        """The groups a single word belongs to. Kept for the words met most lately first."""
        masks = self.known.get(word)
        if masks is None:
            found = [self.words.get(word, {})]
            for length in range(SHORTEST, min(len(word), self.longest) + 1):
                found.append(self.beginnings.get(word[:length], {}))
            masks = self.joined(found)
            if len(self.known) < KEPT:
                self.known[word] = masks
        return masks

    def joined(self, found: Iterable[Mapping[int, int]]) -> Masks:
        """Several groups → bits put together; () where there are none."""
        masks = [0] * (self.groups + 1)
        for each in found:
            for group, rows in each.items():
                masks[group] |= rows
        return tuple(masks) if any(masks) else ()


@cache
def table() -> Table:
    """All committed rows. Raises TogetherError naming the row that cannot be used."""
    return made_ready(
        (f"{name}, line {number}", row)
        for name in TABLES
        for number, row in enumerate(committed.rows("taxonomy", name), 2)
    )


def made_ready(raw_rows: Iterable[tuple[str, Mapping[str, str]]]) -> Table:
    """Rows (where each stands, and its columns) made ready. Raises TogetherError naming the one that cannot be used."""
    made = Table()
    for where, raw in raw_rows:
        groups = [group.strip() for group in raw["words"].split("&")]
        wanted = [group for group in groups if not group.startswith("!")]
        if not wanted or not raw["within"].isdigit() or len(groups) - len(wanted) > 1:
            raise TogetherError(f"{where}: {raw['words']!r} needs groups of words, and within a number.")
        for group in groups:
            place = BARRED if group.startswith("!") else wanted.index(group)
            for word in group.removeprefix("!").split("|"):
                _place(made, word.strip(), place, where)
        made.rows.append(Row(len(wanted), int(raw["within"]), raw["kind"], raw["code"]))
    made.groups = max((row.groups for row in made.rows), default=0)
    made.longest = max(map(len, made.beginnings), default=0)
    made.needed = [
        sum(1 << number for number, row in enumerate(made.rows) if row.groups > group) for group in range(made.groups)
    ]
    return made


def _place(made: Table, word: str, group: int, where: str) -> None:
    first, *rest = (part if part.endswith("*") else fold(part) for part in word.split("~"))
    if rest and "*" not in first:
        second = "*" if rest[0].endswith("*") else rest[0]
        stands_for = made.runs.setdefault(first, {}).setdefault(second, {}).setdefault(tuple(rest), {})
    elif word.endswith("*") and len(word) > SHORTEST and not rest:
        stands_for = made.beginnings.setdefault(word[:-1], {})
    elif word.isalnum():
        stands_for = made.words.setdefault(first, {})
    else:
        raise TogetherError(f"{where}: {word!r} is no word; * stands only after {SHORTEST} letters of one word.")
    stands_for[group] = stands_for.get(group, 0) | 1 << len(made.rows)


def add_together(found: Scan, rows: Table | None = None) -> None:
    """Add to a scan what words near each other say, by the committed rows. Linear in the words; never inside a phrase
    that says nothing."""
    rows = rows or table()
    silent = {index for hit in found.hits("concept") if hit.kind == "none" for index in range(hit.start, hit.end)}
    hits: list[Hit] = []
    times: dict[int, int] = {}
    start = 0
    for end in range(1, len(found.words) + 1):
        if end == len(found.words) or found.tokens.breaks[end] == STRONG_BREAK:
            hits += _in_sentence(found, rows, range(start, end), silent, times)
            start = end
    if hits:
        concepts = found.layers.setdefault("concept", [])
        for hit in hits:
            insort_left(concepts, hit, key=START)  # before a "won't" it begins with: that rules nothing of it out


def _in_sentence(found: Scan, rows: Table, sentence: range, silent: set[int], times: dict[int, int]) -> list[Hit]:
    """The rows that a sentence says. Only those of which every group has a word in it are looked at word by word."""
    marked = [(index, () if index in silent else _marks(rows, found, index, sentence.stop)) for index in sentence]
    marked = [(index, masks) for index, masks in marked if masks]
    alive = -1
    for group, needed in enumerate(rows.needed):
        there = 0
        for _, masks in marked:
            there |= masks[group]
        alive &= there | ~needed
    alive &= (1 << len(rows.rows)) - 1
    hits: list[Hit] = []
    last: dict[int, list[int]] = {}
    barred: dict[int, list[int]] = {}
    for index, masks in marked if alive else ():
        for number in _bits(masks[BARRED] & alive):
            barred.setdefault(number, []).append(index)
    for index, masks in marked if alive else ():
        for group, mask in enumerate(masks[:BARRED]):
            if not mask & alive:
                continue
            for number in _bits(mask & alive):
                row = rows.rows[number]
                seen = last.setdefault(number, [-1] * row.groups)
                seen[group] = index
                first = min(seen)
                if first < 0 or index - first > row.within or times.get(number, 0) >= MOST:
                    continue
                if any(first - BESIDE <= at <= index + BESIDE for at in barred.get(number, ())):
                    continue
                times[number] = times.get(number, 0) + 1
                last[number] = [-1] * row.groups
                hits.append(Hit(first, index + 1, row.kind, row.code))
    return hits


def _bits(mask: int) -> Iterator[int]:
    """The places of the bits set, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _marks(rows: Table, found: Scan, index: int, end: int) -> Masks:
    """The groups of a word, and of the words in a row that begin at it, within its sentence."""
    words = found.words
    alone = rows.of(words[index])
    after_it = rows.runs.get(words[index])
    if after_it is None or index + 1 == end:
        return alone
    begun = [
        stands_for
        for second in (words[index + 1], "*")
        for rest, stands_for in after_it.get(second, NOTHING).items()
        if index + len(rest) < end and all(map(_is, words[index + 1 : index + 1 + len(rest)], rest))
    ]
    if not begun:
        return alone
    together = rows.joined(begun)
    return tuple(map(or_, alone, together)) if alone else together


def _is(word: str, wanted: str) -> bool:
    return word == wanted or (wanted[-1] == "*" and word.startswith(wanted[:-1]))
