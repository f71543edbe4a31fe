"""Harm put together from its parts: a verb of harm and what it was done to, however the caller joins the two.

Phrases of `data/phrases.csv` are found word by word; this reads what they cannot list: "cracked two of his ribs",
"lifted her hands to my wee lassie", "shoved aboot by", "jumped for his jacket", "put a brick through the shop windae".
"""

from collections.abc import Callable, Mapping
from functools import cache

from taxonomy.reading_objects import OWNERS, PHYSICAL, PROPERTY, SEXUAL, Object, Reading
from taxonomy.reading_scan import START, Hit, Scan
from taxonomy.reading_things import AGAINST, fire, take, throw, wreck
from taxonomy.word_sets import words_of

Frame = Callable[[Object, int], Reading]
"""From the words after a verb and the index of the verb: (end, codes of harm), or None."""
AT = frozenset({"at", "for", "after", "towards"})
DIRECTIONS = frozenset(
    {"down", "doon", "over", "ower", "into", "intae", "off", "aff", "against", "onto", "about", "aboot", "around",
     "round", "roon", "in", "through", "out", "oot", "on", "to", "tae", "across", "up", "under", "by", "with", "wi"}
)  # fmt: skip
FELL = frozenset({"fell", "falling", "slipped", "crashed"})
"""Words of an accident: what broke then was broken by nobody."""
LOCKED_IN = frozenset({"in", "inside", "oot", "out"})


def _shove(said: Object, verb: int) -> Reading:
    """ "shoved him", "pushed his wee sister over", "was dragged aboot", "threw me down the stairs"."""
    start = said.after_adverbs(verb + 1)
    word = said.words[verb]
    if start > verb + 1 and said.words[start - 1] in {"up", "right"} and word.startswith(("lock", "tie", "tying")):
        return None
    end = said.person(start)
    if word.startswith(("lock", "drop", "corner", "floor", "tie", "tying")):
        if end and said.word(end) in LOCKED_IN and word.startswith("lock"):
            return end + 1, PHYSICAL
        return (end, PHYSICAL) if end and word.startswith(("tie", "tying", "floored")) else None
    if end:
        whole = word in words_of("shoves_whole") or (word.startswith("trip") and said.word(end) == "up")
        return (end, PHYSICAL) if whole or said.word(end) in DIRECTIONS - {"up", "out", "oot", "to"} else None
    if _is_passive(said, verb) and said.word(verb + 1) in DIRECTIONS - {"out", "oot", "up", "in", "to", "on", "off"}:
        return verb + 2, PHYSICAL
    return None


def _is_passive(said: Object, verb: int) -> bool:
    for index in range(verb - 1, max(-1, verb - 4), -1):
        if said.words[index] in words_of("been"):
            return True
        if said.words[index] not in words_of("object_adverbs") | {"badly", "always", "constantly", "just", "aye"}:
            return False
    return False


def _break(said: Object, verb: int) -> Reading:
    """ "broke his brother's arm", "cracked 2 ribs", "split his lip", "stood on her hand"."""
    start = said.after_adverbs(verb + 1)
    if said.word(start) in {"on", "aff", "off"}:
        start += 1
    if not FELL.isdisjoint(said.words[max(0, verb - 10) : verb]) or _own_body(said, verb, start):
        return None
    noun = said.noun(start)
    if said.word(noun) in words_of("body_parts") and (noun > start or said.words[noun] in {"ribs", "teeth"}):
        return (noun + 1, PHYSICAL) if said.word(noun) != "back" or said.words[verb].startswith("br") else None
    return None


def _own_body(said: Object, verb: int, start: int) -> bool:
    """ "He cuts his arms": done to oneself."""
    told = said.words[max(0, verb - 3) : verb]
    return said.words[verb].startswith("cut") and any(
        who in told and said.word(start) == whose for who, whose in SELVES
    )


SELVES = (("he", "his"), ("hes", "his"), ("she", "her"), ("shes", "her"), ("i", "my"), ("im", "my"), ("ive", "my"))


def _hair(said: Object, verb: int) -> Reading:
    """ "pulled her braids out", "set his hair alight", "chopped her ponytail"."""
    end = said.thing(said.after_adverbs(verb + 1), "hair_parts", owned=True)
    own = said.words[verb + 1 : verb + 3]
    return (end, PHYSICAL) if end and "own" not in own else None


