"""Who does something to whom when no word of harm is known: "goes for him", "broke his sister's arm"."""

from taxonomy.people_words import people_words
from taxonomy.reading_mentions import Mention, People
from taxonomy.reading_numbers import number_at
from taxonomy.reading_scan import Scan
from taxonomy.tokens import STRONG_BREAK

REACH = 8
"""Words after somebody in which what they do must begin and whom it hits must stand."""
WHOM = frozenset({"him", "her", "me", "them", "us", "himself", "herself"})
WHOSE = frozenset({"his", "her", "my", "their", "our", "ma"})
BETWEEN = people_words("acting_between")
"""Words that may stand between somebody and what they do."""
PASSIVE = people_words("acting_passive")
KIND_DEEDS = people_words("acting_kind_deeds")
"""What is done to somebody without harm."""
NOT_DEEDS = people_words("acting_not_deeds")
TURNING = frozenset({("goes", "for"), ("went", "for"), ("came", "at"), ("comes", "at"), ("flies", "at")})
"""Two words that harm where the first alone does not."""
DEEDS = people_words("acting_deeds")


def acts_on_somebody(found: Scan, mention: Mention, known: People) -> bool:
    """Whether somebody is said to do to him, her, me or them what is no kindness, right after they are named."""
    words, breaks = found.words, found.tokens.breaks
    first = mention.end
    if first - 1 in found.tokens.possessive and mention.age is None:
        return False
    verb = ""
    for index in range(first, min(first + REACH, len(words))):
        word = words[index]
        if breaks[index] == STRONG_BREAK or (breaks[index] and index > first and not verb):
            return False
        if breaks[index] and index > first and word not in BETWEEN:
            return False
        turned = verb == "attacks" and words[index - 1 : index + 1] == ["goes", "for"]
        if (_is_passive(words, index) and not turned) or (index in known.starts and words[index - 1] not in WHOSE):
            return False
        if not verb:
            if (word, words[index + 1] if index + 1 < len(words) else "") in TURNING:
                verb = "attacks"
                continue
            if word in BETWEEN or word in {"been", "was", "were"} or number_at(words, index):
                continue
            if word in KIND_DEEDS | WHOSE | NOT_DEEDS or not word.isalpha():
                return False
            verb = word
            continue
        if word in WHOM and index > first:
            return not (words[index - 1] in {"for", "about", "with", "wi", "after", "to"} and verb not in DEEDS)
        if word in WHOSE and verb in DEEDS:
            return True
    return False


def _is_passive(words: list[str], index: int) -> bool:
    """ "was hit", "by", "when"; not "has been hitting", "was hurting"."""
    if words[index] not in PASSIVE:
        return False
    going_on = any(word.endswith(("ing", "in")) and len(word) > 3 for word in words[index + 1 : index + 3])
    return not (words[index] in {"been", "was", "were"} and going_on)


def sibling_hurt_by(found: Scan, mention: Mention, known: People) -> Mention | None:
    """The brother or sister that a child harmed: "the eldest abused his sister", "broke his brother's arm"."""
    words, breaks = found.words, found.tokens.breaks
    for sibling in known.starting(mention.end + 1, mention.end + 10):
        gap = range(mention.end, sibling.start)
        if sibling.kind != "sibling" or not 1 <= len(gap) <= 9:
            continue
        if not {"his", "her", "their"} & set(words[max(mention.end, sibling.start - 3) : sibling.start]):
            continue
        if any(breaks[index] for index in gap if index > mention.end) or breaks[sibling.start]:
            continue
        said = {words[index] for index in gap}
        harmed = any(index in known.harm_words for index in gap)
        if not any(_is_passive(words, index) for index in gap) and (harmed or said & DEEDS):
            return sibling
    return None
