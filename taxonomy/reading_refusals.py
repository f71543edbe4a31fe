"""Whom to keep away from, said in ways no list of phrases holds: "hated CAMHS, do not offer that", "not her GP".

Run after people are known and before anything to avoid is read: it adds what it finds to the scan.
"""

from bisect import bisect_left, insort
from operator import attrgetter

from taxonomy.people_words import people_words
from taxonomy.reading_mentions import OTHER, People
from taxonomy.reading_scan import Hit, NameHit, Scan
from taxonomy.tokens import STRONG_BREAK

START = attrgetter("start")
ROLES = {
    ("camhs",): "CAMHS",
    ("gp",): "GP",
    ("doctor",): "GP",
    ("school", "counsellor"): "School counsellor",
    ("school", "nurse"): "School nurse",
    ("guidance", "teacher"): "Guidance teacher",
    ("guidance",): "Guidance teacher",
    ("health", "visitor"): "Health visitor",
}
"""Who is no service of a name of its own, yet can be refused."""
FIRST_OF_ROLES = frozenset(words[0] for words in ROLES)
NO = people_words("refusals_no")
WHOSE = frozenset({"her", "his", "my", "their", "the", "our", "ma"})
THROUGH = people_words("refusals_through")
LATER = (
    ("no", "that", "one"), ("not", "that", "one"), ("no", "that", "yin"), ("no", "there"), ("not", "there"),
    ("no", "them"), ("not", "them"), ("offer", "that"), ("offer", "it"), ("offer", "them"), ("suggest", "that"),
    ("suggest", "it"), ("suggest", "them"), ("near", "them"), ("near", "it"), ("near", "that"), ("near", "there"),
    ("but", "there"), ("hated", "it"), ("hated", "them"), ("not", "again"), ("no", "again"), ("no", "back", "there"),
    ("back", "there"), ("use", "them"), ("trust", "them"),
    ("back", "to", "them"), ("to", "them"), ("back", "to", "it"),
)  # fmt: skip
"""What refuses a service named before it."""
NEEDS_NO = frozenset({("offer", "that"), ("offer", "it"), ("offer", "them"), ("suggest", "that"), ("suggest", "it"),
                      ("suggest", "them"), ("near", "them"), ("near", "it"), ("near", "that"), ("near", "there"),
                      ("back", "there"), ("use", "them"), ("trust", "them"),
                      ("back", "to", "them"), ("to", "them"), ("back", "to", "it")})  # fmt: skip
"""Those of them that refuse only after a no."""
LATER_BY_FIRST = {first: [cue for cue in LATER if cue[0] == first] for first in {cue[0] for cue in LATER}}
FURTHEST = 26
"""Words between a name and the refusal of it."""
GOES = people_words("refusals_goes")


def add_refusals(found: Scan, known: People) -> None:
    """Add to the scan the roles refused, and after each service refused in later words a hit that says so."""
    roles = _roles(found)
    refused = [role for role in roles if _is_refused_before(found, role)]
    later = _refused_later(found, sorted([*found.services, *roles], key=START))
    for name in later:
        if name not in refused and any(name is role for role in roles):
            refused.append(name)
    for role in refused:
        insort(found.services, role, key=START)
    for name in {hit.start: hit for hit in (*refused, *later, *_where_others_go(found, known))}.values():
        _mark(found, name)


def _roles(found: Scan) -> list[NameHit]:
    words = found.words
    roles: list[NameHit] = []
    taken = {index for hit in found.services for index in range(hit.start, hit.end)}
    for index, word in enumerate(words):
        if word not in FIRST_OF_ROLES:
            continue
        for length in (2, 1):
            display = ROLES.get(tuple(words[index : index + length]))
            if (
                display
                and index + length <= len(words)
                and index not in taken
                and not (roles and roles[-1].end > index)
            ):
                roles.append(_named(found, index, index + length, display))
                break
    return roles


def _named(found: Scan, start: int, end: int, display: str) -> NameHit:
    """The role, or the name in brackets after it: "the school counsellor (Place2Be)"."""
    text, tokens = found.tokens.text, found.tokens
    if end < len(found.words) and text[tokens.ends[end - 1] : tokens.starts[end]].strip() == "(":
        for last in range(end + 1, min(end + 6, len(found.words)) + 1):
            closed = text[tokens.ends[last - 1] : tokens.starts[last] if last < len(tokens) else len(text)]
            if ")" in closed:
                return NameHit(end, last, " ".join(found.words[end:last]).capitalize())
    return NameHit(start, end, display)


def _is_refused_before(found: Scan, role: NameHit) -> bool:
    """ "no her GP", "not through the school counsellor", "doesn't want to see her GP"."""
    words, breaks = found.words, found.tokens.breaks
    first = role.start
    while first > max(0, role.start - 6) and not breaks[first]:
        first -= 1
    before = words[first : role.start]
    if before[-1:] and before[-1] in WHOSE:
        if before[-2:-1] and before[-2] in NO:
            return True
        before = before[:-1]
    if before[-1:] == ["not"] or (before[-1:] == ["no"] and role.display == "CAMHS"):
        return True
    return bool(before) and before[-1] in THROUGH and bool(NO & set(before[-4:-1]))


def _refused_later(found: Scan, names: list[NameHit]) -> list[NameHit]:
    """The names that "do not offer that" and the like speak of: the nearest before."""
    words = found.words
    refused: list[NameHit] = []
    if not names:
        return refused
    for index in range(names[0].end, len(words)):
        for cue in LATER_BY_FIRST.get(words[index], ()):
            if tuple(words[index : index + len(cue)]) != cue:
                continue
            if cue in NEEDS_NO and not NO & set(words[max(0, index - 4) : index]):
                continue
            last = bisect_left(names, index, key=START)
            near = names[last - 1] if last and 0 <= index - names[last - 1].end <= FURTHEST else None
            if near is not None and near not in refused[-2:]:
                refused.append(near)
    return refused


def _where_others_go(found: Scan, known: People) -> list[NameHit]:
    """ "two lads who go to the Venchie"."""
    there: list[NameHit] = []
    for name in found.services:
        for mention in known.starting(name.start - 9, name.start):
            if mention.owner != OTHER:
                continue
            between = found.words[mention.end : name.start]
            if (
                2 <= len(between) <= 6
                and GOES & set(between)
                and not any(found.tokens.breaks[mention.end : name.start])
            ):
                there.append(name)
    return there


def _mark(found: Scan, name: NameHit) -> None:
    """A hit that makes a name one to avoid, though nothing beside it does."""
    breaks = found.tokens.breaks
    if name.end >= len(breaks) or breaks[name.end] != STRONG_BREAK:
        layer, hit = "avoid_after", Hit(name.end, name.end, "avoid", "any")
    else:
        layer, hit = "avoid", Hit(max(0, name.start - 1), name.start, "avoid", "any")
    insort(found.layers.setdefault(layer, []), hit, key=START)
