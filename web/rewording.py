"""What a new phrase would change in one sentence: the facts read and the first services, now and then, side by side."""

from dataclasses import dataclass

from directory.errors import NotReady
from directory.matching.results import Match, MatchResult
from directory.runtime import Runtime
from taxonomy.lexicon import Lexicon
from taxonomy.tokens import fold_words
from web import public
from web.chips import Chip, chips

SERVICES = 5
"""Services compared: what a caller is told first."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a sentence is understood, and the services it leads to; None when there is no index to ask."""

    chips: tuple[Chip, ...]
    not_understood: tuple[str, ...]
    services: tuple[Match, ...] | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Two readings of one sentence."""

    now: Reading
    then: Reading

    def is_new(self, chip: Chip) -> bool:
        """Whether a fact stands in only one of the two readings."""
        return not (_has(self.now, chip) and _has(self.then, chip))

    @property
    def is_none(self) -> bool:
        """Whether the phrase changes nothing here."""
        return not any(map(self.is_new, (*self.now.chips, *self.then.chips))) and self._names(self.now) == self._names(
            self.then
        )

    def moved(self, match: Match, place: int) -> str:
        """How a service's place (from 1) among the first differs from now, in words."""
        before = self._names(self.now)
        if match.service.id not in before:
            return "not among these now"
        was = before.index(match.service.id) + 1
        return "" if was == place else f"now number {was}"

    @staticmethod
    def _names(reading: Reading) -> list[str]:
        return [match.service.id for match in reading.services or ()]


def _has(reading: Reading, chip: Chip) -> bool:
    return any((each.label, each.value) == (chip.label, chip.value) for each in reading.chips)


async def effect(runtime: Runtime, sentence: str, now: Lexicon, then: Lexicon) -> Effect:
    """A sentence read with two lexicons; nothing of it is kept. Raises BadInput for one too long."""
    return Effect(await _read(runtime, sentence, now), await _read(runtime, sentence, then))


async def _read(runtime: Runtime, sentence: str, lexicon: Lexicon) -> Reading:
    try:
        result = public.guarded(await runtime.match(sentence, lexicon=lexicon))
    except NotReady:
        enquiry, understood = runtime.enquiry(sentence, lexicon=lexicon)
        result = MatchResult(enquiry, understood, (), None, (), (), ())
        return Reading(tuple(chips(result)), understood.not_understood, None)
    return Reading(tuple(chips(result)), result.understood.not_understood, result.matches[:SERVICES])


def holds(sentence: str, phrase: str) -> bool:
    """Whether a sentence has a phrase in it, word for word as we compare them."""
    words, part = fold_words(sentence), fold_words(phrase)
    return any(words[at : at + len(part)] == part for at in range(len(words) - len(part) + 1))
