"""What a phrase must be before it may join the vocabulary, and what an editor should know of it. Saves nothing."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from directory.errors import BadInput
from directory.phrase_rules import SMALL_WORDS, checked_note, checked_phrase
from taxonomy.lexicon import Lexicon, Meaning, Name, PhraseRow, ordinary_words, phrase_rows, slots_of
from taxonomy.terms import load
from taxonomy.tokens import fold_words
from taxonomy.words import Understanding, Understood, understand

READ: Mapping[str, str] = {
    "harm": "{}",
    "need": "{}",
    "relation": "{}",
    "urgency": "{}",
    "group": "{}",
    "harmed_by": "hit by {}",
}
"""Taxonomies that a plain phrase can mean by itself, each with the words it is tried in. Gender, age and place need
more than a phrase; kinds of help are reached through needs."""
FIELDS: Mapping[str, tuple[str, ...]] = {
    "harm": ("harms",),
    "need": ("needs",),
    "relation": ("relation",),
    "urgency": ("urgency",),
    "group": ("groups",),
    "harmed_by": ("harmed_by",),
}
"""Where `Understanding` holds the codes of each."""
KINDS: Mapping[str, str] = {
    "none": "words that say nothing of harm or need",
    "hint": "a sign of harm",
    "act": "something done to somebody",
    "death": "a death",
    "negator": "a word that rules out what follows",
    "negated_before": "a word that rules out what went before",
    "deadline": "a day by which help is needed",
    "harmer": "a word for whoever harmed",
    "person": "a word for a person",
    "kin": "a word for one of the family",
    "gender": "a word that says a gender",
    "language": "a language",
    "age": "words for an age",
    "place": "words about a place",
    "household": "words about living together",
    "avoid": "words for keeping away",
    "avoid_other": "words for keeping away",
    "avoid_after": "words for keeping away",
    "ruled_out": "words that rule something out",
    "platform": "a place online",
    "speaker": "words about who is speaking",
}
"""How kinds of phrase that are no term are named to an editor."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A phrase that may be added. `warnings` are sentences for the editor, who must say that they were read."""

    phrase: str
    taxonomy: str
    code: str
    note: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def folded(self) -> str:
        return " ".join(fold_words(self.phrase))

    @property
    def row(self) -> PhraseRow:
        return PhraseRow(self.phrase, self.taxonomy, self.code)


def proposed(phrase: str, taxonomy: str, code: str, note: str, lexicon: Lexicon) -> Proposal:
    """The phrase as it would be added to what `lexicon` knows, with warnings.

    Raises BadInput, its `field` phrase, note or code: the phrase can then not be added at all.
    """
    check_term(taxonomy, code)
    plain = checked_phrase(phrase)
    words = fold_words(plain)
    known = _meanings(words, lexicon)
    if any(meaning.kind == taxonomy and meaning.code == code for meaning in known):
        raise BadInput("This phrase has this meaning already.", "There is nothing to add.", field="phrase")
    bare = Proposal(plain, taxonomy, code, checked_note(note))
    after = _alone(plain, taxonomy, lexicon.with_added([*lexicon.added, bare.row]))
    if code not in _codes(after, taxonomy):
        raise _unread(words, lexicon)
    before = _alone(plain, taxonomy, lexicon)
    return Proposal(plain, taxonomy, code, bare.note, (*_warnings(words, known, lexicon), *_lost(before, after)))


def check_term(taxonomy: str, code: str) -> None:
    """Raises BadInput when phrases cannot be given this meaning: no such term, one not used any more, or one that is
    never read from a phrase alone."""
    vocabulary = load()
    term = vocabulary[taxonomy].terms.get(code) if taxonomy in vocabulary else None
    if term is None:
        raise BadInput("There is no such term.", "Choose one from the vocabulary.", field="code")
    if not term.is_current:
        raise BadInput("This term is not used any more.", "Choose the one that took its place.", field="code")
    if not can_mean(taxonomy, code):
        raise BadInput("No phrase by itself can say this.", "Words are not read for this term.", field="code")


@cache
def can_mean(taxonomy: str, code: str) -> bool:
    """Whether a phrase can be given this meaning and be understood: tried with words that do not exist."""
    if taxonomy not in READ or (taxonomy, code) == ("harm", "any"):  # said of services, never by a caller
        return False
    made_up = "zqvax zqvoon"
    tried = Lexicon().with_added([PhraseRow(made_up, taxonomy, code)])
    return code in _codes(_alone(made_up, taxonomy, tried), taxonomy)


