"""What follows from what was said, when the parts are put together: a partner who hits is domestic abuse; harm under
one roof is no safety; who is in danger cannot wait. Each conclusion keeps the words it rests on."""

from collections.abc import Mapping

from taxonomy.reading_bare_words import drop_bare_words
from taxonomy.reading_concepts import Concepts
from taxonomy.reading_facts import Fact
from taxonomy.reading_following import add_following
from taxonomy.reading_groups import is_adult
from taxonomy.reading_scan import Scan
from taxonomy.tokens import STRONG_BREAK
from taxonomy.word_sets import words_of

Spans = list[tuple[int, int]]
FROM_PARTNER = frozenset(
    {"physical_harm", "sexual_harm", "child_sexual_abuse", "stalking", "threats", "property_damage", "robbery",
     "exploitation"}
)  # fmt: skip
AT_HOME = frozenset({"physical_harm", "sexual_harm", "child_sexual_abuse", "threats", "domestic_abuse"})
SEXUAL = frozenset({"sexual_harm", "child_sexual_abuse"})
WITH_PLATFORM = frozenset(
    {"threats", "bullying", "hate", "sexual_harm", "exploitation", "stalking", "child_sexual_abuse"}
)
ON = frozenset({"on", "over", "through", "via", "in", "by", "off", "aff", "his", "her", "from", "the", "it", "onto"})
PASTIMES = frozenset({"night", "plays", "playing", "always", "just", "sits", "only", "all", "heard", "since", "house"})
CARDS = frozenset({"card", "benefits", "pin", "giro", "allowance", "pip", "credit", "wages"})
NUDES = frozenset({"nude", "nudes"})
BARE = NUDES | {"naked", "topless", "undressed"}
IMAGES = frozenset(
    {
        "video",
        "videos",
        "vid",
        "vids",
        "pic",
        "pics",
        "picture",
        "pictures",
        "photo",
        "photos",
        "nudes",
        "clip",
        "images",
    }
)
ROBBED = frozenset({"robbed", "mugged", "mugging", "robbery", "knifepoint", "taxed", "jumped", "held"})
CHILD_UNDER = 16


def conclude(
    found: Scan, read: Concepts, harmed_by: list[Fact], roof: Fact | None, age: Fact | None, groups: Mapping[str, Spans]
) -> None:
    """Add what follows to the harms and needs read, and take out what another reading explains."""
    drop_bare_words(found, read)
    _platforms(found, read)
    _robbed_for(found, read)
    if "adult_survivor" in groups and not read.harms and "child_sexual_abuse" not in read.negated:
        if spans := [(h.start, h.end) for h in found.hits("concept") if found.words[h.start].startswith("abus")]:
            read.harms["child_sexual_abuse"] = spans[:2]
    _explain(found, read)
    _because_of_group(found, read, groups)
    by = {fact.value: list(fact.spans) for fact in harmed_by}
    if _is_child(age):
        read.harms.pop("child_to_parent", None)
    if "partner" in by:
        _from_partner(found, read, by["partner"])
    if "same_care" in by and _any_of(read, AT_HOME) and (not is_adult(age) or "adult_survivor" in groups):
        _harm(read, "in_care_abuse", by["same_care"])
    under_one_roof = bool(roof and roof.value)
    at_home = _any_of(read, AT_HOME)
    if under_one_roof and at_home and "own_child" not in by and not _is_over(found, read, age):
        _need(read, "safety", at_home)
        if _is_child(age) and "sibling" in by:
            _need(read, "child_protection", at_home)
    if "young_family" in groups and "domestic_abuse" in read.harms:
        _need(read, "child_protection", list(groups["young_family"]))
    if _any_of(read, SEXUAL) and (spans := _days_ago(found, _any_of(read, SEXUAL))) and not is_adult_long_ago(groups):
        _need(read, "forensic_care", spans)
    if "online_harm" in read.harms and "threats" in read.harms:
        _need(read, "content_removal", read.harms["online_harm"])
    if (spans := _pictured(found, read)) and "content_removal" not in read.negated:
        _need(read, "content_removal", spans)
    if (spans := _any_of(read, SEXUAL)) and "emotional_support" not in read.negated:
        _need(read, "emotional_support", spans)
        if _is_child(age, 13):
            _need(read, "child_protection", spans)
    if spans := _any_of(read, frozenset({"exploitation", "trafficking"})):
        if "trafficking" in read.harms or not {"own_child", "sibling"} & set(by):
            _need(read, "exploitation_support", spans)
        if _is_child(age):
            _need(read, "child_protection", spans)
    add_following(read, len(found.words))


