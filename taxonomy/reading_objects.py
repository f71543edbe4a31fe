"""What a verb was done to: a person, a part of the body, a thing of somebody's, read from the words after the verb."""

from taxonomy.reading_scan import Scan
from taxonomy.word_sets import words_of

Reading = tuple[int, tuple[str, ...]] | None
"""The index after what was read and the codes of harm it says; None when it says none."""
PHYSICAL, SEXUAL, PROPERTY = ("physical_harm",), ("sexual_harm",), ("property_damage",)
PRONOUNS = frozenset({"me", "him", "them", "us", "you", "masel", "hersel"})
OWNERS = frozenset({"my", "his", "her", "their", "our", "your", "ma", "oor", "wur"})
WITH = frozenset({"with", "wi", "w"})


class Object:
    """Reads what a verb was done to, from any word on. Never past a break in the sentence."""

    def __init__(self, found: Scan) -> None:
        self.words = found.words
        self.breaks = found.tokens.breaks
        self.owned = found.tokens.possessive
        self.people = found.nouns

    def word(self, index: int) -> str:
        return self.words[index] if index < len(self.words) and not self.breaks[index] else ""

    def after_adverbs(self, index: int) -> int:
        last = index + 3
        while index < last and self.word(index) in words_of("object_adverbs"):
            index += 1
        return index

    def noun(self, index: int) -> int:
        """The index of the noun after its articles, owners and adjectives ("the wee boy's front | teeth")."""
        last = index + 6
        before = words_of("object_before")
        while index < last and (
            self.word(index) in before
            or (index in self.owned and not self.breaks[index])
            or self.word(index) in {"of", "and"}
            or (self.word(index).isdigit() and len(self.word(index)) < 3)
        ):
            index += 1
        return index

    def person(self, index: int) -> int:
        """The index after a person, or 0."""
        word = self.word(index)
        if word in PRONOUNS:
            return index + 1
        noun = self.noun(index)
        head = self.word(noun)
        if head and (noun in self.people or head in words_of("object_people")) and noun not in self.owned:
            if head not in {"she", "he", "shes", "hes", "her", "his"}:
                return noun + 1
        return index + 1 if word == "her" else 0

    def thing(self, index: int, kinds: str, owned: bool = False) -> int:
        """The index after a thing of a set, or 0; `owned` asks for somebody's, or "the"."""
        noun = self.noun(index)
        if self.word(noun) not in words_of(kinds) or noun in self.owned:
            return 0
        if owned and noun == index:
            return 0
        return noun + 1

    def weapon(self, index: int) -> int:
        """The index after "with a knife", or 0."""
        return self.thing(index + 1, "weapons") if self.word(index) in WITH else 0
