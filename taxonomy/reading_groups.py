"""Groups the person says they belong to, and whether a worker calls: what opens services made for them."""

from collections.abc import Mapping

from taxonomy.reading_facts import Fact
from taxonomy.reading_mentions import OTHER, THIRD, People
from taxonomy.reading_scan import Hit, Scan
from taxonomy.tokens import STRONG_BREAK
from taxonomy.word_sets import words_of

Spans = list[tuple[int, int]]
ADULT = 18
FIRST_WORDS = 400
"""Words of a call in which "when he was 9" is looked for."""
CHILD = frozenset({"child", "wean", "bairn", "kid", "teenager", "youngster"})
WHEN = frozenset({"when", "whan", "since"})
NOT_THEIRS = frozenset({"not", "no", "isnt", "isnae", "never", "nae"})


def groups(found: Scan, known: People, age: Fact | None) -> Mapping[str, Spans]:
    """Codes of the taxonomy `group` with their words. What is said of the child who harmed, or ruled out, is left out.

    `adult_survivor` asks for an adult; `young_family` is of the home, not of the other child.
    """
    said: dict[str, Spans] = {}
    for hit in (hit for layer in found.layers if layer.startswith("group") for hit in found.hits(layer)):
        if hit.start and found.words[hit.start - 1] in NOT_THEIRS:
            continue
        if hit.code == "disabled" and hit.start and found.words[hit.start - 1] == "learning":
            continue
        if hit.code not in {"care_experienced"} and _is_of_other(found, known, hit):
            continue
        said.setdefault(hit.code, []).append((hit.start, hit.end))
    if not is_adult(age):
        said.pop("adult_survivor", None)
    elif spans := _when_a_child(found):
        said.setdefault("adult_survivor", spans)
    return dict(sorted(said.items()))


def _when_a_child(found: Scan) -> Spans:
    """ "when he was 9", "when I was 15", said by or of an adult."""
    words = found.words
    spans: Spans = []
    for index in range(min(len(words) - 3, FIRST_WORDS)):
        if words[index] == "as" and words[index + 1] == "a" and CHILD & set(words[index + 2 : index + 4]):
            spans.append((index, index + 3))
        if words[index] not in WHEN or words[index + 1] not in {"she", "he", "i", "they", "we"}:
            continue
        number = (
            words[index + 3] if words[index + 3] not in {"about", "only", "just", "aged"} else words[index + 4 :][:1]
        )
        text = number if isinstance(number, str) else "".join(number)
        if words[index + 2] in {"was", "were", "wis"} and text.isdigit() and 0 < int(text) < ADULT - 1:
            spans.append((index, index + 4))
    return spans[:2]


def _is_of_other(found: Scan, known: People, hit: Hit) -> bool:
    """ "by a deaf lad", "an autistic boy of 12 hit him": the noun after the word is the child who harmed."""
    for mention in known.starting(hit.start - 10, hit.start + 10):
        if mention.owner not in {OTHER, THIRD} or not mention.kind:
            continue
        start = mention.lead + 1 if mention.lead >= 0 else mention.start - 2
        if start <= hit.start < mention.end and STRONG_BREAK not in found.tokens.breaks[start + 1 : hit.start + 1]:
            return True
        if 0 <= hit.start - mention.end <= 3 and found.words[hit.start - 1] in {"also", "too", "is", "whos", "hes"}:
            return True
    return False


def is_adult(age: Fact | None) -> bool:
    """Whether the person is surely 18 or more."""
    if age is None:
        return False
    lowest = age.value if isinstance(age.value, int) else age.value["min"]
    return bool(lowest >= ADULT)


def professional(found: Scan) -> Fact | None:
    """A worker is on the phone about somebody. A teacher who was harmed is not."""
    for hit in found.hits("speaker"):
        before = found.words[max(0, hit.start - 2) : hit.start]
        if set(before) & {"told", "tell", "see", "saw"}:
            continue
        return Fact(True, ((hit.start, hit.end),))
    first = found.words[:2]
    if " ".join(first) in WORKERS_FIRST or (first and first[0] in words_of("worker_first")):
        return Fact(True, ((0, 2 if " ".join(first) in WORKERS_FIRST else 1),))
    return None


WORKERS_FIRST = frozenset(
    {
        "social worker",
        "guidance teacher",
        "pastoral teacher",
        "community police",
        "health visitor",
        "youth worker",
        "support worker",
        "school nurse",
    }
)
"""A call that begins with one of these is a worker's ("Social worker Dundee, young person 15")."""