OVER = frozenset({"when", "used", "was", "were", "abused", "raped", "interfered", "ago", "years"})


def _is_over(found: Scan, read: Concepts, age: Fact | None) -> bool:
    """Harm at home that is past or in hand: an adult tells of it in the past, or social work has it."""
    return "child_protection" in read.negated or (is_adult(age) and bool(OVER & set(found.words)))


def _from_partner(found: Scan, read: Concepts, spans: Spans) -> None:
    """Harm by a partner or ex is domestic abuse, and what is taken or watched is part of it."""
    if not _any_of(read, FROM_PARTNER | {"domestic_abuse"}) or "domestic_abuse" in read.negated:
        return
    _harm(read, "domestic_abuse", spans)
    if "robbery" in read.harms and not ROBBED & {found.words[start] for start, _ in read.harms["robbery"]}:
        del read.harms["robbery"]
    if all(CARDS & set(found.words[start:end]) for start, end in read.harms.get("exploitation", [(0, 0)])):
        read.harms.pop("exploitation", None)
    if "stalking" in read.harms or "physical_harm" in read.harms:
        if "court_support" not in read.needs:
            _need(read, "safety", spans)


def _platforms(found: Scan, read: Concepts) -> None:
    """A site or game is harm online only when harm came through it: not "on the xbox every night since"."""
    if "online_harm" in read.negated:
        return
    done_there = _any_of(read, WITH_PLATFORM)
    for hit in found.hits("platform"):
        before = set(found.words[max(0, hit.start - 4) : hit.start])
        through = bool(set(found.words[max(0, hit.start - 1) : hit.start]) & ON) or hit.start == 0
        if (
            through
            and not before & PASTIMES
            and (done_there or "content_removal" in read.needs or before & {"met", "posted", "put", "sent", "messages"})
        ):
            _harm(read, "online_harm", [(hit.start, hit.end)])


def _explain(found: Scan, read: Concepts) -> None:
    """A weaker reading of words that a stronger one explains is taken out."""
    words = found.words
    if "hate" in read.harms and "bullying" in read.harms:
        named = [s for s in read.harms["bullying"] if words[s[0]] in {"called", "calls", "call"} and s[1] - s[0] < 4]
        after = {start for start, _ in read.harms["hate"]} | {start - 1 for start, _ in read.harms["hate"]}
        if len(named) == len(read.harms["bullying"]) and not after & {end for _, end in named}:
            del read.harms["bullying"]
    if "hate" in read.harms and all(
        VAGUE & set(words[start:end]) for start, end in read.harms.get("bullying", [(0, 0)])
    ):
        del read.harms["bullying"]
    if "trafficking" in read.harms:
        read.harms.pop("exploitation", None)
    if "child_sexual_abuse" in read.harms:
        read.harms.pop("sexual_harm", None)
    if "bereavement_by_crime" in read.harms and "physical_harm" in read.harms:
        if all(DEADLY & set(words[start:end]) for start, end in read.harms["physical_harm"]):
            del read.harms["physical_harm"]
    if {"exploitation", "trafficking"} & set(read.harms) and "domestic_abuse" in read.harms:
        if all(words[start].startswith("control") for start, _ in read.harms["domestic_abuse"]):
            del read.harms["domestic_abuse"]
    passed = [s for s in read.harms.get("exploitation", []) if words[s[0]].startswith("pass")]
    if passed and IMAGES & set(words[max(0, passed[0][0] - 12) : passed[0][0]]):
        read.harms["exploitation"] = [s for s in read.harms["exploitation"] if s not in passed]
        if not read.harms["exploitation"]:
            del read.harms["exploitation"]
        read.harms.setdefault("online_harm", passed)
    if "robbery" in read.harms and "property_damage" in read.harms:
        if all(TAKEN & set(words[start:end]) for start, end in read.harms["property_damage"]):
            del read.harms["property_damage"]
    if "physical_harm" in read.harms and SEXUAL & set(read.harms):
        if all(words[start] in ASSAULT and end - start < 4 for start, end in read.harms["physical_harm"]):
            del read.harms["physical_harm"]
    if "exploitation" in read.harms and "substance_use" in read.needs:
        del read.needs["substance_use"]


DEADLY = frozenset({"fight", "attack", "punch", "drowned"})
"""How somebody was killed: the death says it."""
TAKEN = frozenset(
    {"took", "take", "takes", "taking", "stole", "steal", "nicked", "taken", "stolen", "theft", "robbed", "emptied"}
)
ASSAULT = frozenset({"assault", "assaulted", "assaulting"})