def _grab(said: Object, verb: int) -> Reading:
    """ "grabbed her by the throat", "held him by the neck", "had her up against the wall"."""
    word = said.words[verb]
    end = said.person(verb + 1)
    if end and said.word(end) in {"by", "roon", "round", "around", "up"}:
        body = said.noun(end + 1)
        if said.word(body) in words_of("body_parts") | words_of("hair_parts") and body > end + 1:
            return body + 1, PHYSICAL
        if said.word(end) == "up" and said.word(end + 1) == "against":
            return end + 2, PHYSICAL
    if word.startswith(("grab", "seiz", "grip", "yank", "drag")):
        body = said.noun(verb + 1)
        if body > verb + 1 and said.word(body) in {"throat", "neck", "arm", "wrist", "face", "jaw", "hand"}:
            return body + 1, PHYSICAL
    return None


def _strip(said: Object, verb: int) -> Reading:
    """ "pulled down her trousers", "took his pants off"; a hijab pulled off is hate."""
    start = said.after_adverbs(verb + 1)
    faith = said.thing(start, "faith_clothes", owned=True)
    if faith:
        return faith, ("hate",)
    noun = said.noun(start)
    owner = bool(set(said.words[start:noun]) & OWNERS) or bool(set(range(start, noun)) & said.owned)
    if owner and said.word(noun) in words_of("clothes"):
        down = said.word(noun + 1) in {"off", "aff", "down", "doon", "up"}
        earlier = said.words[start - 1] in {"down", "up"}
        return (noun + 1 + down, SEXUAL) if down or earlier else None
    return None


def _touch(said: Object, verb: int) -> Reading:
    """ "hurting her private parts", "felt his bum", "touched me between the legs", "rubbing her down there"."""
    start = said.after_adverbs(verb + 1)
    if said.word(start) in {"at", "with", "wi"}:
        start += 1
    noun = said.noun(start)
    owner = set(said.words[start:noun]) & OWNERS or any(index in said.owned for index in range(start, noun))
    if owner and said.word(noun) in words_of("private_parts"):
        if said.words[noun : noun + 2] in (["private", "life"], ["private", "school"], ["private", "messages"]):
            return None
        if said.words[verb].startswith(("see", "look", "show")) and said.words[noun] in {"bits", "bottom", "private"}:
            if said.words[noun] != "private" or said.word(noun + 1) != "parts":
                return None
        return noun + 1 + (said.word(noun + 1) == "parts"), SEXUAL
    end = said.person(start)
    if not end or said.words[verb].startswith(("see", "look", "show", "play", "mess", "examine")):
        return None
    if said.word(end) in {"down", "doon"} and said.word(end + 1) in {"there", "below"}:
        return end + 2, SEXUAL
    if said.word(end) in {"under", "up", "inside", "between", "on"}:
        part = said.noun(end + 1)
        if said.word(part) in words_of("private_parts") | words_of("clothes") | {"legs"} and part > end + 1:
            return part + 1, SEXUAL
    if said.word(end) in {"somewhere", "where"} or said.words[end : end + 2] == ["in", "places"]:
        return (end + 1, SEXUAL) if said.words[verb].startswith(("touch", "feel", "felt")) else None
    return None


def _rush(said: Object, verb: int) -> Reading:
    """ "came at him wi a spade", "goes for his mum with a knife", "chased us wi bats"."""
    start = said.after_adverbs(verb + 1)
    if said.word(start) in AT:
        start += 1
    elif not said.words[verb].startswith("chas"):
        return None
    end = said.person(start)
    if not end:
        return None
    if weapon := said.weapon(end):
        return weapon, ("physical_harm", "threats")
    if said.words[start - 1] == "at" and said.words[verb] in {"came", "comes", "coming", "flew", "lunged", "swung"}:
        return end, PHYSICAL
    return None


def _hold(said: Object, verb: int) -> Reading:
    """ "had a blade at his ribs", "held a knife to her throat", "pulled a machete on them"."""
    end = said.thing(said.after_adverbs(verb + 1), "weapons")
    if not end or said.word(end) not in AGAINST:
        return None
    target = said.thing(end + 1, "body_parts", owned=True) or said.person(end + 1)
    return (target, ("threats",)) if target else None


