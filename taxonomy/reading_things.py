"""Harm through things, put together from its parts: taken from the person, smashed, set alight, thrown."""

from taxonomy.reading_objects import OWNERS, PHYSICAL, PRONOUNS, PROPERTY, Object, Reading
from taxonomy.word_sets import words_of

AGAINST = frozenset({"on", "at", "over", "ower", "onto", "in", "through", "against", "roon", "round", "tae", "to"})
OFF = frozenset({"off", "aff", "from", "fae", "frae"})


def take(said: Object, verb: int) -> Reading:
    """ "took his airpods and phone", "demanded her money": taken from the hand, so robbery; stolen is theft."""
    start = said.after_adverbs(verb + 1)
    noun = said.noun(start)
    owner = bool(set(said.words[start:noun]) & OWNERS) or any(index in said.owned for index in range(start, noun))
    if said.word(noun) not in words_of("valuables") or not owner or said.words[start:noun][-1:] == ["own"]:
        return None
    end = noun + 1
    while said.word(end) in {"and"} | words_of("valuables") | OWNERS and end < noun + 6:
        end += 1
    word = said.words[verb]
    if word.startswith(("nick", "st", "chor", "pinch", "lift")) and said.word(end) not in OFF:
        return end, PROPERTY
    return end, ("robbery",)


def wreck(said: Object, verb: int) -> Reading:
    """ "poured paint over the car", "put a brick through her windae", "broke the greenhouse", "egged her windows"."""
    start = said.after_adverbs(verb + 1)
    word = said.words[verb]
    if word in {"set"}:
        return fire(said, verb)
    if word.startswith(("pour", "spray", "paint")) and said.words[verb + 1 : verb + 2] in (["paint"], ["petrol"]):
        start += 1
    if said.word(start) in AGAINST | {"up"}:
        start += 1
    elif word.startswith("pour"):
        return None
    end = said.thing(start, "things_kept", owned=True)
    if not end:
        return None
    if word.startswith("broke") and said.word(end) in {"up"}:
        return None
    return end, PROPERTY


def fire(said: Object, verb: int) -> Reading:
    """ "set his jacket alight" is harm to the person; "set the shed on fire" to property."""
    noun = said.noun(verb + 1)
    after = said.words[noun + 1 : noun + 3]
    alight = after[:1] in (["alight"], ["ablaze"]) or after in (["on", "fire"], ["on", "light"])
    if not alight or not said.word(noun):
        return None
    end = noun + (2 if after[:1] in (["alight"], ["ablaze"]) else 3)
    worn = words_of("hair_parts") | {"jacket", "coat", "hood", "sleeve", "clothes", "trousers", "hoodie", "scarf"}
    return end, PHYSICAL if said.word(noun) in worn or noun in said.people or said.word(noun) in PRONOUNS else PROPERTY


def throw(said: Object, verb: int) -> Reading:
    """ "threw a chair at the teacher", "spat in her face", "chucking eggs at the house", "fired a rocket at my van"."""
    start = said.after_adverbs(verb + 1)
    noun = said.noun(start)
    if said.word(noun) in words_of("thrown_things"):
        start = noun + 1
        while said.word(start) in words_of("thrown_things") | {"and"}:
            start += 1
    elif not said.words[verb].startswith(("sp", "gob", "fir", "sho", "squ")):
        return None
    if said.word(start) not in AGAINST or said.words[start] in {"to", "tae", "round", "roon"}:
        return None
    if end := said.thing(start + 1, "things_kept", owned=True):
        return end, PROPERTY
    if end := said.thing(start + 1, "body_parts", owned=True):
        return end, PHYSICAL
    if said.words[start] in {"at", "on", "over", "ower"} and (end := said.person(start + 1)):
        return end, PHYSICAL
    return None