def _robbed_for(found: Scan, read: Concepts) -> None:
    """ "jumped by lads for his jacket"."""
    words, valuables = found.words, words_of("valuables")
    for start, end in read.harms.get("physical_harm", ())[:3]:
        for index in range(end, min(end + 9, len(words) - 2)):
            if found.tokens.breaks[index] == STRONG_BREAK:
                break
            if words[index] in {"for", "fir"} and words[index + 1] in OWNERS and words[index + 2] in valuables:
                read.harms.setdefault("robbery", [(start, index + 3)])
                return


def _because_of_group(found: Scan, read: Concepts, groups: Mapping[str, Spans]) -> None:
    """Name-calling of somebody with a learning disability, or of another group that is hated, is read as hate too."""
    spans = read.harms.get("bullying", [])
    called = [
        span for span in spans if found.words[span[0]] in {"call", "calls", "called", "calling", "mocked", "mocking"}
    ]
    if called and HATED & set(groups) and "hate" not in read.negated:
        read.harms.setdefault("hate", called[:2])


HATED = frozenset({"learning_disability", "disabled", "deaf", "deafblind"})
VAGUE = frozenset(
    {"grief", "abuse", "hassle", "pelters", "gyp", "mock", "mocked", "mocking", "mimic", "laugh", "laughing"}
)
"""Bullying said so generally that the hate beside it says the same."""
OWNERS = frozenset({"his", "her", "my", "their", "our", "the"})
WEEKDAYS = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "sat", "fri", "sun"}
)


def _pictured(found: Scan, read: Concepts) -> Spans:
    """The words of a harm by which somebody's picture without clothes, or of sexual harm, may be out."""
    words, sexual = set(found.words), _any_of(read, SEXUAL)
    online = read.harms.get("online_harm", [])
    if online and (BARE & words or (sexual and IMAGES & words)):
        return online
    return sexual if NUDES & words else []


AGO_IN = frozenset({"days", "nights", "nichts", "hours"})


def _days_ago(found: Scan, harms: Spans) -> Spans:
    """Words that say, in the sentence of a harm, that it happened within days: "last night", "on friday"."""
    words, breaks = found.words, found.tokens.breaks
    first = found.sentence_start(harms[0][0])
    last = harms[0][1]
    while last < min(len(words), harms[0][1] + 14) and breaks[last] != STRONG_BREAK:
        last += 1
    for index in range(first, last):
        word = words[index]
        before, after = words[index - 1] if index else "", words[index + 1] if index + 1 < len(words) else ""
        if word in {"night", "nite", "nicht"} and (before == "last" or before in WEEKDAYS):
            return [(index - 1, index + 1)]
        if word in {"yesterday", "yday"} or (word in AGO_IN and after == "ago"):
            return [(index, index + 1)]
        if word == "hours" and before in {"early", "wee", "sma", "small"}:
            return [(index - 1, index + 1)]
        if word in WEEKDAYS and before == "on" and not {"court", "hearing", "home", "panel", "interview"} & set(words):
            return [(index - 1, index + 1)]
    return []


def is_adult_long_ago(groups: Mapping[str, Spans]) -> bool:
    """Harm in childhood told by an adult: nothing is recent about it."""
    return "adult_survivor" in groups


def _is_child(age: Fact | None, under: int = CHILD_UNDER) -> bool:
    if age is None:
        return False
    return bool((age.value if isinstance(age.value, int) else age.value["min"]) < under)


def _any_of(read: Concepts, codes: frozenset[str]) -> Spans:
    return next((spans for code, spans in read.harms.items() if code in codes), [])


def _harm(read: Concepts, code: str, spans: Spans) -> None:
    if code not in read.negated:
        read.harms.setdefault(code, list(spans[:2]))


def _need(read: Concepts, code: str, spans: Spans) -> None:
    if code not in read.negated:
        read.needs.setdefault(code, list(spans[:1]))


def urgent_now(read: Concepts, harmed_by: list[Fact], roof: Fact | None, age: Fact | None) -> Spans:
    """Words that make it urgent though nobody said "now": suicide, harm days ago, a child abused at home."""
    if "suicidal" in read.needs:
        return read.needs["suicidal"]
    if "forensic_care" in read.needs and _any_of(read, SEXUAL):
        return read.needs["forensic_care"]
    sexual = _any_of(read, SEXUAL)
    siblings = any(fact.value == "sibling" for fact in harmed_by)
    if sexual and roof and roof.value and siblings and _is_child(age) and "child_protection" in read.needs:
        return sexual
    return []