def _meanings(words: Sequence[str], lexicon: Lexicon) -> list[Meaning]:
    """What exactly these words, as a phrase, mean now."""
    return [meaning for end, found in lexicon.known.at(words, 0) if end == len(words) for meaning in found]


def _alone(phrase: str, taxonomy: str, lexicon: Lexicon) -> Understanding:
    return understand(READ[taxonomy].format(phrase), lexicon)


def _codes(said: Understanding, taxonomy: str) -> set[str]:
    return {each.value for name in FIELDS[taxonomy] for each in _listed(getattr(said, name))}


def _listed(value: object) -> tuple[Understood, ...]:
    if isinstance(value, tuple):
        return tuple(each for each in value if isinstance(each, Understood))
    return (value,) if isinstance(value, Understood) else ()


def _unread(words: Sequence[str], lexicon: Lexicon) -> BadInput:
    names = [name for start in range(len(words)) for _, found in lexicon.names.at(words, start) for name in found]
    if any(isinstance(name, Name) and name.kind == "service" for name in names):
        return BadInput("The name of a service is in these words, and it is read first.", "Use other words.", "phrase")
    return BadInput(
        "These words would still not be understood so: something else in them goes first.",
        "Try a longer or a shorter phrase.",
        field="phrase",
    )


def _warnings(words: Sequence[str], known: Sequence[Meaning], lexicon: Lexicon) -> list[str]:
    found = [f"These words already mean {said(meaning)}. They would then mean both." for meaning in known]
    for end, names in lexicon.names.at(words, 0):
        if end == len(words):
            found += [f"These words are also the name of a {name.kind}: {name.display}." for name in names]
    if all(word in ordinary_words() or word in SMALL_WORDS for word in words):
        found.append("These are all everyday words. Callers may say them and mean something else.")
    return found


def _lost(before: Understanding, after: Understanding) -> list[str]:
    """What the words say now and would no longer say."""
    found = []
    for taxonomy in ("harm", "need", "group", "harmed_by"):
        for code in sorted(_codes(before, taxonomy) - _codes(after, taxonomy)):
            meaning = said(Meaning(taxonomy, code, ""))
            found.append(
                f"Something in these words is understood now as {meaning}. Inside this phrase it no longer is."
            )
    return found


def said(meaning: Meaning) -> str:
    """A meaning as it is named to an editor: "need: Counselling or therapy"."""
    taxonomy = load().get(meaning.kind)
    if taxonomy is not None and meaning.code in taxonomy:
        return f"“{taxonomy.label(meaning.code)}”"
    return KINDS.get(meaning.kind, meaning.kind.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A phrase of the file that shares words with a new one. `is_longer`: it holds the new one, and goes first."""

    phrase: str
    meaning: str
    is_longer: bool


def neighbours(phrase: str, most: int = 8) -> tuple[Neighbour, ...]:
    """Phrases of the file that lie inside these words, which are then no longer read there, or around them."""
    words = fold_words(phrase)
    found: dict[tuple[str, str], Neighbour] = {}
    sharing = (row for row in phrase_rows() if any(word in row.phrase.replace("'", "") for word in words))
    for row in sharing:
        for spelt in _spelt_near(row.phrase, words):
            if spelt == words:
                continue
            longer = _inside(words, spelt)
            if longer or _inside(spelt, words):
                each = Neighbour(" ".join(spelt), said(row.meaning), longer)
                found.setdefault((each.phrase, each.meaning), each)
    return tuple(sorted(found.values(), key=lambda each: (each.is_longer, each.phrase))[:most])


def _spelt_near(phrase: str, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The spellings of a row that can hold these words or lie in them: a row may have millions of others."""
    slots = []
    for options in slots_of(phrase):
        sharing = [option for option in options if not option or not set(words).isdisjoint(option)]
        slots.append(list(dict.fromkeys([*sharing, options[0]])))
    for chosen in itertools.product(*slots):
        yield tuple(itertools.chain.from_iterable(chosen))


def _inside(part: Sequence[str], whole: Sequence[str]) -> bool:
    size = len(part)
    return 0 < size < len(whole) and any(whole[at : at + size] == part for at in range(len(whole) - size + 1))
