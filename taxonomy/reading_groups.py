"""Groups the person says they belong to, and whether a worker calls: what opens services made for them."""

from collections.abc import Mapping

from taxonomy.people_words import people_words
from taxonomy.reading_facts import Fact
from taxonomy.reading_mentions import OTHER, PERSON, PRONOUN, THIRD, Mention, People
from taxonomy.reading_scan import Hit, Scan
from taxonomy.reading_workers import worker_opens

Spans = list[tuple[int, int]]
ADULT = 18
FIRST_WORDS = 400
"""Words of a call in which "when he was 9" is looked for."""
SCHOOL_AGE = 5
NEARBY = 60
"""People looked at: more than any call speaks of."""
OF_FAMILIES = frozenset({"kinship_carer", "lone_parent", "substance_family", "prison_family", "young_family"})
"""Groups told by what kin do."""
OF_CHILDREN = ("arrived_alone", "has_hearing")
"""Groups that hold children alone."""
CHILD = frozenset({"child", "wean", "bairn", "kid", "teenager", "youngster"})
WHEN = frozenset({"when", "whan", "fan", "since", "from"})
SPAN_OF_YEARS = frozenset({"from", "between", "aged"})
"""Before "12 to 14"."""
NO_COLOUR = frozenset(
    {"eye", "eyes", "affronted", "affrontit", "and", "out", "mood", "market", "mould", "cab", "dog", "belt"}
)
"""After "black": no colour of a person."""
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
        if (
            found.words[hit.end - 1] == "black"
            and found.words[hit.end : hit.end + 1]
            and found.words[hit.end] in NO_COLOUR
        ):
            continue
        if _is_about_a_thing(found, hit):
            continue
        if hit.code != "care_experienced" and _is_of_other(found, known, hit):
            continue
        if hit.code == "care_experienced" and is_adult(age) and _is_their_work(found, hit):
            continue
        said.setdefault(hit.code, []).append((hit.start, hit.end))
    if not is_adult(age):
        said.pop("adult_survivor", None)
    else:
        for code in OF_CHILDREN:
            said.pop(code, None)
        if (spans := _when_a_child(found)) or (spans := _then_a_child(known)):
            said.setdefault("adult_survivor", spans)
    if spans := _infants(found, known, age):
        said.setdefault("young_family", spans)
    if spans := _raised_by_kin(found):
        said.setdefault("kinship_carer", spans)
    return dict(sorted(said.items()))


NURSED = frozenset({"owner", "worker", "manager", "teacher", "nurse", "staff"})
THINGS_FOR_THEM = frozenset({"toilet", "toilets", "loo", "parking", "bay", "badge", "access"})
TURNS_BLACK = frozenset({"goes", "went", "turned", "going", "pitch", "till"})


def _is_about_a_thing(found: Scan, hit: Hit) -> bool:
    """ "the disabled toilet", "nursery owner", "till she goes black"."""
    words = found.words
    before, after = words[max(0, hit.start - 2) : hit.start], words[hit.end : hit.end + 1]
    if words[hit.start] in {"nursery", "pram"}:
        return bool(NURSED & set(after)) or "since" in before
    if words[hit.start] == "black":
        return bool(TURNS_BLACK & set(before))
    return hit.code == "disabled" and bool(THINGS_FOR_THEM & set(after))


def _when_a_child(found: Scan) -> Spans:
    """ "when he was 9", "when I was 15", said by or of an adult."""
    words = found.words
    spans: Spans = []
    for index in range(min(len(words) - 3, FIRST_WORDS)):
        if words[index] == "as" and words[index + 1] == "a" and CHILD & set(words[index + 2 : index + 4]):
            spans.append((index, index + 3))
        if words[index] in SPAN_OF_YEARS and words[index + 2] in {"to", "and", "till", "until"}:
            first, last = words[index + 1], words[index + 3]
            if first.isdigit() and last.isdigit() and int(first) < int(last) < ADULT:
                spans.append((index, index + 4))
        if words[index] not in WHEN or words[index + 1] not in {"she", "he", "i", "they", "we"}:
            continue
        number = (
            words[index + 3] if words[index + 3] not in {"about", "only", "just", "aged"} else words[index + 4 :][:1]
        )
        text = number if isinstance(number, str) else "".join(number)
        if words[index + 2] in {"was", "were", "wis"} and text.isdigit() and 0 < int(text) < ADULT - 1:
            spans.append((index, index + 4))
    return spans[:2]