def _hands(said: Object, verb: int) -> Reading:
    """ "lifted his hands to her", "laid a finger on me"."""
    noun = said.noun(verb + 1)
    if said.word(noun) not in {"hand", "hands", "finger", "haun", "hauns", "fist", "fists"} or noun == verb + 1:
        return None
    if said.word(noun + 1) in {"to", "tae", "on", "at", "till"} and (end := said.person(noun + 2)):
        return end, PHYSICAL
    return None


def _put(said: Object, verb: int) -> Reading:
    """ "put fingers in her", "stuck his hand up her skirt"; "put a brick through the window"."""
    noun = said.noun(verb + 1)
    head, link = said.word(noun), said.word(noun + 1)
    if head in {"finger", "fingers", "hand", "hands", "penis", "willy", "thing", "things", "objects", "something"}:
        inside = link in {"in", "inside", "intae", "up", "down", "doon", "under"}
        target = said.thing(noun + 2, "private_parts", owned=True) or said.thing(noun + 2, "clothes", owned=True)
        if inside and target:
            return target, SEXUAL
        if link in {"in", "inside", "intae", "up"} and (end := said.person(noun + 2)):
            owner = said.word(noun + 2) in OWNERS and said.word(noun + 2) != "her"
            body = said.word(end)
            return None if owner or body in words_of("valuables") | words_of("body_parts") else (end, SEXUAL)
    if head in words_of("thrown_things") and link in {"through", "at", "in"}:
        if end := said.thing(noun + 2, "things_kept", owned=True):
            return end, PROPERTY
    if link in {"through", "in", "oot", "out"} and head in {"windaes", "windows", "windae", "window", "windies"}:
        return noun + 2, PROPERTY
    return None


FRAMES: Mapping[str, tuple[Frame, ...]] = {
    "touches": (_touch,),
    "strips": (_strip,),
    "cuts_hair": (_hair,),
    "breaks": (_break,),
    "grabs": (_grab, _hold, _hands),
    "rushes": (_rush,),
    "throws": (throw,),
    "shoves": (_shove,),
    "takes": (take,),
    "wrecks": (wreck,),
}
"""Which readings a set of verbs takes; the first that fits wins."""
MORE: Mapping[str, tuple[Frame, ...]] = {
    **dict.fromkeys(("put", "puts", "putting", "stuck", "stick", "sticking", "pit"), (_put, _hold)),
    **dict.fromkeys(("lay", "laid", "lays", "laying", "raise", "raised", "raises"), (_hands,)),
    **dict.fromkeys(("set", "setting"), (fire,)),
    **dict.fromkeys(("pressed", "pointed", "point", "pointing", "waved", "waving", "pulls"), (_hold,)),
}


@cache
def _frames() -> Mapping[str, tuple[Frame, ...]]:
    found: dict[str, tuple[Frame, ...]] = {}
    for name, frames in FRAMES.items():
        for word in words_of(name):
            found[word] = (*found.get(word, ()), *frames)
    for word, frames in MORE.items():
        found[word] = (*found.get(word, ()), *frames)
    return found


def add_composed(found: Scan) -> None:
    """Add to a scan the harms put together here; a longer one hides a shorter phrase inside it. Linear in the words."""
    frames = _frames()
    said: Object | None = None
    composed: list[Hit] = []
    for index, word in enumerate(found.words):
        if word not in frames:
            continue
        said = said or Object(found)
        for frame in frames[word]:
            if (read := frame(said, index)) is not None:
                composed.extend(Hit(index, read[0], "harm", code) for code in read[1])
                break
    if composed:
        _merge(found, composed)


def _merge(found: Scan, composed: list[Hit]) -> None:
    hits = found.layers.get("concept", [])
    taken: dict[int, Hit] = {}
    for hit in hits:
        for index in range(hit.start, hit.end):
            taken[index] = hit
    kept: list[Hit] = []
    dropped: set[Hit] = set()
    for hit in composed:
        inside = {taken[index] for index in range(hit.start, hit.end) if index in taken}
        rivals = [old for old in inside if old.kind not in {"hint", "need", "negator"}]
        if any(old.kind == "none" or old.end - old.start > hit.end - hit.start for old in rivals):
            continue
        alike = [old for old in rivals if (old.start, old.end) == (hit.start, hit.end)]
        if any(old.code == hit.code for old in alike):
            continue
        dropped.update(old for old in rivals if old.kind in {"harm", "act"} and old not in alike)
        kept.append(hit)
    found.layers["concept"] = sorted([*(hit for hit in hits if hit not in dropped), *kept], key=START)
