"""What a worker hears, read: words of a text → what was understood, and the exact words that gave it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxonomy.languages import LANGUAGES
from taxonomy.lexicon import Lexicon, ordinary_words
from taxonomy.reading_called_self import gender_by_own_words
from taxonomy.reading_concepts import Concepts, avoided, concepts, language, urgency
from taxonomy.reading_conclusions import conclude, urgent_now
from taxonomy.reading_declined import decline_roles, police_refused
from taxonomy.reading_facts import (
    ANY_ADULT,
    Fact,
    age_of_other,
    age_of_person,
    gender_of_person,
    relation,
    school_stage,
)
from taxonomy.reading_groups import groups, professional
from taxonomy.reading_harmed_by import same_household, who_harmed
from taxonomy.reading_loosely import add_needs, loosely_told
from taxonomy.reading_people import people
from taxonomy.reading_places import places
from taxonomy.reading_scan import Scan, scan
from taxonomy.reading_violence import add_composed
from taxonomy.suggesting import (
    EVEN,
    add_suggested,
    gender_suggested,
    grown_suggested,
    likelihoods,
    perhaps,
    who_suggested,
)
from taxonomy.terms import load
from taxonomy.word_weights import Code, Weighed, weigh


@dataclass(frozen=True, slots=True)
class Understood:
    """One thing understood. `value` is a taxonomy code, a number, {"min", "max"}, or for a place a dict with name and
    council_gss (code → share); `words` are exact pieces of the text."""

    value: Any
    label: str
    words: tuple[str, ...]
    likely: float = 1.0
    """How likely it is that this is meant, 0 to 1; 1 where nothing learnt speaks of it, or a person said it."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """Everything read out of one text; None or () is "not said"."""

    age: Understood | None = None
    other_age: Understood | None = None
    relation: Understood | None = None
    gender: Understood | None = None
    harms: tuple[Understood, ...] = ()
    needs: tuple[Understood, ...] = ()
    negated: tuple[Understood, ...] = ()
    perhaps_harms: tuple[Understood, ...] = ()
    """Harms that may be meant: not understood, but the order allows for them as far as they are likely."""
    perhaps_needs: tuple[Understood, ...] = ()
    residence: Understood | None = None
    harm_place: Understood | None = None
    language: Understood | None = None
    urgency: Understood | None = None
    harmed_by: tuple[Understood, ...] = ()
    same_household: Understood | None = None
    avoid: tuple[Understood, ...] = ()
    groups: tuple[Understood, ...] = ()
    """Groups the person belongs to (taxonomy "group")."""
    professional: Understood | None = None
    """A worker is calling about somebody; the value is True."""
    school_stage: Understood | None = None
    """P1 to P7, S1 to S6, nursery or school_leaver: of the person who needs help."""
    names: tuple[Understood, ...] = ()
    """Services, schools or projects named in the text."""
    not_understood: tuple[str, ...] = ()
    """Pieces of the text that gave nothing."""


Spans = Sequence[tuple[int, int]]


def understand(text: str, lexicon: Lexicon) -> Understanding:
    """Read a text. A place's value is its name as the lexicon writes it, or the postcode; nothing is located here.

    Linear in the length of the text; never raises for any text.
    """
    found = scan(text, lexicon)
    add_composed(found)
    loose = loosely_told(found)
    whole = weigh(found.words)
    known = people(found, whole)
    read = concepts(found)
    add_needs(found, read, loose)
    likely = likelihoods(read, whole.sums)
    add_suggested(read, whole)
    harmed_by = who_suggested(whole, who_harmed(found, known, read))
    avoid, avoid_words = avoided(found)
    decline_roles(read, avoid)
    avoid += police_refused(found, read)
    where = places(found, known, avoid_words)
    own_child = next((fact for fact in harmed_by if fact.value == "own_child"), None)
    if own_child:
        read.harms.setdefault("child_to_parent", list(own_child.spans))
    who = relation(found, known, own_child is not None)
    gender = gender_of_person(found, known, bool(who and who.value == "sibling"))
    called = gender_by_own_words(found, known) if own_child else None
    age = age_of_person(found, known) or _grown(whole)
    roof = same_household(found, harmed_by)
    worker = professional(found, known)
    _not_of_the_worker(read, worker)
    belongs = groups(found, known, age)
    if "adult_survivor" in belongs and roof is not None:
        roof = None
    conclude(found, read, harmed_by, roof, age, belongs)
    urgent = urgency(found, read)
    if (urgent is None or urgent.value == "days") and (spans := urgent_now(read, harmed_by, roof, age)):
        urgent = Fact("now", tuple(spans[:3]))
    say = _Speaker(found, likely)
    maybe = perhaps(likely, read)
    spoken = language(found)
    return Understanding(
        age=say.number(age),
        other_age=say.number(age_of_other(known)),
        relation=say.term("relation", who),
        gender=say.term("gender", called or gender_suggested(whole, gender)),
        harms=say.terms("harm", read.harms),
        needs=say.terms("need", read.needs),
        negated=say.either(read.negated),
        perhaps_harms=say.perhaps("harm", maybe["harm"]),
        perhaps_needs=say.perhaps("need", maybe["need"]),
        residence=say.plain(where.residence),
        harm_place=say.plain(where.harm_place),
        language=say.language(spoken),
        urgency=say.term("urgency", urgent),
        harmed_by=tuple(filter(None, (say.term("harmed_by", fact) for fact in harmed_by))),
        same_household=say.household(roof),
        avoid=tuple(filter(None, map(say.plain, avoid))),
        groups=say.terms("group", belongs),
        professional=say.worker(worker),
        school_stage=say.stage(school_stage(found, known, age)),
        names=say.names(),
        not_understood=_rest(found, say.used),
    )


def _grown(whole: Weighed) -> Fact | None:
    spans = grown_suggested(whole)
    return Fact(ANY_ADULT, spans) if spans else None


def _not_of_the_worker(read: Concepts, worker: Fact | None) -> None:
    """ "Social worker Dundee, girl of 15": the words for the worker who calls ask for no social work."""
    spans = read.needs.get("child_protection", [])
    if worker and spans and all(any(s < end and start < e for s, e in worker.spans) for start, end in spans):
        del read.needs["child_protection"]


STAGE_LABELS: Mapping[str, str] = {"nursery": "Nursery", "school_leaver": "School leaver"}
"""Stages whose code is not what people say; "P6" and "S3" are."""


def age_label(age: Any) -> str:
    """An age in words: "14", "11 to 13"."""
    return f"{age['min']} to {age['max']}" if isinstance(age, dict) else str(age)


class _Speaker:
    """Turns facts into what people read, and keeps the word positions used."""

    def __init__(self, found: Scan, likely: Mapping[Code, float]) -> None:
        self.found = found
        self.likely = likely
        self.used: set[int] = set()

    def pieces(self, spans: Spans) -> tuple[str, ...]:
        for start, end in spans:
            self.used.update(range(start, end))
        return tuple(dict.fromkeys(self.found.tokens.piece(start, end) for start, end in spans))

    def number(self, fact: Fact | None) -> Understood | None:
        return Understood(fact.value, age_label(fact.value), self.pieces(fact.spans)) if fact else None

    def plain(self, fact: Fact | None) -> Understood | None:
        return Understood(fact.value, str(fact.value), self.pieces(fact.spans)) if fact else None

    def term(self, taxonomy: str, fact: Fact | None) -> Understood | None:
        return Understood(fact.value, load()[taxonomy].label(fact.value), self.pieces(fact.spans)) if fact else None

    def terms(self, taxonomy: str, codes: Mapping[str, Spans]) -> tuple[Understood, ...]:
        labels = load()[taxonomy]
        return tuple(
            Understood(code, labels.label(code), self.pieces(spans[:3]), self._chance(taxonomy, code))
            for code, spans in codes.items()
        )

    def _chance(self, taxonomy: str, code: str) -> float:
        return round(max(EVEN, self.likely.get((taxonomy, code), 1.0)), 2)

    def perhaps(self, taxonomy: str, codes: Iterable[str]) -> tuple[Understood, ...]:
        labels = load()[taxonomy]
        return tuple(Understood(code, labels.label(code), (), round(self.likely[taxonomy, code], 2)) for code in codes)

    def either(self, codes: Mapping[str, Spans]) -> tuple[Understood, ...]:
        harms, needs = load()["harm"], load()["need"]
        return tuple(
            Understood(code, (harms if code in harms else needs).label(code), self.pieces(spans[:3]))
            for code, spans in codes.items()
        )

    def language(self, fact: Fact | None) -> Understood | None:
        return Understood(fact.value, LANGUAGES.get(fact.value, fact.value), self.pieces(fact.spans)) if fact else None

    def household(self, fact: Fact | None) -> Understood | None:
        label = "Under the same roof" if fact and fact.value else "Not under the same roof"
        return Understood(fact.value, label, self.pieces(fact.spans)) if fact else None

    def stage(self, fact: Fact | None) -> Understood | None:
        if fact is None:
            return None
        return Understood(fact.value, STAGE_LABELS.get(fact.value, fact.value), self.pieces(fact.spans))

    def worker(self, fact: Fact | None) -> Understood | None:
        return Understood(True, "A worker is calling", self.pieces(fact.spans)) if fact else None

    def names(self) -> tuple[Understood, ...]:
        services = {hit.display: (hit.start, hit.end) for hit in self.found.services}
        return tuple(Understood(name, name, self.pieces((span,))) for name, span in services.items())


def _rest(found: Scan, used: set[int]) -> tuple[str, ...]:
    """Pieces of the text that gave nothing: runs of words that are neither read nor everyday words."""
    silent = ordinary_words()
    read = set(used)
    for layer, hits in found.layers.items():
        if layer not in {"place", "avoid"}:
            read.update(index for hit in hits for index in range(hit.start, hit.end))
    words, breaks = found.words, found.tokens.breaks
    pieces: list[str] = []
    start = end = -1
    for index in [i for i, word in enumerate(words) if word not in silent and i not in read and len(word) > 1]:
        if index != end or breaks[index]:
            if start >= 0:
                pieces.append(found.tokens.piece(start, end))
            start = index
        end = index + 1
    if start >= 0:
        pieces.append(found.tokens.piece(start, end))
    return tuple(dict.fromkeys(pieces))


def codes(understood: Iterable[Understood]) -> tuple[str, ...]:
    """The values alone."""
    return tuple(str(each.value) for each in understood)