def _then_a_child(known: People) -> Spans:
    """ "raped him, he was 10", said of an adult."""
    return [
        (mention.start, mention.end)
        for mention in known.mentions[:NEARBY]
        if mention.kind == PRONOUN and mention.owner == PERSON and 2 < _oldest(mention) < ADULT - 1
    ][:2]


def _infants(found: Scan, known: People, age: Fact | None) -> Spans:
    """A child below school age who is no child that harmed: "our daughter (3)", "18 months old"."""
    if age is not None and (age.value if isinstance(age.value, int) else age.value["max"]) < SCHOOL_AGE:
        return list(age.spans)
    return [
        (mention.start, mention.end)
        for mention in known.mentions[:NEARBY]
        if mention.kind == "child"
        and mention.owner != OTHER
        and mention.age
        and mention.age.strength > 2
        and _oldest(mention) < SCHOOL_AGE
        and found.words[mention.age.start][:1].isdigit()
    ][:2]


KIN_WHO_RAISE = people_words("groups_kin_who_raise")
HAVE = frozenset({"ive", "weve", "i", "we", "shes", "hes", "have", "has"})


def _raised_by_kin(found: Scan) -> Spans:
    """ "Gran … I've had wee Kyle since he was a baby"."""
    words = found.words
    if KIN_WHO_RAISE.isdisjoint(words):
        return []
    for index, word in enumerate(words[:FIRST_WORDS]):
        if word == "since" and words[index + 1 : index + 2] and words[index + 1] in {"he", "she", "they"}:
            back = words[max(0, index - 6) : index]
            if "had" in back and HAVE & set(back) and words[index + 2 : index + 3] in (["was"], ["were"]):
                return [(max(0, index - 6) + back.index("had"), index + 3)]
    return []


def _is_their_work(found: Scan, hit: Hit) -> bool:
    """ "I foster", "a foster carer": said of a grown-up, who was in no care for it."""
    words = found.words[hit.start : hit.end]
    return words[0] == "foster" and (len(words) == 1 or words[1] in {"carer", "carers", "parents", "mum", "dad"})


def _oldest(mention: Mention) -> int:
    value = mention.age.value if mention.age else ADULT
    return value if isinstance(value, int) else value["max"]


def _is_of_other(found: Scan, known: People, hit: Hit) -> bool:
    """ "by a deaf lad", "an autistic boy of 12 hit him": the noun after the word is the child who harmed."""
    for mention in known.starting(hit.start - 10, hit.start + 10):
        if mention.owner not in {OTHER, THIRD} or not mention.kind:
            continue
        if mention.owner == THIRD and hit.code in OF_FAMILIES:
            continue
        start = mention.lead + 1 if mention.lead >= 0 else mention.start - 2
        if start <= hit.start < mention.end and not any(found.tokens.breaks[hit.start + 1 : mention.start + 1]):
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


def professional(found: Scan, known: People) -> Fact | None:
    """A worker is on the phone about somebody. A teacher who was harmed is not."""
    for hit in found.hits("speaker"):
        before = found.words[max(0, hit.start - 2) : hit.start]
        if set(before) & {"told", "tell", "see", "saw"}:
            continue
        return Fact(True, ((hit.start, hit.end),))
    opening = worker_opens(found, known)
    return Fact(True, (opening,)) if opening else None
